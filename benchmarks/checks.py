"""How long checking 15,000 different emails takes, and how much memory.

    python benchmarks/checks.py [RECIPIENTS]

The limit is 30 seconds on two cores, with memory that does not grow with the number of recipients
but for the row numbers. Each email greets somebody else, names another school and holds links of
its own; one in ten has something wrong with it.
"""

import resource
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from postroom.content.campaign_file import read_campaign
from postroom.content.checks import Person, problems
from postroom.content.editions import Edition
from postroom.content.rendering import Email, Links, Renderer

CAMPAIGN = """
title = "Benchmark"
kind = "research"
template = "benchmark.md"
route = "direct"
list = "example"
send_on = 2024-01-22
author = "policy.officer@example.com"

[facts]
outside_london = { value = "£876", source = "Example", sum = "20 × £43.80" }
deadline = { value = "Friday 16 February 2024", source = "Example" }
page = { value = "https://www.example.com/guidance/mentors", source = "Example" }
contact = { value = "team@example.com", source = "Example" }
"""
TEMPLATE = """{% block subject %}Help us design a service for {{ recipient.school }}{% endblock %}
Dear {{ recipient.name }},

# Get ready to claim funding for {{ recipient.school }}

You can claim up to {{ facts.outside_london }} a mentor in {{ recipient.region }}.
Your school's number is {{ recipient.urn }}.

## How it works

To be eligible, a mentor must have:

- undertaken up to 20 hours of training
- mentored at least one trainee at {{ recipient.school }}

Read [what the guidance says about mentors]({{ facts.page }}).

## Help us

It takes 20 minutes and is voluntary. [Sign up to take part]({{ links.sign_up }}) by
{{ facts.deadline }}.

Kind regards,
The team

---

You got this email because {{ recipient.school }} works with us. You can
[stop these emails]({{ links.stop }}). Questions? Write to {{ facts.contact }}. How we use personal
details is in our [privacy notice]({{ facts.page }}).
"""
FILES = {"campaigns/benchmark.toml": CAMPAIGN, "templates/email/benchmark.md": TEMPLATE}
EDITION = Edition(read_campaign("benchmark", CAMPAIGN), FILES)
REGIONS = ("London", "the North East", "the South West", "Kent & Medway")


def fields(number: int) -> dict[str, str]:
    """Return what the list holds for recipient *number*: no two alike, one in ten in capitals."""
    name = f"{invented(number)} O'{invented(number * 31)}-{invented(number * 7)}"
    school = f"St. {invented(number * 13)}'s C of E Primary School, {invented(number // 9)}"
    return {
        "name": name.upper() if number % 10 == 0 else name,
        "school": school,
        "urn": str(100_000 + number),
        "region": REGIONS[number % len(REGIONS)],
    }


def invented(number: int) -> str:
    """Return a name made of syllables, the same for the same number."""
    syllables = ("ba", "dor", "fi", "gwen", "hol", "ka", "lun", "mer", "no", "pil", "ros", "tam")
    letters = ""
    for _ in range(3):
        number, place = divmod(number, len(syllables))
        letters += syllables[place]
    return letters.title()


def links(number: int) -> Links:
    """Return links like real ones, no two the same."""
    token = f"{number * 7919:020d}abcdefghijklmnop"
    site = "https://outreach.example.com"
    return Links(f"{site}/r/WyJi{token}.Zk3x", f"{site}/stop/{token}{token}")


def emails(count: int) -> Iterator[tuple[int, Email]]:
    """Yield *count* rendered emails with their rows."""
    renderer = Renderer(EDITION)
    for number in range(count):
        yield number + 2, renderer.render(fields(number), links(number))


def people(count: int) -> Iterator[tuple[int, Person]]:
    """Yield the same recipients' values."""
    for number in range(count):
        yield number + 2, Person(f"{number}@example.com", fields(number), fields(number))


def megabytes() -> float:
    """Return the most memory used so far. Linux counts it in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 15_000
    start = time.perf_counter()
    rendered = sum(1 for _ in emails(count))
    rendering = time.perf_counter() - start
    before = megabytes()
    start = time.perf_counter()
    found = problems(EDITION, emails(count), date(2024, 1, 8), people=people(count))
    checking = time.perf_counter() - start
    print(f"{rendered:,} emails rendered in {rendering:.1f} s")
    print(f"{count:,} emails rendered and checked in {checking:.1f} s")
    print(f"memory grew from {before:.0f} MB to {megabytes():.0f} MB")
    for problem in found:
        print(f"{problem.rank}: {problem.check}: {len(problem.rows):,} rows: {problem.text}")


if __name__ == "__main__":
    main()
