"""What every column of every table holds, and so how it is shown, erased and aged.

A test compares this with the tables: a column that is not declared here fails it. Whoever adds one
says in which of these it belongs; `research.people` and `research.retention` go by nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class FoundBy(StrEnum):
    """How a table's rows are known to be about a person."""

    ADDRESS_KEY = "address_key"  # the keyed hash of their address
    RECIPIENT = "recipient_id"
    VOLUNTEER = "volunteer_id"
    MESSAGE = "message_id"
    DETAILS = "details"  # an event that names the keyed hash
    NOBODY = ""  # but for colleagues, who are found by the columns that name them


class Erased(StrEnum):
    """What becomes of a row when its person is erased."""

    DELETED = "deleted"
    EMPTIED = "emptied of the person"
    KEPT = "kept"


@dataclass(frozen=True)
class Declared:
    """One table. Every column stands in exactly one of `shown` and `ours`."""

    aged: str
    """What makes a row go, in words."""
    found_by: FoundBy = FoundBy.NOBODY
    erased: Erased = Erased.KEPT
    shown: tuple[str, ...] = ()
    """Exported when the person asks what we hold."""
    ours: tuple[str, ...] = ()
    """Row numbers, keyed hashes and workings of ours, which tell a person nothing."""
    emptied: Mapping[str, Any] = field(default_factory=dict)
    """What the columns become that hold the person, where the row itself stays."""
    colleagues: tuple[str, ...] = ()
    """Columns that may name a colleague: hidden from everybody but that colleague."""
    belongs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """A column of `ours` that points to a table, and what of that row is shown beside: the table,
    then its columns."""


WITH_LIST = "with the last list they are on, on its day or when they are taken off it"
WITH_PERMISSION = "when the last permission ends"
NOBODYS = "holds no person"
RECORD = "kept: it says who of the team did what"

DECLARED: Mapping[str, Declared] = {
    "recipients": Declared(
        found_by=FoundBy.ADDRESS_KEY,
        erased=Erased.DELETED,
        aged=WITH_LIST,
        shown=("address", "kind", "not_working_since"),
        ours=("id", "address_key", "not_working_in"),
    ),
    "memberships": Declared(
        found_by=FoundBy.RECIPIENT,
        erased=Erased.DELETED,
        aged="with its list, on its day",
        shown=("file", "row", "school_urn", "school_name", "fields"),
        ours=("list_id", "recipient_id"),
        belongs={"list_id": ("lists", "name", "source", "purpose", "lawful_basis", "gone_by")},
    ),
    "messages": Declared(
        found_by=FoundBy.ADDRESS_KEY,
        erased=Erased.EMPTIED,
        aged=f"emptied of the person {WITH_LIST}, or {WITH_PERMISSION}",
        shown=(
            "address",
            "fields",
            "occasion",
            "school_urn",
            "school_name",
            "reference",
            "status",
            "reason",
            "planned_at",
            "accepted_at",
            "completed_at",
            "notify_id",
        ),
        ours=(
            "id",
            "mailing_id",
            "address_key",
            "edition_id",
            "content_hash",
            "approval_id",
            "attempt",
            "worker",
            "claimed_at",
            "lease_until",
            "doubt_until",
            "service",
            "key_type",
            "base_url",
            "lost_track_at",
        ),
        emptied={"address": None, "fields": {}},
        belongs={"mailing_id": ("mailings", "campaign", "mode")},
    ),
    "attempts": Declared(
        found_by=FoundBy.MESSAGE,
        aged="with its message, which stays without the person",
        shown=("attempt", "reference", "status", "reason", "claimed_at", "ended_at", "notify_id"),
        ours=("id", "message_id"),
    ),
    "volunteers": Declared(
        found_by=FoundBy.ADDRESS_KEY,
        erased=Erased.DELETED,
        aged=WITH_PERMISSION,
        shown=(
            "address",
            "name",
            "school_urn",
            "school_name",
            "role",
            "phone",
            "first_signed_up_at",
        ),
        ours=("id", "address_key"),
    ),
    "signups": Declared(
        found_by=FoundBy.VOLUNTEER,
        erased=Erased.DELETED,
        aged=WITH_PERMISSION,
        shown=(
            "reference",
            "campaign",
            "mode",
            "route",
            "school_urn",
            "school_name",
            "signed_up_at",
            "via_forward",
            "answers",
        ),
        ours=("id", "volunteer_id", "school_to_match"),
    ),
    "awaited_signups": Declared(
        found_by=FoundBy.ADDRESS_KEY,
        erased=Erased.DELETED,
        aged="after 14 days, unless the person confirms it",
        shown=("reference", "campaign", "mode", "said", "signed_up_at", "delete_at"),
        ours=("id", "address_key"),
    ),
    "permissions": Declared(
        found_by=FoundBy.VOLUNTEER,
        erased=Erased.DELETED,
        aged="when it ends",
        shown=(
            "purpose",
            "given",
            "given_at",
            "withdrawn_at",
            "expires_at",
            "method",
            "statement_text",
            "statement_version",
            "privacy_notice_url",
            "privacy_notice_version",
            "controller",
            "campaign",
            "template_version",
            "route",
            "evidence",
            "recorded_by",
            "third_party",
        ),
        ours=("id", "volunteer_id", "statement_sha256"),
        colleagues=("recorded_by",),
    ),
    "support_needs": Declared(
        found_by=FoundBy.VOLUNTEER,
        erased=Erased.DELETED,
        aged=WITH_PERMISSION,
        shown=("text", "given_at"),
        ours=("id", "volunteer_id"),
    ),
    "imported_answers": Declared(
        found_by=FoundBy.VOLUNTEER,
        erased=Erased.DELETED,
        aged=WITH_PERMISSION,
        shown=("form", "response_id", "submitted_at", "imported_at"),
        ours=("id", "mode", "volunteer_id", "answers_key", "school_key"),
    ),
    "suppressions": Declared(
        found_by=FoundBy.ADDRESS_KEY,
        aged="kept: the keyed hash alone, so that they are never emailed again",
        shown=("scope", "reason", "since", "until", "lifted_at", "who"),
        ours=("id", "address_key"),
        colleagues=("who",),
    ),
    "events": Declared(
        found_by=FoundBy.DETAILS,
        aged=RECORD,
        shown=("at", "who", "act", "target", "why"),
        ours=("id", "details"),
        colleagues=("who",),
    ),
    "lists": Declared(
        aged="on the day it must be gone by",
        shown=("name", "owner", "source", "purpose", "lawful_basis", "gone_by", "partner"),
        ours=("id", "imported_at", "columns"),
        colleagues=("owner",),
    ),
    "approvals": Declared(
        aged=RECORD,
        shown=(
            "approved_by",
            "recorded_by",
            "approved_at",
            "count",
            "refused",
            "why",
            "ended_at",
            "switched_on_at",
            "switched_on_by",
        ),
        ours=("id", "mailing_id", "edition_id", "set_digest", "terms", "facts", "looked_at"),
        colleagues=("approved_by", "recorded_by", "switched_on_by"),
    ),
    "approval_requests": Declared(
        aged=RECORD,
        shown=("approver", "requested_by", "requested_at", "answered_at"),
        ours=("id", "mailing_id", "edition_id", "set_digest", "terms", "code_hash"),
        colleagues=("approver", "requested_by"),
    ),
    "stop_answers": Declared(
        aged=RECORD,
        shown=("campaign", "check", "reason", "who", "at"),
        ours=("id", "text_digest"),
        colleagues=("who",),
    ),
    "schedules": Declared(
        aged=RECORD,
        shown=("scheduled_by", "scheduled_at", "start_at", "state", "why", "ended_at"),
        ours=("id", "mailing_id", "approval_id", "missed_after", "worker", "lease_until"),
        colleagues=("scheduled_by",),
    ),
    "partner_sends": Declared(
        aged=RECORD,
        shown=(
            "campaign",
            "mode",
            "sent_to",
            "not_delivered",
            "sent_on",
            "recorded_by",
            "recorded_at",
        ),
        ours=("id", "partner_id"),
        colleagues=("recorded_by",),
    ),
    "editions": Declared(aged=NOBODYS, ours=("id", "digest", "files", "made_at")),
    "identity": Declared(
        aged=NOBODYS, ours=("id", "database_id", "secret_check", "made_at", "lives_at")
    ),
    "journal_entries": Declared(aged=NOBODYS, ours=("id", "at")),
    "journals": Declared(aged=NOBODYS, ours=("id", "place", "last_entry", "awaited")),
    "mailings": Declared(
        aged=NOBODYS,
        ours=(
            "id",
            "campaign",
            "mode",
            "part",
            "edition_id",
            "made_at",
            "stopped_at",
            "stopped_why",
            "synced_at",
        ),
    ),
    "paces": Declared(
        aged=NOBODYS,
        ours=(
            "service",
            "key_type",
            "next_at",
            "interval",
            "silent_until",
            "silences",
            "slow_until",
        ),
    ),
    "partners": Declared(
        aged=NOBODYS,
        ours=(
            "id",
            "name",
            "title",
            "agreement",
            "agreement_reference",
            "agreed_on",
            "added_at",
        ),
    ),
    "read_backs": Declared(
        aged=NOBODYS, ours=("service", "key_type", "notify_id", "at", "lost_at")
    ),
    "strays": Declared(
        aged="when its message is planned again; it holds a keyed hash and no person",
        ours=("reference", "notify_id", "status", "created_at", "completed_at"),
    ),
    "schools": Declared(
        aged=NOBODYS,
        ours=(
            "urn",
            "name",
            "type_code",
            "type",
            "type_group",
            "status_code",
            "status",
            "opened_on",
            "closed_on",
            "phase",
            "local_authority_code",
            "local_authority",
            "region",
            "district_code",
            "district",
            "trust_code",
            "trust",
            "town",
            "postcode",
            "establishment_number",
            "type_group_code",
            "phase_code",
            "lowest_age",
            "highest_age",
            "pupils",
            "trust_flag_code",
            "federation_code",
            "federation",
            "ukprn",
            "street",
            "locality",
            "address_3",
            "county",
            "region_code",
            "urban_rural_code",
            "urban_rural",
            "religious_character",
            "successor_urn",
        ),
    ),
    "used_links": Declared(
        aged="two days after it was used: it had ended by then", ours=("reference", "used_at")
    ),
    "workers": Declared(aged=NOBODYS, ours=("name", "mode", "started_at", "alive_until")),
}
