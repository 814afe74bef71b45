"""Asking an approver by email: the pack, with a code that shows that they read it."""

from postroom.commands.desk import Desk, now
from postroom.delivery import approval as approvals
from postroom.delivery import approval_requests, outbox, test_sends
from postroom.delivery.gateway import Notify, Parcel
from postroom.errors import InDoubt
from postroom.reports import review_pack


def ask_by_email(
    desk: Desk,
    notify: Notify,
    pack: review_pack.ReviewPack,
    *,
    part: str,
    digest: bytes,
    approver: str,
    asker: str,
    page: str,
) -> None:
    """Send the *approver* the *pack*, of which *page* is the file, with a code.

    *digest* is of what they are asked about, in that *part* of the campaign's mailings. Commits
    before the email leaves. Raises `NotPermitted` when the day's test sends are used up, and
    `NotifyError`.
    """
    code, moment = approval_requests.new_code(), now()
    with desk.database.write() as session:
        test_sends.refuse_over_limit(session, desk.settings, now=moment)
        mailing = outbox.mailing_for(
            session, pack.edition.campaign.name, pack.mode, part=part, now=moment
        )
        approval_requests.note_request(
            session,
            mailing,
            edition_id=approvals.keep_edition(session, pack.edition, now=moment),
            digest=digest,
            terms=pack.terms,
            approver=approver,
            asker=asker,
            code_hash=desk.keys.code_hash(code),
            now=moment,
        )
        test_sends.note_request(session, mailing.campaign, mailing.mode, asker, now=moment)
    asking = review_pack.request_email(pack, code=code, pack_hash=review_pack.page_hash(page))
    try:
        notify.send(Parcel(approver, test_sends.reference("approval"), asking))
    except InDoubt as error:
        raise InDoubt(
            f"{error}. The request may have arrived all the same: ask the approver. If it has not, "
            "run this again: a new code makes the old one no worse."
        ) from error
