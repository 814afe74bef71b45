"""How reports become HTML: templates that escape everything, and times as London reads them."""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import jinja2

LONDON = ZoneInfo("Europe/London")


def page_from(template: str, **values: object) -> str:
    """Return the page that *template* (a file in reports/pages) makes of *values*."""
    return _pages().get_template(template).render(**values)


def london(moment: datetime) -> str:
    """Return a UTC time as London's clocks show it: 22 January 2024 at 09:05."""
    local = moment.astimezone(LONDON)
    return f"{local.day} {local:%B %Y at %H:%M}"


@cache
def _pages() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("postroom.reports", "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
