"""Partners: by what agreement we work with them, and what they told us they sent.

Without a signed agreement not one of a partner's addresses may be held here, unless each row of
the list says how that person agreed. Nothing here takes or gives a person's details.
"""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from postroom.audience import staging
from postroom.content.stated import is_name, no_name
from postroom.errors import AudienceError, NotPermitted
from postroom.london import london_day
from postroom.tables import Agreement, Event, Partner, PartnerSend, RecipientList

EVIDENCE = "permission_evidence"  # the column "permission evidence", as templates call it
ROWS_NAMED = 10


@dataclass(frozen=True)
class Standing:
    """How the agreement with a partner stands, under which reference and since when.

    What is None was not said.
    """

    agreement: Agreement | None = None
    reference: str | None = None
    agreed_on: date | None = None


def add(
    session: Session, name: str, title: str, standing: Standing, *, who: str, now: datetime
) -> Partner:
    """Add the partner *name*, or bring what is known of it up to date; return it.

    What *standing* does not say stays as it is known. An agreement that is said not to be signed
    loses the reference and date of an earlier one. Records an event; does not commit.

    Raises `AudienceError` when the name or title cannot be one, and when a signed agreement has no
    reference or date, which nobody could find again, or a date to come.
    """
    if not is_name(name):
        raise AudienceError(f"{no_name(name, 'partner', 'niot')} --title says it in full.")
    if not title.strip() or not title.isprintable():
        raise AudienceError("--title is one line of words, as emails call the partner.")
    partner = session.exec(select(Partner).where(Partner.name == name)).first()
    agreement, reference, agreed_on = _as_it_stands(partner, standing)
    if agreement is Agreement.SIGNED and not (reference and agreed_on):
        raise AudienceError(
            "A signed agreement needs its --reference and its --date, so that it can be found."
        )
    if agreed_on and agreed_on > london_day(now):
        raise AudienceError(f"{agreed_on} is still to come. Record it when it is signed.")
    if partner is None:
        partner = Partner(name=name, title=title, agreement=agreement, added_at=now)
    partner.title, partner.agreement = title, agreement
    partner.agreement_reference, partner.agreed_on = reference, agreed_on
    session.add(partner)
    details = {"agreement": agreement.value, "reference": reference}
    session.add(Event(at=now, who=who, act="recorded a partner", target=name, details=details))
    session.flush()
    return partner


def _as_it_stands(known: Partner | None, said: Standing) -> tuple[Agreement, str, date | None]:
    """Return the agreement, its reference and its day: as *said*, or else as *known*."""
    agreement = said.agreement or (known.agreement if known else Agreement.NONE)
    is_kept = known is not None and said.agreement in (None, Agreement.SIGNED)
    reference, agreed_on = (
        (known.agreement_reference, known.agreed_on) if known and is_kept else ("", None)
    )
    if said.reference is not None:
        reference = said.reference
    return agreement, reference, said.agreed_on or agreed_on


def named(session: Session, name: str) -> Partner:
    """Return the partner *name*. Raises `AudienceError` that names the partners there are."""
    found = session.exec(select(Partner).where(Partner.name == name)).first()
    if found is not None:
        return found
    there_are = ", ".join(partner.name for partner in listing(session)) or "none yet"
    raise AudienceError(
        f"There is no partner “{name}”. There are: {there_are}. Add one with: "
        f"outreach partner add {name} --title TITLE --agreement none"
    )


def listing(session: Session) -> list[Partner]:
    """Return every partner, by name. Read-only."""
    return list(session.exec(select(Partner).order_by(Partner.name)))


def check_import(
    session: Session, bench: sa.Connection, list_name: str, partner_name: str | None
) -> None:
    """Raise `NotPermitted` when the staged rows are a partner's and may not be held.

    They may with a signed agreement, or when each row says in “permission evidence” how that
    person agreed. A list that was a partner's once stays one.
    """
    known = session.exec(select(RecipientList).where(RecipientList.name == list_name)).first()
    name = partner_name or (known.partner if known else "")
    if not name:
        return
    partner = named(session, name)
    if partner.agreement is Agreement.SIGNED:
        return
    without = staging.rows_without(bench, EVIDENCE)
    if without:
        shown = ", ".join(map(str, without[:ROWS_NAMED]))
        more = f" and {len(without) - ROWS_NAMED:,} more" if len(without) > ROWS_NAMED else ""
        raise _not_to_be_held(
            partner,
            "say for each row, in a column “permission evidence”, how that person agreed "
            f"(now blank or missing in row {shown}{more})",
        )


def check_addition(session: Session, known: RecipientList, evidence: str) -> None:
    """Raise `NotPermitted` when the list is a partner's and somebody new may not be held on it.

    *evidence* is how that very person agreed, if it is known: nobody takes over another's.
    """
    if not known.partner or evidence.strip():
        return
    partner = named(session, known.partner)
    if partner.agreement is not Agreement.SIGNED:
        raise _not_to_be_held(
            partner, f"say how the new person agreed: --set {EVIDENCE}=“Email of 3 May”"
        )


def _not_to_be_held(partner: Partner, say_how_they_agreed: str) -> NotPermitted:
    return NotPermitted(
        f"No agreement with {partner.title} is signed (it stands at: {partner.agreement}), so "
        "its people's addresses may not be held here. Nothing was changed.",
        f"Either record the signed agreement: outreach partner add {partner.name} --title "
        f'"{partner.title}" --agreement signed --reference REFERENCE --date DATE',
        f"or {say_how_they_agreed},",
        f"or let them pass the email on: outreach partner pack CAMPAIGN {partner.name}",
    )


def record_send(
    session: Session,
    partner: Partner,
    *,
    campaign: str,
    mode: str,
    sent_to: int,
    sent_on: date,
    not_delivered: int | None = None,
    who: str,
    now: datetime,
) -> PartnerSend:
    """Record that *partner* sent *campaign* to *sent_to* on *sent_on*; the same day is corrected.

    Records an event; does not commit. Raises `AudienceError` for a day to come or a number that
    is none.
    """
    if sent_on > london_day(now):
        raise AudienceError(f"{sent_on} is still to come. Record it when they have sent it.")
    _refuse_numbers(sent_to, not_delivered)
    assert partner.id is not None  # noqa: S101  # it was read from the database
    row = _send_on(session, partner, campaign, mode, sent_on) or PartnerSend(
        partner_id=partner.id,
        campaign=campaign,
        mode=mode,
        sent_to=sent_to,
        sent_on=sent_on,
        recorded_by=who,
        recorded_at=now,
    )
    row.sent_to, row.recorded_by, row.recorded_at = sent_to, who, now
    row.not_delivered = not_delivered
    session.add(row)
    details = {"partner": partner.name, "mode": mode, "sent_to": sent_to, "on": str(sent_on)}
    details["not_delivered"] = not_delivered
    session.add(
        Event(at=now, who=who, act="recorded a partner's send", target=campaign, details=details)
    )
    return row


def _refuse_numbers(sent_to: int, not_delivered: int | None) -> None:
    if sent_to < 1:
        raise AudienceError("--sent-to is a number of schools or people, at least 1.")
    if not_delivered is not None and not 0 <= not_delivered <= sent_to:
        raise AudienceError(
            "--not-delivered is a number: 0, or more, at most as many as were sent."
        )


def _send_on(
    session: Session, partner: Partner, campaign: str, mode: str, day: date
) -> PartnerSend | None:
    return session.exec(
        select(PartnerSend).where(
            PartnerSend.partner_id == partner.id,
            PartnerSend.campaign == campaign,
            PartnerSend.mode == mode,
            PartnerSend.sent_on == day,
        )
    ).first()


@dataclass(frozen=True)
class SentByPartner:
    """What one partner says it sent of one campaign, all days together."""

    partner: str
    sent_to: int
    not_delivered: int | None
    """Of those, as far as they know it."""
    first_on: date
    last_on: date


def sends_of(session: Session, campaign: str, mode: str) -> list[SentByPartner]:
    """Return what partners told us of *campaign* in *mode*, by partner. Read-only."""
    numbers = map(sa.func.sum, (col(PartnerSend.sent_to), col(PartnerSend.not_delivered)))
    days = (sa.func.min(col(PartnerSend.sent_on)), sa.func.max(col(PartnerSend.sent_on)))
    rows = session.execute(
        sa.select(col(Partner.title), *numbers, *days)
        .join_from(PartnerSend, Partner, col(PartnerSend.partner_id) == col(Partner.id))
        .where(col(PartnerSend.campaign) == campaign, col(PartnerSend.mode) == mode)
        .group_by(col(Partner.title))
        .order_by(col(Partner.title))
    )
    return [SentByPartner(*row) for row in rows]
