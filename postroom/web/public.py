"""The pages that need no form: stop links, samples, health. A GET changes nothing."""

from flask import Blueprint, abort, jsonify, render_template
from flask.typing import ResponseReturnValue

from postroom.audience import suppression
from postroom.delivery import attempts
from postroom.keys import Page
from postroom.tables import Identity, Mailing, Scope
from postroom.web.campaigns_told import campaign_told
from postroom.web.desk import the_desk

pages = Blueprint("pages", __name__)


@pages.get("/health")
def health() -> ResponseReturnValue:
    """Say which database this site works from; `send` asks before live mail leaves."""
    with the_desk().database.read() as session:
        return jsonify(database=session.get_one(Identity, 1).database_id)


@pages.get("/robots.txt")
def robots() -> ResponseReturnValue:
    return "User-agent: *\nDisallow: /\n", {"Content-Type": "text/plain; charset=utf-8"}


@pages.get("/sample/sign-up")
@pages.get("/r/sample")
@pages.route("/sample/stop", methods=["GET", "POST"])
@pages.route("/stop/sample", methods=["GET", "POST"])
def sample() -> ResponseReturnValue:
    """The page behind the links of previews, test sends and review packs."""
    return render_template("sample.html")


@pages.get("/stop/<token>")
def ask_to_stop(token: str) -> ResponseReturnValue:
    """Show a button. Mail scanners open links, so opening this one stops nothing."""
    desk = the_desk()
    reference = desk.keys.read_page_token(Page.STOP, token)
    if reference is None:
        abort(404)
    with desk.database.read() as session:
        message = attempts.first_attempt(session, reference)
        if message is None:
            abort(404)
        mailing = session.get_one(Mailing, message.mailing_id)
        campaign = campaign_told(session, desk.workspace, mailing.campaign, mode=mailing.mode)
    return render_template("stop.html", campaign=campaign)


@pages.post("/stop/<token>")
def stop(token: str) -> ResponseReturnValue:
    """Stop, by the page's button or by a mail program's one click (RFC 8058). Safe to repeat.

    No cookie and no form token are asked for: the link itself is the right to stop, and a mail
    program has nothing else.
    """
    desk = the_desk()
    reference = desk.keys.read_page_token(Page.STOP, token)
    if reference is None:
        abort(404)
    with desk.database.write() as session:
        message = attempts.first_attempt(session, reference)
        if message is None:
            abort(404)
        mailing = session.get_one(Mailing, message.mailing_id)
        suppression.add(
            session,
            message.address_key,
            scope=Scope.ANNOUNCEMENTS_AND_RESEARCH,
            reason=f"stop link in {mailing.campaign} ({mailing.mode} mode)",
            who="themselves",
            now=desk.clock(),
        )
        campaign = campaign_told(session, desk.workspace, mailing.campaign, mode=mailing.mode)
    return render_template("stopped.html", campaign=campaign)
