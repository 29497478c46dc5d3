"""The whole schema of the first release.

A release's migrations are history: later changes come in later files.
"""

import sqlalchemy as sa
from alembic import op

from daybook.store.columns import Moment

revision = "0001"
down_revision = None
works_with = "0001"


def upgrade() -> None:
    op.create_table(
        "contributors",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("enrolled_at", Moment(), nullable=False),
        sa.Column("invited", sa.String(length=128)),
        sa.Column("invited_at", Moment()),
        sa.Column("acknowledged", sa.String(length=128)),
        sa.Column("acknowledged_at", Moment()),
        sa.Column("ahead", sa.String(length=128)),
        sa.Column("role", sa.String(length=128), nullable=False),
        sa.Column("role_coming", sa.String(length=128)),
        sa.Column("role_since", sa.Date()),
        sa.Column("role_agreed", sa.Boolean(), nullable=False),
        sa.Column("left_at", Moment()),
        sa.Column("digest_on", sa.Boolean(), nullable=False),
        sa.Column("digest_weekly", sa.Boolean(), nullable=False),
        sa.Column("digest_after", sa.Date()),
        sa.Column("reminder_on", sa.Boolean(), nullable=False),
        sa.Column("look_back_on", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.LargeBinary(length=16)),
        sa.PrimaryKeyConstraint("id", name="pk_contributors"),
        sa.UniqueConstraint("email", name="uq_contributors_email"),
        sa.UniqueConstraint("subject", name="uq_contributors_subject"),
    )
    op.create_table(
        "daybook",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("master", sa.String(length=32), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("forgotten_at", Moment()),
        sa.Column("forgotten_as", sa.Text()),
        sa.Column("tended_at", Moment()),
        sa.Column("backed_up_at", Moment()),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("restored_at", Moment()),
        sa.Column("put_back", sa.Boolean(), nullable=False),
        sa.Column("withdrawals", sa.Integer(), nullable=False),
        sa.Column("identity", sa.Text()),
        sa.Column("works_with", sa.String(length=32), nullable=False),
        sa.Column("moved_to", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_daybook"),
    )
    op.create_table(
        "gone",
        sa.Column("mark", sa.LargeBinary(length=16), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_gone"),
    )
    op.create_table(
        "included",
        sa.Column("release", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.LargeBinary(length=16), nullable=False),
        sa.Column("began", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("release", "part", "mark", name="pk_included"),
    )
    op.create_table(
        "looks",
        sa.Column("at", Moment(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("measured", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("at", name="pk_looks"),
    )
    op.create_table(
        "pages",
        sa.Column("connection", sa.String(length=128), nullable=False),
        sa.Column("partition", sa.String(length=256), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("people", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.Column("read_at", Moment(), nullable=False),
        sa.Column("shown", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("connection", "partition", "number", name="pk_pages"),
    )
    op.create_table(
        "partitions",
        sa.Column("connection", sa.String(length=128), nullable=False),
        sa.Column("partition", sa.String(length=256), nullable=False),
        sa.Column("claimed_by", sa.String(length=128)),
        sa.Column("claimed_until", Moment()),
        sa.Column("worker", sa.Integer()),
        sa.Column("people", sa.LargeBinary()),
        sa.Column("asked", sa.Text()),
        sa.Column("last_ok", Moment()),
        sa.Column("last_whole", Moment()),
        sa.Column("failing_since", Moment()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("not_before", Moment()),
        sa.Column("reason", sa.Text()),
        sa.Column("needs", sa.String(length=16)),
        sa.Column("guarded_since", Moment()),
        sa.Column("held", sa.Integer()),
        sa.Column("vanished", sa.Integer()),
        sa.Column("believed", sa.Integer()),
        sa.Column("filled_from", Moment()),
        sa.Column("filled_at", Moment()),
        sa.Column("sealed", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("connection", "partition", name="pk_partitions"),
    )
    op.create_table(
        "places",
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=16), nullable=False),
        sa.Column("began", sa.Date(), nullable=False),
        sa.Column("team", sa.String(length=512)),
        sa.Column("role", sa.String(length=512)),
        sa.PrimaryKeyConstraint("week", "mark", name="pk_places"),
    )
    op.create_table(
        "policies",
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("seen", sa.Date(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name="pk_policies"),
    )
    op.create_table(
        "releases",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("report", sa.String(length=512), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("began", sa.Date(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_releases"),
        sa.UniqueConstraint("report", "period", name="uq_releases_report"),
    )
    op.create_table(
        "rests",
        sa.Column("connection", sa.String(length=128), nullable=False),
        sa.Column("rests", sa.String(length=16), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "rests", name="pk_rests"),
    )
    op.create_table(
        "revocations",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("connection", sa.String(length=128), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("whose", sa.LargeBinary(length=16), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_revocations"),
    )
    op.create_table(
        "steps",
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name="pk_steps"),
    )
    op.create_table(
        "tallies",
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("step", "week", "what", name="pk_tallies"),
    )
    op.create_table(
        "told",
        sa.Column("what", sa.String(length=256), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("what", name="pk_told"),
    )
    op.create_table(
        "workers",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("dispatches", sa.Boolean(), nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("off", sa.Integer(), nullable=False),
        sa.Column("revision", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workers"),
    )
    op.create_table(
        "configurations",
        sa.Column("worker", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("taken_at", Moment(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("refused_at", Moment()),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.id"], name="fk_configurations_worker", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("worker", name="pk_configurations"),
    )
    op.create_table(
        "access_heads",
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("seal", sa.LargeBinary(length=16), nullable=False),
        sa.Column("proof", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_access_heads_contributor", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contributor", name="pk_access_heads"),
    )
    op.create_table(
        "keys",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("kept", sa.String(length=16), nullable=False),
        sa.Column("master", sa.String(length=32), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_keys_contributor", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
        sa.UniqueConstraint("contributor", "week", "kept", name="uq_keys_contributor"),
    )
    op.create_table(
        "links",
        sa.Column("token", sa.LargeBinary(length=16), nullable=False),
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("delegate", sa.String(length=64)),
        sa.Column("day", sa.Date()),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment()),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_links_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["delegate"], ["contributors.id"], name="fk_links_delegate", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token", name="pk_links"),
    )
    op.create_index("ix_links_contributor", "links", ["contributor"])
    op.create_index("ix_links_delegate", "links", ["delegate"])
    op.create_table(
        "sessions",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("link", sa.LargeBinary(length=16)),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_sessions_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["link"], ["links.token"], name="fk_sessions_link", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_contributor", "sessions", ["contributor"])
    op.create_index("ix_sessions_link", "sessions", ["link"])
    op.create_table(
        "mails",
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.String(length=256), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_at", Moment(), nullable=False),
        sa.Column("worker", sa.Integer()),
        sa.Column("sent_at", Moment()),
        sa.Column("not_before", Moment()),
        sa.Column("reason", sa.Text()),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_mails_contributor", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contributor", "day", "kind", name="pk_mails"),
    )
    op.create_table(
        "offered",
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_offered_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_offered_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contributor", "day", name="pk_offered"),
    )
    op.create_index("ix_offered_key", "offered", ["key"])
    op.create_table(
        "replies",
        sa.Column("name", sa.LargeBinary(length=16), nullable=False),
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_replies_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_replies_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("name", name="pk_replies"),
    )
    op.create_index("ix_replies_contributor", "replies", ["contributor"])
    op.create_index("ix_replies_key", "replies", ["key"])
    op.create_table(
        "mailbox",
        sa.Column("place", sa.String(length=512), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", Moment(), nullable=False),
        sa.Column("away_since", Moment()),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("place", name="pk_mailbox"),
    )
    op.create_table(
        "access",
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=16), nullable=False),
        sa.Column("seal", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_access_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_access_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contributor", "serial", name="pk_access"),
    )
    op.create_index("ix_access_key", "access", ["key"])
    op.create_table(
        "accounts",
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=128), nullable=False),
        sa.Column("ask_at", Moment()),
        sa.Column("doubt", sa.String(length=16)),
        sa.Column("key", sa.BigInteger()),
        sa.Column("sealed", sa.LargeBinary()),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_accounts_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_accounts_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contributor", "connection", name="pk_accounts"),
    )
    op.create_index("ix_accounts_key", "accounts", ["key"])
    op.create_table(
        "chosen",
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=128), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_chosen_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_chosen_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contributor", "connection", name="pk_chosen"),
    )
    op.create_index("ix_chosen_key", "chosen", ["key"])
    op.create_table(
        "consents",
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=128), nullable=False),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.Column("state", sa.LargeBinary(length=16)),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_consents_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_consents_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contributor", "connection", name="pk_consents"),
        sa.UniqueConstraint("state", name="uq_consents_state"),
    )
    op.create_index("ix_consents_key", "consents", ["key"])
    op.create_table(
        "counted",
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("began", sa.Date(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_counted_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_counted_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contributor", "week", name="pk_counted"),
    )
    op.create_index("ix_counted_key", "counted", ["key"])
    op.create_table(
        "days",
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reconciled", sa.Integer(), nullable=False),
        sa.Column("reconciled_at", Moment()),
        sa.Column("mappings", sa.String(length=128)),
        sa.Column("answered_at", Moment()),
        sa.Column("opened_at", Moment()),
        sa.Column("said_at", Moment()),
        sa.Column("on_page", sa.Boolean()),
        sa.Column("counted", sa.Boolean()),
        sa.Column("key", sa.BigInteger()),
        sa.Column("sealed", sa.LargeBinary()),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_days_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_days_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contributor", "day", name="pk_days"),
    )
    op.create_index("ix_days_day", "days", ["day"])
    op.create_index("ix_days_key", "days", ["key"])
    op.create_table(
        "draft_calendars",
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=128), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("heard_at", Moment()),
        sa.Column("shown", sa.String(length=64)),
        sa.Column("not_before", Moment()),
        sa.Column("problem", sa.Text()),
        sa.Column("claimed_until", Moment()),
        sa.Column("worker", sa.Integer()),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_draft_calendars_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_draft_calendars_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contributor", "connection", name="pk_draft_calendars"),
    )
    op.create_index("ix_draft_calendars_key", "draft_calendars", ["key"])
    op.create_table(
        "draft_events",
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=128), nullable=False),
        sa.Column("draft", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_draft_events_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_draft_events_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contributor", "connection", "draft", name="pk_draft_events"),
    )
    op.create_index("ix_draft_events_key", "draft_events", ["key"])
    op.create_table(
        "drafts",
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("draft", sa.LargeBinary(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_drafts_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_drafts_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contributor", "draft", name="pk_drafts"),
    )
    op.create_index("ix_drafts_contributor", "drafts", ["contributor", "day"])
    op.create_index("ix_drafts_key", "drafts", ["key"])
    op.create_table(
        "entries",
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("draft", sa.LargeBinary(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counted", sa.String(length=8)),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_entries_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_entries_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", "revision", name="pk_entries"),
        sa.UniqueConstraint("contributor", "draft", "revision", name="uq_entries_contributor"),
    )
    op.create_index("ix_entries_contributor", "entries", ["contributor", "day"])
    op.create_index("ix_entries_key", "entries", ["key"])
    op.create_table(
        "evidence",
        sa.Column("connection", sa.String(length=128), nullable=False),
        sa.Column("origin", sa.LargeBinary(length=16), nullable=False),
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("part", sa.LargeBinary(length=16), nullable=False),
        sa.Column("source", sa.String(length=128), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date()),
        sa.Column("fingerprint", sa.LargeBinary(length=16), nullable=False),
        sa.Column("projects", sa.LargeBinary(length=16)),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_evidence_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_evidence_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("connection", "origin", "contributor", "part", name="pk_evidence"),
    )
    op.create_index("ix_evidence_contributor", "evidence", ["contributor", "last_day", "first_day"])
    op.create_index("ix_evidence_key", "evidence", ["key"])
    op.create_table(
        "grants",
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("saved_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment()),
        sa.Column("refused", sa.Text()),
        sa.Column("warned", sa.Boolean(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("renewing_until", Moment()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_grants_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_grants_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contributor", "connection", name="pk_grants"),
    )
    op.create_index("ix_grants_key", "grants", ["key"])
    op.create_table(
        "lessons",
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_lessons_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_lessons_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contributor", "day", name="pk_lessons"),
    )
    op.create_index("ix_lessons_key", "lessons", ["key"])
    op.create_table(
        "own_rules",
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("name", sa.LargeBinary(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_own_rules_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_own_rules_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contributor", "name", name="pk_own_rules"),
    )
    op.create_index("ix_own_rules_key", "own_rules", ["key"])
    op.create_table(
        "postings",
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("entry", sa.String(length=128), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("connection", sa.String(length=128), nullable=False),
        sa.Column("lane", sa.LargeBinary(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment()),
        sa.Column("remote", sa.String(length=256)),
        sa.Column("to_compare", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_postings_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_postings_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_postings"),
    )
    op.create_index("ix_postings_contributor", "postings", ["contributor", "day"])
    op.create_index("ix_postings_due_at", "postings", ["due_at"])
    op.create_index("ix_postings_key", "postings", ["key"])
    op.create_index("ix_postings_lane", "postings", ["lane"])
    op.create_index("ix_postings_state", "postings", ["state", "day"])
    op.create_table(
        "remarks",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("contributor", sa.String(length=64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("about", sa.String(length=16), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("answered_at", Moment()),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor"], ["contributors.id"], name="fk_remarks_contributor", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_remarks_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_remarks"),
    )
    op.create_index("ix_remarks_contributor", "remarks", ["contributor"])
    op.create_index("ix_remarks_key", "remarks", ["key"])
