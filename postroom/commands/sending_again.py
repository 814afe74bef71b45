"""`send --again`: once more to those whose mailbox or Notify failed it, or whom it refused."""

from collections.abc import Sequence

import typer

from postroom.commands import last_look, letting_go, orders
from postroom.commands.desk import now
from postroom.commands.printing import ask, plural, say, show
from postroom.delivery import attempts, messages, reading_back
from postroom.delivery.runs import Run
from postroom.errors import NotPermitted
from postroom.tables import Approval, Message, Status

NOBODY = {
    Status.TEMPORARY_FAILURE: "failed for the moment",
    Status.TECHNICAL_FAILURE: "failed by a fault at Notify",
    Status.REFUSED: "was refused by Notify",
}
WHY = {
    Status.TEMPORARY_FAILURE: (
        "came back for the moment: a mailbox was full or out of reach, or took it for spam"
    ),
    Status.TECHNICAL_FAILURE: "never left: Notify had a fault",
    Status.REFUSED: "never left: Notify refused the address, and may take it by now",
}


def send_again(order: orders.Order, ended: Status) -> None:
    """Send a new attempt of each message that *ended* so, its words unchanged.

    Asks first. The approval that covered a message covers its new attempt. Commits.
    """
    mailing_id = _mailing_id(order)
    reading_back.read_back(
        order.desk.database,
        order.notify,
        order.desk.keys,
        retention=order.desk.settings.retention,
        now=now(),
    )
    with order.desk.database.read() as session:
        failed = attempts.ended_as(session, mailing_id, ended)
        begun = attempts.waiting_again(session, mailing_id)
    if not failed and not begun:
        show(f"Nobody of {order.campaign} in {order.mode} mode {NOBODY[ended]}.")
        show(f"The newest word from Notify: outreach sync --mode {order.mode}")
        return
    approvals = _approvals_of(order, failed, begun)
    _ask(order, len(failed) + len(begun), ended)
    with order.desk.database.write() as session:
        for message in attempts.ended_as(session, mailing_id, ended):
            attempts.begin_again(session, message, order.desk.keys, now=now())
        session.add(letting_go.act(order.who, "sent again", order.campaign, order.mode))
    run = Run()
    for approval in approvals:
        run = orders.run(order, approval)
        if run.ended_because:
            break
    orders.tell(order, run, option=f" --again {ended}")


def _mailing_id(order: orders.Order) -> int:
    with order.desk.database.read() as session:
        mailing = messages.find_mailing(session, order.campaign, order.mode)
    if mailing is None or mailing.id is None:
        raise NotPermitted(f"{order.campaign} was never sent in {order.mode} mode.")
    return mailing.id


def _approvals_of(
    order: orders.Order, failed: Sequence[Message], begun: Sequence[Message]
) -> list[Approval]:
    """Return the approvals that cover those who *failed* or are *begun* again, oldest first.

    Raises `NotPermitted` when one of them covers what is still to be sent for the first time, or
    when mail would now travel otherwise than one of them says.
    """
    ids = {message.approval_id for message in (*failed, *begun)}
    with order.desk.database.read() as session:
        approvals = [
            session.get_one(Approval, approval_id) for approval_id in sorted(filter(None, ids))
        ]
        left = sum(messages.count_approved(session, approval) for approval in approvals)
    if left > len(begun):
        raise NotPermitted(
            f"{plural(left - len(begun), 'email')} of {order.campaign} must still be sent for the "
            f"first time. Send those before any goes again: outreach send {order.campaign} "
            f"--mode {order.mode}"
        )
    for approval in approvals:
        last_look.refuse_other_terms(order.desk, order.edition, order.mode, order.notify, approval)
    last_look.refuse_other_site(order.desk, order.edition, order.mode)
    return approvals


def _ask(order: orders.Order, number: int, ended: Status) -> None:
    orders.refuse_another_number(order.mode, number, order.approved)
    say(
        f"{plural(number, 'email')} of {order.campaign} {WHY[ended]}. "
        "Each would be sent once more, in the same words."
    )
    if not ask(
        f"Send {plural(number, 'email')} again in {order.mode.upper()} mode?", yes=order.yes
    ):
        raise typer.Exit(1)
