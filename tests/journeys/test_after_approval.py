"""What may still change after an approval: people may be taken away, nothing may be added."""

import csv

from tests.journeys.conftest import CAMPAIGN, LIST

TEMPLATE = f"templates/email/{CAMPAIGN}.md"


def test_a_number_that_is_given_is_checked_in_a_rehearsal_too(approved):
    said = approved.refused("send", CAMPAIGN, "--approved", "49", "--yes")

    assert "--approved 50 (you said 49)" in said


def test_one_changed_letter_after_the_approval_stops_the_send(approved):
    approved.edit(TEMPLATE, "How it works", "How it work")

    said = approved.refused("send", CAMPAIGN, "--yes")

    assert f"{TEMPLATE} was changed after the approval" in said
    assert f"outreach approve {CAMPAIGN}" in said
    assert approved.taken() == []

    approved.do("approve", CAMPAIGN, "--yes")
    approved.do("send", CAMPAIGN, "--yes")
    assert len(approved.taken()) == 50


def test_somebody_new_after_the_approval_stops_the_send(approved):
    with (approved.folder / LIST).open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(
            ["new@fernacre.example.com", "New", "Fernacre", "900999", "", "", ""]
        )
    approved.do("recipients", "import", LIST, "--list", "example-bpn", "--yes")

    said = approved.refused("send", CAMPAIGN, "--yes")

    assert "1 new on the list since the approval" in said
    assert "52" in said


def test_somebody_who_asks_to_be_left_out_after_the_approval_is_left_out(approved):
    address = "office@larkwhistle.example.com"
    approved.do("suppress", "add", address, "--reason", "asked by telephone")

    ended = approved.do("send", CAMPAIGN, "--yes")

    assert "49 accepted by Notify" in ended.said
    assert address not in approved.taken()
    standing = approved.listed("status", CAMPAIGN)
    assert sum(standing["counts"].values()) == standing["total"] == 50
    assert standing["counts"]["skipped"] == 1
    [(reason, number)] = standing["left_out"].items()
    assert "asked" in reason
    assert number == 1
    assert "left out" in approved.do("status", CAMPAIGN).out


def test_a_stop_that_came_up_after_the_approval_stops_the_send(office):
    office.edit(TEMPLATE, "How it works", "How it works [LINK TO FORM]")
    why = ("--answer", "placeholder-left", "--because", "quoted on purpose")
    office.do("check", CAMPAIGN, *why)
    office.do("approve", CAMPAIGN, "--yes")
    office.change("DELETE FROM stop_answers")  # as a deadline that passes has no answer yet

    said = office.refused("send", CAMPAIGN, "--yes")

    assert "LINK TO FORM" in said
    assert office.taken() == []

    office.do("check", CAMPAIGN, *why)
    office.do("send", CAMPAIGN, "--yes")
    assert len(office.taken()) == 50


def test_who_was_in_doubt_at_the_approval_and_was_not_sent_to_is_approved_before_the_rest(approved):
    approved.do("approve", CAMPAIGN, "--yes")
    approved.change("UPDATE messages SET approval_id = 1 WHERE id = 7")  # as a settled doubt is

    said = approved.refused("send", CAMPAIGN, "--yes")

    assert "1 email in doubt at the approval turned out not to be sent" in said
    assert f"outreach approve {CAMPAIGN}" in said

    approved.do("approve", CAMPAIGN, "--yes")
    approved.do("send", CAMPAIGN, "--yes")
    assert len(approved.taken()) == 50


def test_what_lists_and_reports_prints_json_with_the_promised_keys(approved):
    assert approved.listed("status", CAMPAIGN)["schools"] == {"not yet sent": 50}
    approved.do("send", CAMPAIGN, "--yes")

    standing = approved.listed("status", CAMPAIGN)
    assert {"campaign", "mode", "finished", "settled", "counts"} <= set(standing)
    assert (standing["campaign"], standing["mode"]) == (CAMPAIGN, "local")
    assert standing["finished"] is True
    assert approved.listed("sync")[0]["campaign"] == CAMPAIGN
    assert approved.listed("report", CAMPAIGN)["total"] == 50
    checked = approved.listed("check", CAMPAIGN)
    assert checked["blocked"] is False
    assert {"rank", "check", "text", "rows"} <= set(checked["problems"][0])
    assert {each["name"] for each in approved.listed("campaigns")} == {CAMPAIGN, "niot-invite"}
    assert approved.listed("recipients", "list")[0]["people"] == 50
    assert approved.listed("suppress", "list") == []
    assert {each["verdict"] for each in approved.listed("doctor")} <= {"ok", "note"}


def test_what_was_never_planned_is_answered_with_how_to_plan_it(approved):
    said = approved.refused("status", "niot-invite")
    assert "niot-invite PARTNER --sent-to N --on DATE --mode local" in said
    said = approved.refused("report", CAMPAIGN, "--mode", "live")
    assert said.endswith("outreach review bpn-invite --mode live --email APPROVER")
    said = approved.refused("status", "bpm-invite")
    assert "There is no campaign bpm-invite (did you mean bpn-invite?)" in said
