"""A page of the sign-up form beside bare WSGI pages of the same queries.

    python benchmarks/form_page.py

All are served by waitress from the same database (50,000 schools, one campaign sent to 300), one
connection, in turn. Both bare pages run the very statements that the page was seen to run. One then
renders the page's own template with what the page gave it: no routes, no session, no form token,
no limits, no headers. The other renders nothing: its bytes, of the same length, lie ready.
"""

import re
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import requests
import sqlalchemy as sa
import waitress
from flask import Flask, template_rendered
from jinja2 import Template
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Session

from postroom.database import Database, open_database, upgrade_database
from postroom.delivery.preparing import Office
from postroom.keys import Keys, SignUpLink, new_secret
from postroom.settings import Mode, Settings
from postroom.tables import Edition, Mailing, Message, School, Status
from postroom.web.site import create_app
from postroom.workspace import Workspace

ROOT = Path(__file__).parents[1]
CAMPAIGN = "bpn-invite"
PAGES = ("", "/name", "/email")
TOKEN = r'<input[^>]*name="csrf_token"[^>]*>'
ROUNDS, EACH = 7, 150
CLIENT = count()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as until_done:
        workspace, keys, settings = Workspace(Path(folder)), Keys.read(new_secret()), Settings()
        for part in ("campaigns", "templates", "pages"):
            shutil.copytree(ROOT / part, workspace.root / part)
        upgrade_database(workspace, settings, keys, now=now())
        database = open_database(workspace, settings, keys)
        _fill(database, keys, workspace)
        site = create_app(workspace, database, Office(settings, keys, Mode.LOCAL), clock=now)
        ours = until_done.enter_context(serving(site))
        link = f"/r/{keys.sign_up_token(SignUpLink(CAMPAIGN, 'direct', '100001'))}"
        for page in PAGES:
            path = f"/research/{CAMPAIGN}{page}"
            visitor = requests.Session()
            visitor.get(ours + link)
            answer_until(visitor, ours, page)
            seen = watch(site, visitor, ours + path)
            bare = until_done.enter_context(serving(bare_page(site, database, seen)))
            ready = until_done.enter_context(serving(ready_page(database, seen)))
            rounds = [
                (
                    p50(visitor, ours + path),
                    *(p50(requests.Session(), url) for url in (bare, ready)),
                )
                for _ in range(ROUNDS)
            ]
            a, b, c = (1_000 * median(each) for each in zip(*rounds, strict=True))
            to_bare, to_ready = (median(x[0] / x[n] for x in rounds) for n in (1, 2))
            print(
                f"{path:36} {len(seen.asked)} queries  p50 {a:.2f} ms  bare {b:.2f} ms "
                f"(ratio {to_bare:.2f})  nothing rendered {c:.2f} ms (ratio {to_ready:.2f})"
            )


def now() -> datetime:
    return datetime(2024, 1, 23, 9, tzinfo=UTC)


def answer_until(visitor: requests.Session, base: str, page: str) -> None:
    """Answer the questions before *page*, so that it can be seen."""
    said = {
        "suitable": {"suitable": "yes"},
        "name": {"first_name": "Ada", "last_name": "Bell"},
        "email": {"email": "ada@example.com"},
        "work": {"work": "listed"},
    }
    for step, fields in said.items():
        if f"/{step}" == page or not page:
            return
        where = f"{base}/research/{CAMPAIGN}/{step}"
        field = re.findall(TOKEN, visitor.get(where).text)[0]
        (token,) = re.findall(r'value="([^"]+)"', field)
        visitor.post(where, data={"csrf_token": token, **fields})


@dataclass
class Seen:
    """What one view of a page did."""

    asked: list[tuple[sa.Executable, Any]]  # statements, with their values
    template: Template
    context: dict[str, Any]
    length: int  # bytes of the page


def watch(site: Flask, visitor: requests.Session, url: str) -> Seen:
    """Return what a second view of *url* does."""
    visitor.get(url)
    seen = Seen([], Template(""), {}, 0)

    def ask(state: ORMExecuteState) -> None:
        seen.asked.append((state.statement, state.parameters))

    def render(_site: Flask, template: Template, context: dict[str, Any], **_: Any) -> None:
        seen.template, seen.context = template, context

    sa.event.listen(Session, "do_orm_execute", ask)
    with template_rendered.connected_to(render, site):
        answer = visitor.get(url)
    sa.event.remove(Session, "do_orm_execute", ask)
    assert answer.status_code == 200, url
    seen.length = len(answer.content)
    return seen


def bare_page(site: Flask, database: Database, seen: Seen) -> Callable[..., Iterable[bytes]]:
    """Return a WSGI function that runs the statements and renders the template."""
    of_flask: dict[str, Any] = {
        "url_for": lambda *_, **__: "/research/page",
        "csp_nonce": lambda: "nonce",
        "csrf_token": lambda: "token",
        "request": None,
        "session": {},
        "g": None,
    }

    def app(_environ: Any, start_response: Any) -> Iterable[bytes]:
        ask(database, seen)
        with site.app_context():  # where the form's fields look for their templates
            body = seen.template.render({**seen.context, **of_flask}).encode()
        return _answer(start_response, body)

    return app


def ready_page(database: Database, seen: Seen) -> Callable[..., Iterable[bytes]]:
    """Return a WSGI function that runs the statements and answers with a page made before."""
    body = b"x" * seen.length

    def app(_environ: Any, start_response: Any) -> Iterable[bytes]:
        ask(database, seen)
        return _answer(start_response, body)

    return app


def ask(database: Database, seen: Seen) -> None:
    """Run the statements, all rows read."""
    with database.read() as session:
        for statement, parameters in seen.asked:
            session.execute(statement, parameters).all()


def _answer(start_response: Any, body: bytes) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
    return [body]


def p50(visitor: requests.Session, url: str) -> float:
    """Return the median seconds of one request, each as if from another client."""
    view(visitor, url)
    times = []
    for _ in range(EACH):
        began = time.perf_counter()
        view(visitor, url)
        times.append(time.perf_counter() - began)
    return median(times)


def view(visitor: requests.Session, url: str) -> None:
    """Ask for *url* and read it all; from a client of its own, or the site's limits would count."""
    answer = visitor.get(url, headers={"X-Forwarded-For": f"2001:db8::{next(CLIENT) % 10_000}"})
    assert answer.status_code == 200, answer.status_code


class serving:  # noqa: N801  # reads as a word in `with`
    """Serve a WSGI application from a thread; gives its address."""

    def __init__(self, app: Any):
        self._server = waitress.create_server(
            app, host="127.0.0.1", port=0, threads=4, clear_untrusted_proxy_headers=False
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.effective_port}"

    def __exit__(self, *_: object) -> None:
        self._server.trigger.pull_trigger(self._server.close)
        self._thread.join(10)


def _fill(database: Database, keys: Keys, workspace: Workspace) -> None:
    path = f"campaigns/{CAMPAIGN}.toml"
    columns = [c.name for c in School.__table__.columns]  # type: ignore[attr-defined]
    with database.write() as session:
        rows = [
            dict.fromkeys(columns, "")
            | {"urn": str(100_000 + n), "name": f"School {n}", "status_code": "1"}
            | {"opened_on": None, "closed_on": None}
            for n in range(50_000)
        ]
        session.connection().execute(sa.insert(School), rows)
        files = {path: (workspace.root / path).read_text("utf-8")}
        edition = Edition(digest=b"d" * 32, files=files, made_at=now())
        session.add(edition)
        session.flush()
        mailing = Mailing(campaign=CAMPAIGN, mode="local", edition_id=edition.id, made_at=now())
        session.add(mailing)
        session.flush()
        for n in range(300):
            key = keys.address_key(f"reader{n}@example.com")
            session.add(
                Message(
                    mailing_id=mailing.id,
                    address_key=key,
                    address=f"reader{n}@example.com",
                    fields={},
                    edition_id=edition.id,
                    content_hash=b"c",
                    reference=keys.reference(campaign=CAMPAIGN, mode="local", address_key=key),
                    status=Status.DELIVERED,
                    planned_at=now(),
                    accepted_at=now(),
                )
            )


if __name__ == "__main__":
    main()
