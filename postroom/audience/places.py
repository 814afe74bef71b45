"""Finding a place for everybody on a campaign's lists that nobody else of the campaign has."""

from collections.abc import Iterator, Sequence

from postroom.content.places import FileRow, Place


def places(found: Sequence[tuple[str, str, int]]) -> Iterator[Place]:
    """Yield the place of each (list, file, row), which come in the order of these three.

    Where all come from one file the row itself is the place.
    """
    files = list(dict.fromkeys((name, file) for name, file, _ in found))
    if len(files) < 2:
        yield from (row for _, _, row in found)
        return
    names = [file or name for name, file in files]
    if len(set(names)) < len(names):
        names = [f"{file} in {name}" for name, file in files]
    numbers = {pair: number for number, pair in enumerate(files)}
    for name, file, row in found:
        number = numbers[name, file]
        yield FileRow(number, row, names[number])
