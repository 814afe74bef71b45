"""Pages on which volunteers see, change, pause, stop or delete what is held about them.

Whoever wants to see details proves that the mailbox is theirs, by a link that works once and for
an hour. A GET uses nothing up: the button on the page behind the link does.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from flask import Blueprint, abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from postroom.audience.addresses import normalise
from postroom.delivery import attempts
from postroom.keys import Page
from postroom.london import london_day
from postroom.research import own_details
from postroom.research.own_details import Own
from postroom.research.volunteers import Method, Through
from postroom.tables import Message, SignUp
from postroom.web import forms, own_answers, recording, steps
from postroom.web.campaigns_told import Told, campaign_told
from postroom.web.desk import the_desk
from postroom.web.journeys import Opening
from postroom.web.limits import LINKS_OF_ADDRESS
from postroom.web.own_answers import OwnWalk
from postroom.web.typed import masked

pages = Blueprint("own_details", __name__, url_prefix="/your-details")
OPEN = "open"  # what the session cookie holds: a random id, and nothing of the person
ANSWERED_AFTER = 0.25  # seconds: many times what planning an email takes
ASKED = "What is your email address?"


@pages.get("")
def ask() -> ResponseReturnValue:
    """Ask for the address that a link is to be sent to."""
    return render_template("details_ask.html", form=forms.email_form(ASKED)(formdata=None))


@pages.post("")
def send() -> ResponseReturnValue:
    """Send a link to whoever signed up with that address.

    The page is the same for all others, and comes as late.
    """
    began = time.monotonic()
    form = forms.email_form(ASKED)()
    if not form.validate():
        return render_template("details_ask.html", form=form), 400
    desk = the_desk()
    address_key = desk.keys.address_key(normalise(str(form.email.data)))
    with desk.limiter.limit(LINKS_OF_ADDRESS, key_func=lambda: f"details {address_key.hex()}"):
        pass
    with desk.database.write() as database:
        own_details.ask_for_link(
            database, desk.workspace.root, desk.office, address_key, now=desk.clock()
        )
    time.sleep(max(0, began + ANSWERED_AFTER - time.monotonic()))
    return redirect(url_for("own_details.sent"), 303)


@pages.get("/sent")
def sent() -> ResponseReturnValue:
    return render_template("details_sent.html")


@pages.get("/<token>")
def open_link(token: str) -> ResponseReturnValue:
    """Show a button. Mail scanners open links, so opening this one uses nothing up."""
    desk = the_desk()
    with desk.database.read() as database:
        message = _message(database, token)
        if not own_details.is_open(database, message, now=desk.clock()):
            return render_template("details_expired.html"), 410
        return render_template("details_open.html", address=masked(message.address))


@pages.post("/<token>")
def use_link(token: str) -> ResponseReturnValue:
    """Use the link up and go on to the details, at a clean address."""
    desk = the_desk()
    with desk.database.write() as database:
        message = _message(database, token)
        volunteer_id = own_details.volunteer_behind(database, message)
        if not own_details.use_link(database, message, now=desk.clock()) or volunteer_id is None:
            return render_template("details_expired.html"), 410
    session.clear()
    session[OPEN] = desk.openings.begin(Opening(volunteer_id), desk.clock())
    return redirect(url_for("own_details.show"), 303)


@dataclass(frozen=True)
class Opened:
    """A volunteer's details, open to them, as a page finds them."""

    own: Own
    opening: Opening
    database: Session
    """To read with."""


Rest = ParamSpec("Rest")


def _to_their_owner(
    page: Callable[Concatenate[Opened, Rest], ResponseReturnValue],
) -> Callable[Rest, ResponseReturnValue]:
    """Give *page* the details that are open in this session; else show why there are none."""

    @wraps(page)
    def answer(*args: Rest.args, **kwargs: Rest.kwargs) -> ResponseReturnValue:
        desk = the_desk()
        opening = desk.openings.find(session[OPEN], desk.clock()) if OPEN in session else None
        if opening is None:
            return render_template("details_ended.html"), 410
        with desk.database.read() as database:
            of = opening.volunteer_id
            own = own_details.of_volunteer(database, of, desk.mode, now=desk.clock())
            if own is None:
                _close()
                return render_template("details_ended.html"), 410
            return page(Opened(own, opening, database), *args, **kwargs)

    return answer


@pages.get("/all")
@_to_their_owner
def show(opened: Opened) -> ResponseReturnValue:
    """Show everything that is held and can be changed."""
    own, database = opened.own, opened.database
    shown = []
    for sign_up in own.sign_ups:
        told = _told(database, sign_up)
        if told is not None:
            given = own_answers.answers(told, sign_up, own, database)
            walk = own_answers.walk(told, sign_up, given, database)
            shown.append((told, sign_up, list(steps.rows(walk))))
    opened.opening.changing.clear()
    return render_template("details.html", own=own, shown=shown)


@pages.get("/change/<reference>/<step>")
@_to_their_owner
def question(opened: Opened, reference: str, step: str) -> ResponseReturnValue:
    """Show one question with the answer that is held."""
    _, told, sign_up, given = _changing(opened, reference)
    walk = _walk_to(step, told, sign_up, given, opened)
    form = walk.make_form(step)(formdata=None)
    steps.fill(form, step, walk)
    return _step_page(told, walk, step, form)


@pages.post("/change/<reference>/<step>")
@_to_their_owner
def change(opened: Opened, reference: str, step: str) -> ResponseReturnValue:
    """Take the new answer; save it once nothing that follows from it is open."""
    anew, told, sign_up, given = _changing(opened, reference)
    walk = _walk_to(step, told, sign_up, given, opened)
    if anew:  # they answered what is asked otherwise by now
        return redirect(url_for("own_details.question", reference=reference, step=step), 303)
    form = walk.make_form(step)()
    if not form.validate():
        return _step_page(told, walk, step, form), 400
    # What was never asked, as of somebody who telephoned, need not be answered now.
    never_asked = [each for each in walk.steps() if each not in given]
    steps.keep(given, step, form, walk)
    walk = own_answers.walk(told, sign_up, given, opened.database)
    if (following := walk.first_open(but_not=never_asked)) is not None:
        return redirect(url_for("own_details.question", reference=reference, step=following), 303)
    _save(opened.own, sign_up, told, walk)
    return redirect(url_for("own_details.show"), 303)


@pages.get("/pause")
@_to_their_owner
def ask_until(_: Opened) -> ResponseReturnValue:
    return _pause_page(_pause_form()(formdata=None))


@pages.post("/pause")
@_to_their_owner
def pause(opened: Opened) -> ResponseReturnValue:
    """Hold research back until the day they name."""
    desk, form = the_desk(), _pause_form()()
    if not form.validate():
        return _pause_page(form), 400
    with desk.database.write() as database:
        own_details.pause(database, opened.own.volunteer, form.until.data, now=desk.clock())
    return redirect(url_for("own_details.show"), 303)


@pages.post("/go-on")
@_to_their_owner
def go_on(opened: Opened) -> ResponseReturnValue:
    """End a pause or a stop."""
    desk = the_desk()
    with desk.database.write() as database:
        own_details.go_on(database, opened.own.volunteer, now=desk.clock())
    return redirect(url_for("own_details.show"), 303)


@pages.get("/stop")
@_to_their_owner
def ask_to_stop(opened: Opened) -> ResponseReturnValue:
    return _stop_page(forms.stop_form()(formdata=None), opened)


@pages.post("/stop")
@_to_their_owner
def stop(opened: Opened) -> ResponseReturnValue:
    """Stop emails only, or delete everything; both are told by email."""
    desk, form = the_desk(), forms.stop_form()()
    if not form.validate():
        return _stop_page(form, opened), 400
    deletes = form.stop.data == forms.DELETE
    do = own_details.delete if deletes else own_details.stop
    with desk.database.write() as database:
        do(database, desk.workspace.root, desk.office, opened.own, now=desk.clock())
    if deletes:
        _close()
    return redirect(url_for("own_details.deleted" if deletes else "own_details.show"), 303)


@pages.get("/deleted")
def deleted() -> ResponseReturnValue:
    return render_template("details_deleted.html")


@pages.post("/leave")
def leave() -> ResponseReturnValue:
    """Close the details, so that whoever uses this computer next does not see them."""
    _close()
    return redirect(url_for("own_details.closed"), 303)


@pages.get("/closed")
def closed() -> ResponseReturnValue:
    return render_template("details_closed.html")


@pages.before_request
def _refuse_without_form_token() -> ResponseReturnValue | None:
    """Refuse a form that another site sent, or that outlived its session."""
    return None if forms.has_its_token() else (render_template("details_ended.html"), 400)


def _message(database: Session, token: str) -> Message:
    reference = the_desk().keys.read_page_token(Page.DETAILS, token)
    message = attempts.first_attempt(database, reference) if reference else None
    if message is None:
        abort(404)
    return message


def _changing(opened: Opened, reference: str) -> tuple[bool, Told, SignUp, dict[str, list[str]]]:
    """Return whether its form asks otherwise than it last did, and what is being changed."""
    own, opening, database = opened.own, opened.opening, opened.database
    sign_up = next((one for one in own.sign_ups if one.reference == reference), None)
    told = _told(database, sign_up) if sign_up else None
    if sign_up is None or told is None:
        abort(404)
    anew = opening.keep_to(reference, told.asks)
    if reference not in opening.changing:
        opening.changing[reference] = own_answers.answers(told, sign_up, own, database)
    return anew, told, sign_up, opening.changing[reference]


def _walk_to(
    step: str, told: Told, sign_up: SignUp, given: dict[str, list[str]], opened: Opened
) -> OwnWalk:
    """Return the walk through what is *given*. Aborts with 404 where *step* is not on it."""
    walk = own_answers.walk(told, sign_up, given, opened.database)
    if step not in walk.steps():
        abort(404)
    return walk


def _save(own: Own, sign_up: SignUp, told: Told, walk: OwnWalk) -> None:
    desk = the_desk()
    with desk.database.write() as database:
        own_details.save(
            database,
            own.volunteer.id or 0,
            sign_up.reference,
            recording.person_of(walk),
            answers=recording.answers_of(walk),
            permissions=recording.permissions_of(desk, told, walk),
            through=Through(
                sign_up.campaign,
                desk.mode,
                sign_up.route,
                Method.WEB_FORM,
                template_version=told.edition,
            ),
            now=desk.clock(),
        )


def _told(database: Session, sign_up: SignUp) -> Told | None:
    desk = the_desk()
    return campaign_told(
        database, desk.workspace, sign_up.campaign, mode=desk.mode, now=desk.clock()
    )


def _step_page(told: Told, walk: OwnWalk, step: str, form: forms.StepForm) -> str:
    back = url_for("own_details.show")
    return steps.page(told, walk, step, form, back=back, foot="details_leave.html")


def _pause_form() -> type[forms.StepForm]:
    return forms.pause_form(london_day(the_desk().clock()))


def _pause_page(form: forms.StepForm) -> str:
    return render_template("details_pause.html", form=form)


def _stop_page(form: forms.StepForm, opened: Opened) -> str:
    campaigns = (_told(opened.database, sign_up) for sign_up in opened.own.sign_ups)
    tells = any(told is not None and told.confirms for told in campaigns)
    return render_template("details_stop.html", form=form, tells=tells)


def _close() -> None:
    if OPEN in session:
        the_desk().openings.end(session[OPEN])
    session.clear()
