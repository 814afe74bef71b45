"""What the local Notify forgets when its user must: the mail to one address."""

from contextlib import closing
from pathlib import Path

from postroom.localnotify.addresses import normalised
from postroom.localnotify.store import connect, transaction


def forget(path: Path, email_address: str) -> int:
    """Delete every notification to *email_address* from the file at *path*; return how many.

    What is deleted is overwritten. A server may run over the file meanwhile.
    """
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        with transaction(connection):
            theirs = [
                row["id"]
                for row in connection.execute(
                    "SELECT id FROM notification WHERE sent_to = ?", [normalised(email_address)]
                )
            ]
            for notification_id in theirs:
                connection.execute(
                    "DELETE FROM callback WHERE notification_id = ?", [notification_id]
                )
                connection.execute("DELETE FROM notification WHERE id = ?", [notification_id])
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return len(theirs)
