"""How much our rendering and hashing cost beside Jinja's bare rendering of the same templates.

    python benchmarks/rendering.py

Prints microseconds an email and their ratio, for the seed's invite, which is the same for
everybody, and for one that shows six columns of a list of 5,000 different people. The ratio is to
be 1.5 at most. Both are measured in turns in one run, so that a busy machine slows both.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from postroom.content.editions import Edition, load_edition, restore_edition  # noqa: E402
from postroom.content.rendering import Renderer, sample_links  # noqa: E402

EMAILS = 5_000
TURNS = 9
MOST = 1.5
Render = Callable[[dict[str, str]], object]
LINKS = sample_links("https://outreach.example.com")
REGIONS = ("London", "East of England", "South East", "Yorkshire and The Humber", "North West")
ROLES = ("headteacher", "business manager", "ITT coordinator", "mentor")
# One school in ten has something in its name that needs escaping or a look, as on real lists.
SCHOOLS = (*["Tallowick Primary School"] * 9, "St. Ottoline's & St. Cyr's School")
PEOPLE = [
    {
        "name": f"Perpetua Winslade {n}",
        "school": f"{SCHOOLS[n % len(SCHOOLS)]} {n}",
        "urn": str(900_000 + n),
        "region": REGIONS[n % len(REGIONS)],
        "role": ROLES[n % len(ROLES)],
        "area": "Rest of England" if n % 3 else "Inner London",
    }
    for n in range(EMAILS)
]


def personal() -> Edition:
    """Return an edition whose template shows every column, each after a paragraph of text."""
    seed = load_edition(ROOT, "bpn-invite")
    paragraph = "This paragraph stands for what every recipient gets. " * 6
    shown = "\n\n".join(f"{paragraph}{{{{ recipient.{name} }}}}" for name in PEOPLE[0])
    template = (
        '{% extends "base.md" %}{% block subject %}For {{ recipient.school }}{% endblock %}\n'
        f"{{% block body %}}\n{shown}\n{{% endblock %}}\n"
    )
    return restore_edition("bpn-invite", {**seed.files, "templates/email/bpn-invite.md": template})


def bare(edition: Edition) -> Render:
    """Return the rendering of the same template by Jinja alone: nothing escaped, nothing hashed."""
    environment = jinja2.Environment(  # noqa: S701 bare is what is measured
        loader=jinja2.DictLoader(edition.templates), trim_blocks=True, lstrip_blocks=True
    )
    template = environment.get_template(edition.campaign.template)
    names: dict[str, Any] = {
        "facts": {name: fact.value for name, fact in edition.campaign.facts.items()},
        "links": {"sign_up": LINKS.sign_up, "stop": LINKS.stop},
        "campaign": edition.campaign.model_dump(mode="json"),
    }
    return lambda person: template.render(names, recipient=person)


def ours(edition: Edition) -> Render:
    """Return our rendering of subject and body, and their hash."""
    renderer = Renderer(edition)
    return lambda person: renderer.render(person, LINKS).content_hash


def seconds(render: Render) -> float:
    """Return how long *render* takes for everybody."""
    began = time.perf_counter()
    for person in PEOPLE:
        render(person)
    return time.perf_counter() - began


def measured(edition: Edition) -> tuple[float, float]:
    """Return the fastest turn of (ours, bare), in microseconds an email."""
    renders = ours(edition), bare(edition)
    turns = [[seconds(render) for render in renders] for _ in range(TURNS)]
    mine, theirs = (min(turn) / EMAILS * 1e6 for turn in zip(*turns, strict=True))
    return mine, theirs


def main() -> int:
    """Print both measurements; return 1 when a ratio is above what it may be."""
    worst = 0.0
    for name, edition in (
        ("the seed's invite", load_edition(ROOT, "bpn-invite")),
        ("six columns of the list", personal()),
    ):
        mine, theirs = measured(edition)
        worst = max(worst, mine / theirs)
        print(f"{name:26} ours {mine:6.1f} µs   bare {theirs:6.1f} µs   ratio {mine / theirs:.2f}")
    print(f"at most {MOST}: {'yes' if worst <= MOST else 'NO'}")
    return int(worst > MOST)


if __name__ == "__main__":
    sys.exit(main())
