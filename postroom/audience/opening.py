"""Opening a file that somebody named: what is wrong with it, said in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from postroom.errors import AudienceError


@contextmanager
def in_words(file: Path) -> Iterator[None]:
    """Raise `AudienceError` for a *file* that is not there, is a folder, or may not be read."""
    try:
        yield
    except FileNotFoundError:
        raise AudienceError(f"{file}: there is no such file.") from None
    except IsADirectoryError:
        raise AudienceError(f"{file}: this is a folder. Name a file in it.") from None
    except PermissionError:
        raise AudienceError(f"{file}: you may not read this file.") from None
