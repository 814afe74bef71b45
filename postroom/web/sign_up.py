"""The sign-up form: one question a page, nothing kept before "Sign up". A GET changes nothing.

The link's token becomes a session and a clean address, so that it stays out of histories.
"""

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from postroom.content.campaign_file import Route
from postroom.keys import SignUpLink
from postroom.research import workplaces
from postroom.web import forms, recording, steps
from postroom.web.campaigns_told import Told, campaign_told
from postroom.web.desk import the_desk
from postroom.web.journeys import Journey
from postroom.web.steps import Walk

pages = Blueprint("sign_up", __name__)
LINK, JOURNEY, DONE = "link", "journey", "done"  # what the session cookie holds; no answers


@dataclass(frozen=True)
class Visit:
    """A visitor's place in a campaign's form."""

    told: Told
    link: SignUpLink
    journey: Journey | None
    walk: Walk
    is_asked_anew: bool
    """The form asks otherwise than it did when they answered: some answers are forgotten."""

    @property
    def open_journey(self) -> Journey:
        """The journey, where there must be one."""
        if self.journey is None:
            raise ValueError("nothing was answered yet")
        return self.journey


@pages.get("/r/<token>")
@pages.get("/p/<token>")
def open_link(token: str) -> ResponseReturnValue:
    """Go from a link to the campaign's start page, as often as it is opened."""
    link = the_desk().keys.read_sign_up_token(token)
    if link is None:
        abort(404)
    _told(link.campaign)
    if session.get(LINK) != [link.campaign, link.route, link.school]:
        _end_journey()
        session[LINK] = [link.campaign, link.route, link.school]
    return redirect(url_for("sign_up.start", campaign=link.campaign), 303)


@pages.get("/research/<campaign>")
def start(campaign: str) -> ResponseReturnValue:
    """Say what this is, that it is voluntary, how long it takes, and who asks."""
    visit = _visit(campaign)
    if isinstance(visit, Told):
        return render_template("expired.html", campaign=visit), 410
    return render_template("start.html", campaign=visit.told, first=visit.walk.steps()[0])


@pages.get("/research/<campaign>/done")
def done(campaign: str) -> ResponseReturnValue:
    told = _told(campaign)
    name, reference = session.get(DONE) or ("", "")
    if name != campaign:
        return redirect(url_for("sign_up.start", campaign=campaign), 303)
    return render_template("done.html", campaign=told, reference=reference)


@pages.get("/research/<campaign>/not-suitable")
def not_suitable(campaign: str) -> ResponseReturnValue:
    return render_template("not_suitable.html", campaign=_told(campaign))


@pages.get("/research/<campaign>/left")
def left(campaign: str) -> ResponseReturnValue:
    return render_template("left.html", campaign=_told(campaign))


@pages.get("/research/<campaign>/ended")
def ended(campaign: str) -> ResponseReturnValue:
    """Explain what became of answers that were left alone for an hour."""
    return render_template("ended.html", campaign=_told(campaign))


@pages.post("/research/<campaign>/leave")
def leave(campaign: str) -> ResponseReturnValue:
    """Forget every answer."""
    _told(campaign)
    _end_journey()
    session.clear()
    return redirect(url_for("sign_up.left", campaign=campaign), 303)


@pages.get("/research/<campaign>/check")
def check(campaign: str) -> ResponseReturnValue:
    visit = _open_visit(campaign)
    if not isinstance(visit, Visit):
        return visit
    if (step := visit.walk.first_open()) is not None:
        return redirect(url_for("sign_up.ask", campaign=campaign, step=step), 303)
    return _check_page(visit)


@pages.post("/research/<campaign>/check")
def sign_up(campaign: str) -> ResponseReturnValue:
    """Write the sign-up, once, and forget the answers."""
    visit = _open_visit(campaign)
    if not isinstance(visit, Visit):
        return visit
    if request.form.get("website"):
        abort(400)
    journey = visit.open_journey
    with journey.signing_up:  # of two presses of the button, one signs up and both see it done
        if not journey.reference:
            if visit.walk.first_open() is not None:
                return redirect(url_for("sign_up.check", campaign=campaign), 303)
            journey.reference = recording.record(the_desk(), visit.told, visit.link, visit.walk)
            journey.answers.clear()
    session.pop(JOURNEY, None)
    session[DONE] = [campaign, journey.reference]
    return redirect(url_for("sign_up.done", campaign=campaign), 303)


@pages.get("/research/<campaign>/<step>")
def ask(campaign: str, step: str) -> ResponseReturnValue:
    """Show one question, with the answer given before."""
    visit = _visit_at(campaign, step)
    if not isinstance(visit, Visit):
        return visit
    form = visit.walk.make_form(step)(formdata=None)
    steps.fill(form, step, visit.walk)
    return _step_page(visit, step, form)


@pages.post("/research/<campaign>/<step>")
def answer(campaign: str, step: str) -> ResponseReturnValue:
    """Take one answer and go on: to the next question, or back to the last page."""
    visit = _visit_at(campaign, step)
    if not isinstance(visit, Visit):
        return visit
    form = visit.walk.make_form(step)()
    if not form.validate():
        return _step_page(visit, step, form), 400
    if step == "suitable" and form.suitable.data == forms.NO:
        _end_journey()
        return redirect(url_for("sign_up.not_suitable", campaign=campaign), 303)
    journey = visit.journey or _begin(visit.told)
    steps.keep(journey.answers, step, form, visit.walk)
    with the_desk().database.read() as database:
        following = _walk(database, visit.told, visit.link, journey).first_open()
    if following is None:
        return redirect(url_for("sign_up.check", campaign=campaign), 303)
    return redirect(url_for("sign_up.ask", campaign=campaign, step=following), 303)


@pages.before_request
def _refuse_without_form_token() -> ResponseReturnValue | None:
    """Refuse a form that another site sent, or that outlived its session."""
    if forms.has_its_token():
        return None
    campaign = (request.view_args or {}).get("campaign", "")
    return render_template("ended.html", campaign=_told(campaign)), 400


def _told(campaign: str) -> Told:
    with the_desk().database.read() as database:
        return _told_in(database, campaign)


def _told_in(database: Session, campaign: str) -> Told:
    desk = the_desk()
    told = campaign_told(database, desk.workspace, campaign, mode=desk.mode, now=desk.clock())
    if told is None or told.outside_form:
        abort(404)
    return told


def _visit(campaign: str) -> Visit | Told:
    """Return the visitor's place, or only what may be told when the campaign's links have ended."""
    known = session.get(LINK) or ["", "", ""]
    link = SignUpLink(*known) if known[0] == campaign else SignUpLink(campaign, Route.OPEN, "")
    journey = None
    if JOURNEY in session:
        journey = the_desk().journeys.find(session[JOURNEY], the_desk().clock())
    if journey is not None and journey.campaign != campaign:
        journey = None
    with the_desk().database.read() as database:
        told = _told_in(database, campaign)
        if told.has_ended:
            return told
        anew = journey is not None and journey.keep_to(told.asks)
        return Visit(told, link, journey, _walk(database, told, link, journey), anew)


def _visit_at(campaign: str, step: str) -> Visit | ResponseReturnValue:
    """Return the visitor's place, at the question *step*, or where they have to go instead."""
    visit = _visit(campaign)
    if isinstance(visit, Told):
        return redirect(url_for("sign_up.start", campaign=campaign), 303)
    if visit.is_asked_anew and request.method == "POST":  # they answered what is asked otherwise
        return redirect(url_for("sign_up.check", campaign=campaign), 303)
    if step not in visit.walk.steps():
        abort(404)
    if visit.journey is None and JOURNEY in session:
        return redirect(url_for("sign_up.ended", campaign=campaign), 303)
    if not _may_see(visit, step):
        return redirect(url_for("sign_up.start", campaign=campaign), 303)
    return visit


def _open_visit(campaign: str) -> Visit | ResponseReturnValue:
    visit = _visit(campaign)
    if isinstance(visit, Visit) and visit.journey is not None:
        return visit
    if JOURNEY in session:
        return redirect(url_for("sign_up.ended", campaign=campaign), 303)
    return redirect(url_for("sign_up.start", campaign=campaign), 303)


def _walk(database: Session, told: Told, link: SignUpLink, journey: Journey | None) -> Walk:
    answers = journey.answers if journey else {}
    typed = next(iter(answers.get("find", ())), "")
    return Walk(
        told.form,
        answers,
        tuple(told.statements.values()),
        workplaces.by_urn(database, link.school),
        tuple(workplaces.search(database, typed)),
        has_register=workplaces.has_register(database),
    )


def _may_see(visit: Visit, step: str) -> bool:
    """Whether every question before *step* has an answer."""
    order = visit.walk.steps()
    first_open = visit.walk.first_open()
    return first_open is None or order.index(step) <= order.index(first_open)


def _begin(told: Told) -> Journey:
    journey = Journey(told.name, asked=told.asks)
    session[JOURNEY] = the_desk().journeys.begin(journey, the_desk().clock())
    session.pop(DONE, None)
    return journey


def _end_journey() -> None:
    if JOURNEY in session:
        the_desk().journeys.end(session.pop(JOURNEY))


def _step_page(visit: Visit, step: str, form: forms.StepForm) -> str:
    return steps.page(visit.told, visit.walk, step, form, back=_back(visit, step))


def _back(visit: Visit, step: str) -> str:
    campaign, before = visit.told.name, visit.walk.before(step)
    if visit.walk.first_open() is None:
        return url_for("sign_up.check", campaign=campaign)
    if before is not None:
        return url_for("sign_up.ask", campaign=campaign, step=before)
    return url_for("sign_up.start", campaign=campaign)


def _check_page(visit: Visit) -> str:
    campaign = visit.told.name
    return render_template(
        "check.html",
        campaign=visit.told,
        rows=list(steps.rows(visit.walk)),
        form=forms.CheckForm(formdata=None),
        back=url_for("sign_up.ask", campaign=campaign, step=visit.walk.steps()[-1]),
    )
