"""How much our rendering and hashing cost beside Jinja's bare rendering of the same templates.

    python benchmarks/rendering.py

Prints microseconds an email and their ratio, for the seed's invite and for a template with ten
values from the list. The ratio is to be 1.5 at most. Both are measured in turns in one run, so
that a busy machine slows both.
"""

import sys
import timeit
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
LINKS = sample_links("https://outreach.example.com")
FIELDS = {f"column_{n}": f"What the list says here: {n}" for n in range(10)}


def personal() -> Edition:
    """Return an edition whose template shows ten values in some paragraphs of text."""
    seed = load_edition(ROOT, "bpn-invite")
    paragraph = "This paragraph stands for what every recipient gets. " * 6
    shown = "\n\n".join(f"{paragraph}{{{{ recipient.{name} }}}}" for name in FIELDS)
    template = (
        '{% extends "base.md" %}{% block subject %}For {{ recipient.column_0 }}{% endblock %}\n'
        f"{{% block body %}}\n{shown}\n{{% endblock %}}\n"
    )
    return restore_edition(
        "bpn-invite", {**seed.files, "templates/email/bpn-invite.md": template}
    )


def bare(edition: Edition) -> Callable[[], object]:
    """Return the rendering of the same template by Jinja alone: nothing escaped, nothing hashed."""
    environment = jinja2.Environment(  # noqa: S701 bare is what is measured
        loader=jinja2.DictLoader(edition.templates), trim_blocks=True, lstrip_blocks=True
    )
    template = environment.get_template(edition.campaign.template)
    names: dict[str, Any] = {
        "recipient": FIELDS,
        "facts": {name: fact.value for name, fact in edition.campaign.facts.items()},
        "links": {"sign_up": LINKS.sign_up, "stop": LINKS.stop},
        "campaign": edition.campaign.model_dump(mode="json"),
    }
    return lambda: template.render(names)


def ours(edition: Edition) -> Callable[[], object]:
    """Return our rendering of subject and body, and their hash."""
    renderer = Renderer(edition)
    return lambda: renderer.render(FIELDS, LINKS).content_hash


def measured(edition: Edition) -> tuple[float, float]:
    """Return the fastest turn of (ours, bare), in microseconds an email."""
    timers = [timeit.Timer(ours(edition)), timeit.Timer(bare(edition))]
    turns = [[timer.timeit(EMAILS) for timer in timers] for _ in range(TURNS)]
    mine, theirs = (min(turn) / EMAILS * 1e6 for turn in zip(*turns, strict=True))
    return mine, theirs


def main() -> int:
    """Print both measurements; return 1 when a ratio is above what it may be."""
    worst = 0.0
    for name, edition in (
        ("the seed's invite", load_edition(ROOT, "bpn-invite")),
        ("ten values from the list", personal()),
    ):
        mine, theirs = measured(edition)
        worst = max(worst, mine / theirs)
        print(f"{name:26} ours {mine:6.1f} µs   bare {theirs:6.1f} µs   ratio {mine / theirs:.2f}")
    print(f"at most {MOST}: {'yes' if worst <= MOST else 'NO'}")
    return int(worst > MOST)


if __name__ == "__main__":
    sys.exit(main())
