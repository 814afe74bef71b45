"""The pages that need no form: samples, health, and those for the reader of one email.

Each of those shows a button: mail scanners open links, so a GET changes nothing. A POST needs no
cookie and no form token: the link itself is the right to act, and a mail program has nothing else.
"""

from dataclasses import replace

from flask import Blueprint, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from postroom.delivery import attempts
from postroom.keys import Page
from postroom.london import london_day
from postroom.research import awaited, stopping
from postroom.settings import Mode
from postroom.tables import AwaitedSignUp, Identity, Mailing, Message, Scope
from postroom.web.campaigns_told import Told, campaign_told
from postroom.web.desk import the_desk
from postroom.web.typed import masked

pages = Blueprint("pages", __name__)
ONE_CLICK = "List-Unsubscribe"  # the field that a mail program sends (RFC 8058)


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
@pages.get("/sample/page")
@pages.route("/sample/stop", methods=["GET", "POST"])
@pages.route("/stop/sample", methods=["GET", "POST"])
def sample() -> ResponseReturnValue:
    """The page behind the links of previews, test sends and review packs."""
    return render_template("sample.html")


@pages.get("/stop/<token>")
def ask_to_stop(token: str) -> ResponseReturnValue:
    with the_desk().database.read() as session:
        campaign = _told(session, _message(session, Page.STOP, token))
    return render_template("stop.html", campaign=campaign)


@pages.post("/stop/<token>")
def stop(token: str) -> ResponseReturnValue:
    """Stop, by the page's button or by a mail program's one click. Safe to repeat."""
    desk, one_click = the_desk(), ONE_CLICK in request.form
    everything = not one_click and request.form.get("scope") == Scope.EVERYTHING
    scope = Scope.EVERYTHING if everything else Scope.ANNOUNCEMENTS_AND_RESEARCH
    with desk.database.write() as session:
        message = _message(session, Page.STOP, token)
        mailing = session.get_one(Mailing, message.mailing_id)
        is_new = stopping.stop(session, message, mailing, scope, now=desk.clock())
        campaign = _told(session, message)
        tells = campaign is not None and campaign.confirms and not everything
        if is_new and not one_click:  # a forwarded link may have done it: they are told
            office = replace(desk.office, mode=Mode(mailing.mode))
            root = desk.workspace.root
            tells = stopping.tell(session, root, office, message, mailing, scope, now=desk.clock())
    return render_template("stopped.html", campaign=campaign, everything=everything, tells=tells)


@pages.get("/undo/<token>")
def ask_to_undo(token: str) -> ResponseReturnValue:
    with the_desk().database.read() as session:
        message = _message(session, Page.UNDO, token)
        return render_template("undo.html", address=masked(message.address))


@pages.post("/undo/<token>")
def undo(token: str) -> ResponseReturnValue:
    """Let them be emailed again, if nothing was stopped since. Safe to repeat."""
    desk = the_desk()
    with desk.database.write() as session:
        stopping.undo(session, _message(session, Page.UNDO, token), now=desk.clock())
    return render_template("undone.html")


@pages.get("/again/<token>")
def ask_to_confirm(token: str) -> ResponseReturnValue:
    with the_desk().database.read() as session:
        message = _message(session, Page.AGAIN, token)
        campaign, waiting = _told(session, message), _waiting(session, message)
        if waiting is None:
            return _confirmed_or_expired(session, message, campaign)
    return render_template("again.html", campaign=campaign, address=masked(message.address))


@pages.post("/again/<token>")
def confirm(token: str) -> ResponseReturnValue:
    """Let the sign-up count, and end what kept its person from being emailed. Safe to repeat."""
    desk = the_desk()
    with desk.database.write() as session:
        message = _message(session, Page.AGAIN, token)
        campaign, waiting = _told(session, message), _waiting(session, message)
        if waiting is None:
            return _confirmed_or_expired(session, message, campaign)
        reference = awaited.confirm(
            session, desk.workspace.root, desk.office, waiting, now=desk.clock()
        )
    return render_template("done.html", campaign=campaign, reference=reference)


def _confirmed_or_expired(
    session: Session, message: Message, campaign: Told | None
) -> ResponseReturnValue:
    mailing, today = session.get_one(Mailing, message.mailing_id), london_day(the_desk().clock())
    reference = awaited.confirmed(
        session, message.address_key, mailing.campaign, mailing.mode, today=today
    )
    if reference is None:
        return render_template("again_expired.html", campaign=campaign), 410
    return render_template("done.html", campaign=campaign, reference=reference)


def _message(session: Session, page: Page, token: str) -> Message:
    """Return the message whose link to *page* has this token; the page for none says no more."""
    reference = the_desk().keys.read_page_token(page, token)
    message = attempts.first_attempt(session, reference) if reference else None
    if message is None:
        abort(404)
    return message


def _told(session: Session, message: Message) -> Told | None:
    mailing = session.get_one(Mailing, message.mailing_id)
    return campaign_told(
        session,
        the_desk().workspace,
        mailing.campaign,
        mode=mailing.mode,
        now=the_desk().clock(),
    )


def _waiting(session: Session, message: Message) -> AwaitedSignUp | None:
    mailing = session.get_one(Mailing, message.mailing_id)
    found = awaited.find(session, message.address_key, mailing.campaign, mailing.mode)
    return found if found is not None and found.delete_at > the_desk().clock() else None
