"""How reports become HTML: templates that escape everything."""

from functools import cache

import jinja2

from postroom.london import london as london  # the pages take it from here


def page_from(template: str, **values: object) -> str:
    """Return the page that *template* (a file in reports/pages) makes of *values*."""
    return _pages().get_template(template).render(**values)


@cache
def _pages() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("postroom.reports", "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
