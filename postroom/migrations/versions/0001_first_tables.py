"""The first tables: lists, the outbox, sign-ups, suppression and the events."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

from postroom.tables.columns import JSON

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "editions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_editions"),
        sa.UniqueConstraint("digest", name="uq_editions_digest"),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_at", "events", ["at"], unique=False)
    op.create_table(
        "identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("database_id", sa.String(), nullable=False),
        sa.Column("secret_check", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_identity_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_identity"),
    )
    op.create_table(
        "journal_entries",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal_entries"),
    )
    op.create_table(
        "partners",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("agreement", sa.String(32), nullable=False),
        sa.Column("agreement_reference", sa.String(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_partners"),
        sa.UniqueConstraint("name", name="uq_partners_name"),
    )
    op.create_table(
        "partner_sends",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("sent_to", sa.Integer(), nullable=False),
        sa.Column("not_delivered", sa.Integer(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name="fk_partner_sends_partner_id_partners"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_partner_sends"),
        sa.UniqueConstraint(
            *("partner_id", "campaign", "mode", "sent_on"),
            name="uq_partner_sends_partner_id_campaign_mode_sent_on",
        ),
    )
    op.create_index("ix_partner_sends_campaign", "partner_sends", ["campaign"], unique=False)
    op.create_table(
        "schools",
        sa.Column("urn", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("type_code", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("type_group", sa.String(), nullable=False),
        sa.Column("status_code", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("local_authority_code", sa.String(), nullable=False),
        sa.Column("local_authority", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("district_code", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("trust_code", sa.String(), nullable=False),
        sa.Column("trust", sa.String(), nullable=False),
        sa.Column("town", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("establishment_number", sa.String(), nullable=False),
        sa.Column("type_group_code", sa.String(), nullable=False),
        sa.Column("phase_code", sa.String(), nullable=False),
        sa.Column("lowest_age", sa.String(), nullable=False),
        sa.Column("highest_age", sa.String(), nullable=False),
        sa.Column("pupils", sa.String(), nullable=False),
        sa.Column("trust_flag_code", sa.String(), nullable=False),
        sa.Column("federation_code", sa.String(), nullable=False),
        sa.Column("federation", sa.String(), nullable=False),
        sa.Column("ukprn", sa.String(), nullable=False),
        sa.Column("street", sa.String(), nullable=False),
        sa.Column("locality", sa.String(), nullable=False),
        sa.Column("address_3", sa.String(), nullable=False),
        sa.Column("county", sa.String(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("urban_rural_code", sa.String(), nullable=False),
        sa.Column("urban_rural", sa.String(), nullable=False),
        sa.Column("religious_character", sa.String(), nullable=False),
        sa.Column("successor_urn", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("urn", name="pk_schools"),
    )
    op.create_table(
        "lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("lawful_basis", sa.String(), nullable=False),
        sa.Column("gone_by", sa.Date(), nullable=True),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("imported_at", UTCDateTime(), nullable=False),
        sa.Column("columns", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lists"),
        sa.UniqueConstraint("name", name="uq_lists_name"),
    )
    op.create_table(
        "mailings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("stopped_at", UTCDateTime(), nullable=True),
        sa.Column("stopped_why", sa.String(), nullable=False),
        sa.Column("synced_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name="fk_mailings_edition_id_editions"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mailings"),
        sa.UniqueConstraint("campaign", "mode", "part", name="uq_mailings_campaign_mode_part"),
    )
    op.create_table(
        "paces",
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("key_type", sa.String(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("interval", sa.BigInteger(), nullable=False),
        sa.Column("silent_until", sa.BigInteger(), nullable=False),
        sa.Column("silences", sa.Integer(), nullable=False),
        sa.Column("slow_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("service", "key_type", name="pk_paces"),
    )
    op.create_table(
        "read_backs",
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("key_type", sa.String(), nullable=False),
        sa.Column("notify_id", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("service", "key_type", name="pk_read_backs"),
    )
    op.create_table(
        "strays",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("notify_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("completed_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("reference", name="pk_strays"),
    )
    op.create_table(
        "recipients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("address_key", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("not_working_since", UTCDateTime(), nullable=True),
        sa.Column("not_working_in", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recipients"),
        sa.UniqueConstraint("address_key", name="uq_recipients_address_key"),
    )
    op.create_table(
        "stop_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("check", sa.String(), nullable=False),
        sa.Column("text_digest", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stop_answers"),
        sa.UniqueConstraint(
            "campaign", "check", "text_digest", name="uq_stop_answers_campaign_check_text_digest"
        ),
    )
    op.create_table(
        "suppressions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address_key", sa.LargeBinary(), nullable=False),
        sa.Column("scope", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("lifted_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_suppressions"),
    )
    op.create_index("ix_suppressions_address_key", "suppressions", ["address_key"], unique=False)
    op.create_table(
        "awaited_signups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("address_key", sa.LargeBinary(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("said", JSON, nullable=False),
        sa.Column("signed_up_at", UTCDateTime(), nullable=False),
        sa.Column("delete_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_awaited_signups"),
        sa.UniqueConstraint(
            "address_key", "campaign", "mode", name="uq_awaited_signups_address_key_campaign_mode"
        ),
        sa.UniqueConstraint("reference", name="uq_awaited_signups_reference"),
    )
    op.create_table(
        "used_links",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_used_links"),
    )
    op.create_table(
        "volunteers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("address_key", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("school_urn", sa.String(), nullable=False),
        sa.Column("school_name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("first_signed_up_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_volunteers"),
        sa.UniqueConstraint("address_key", name="uq_volunteers_address_key"),
    )
    op.create_table(
        "approval_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("set_digest", sa.LargeBinary(), nullable=False),
        sa.Column("terms", JSON, nullable=False),
        sa.Column("approver", sa.String(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_at", UTCDateTime(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name="fk_approval_requests_edition_id_editions"
        ),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailings.id"], name="fk_approval_requests_mailing_id_mailings"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_approval_requests"),
    )
    op.create_index(
        "ix_approval_requests_code_hash", "approval_requests", ["code_hash"], unique=False
    )
    op.create_index(
        "ix_approval_requests_mailing_id", "approval_requests", ["mailing_id"], unique=False
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("set_digest", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("terms", JSON, nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("approved_at", UTCDateTime(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("looked_at", JSON, nullable=False),
        sa.Column("switched_on_at", UTCDateTime(), nullable=True),
        sa.Column("switched_on_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name="fk_approvals_edition_id_editions"
        ),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailings.id"], name="fk_approvals_mailing_id_mailings"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
    )
    op.create_index("ix_approvals_mailing_id", "approvals", ["mailing_id"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("school_urn", sa.String(), nullable=False),
        sa.Column("school_name", sa.String(), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lists.id"], name="fk_memberships_list_id_lists", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"],
            ["recipients.id"],
            name="fk_memberships_recipient_id_recipients",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("list_id", "recipient_id", name="pk_memberships"),
    )
    op.create_index("ix_memberships_recipient_id", "memberships", ["recipient_id"], unique=False)
    op.create_index("ix_memberships_school_urn", "memberships", ["school_urn"], unique=False)
    op.create_table(
        "permissions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("statement_text", sa.String(), nullable=False),
        sa.Column("statement_sha256", sa.String(), nullable=False),
        sa.Column("statement_version", sa.String(), nullable=False),
        sa.Column("privacy_notice_url", sa.String(), nullable=False),
        sa.Column("privacy_notice_version", sa.String(), nullable=False),
        sa.Column("controller", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("template_version", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("third_party", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteers.id"],
            name="fk_permissions_volunteer_id_volunteers",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_permissions"),
    )
    op.create_index("ix_permissions_volunteer_id", "permissions", ["volunteer_id"], unique=False)
    op.create_table(
        "signups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("school_urn", sa.String(), nullable=False),
        sa.Column("school_name", sa.String(), nullable=False),
        sa.Column("school_to_match", sa.Boolean(), nullable=False),
        sa.Column("signed_up_at", UTCDateTime(), nullable=False),
        sa.Column("via_forward", sa.Boolean(), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteers.id"],
            name="fk_signups_volunteer_id_volunteers",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_signups"),
        sa.UniqueConstraint("reference", name="uq_signups_reference"),
        sa.UniqueConstraint(
            "volunteer_id", "campaign", "mode", name="uq_signups_volunteer_id_campaign_mode"
        ),
    )
    op.create_index("ix_signups_campaign", "signups", ["campaign"], unique=False)
    op.create_table(
        "imported_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("response_id", sa.String(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("answers_key", sa.LargeBinary(), nullable=False),
        sa.Column("school_key", sa.LargeBinary(), nullable=False),
        sa.Column("submitted_at", UTCDateTime(), nullable=False),
        sa.Column("imported_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteers.id"],
            name="fk_imported_answers_volunteer_id_volunteers",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_imported_answers"),
        sa.UniqueConstraint(
            "mode", "form", "response_id", name="uq_imported_answers_mode_form_response_id"
        ),
    )
    op.create_index(
        "ix_imported_answers_volunteer_id", "imported_answers", ["volunteer_id"], unique=False
    )
    op.create_table(
        "support_needs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteers.id"],
            name="fk_support_needs_volunteer_id_volunteers",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_support_needs"),
        sa.UniqueConstraint("volunteer_id", name="uq_support_needs_volunteer_id"),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("address_key", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("school_urn", sa.String(), nullable=False),
        sa.Column("school_name", sa.String(), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("approval_id", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("planned_at", UTCDateTime(), nullable=False),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("claimed_at", UTCDateTime(), nullable=True),
        sa.Column("lease_until", UTCDateTime(), nullable=True),
        sa.Column("doubt_until", UTCDateTime(), nullable=True),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("key_type", sa.String(), nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("notify_id", sa.String(), nullable=True),
        sa.Column("accepted_at", UTCDateTime(), nullable=True),
        sa.Column("completed_at", UTCDateTime(), nullable=True),
        sa.Column("lost_track_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approvals.id"], name="fk_messages_approval_id_approvals"
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name="fk_messages_edition_id_editions"
        ),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailings.id"], name="fk_messages_mailing_id_mailings"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint(
            "mailing_id",
            "address_key",
            "occasion",
            name="uq_messages_mailing_id_address_key_occasion",
        ),
        sa.UniqueConstraint("notify_id", name="uq_messages_notify_id"),
        sa.UniqueConstraint("reference", name="uq_messages_reference"),
    )
    op.create_index(
        "ix_messages_mailing_id_status",
        "messages",
        ["mailing_id", "status", "approval_id", "id"],
        unique=False,
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("notify_id", sa.String(), nullable=True),
        sa.Column("claimed_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.id"],
            name="fk_attempts_message_id_messages",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
    )
    op.create_index("ix_attempts_message_id", "attempts", ["message_id"], unique=False)
    op.create_index("ix_attempts_reference", "attempts", ["reference"], unique=False)
    op.create_table(
        "schedules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("approval_id", sa.Integer(), nullable=False),
        sa.Column("start_at", UTCDateTime(), nullable=False),
        sa.Column("missed_after", UTCDateTime(), nullable=False),
        sa.Column("scheduled_by", sa.String(), nullable=False),
        sa.Column("scheduled_at", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("lease_until", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approvals.id"], name="fk_schedules_approval_id_approvals"
        ),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailings.id"], name="fk_schedules_mailing_id_mailings"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_schedules"),
    )
    op.create_index("ix_schedules_mailing_id", "schedules", ["mailing_id"], unique=False)
    op.create_table(
        "workers",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("alive_until", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_workers"),
    )


def downgrade() -> None:
    op.drop_table("workers")
    op.drop_index("ix_schedules_mailing_id", table_name="schedules")
    op.drop_table("schedules")
    op.drop_index("ix_attempts_reference", table_name="attempts")
    op.drop_index("ix_attempts_message_id", table_name="attempts")
    op.drop_table("attempts")
    op.drop_index("ix_messages_mailing_id_status", table_name="messages")
    op.drop_table("messages")
    op.drop_table("support_needs")
    op.drop_index("ix_imported_answers_volunteer_id", table_name="imported_answers")
    op.drop_table("imported_answers")
    op.drop_index("ix_signups_campaign", table_name="signups")
    op.drop_table("signups")
    op.drop_index("ix_permissions_volunteer_id", table_name="permissions")
    op.drop_table("permissions")
    op.drop_index("ix_memberships_school_urn", table_name="memberships")
    op.drop_index("ix_memberships_recipient_id", table_name="memberships")
    op.drop_table("memberships")
    op.drop_index("ix_approvals_mailing_id", table_name="approvals")
    op.drop_table("approvals")
    op.drop_index("ix_approval_requests_mailing_id", table_name="approval_requests")
    op.drop_index("ix_approval_requests_code_hash", table_name="approval_requests")
    op.drop_table("approval_requests")
    op.drop_table("volunteers")
    op.drop_table("used_links")
    op.drop_table("awaited_signups")
    op.drop_index("ix_suppressions_address_key", table_name="suppressions")
    op.drop_table("suppressions")
    op.drop_table("stop_answers")
    op.drop_table("recipients")
    op.drop_table("strays")
    op.drop_table("read_backs")
    op.drop_table("paces")
    op.drop_table("mailings")
    op.drop_table("lists")
    op.drop_table("schools")
    op.drop_index("ix_partner_sends_campaign", table_name="partner_sends")
    op.drop_table("partner_sends")
    op.drop_table("partners")
    op.drop_table("journal_entries")
    op.drop_table("identity")
    op.drop_index("ix_events_at", table_name="events")
    op.drop_table("events")
    op.drop_table("editions")
