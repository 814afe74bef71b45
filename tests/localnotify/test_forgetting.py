from postroom.localnotify import LocalNotify
from postroom.localnotify.forgetting import forget
from tests.localnotify.conftest import send


def test_the_mail_to_one_address_is_deleted_and_overwritten_and_no_other(notify, client, database):
    send(client, to="Head@example.com", personalisation={"subject": "Hi", "body": "Dear Rowan"})
    kept = send(client, to="office@example.com")["id"]

    assert forget(database, "head@EXAMPLE.com") == 1

    left = client.get_all_notifications()["notifications"]
    assert [notification["id"] for notification in left] == [kept]
    files = [database, *database.parent.glob(f"{database.name}-wal")]
    assert not any(b"Rowan" in file.read_bytes() for file in files)


def test_there_can_be_nothing_to_forget(database):
    with LocalNotify(database):
        pass

    assert forget(database, "head@example.com") == 0
