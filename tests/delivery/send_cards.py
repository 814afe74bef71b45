"""Send the approved cards of a workspace: `send_cards.py WORKSPACE NOTIFY_URL`. For kill tests."""

import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from postroom.database import open_database
from postroom.delivery import approval as approvals
from postroom.delivery.gateway import Notify
from postroom.delivery.letters import CampaignWriter
from postroom.delivery.preparing import Office
from postroom.delivery.sending import Sender, see_through
from postroom.keys import Keys
from postroom.localnotify import KEYS, TEMPLATE_ID
from postroom.settings import Mode, read_settings
from postroom.workspace import Workspace


def clock():
    return datetime.now(UTC)


def main(root, base_url):
    workspace = Workspace(Path(root))
    settings = read_settings(workspace)
    keys = Keys.read(workspace.secret_file.read_text())
    database = open_database(workspace, settings, keys)
    with database.read() as session:
        approval = approvals.standing_approval(session, "cards", Mode.LOCAL)
        edition = approvals.stored_edition(session, approval, "cards")
    sender = Sender(
        database=database,
        notify=Notify(
            KEYS["live"],
            base_url=base_url,
            key_type="live",
            template_id=TEMPLATE_ID,
            reply_to_id=None,
            timeout=settings.waits(Mode.LOCAL).request,
        ),
        office=Office(settings, keys, Mode.LOCAL),
        approval=approval,
        writer=CampaignWriter(edition, Office(settings, keys, Mode.LOCAL)),
        clock=clock,
        interrupted=threading.Event(),
        progress=print,
    )
    sender.resolve_doubts()
    sys.exit(1 if see_through(sender, waiting=print).ended_because else 0)


main(*sys.argv[1:])
