"""Every table, and for each whose it is, how long it is kept and by what it ages.

`Table.info` says so in a few words, and everything that walks the schema (export,
erasing, forgetting) reads them, so a new table cannot be overlooked:

    owner    the column that names the contributor; None for what belongs to nobody
    kept     the retention class: evidence, drafts, memory, entries, access_log, roster, operations
    ages     the column a row grows old by
    stays    why it has none, and what ends it instead
    secret   True where even its owner is not shown the content: credentials

What people said or did is never in a clear column: it is sealed (seal.py). Clear are the
opaque ids, days, states and counters that the program must ask for.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from daybook.store.columns import Moment, Sentence, sealed

REVISION = "0001"
"""The newest migration; a database that says anything else is brought here or refused."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _info(owner: str | None, kept: str, **more: Any) -> dict[str, Any]:
    return {"owner": owner, "kept": kept, **more}


def _whose(**options: Any) -> Column[str]:
    return Column("contributor", String(64), ForeignKey("contributors.id", ondelete="CASCADE"), **options)


daybook = Table(
    "daybook",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("master", String(32), nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("forgotten_at", Moment),
    Column("forgotten_as", Text),
    Column("tended_at", Moment),
    Column("backed_up_at", Moment),
    Column("sends", Integer, nullable=False),
    Column("restored_at", Moment),
    Column("put_back", Boolean, nullable=False),
    Column("withdrawals", Integer, nullable=False),
    Column("identity", Text),
    Column("works_with", String(32), nullable=False),
    Column("moved_to", Text),
    info=_info(None, "operations", stays="one row, as long as there is a store"),
)
"""One row: that this database is ours, under which master key, and who may run on it.

`backed_up_at` is as of when the last backup is; in one that was restored, the backup it came from.
`identity` is the one it had when it was last known to be the latest: another one is a copy of it.
`works_with` is the oldest schema whose programs may run on it as it stands (migrate.py). Once it was taken
elsewhere, `moved_to` says where: it is the truth no longer.
"""

workers = Table(
    "workers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", String(128), nullable=False),
    Column("dispatches", Boolean, nullable=False),
    Column("alone", Boolean, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("off", Integer, nullable=False),
    Column("revision", String(32), nullable=False),
    info=_info(None, "operations", stays="while its process lives; names a machine and nobody"),
)
"""One row a process that may write, with the schema it knows; `generation` counts all there ever were."""

configurations = Table(
    "configurations",
    metadata,
    Column(
        "worker",
        Integer,
        ForeignKey("workers.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("taken_at", Moment, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("refused_at", Moment),
    info=_info(None, "operations", stays="while its process lives; people stand in it as marks"),
)
"""What each process runs on, and what it refused since."""

contributors = Table(
    "contributors",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("email", String(320), nullable=False, unique=True),
    Column("enrolled_at", Moment, nullable=False),
    Column("invited", String(128)),
    Column("invited_at", Moment),
    Column("acknowledged", String(128)),
    Column("acknowledged_at", Moment),
    Column("ahead", String(128)),
    Column("role", String(128), nullable=False),
    Column("role_coming", String(128)),
    Column("role_since", Date),
    Column("role_agreed", Boolean, nullable=False),
    Column("left_at", Moment),
    Column("digest_on", Boolean, nullable=False),
    Column("digest_weekly", Boolean, nullable=False),
    Column("digest_after", Date),
    Column("reminder_on", Boolean, nullable=False),
    Column("look_back_on", Boolean, nullable=False),
    Column("subject", LargeBinary(16), unique=True),
    info=_info("id", "roster", stays="until they are erased"),
)

gone = Table(
    "gone",
    metadata,
    Column("mark", LargeBinary(16), primary_key=True),
    Column("at", Moment, nullable=False),
    info=_info(None, "operations", stays="so that who erased themselves is not invited again; names nobody"),
)
"""`mark` is a keyed fingerprint of an address."""

keys = Table(
    "keys",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    _whose(nullable=False),
    Column("week", String(8), nullable=False),
    Column("kept", String(16), nullable=False),
    Column("master", String(32), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    UniqueConstraint("contributor", "week", "kept"),
    info=_info("contributor", "roster", stays="destroyed with their whole week, or with their person"),
)
"""Data keys, wrapped by the master key. Destroying one destroys all that was sealed under it."""

grants = Table(
    "grants",
    metadata,
    _whose(primary_key=True),
    Column("connection", String(128), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("saved_at", Moment, nullable=False),
    Column("used_at", Moment, nullable=False),
    Column("ends_at", Moment),
    Column("refused", Sentence),
    Column("warned", Boolean, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("renewing_until", Moment),
    Column("version", Integer, nullable=False),
    *sealed(),
    info=_info("contributor", "roster", secret=True, stays="until given back"),
)
"""`version` changes with every credential; who holds `renewing_until` may ask for the next one."""

consents = Table(
    "consents",
    metadata,
    _whose(primary_key=True),
    Column("connection", String(128), primary_key=True),
    Column("begun_at", Moment, nullable=False),
    Column("state", LargeBinary(16), unique=True),
    *sealed(),
    info=_info("contributor", "drafts", ages="begun_at", secret=True),
)
"""`state` is a keyed fingerprint, and gone once the answer came."""

revocations = Table(
    "revocations",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("connection", String(128), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("whose", LargeBinary(16)),
    Column("sealed", LargeBinary, nullable=False),
    info=_info(None, "operations", secret=True, stays="until the tool was told, or its time is over"),
)
"""Of nobody: whoever left is gone, and what they lent us is still given back.

`whose` is a keyed fingerprint.
"""

told = Table(
    "told",
    metadata,
    Column("what", String(256), primary_key=True),
    Column("at", Moment, nullable=False),
    info=_info(None, "operations", stays="one line for each thing that was ever said; names nobody"),
)

policies = Table(
    "policies",
    metadata,
    Column("serial", Integer, primary_key=True),
    Column("version", String(128), nullable=False),
    Column("state", String(16), nullable=False),
    Column("seen", Date, nullable=False),
    Column("since", Date, nullable=False),
    Column("text", Text, nullable=False),
    info=_info(
        None,
        "operations",
        stays="every version there was, so that none comes back unseen; names only whom the policy names",
    ),
)
"""Every version of the policy that was ever seen; `since` is the first day it holds, or would have held."""

chosen = Table(
    "chosen",
    metadata,
    _whose(primary_key=True),
    Column("connection", String(128), primary_key=True),
    *sealed(),
    info=_info("contributor", "roster", stays="until they choose otherwise or leave"),
)
"""Containers that contributors chose to have read beside what is read of everybody."""

draft_calendars = Table(
    "draft_calendars",
    metadata,
    _whose(primary_key=True),
    Column("connection", String(128), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("heard_at", Moment),
    Column("shown", String(64)),
    Column("not_before", Moment),
    Column("problem", Sentence),
    Column("claimed_until", Moment),
    Column("worker", Integer),
    *sealed(),
    info=_info("contributor", "roster", stays="until switched off"),
)
"""Calendars of their own in which contributors let us show their drafts; `shown` says which look at them."""

draft_events = Table(
    "draft_events",
    metadata,
    _whose(primary_key=True),
    Column("connection", String(128), primary_key=True),
    Column("draft", LargeBinary(16), primary_key=True),
    Column("day", Date, nullable=False),
    *sealed(),
    info=_info("contributor", "drafts", ages="day"),
)
"""What we wrote there last."""

accounts = Table(
    "accounts",
    metadata,
    _whose(primary_key=True),
    Column("connection", String(128), primary_key=True),
    Column("ask_at", Moment),
    Column("doubt", String(16)),
    *sealed(optional=True),
    info=_info("contributor", "roster", stays="until they leave; asked again from time to time"),
)
"""What tools found by an address; sealed is the account, or nothing where `doubt` says why."""

partitions = Table(
    "partitions",
    metadata,
    Column("connection", String(128), primary_key=True),
    Column("partition", String(256), primary_key=True),
    Column("claimed_by", String(128)),
    Column("claimed_until", Moment),
    Column("worker", Integer),
    Column("people", LargeBinary),
    Column("asked", Text),
    Column("last_ok", Moment),
    Column("last_whole", Moment),
    Column("failing_since", Moment),
    Column("failures", Integer, nullable=False),
    Column("not_before", Moment),
    Column("reason", Text),
    Column("needs", String(16)),
    Column("guarded_since", Moment),
    Column("held", Integer),
    Column("vanished", Integer),
    Column("believed", Integer),
    Column("filled_from", Moment),
    Column("filled_at", Moment),
    Column("sealed", LargeBinary),
    info=_info(None, "operations", stays="while they are read"),
)

pages = Table(
    "pages",
    metadata,
    Column("connection", String(128), primary_key=True),
    Column("partition", String(256), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("people", LargeBinary, nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("read_at", Moment, nullable=False),
    Column("shown", LargeBinary, nullable=False),
    Column("sealed", LargeBinary),
    info=_info(None, "operations", stays="until the walk they belong to is finished or begun anew"),
)
"""Those of walks that are not finished; `shown` are keyed fingerprints, and only the last is `sealed`."""

rests = Table(
    "rests",
    metadata,
    Column("connection", String(128), primary_key=True),
    Column("rests", String(16), primary_key=True),
    Column("until", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    info=_info(None, "operations", stays="until they are over"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("connection", String(128), primary_key=True),
    Column("origin", LargeBinary(16), primary_key=True),
    _whose(primary_key=True),
    Column("part", LargeBinary(16), primary_key=True),
    Column("source", String(128), nullable=False),
    Column("kinds", Text, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date),
    Column("fingerprint", LargeBinary(16), nullable=False),
    Column("projects", LargeBinary(16)),
    *sealed(),
    Index("ix_evidence_contributor", "contributor", "last_day", "first_day"),
    info=_info("contributor", "evidence", ages="last_day"),
)
"""`kinds` are those of its activities, each as often as there are of it, in order; `last_day` is null while
a presence lasts.

`projects` is the same for rows of one contributor whose tasks are of the same issue projects: of old ones it
matters only that a project exists, so one row of each is opened."""

days = Table(
    "days",
    metadata,
    _whose(primary_key=True),
    Column("day", Date, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("reconciled", Integer, nullable=False),
    Column("reconciled_at", Moment),
    Column("mappings", String(128)),
    Column("answered_at", Moment),
    Column("opened_at", Moment),
    Column("said_at", Moment),
    Column("on_page", Boolean),
    Column("counted", Boolean),
    *sealed(optional=True),
    Index("ix_days_day", "day"),
    info=_info("contributor", "drafts", ages="day"),
)
"""`version` grows with the evidence; a day is stale until `reconciled` has caught up.

`opened_at` is when the page was made on which they began to answer, `said_at` their last word: for a week,
then the day is `counted` into the tallies and both are gone.
"""

drafts = Table(
    "drafts",
    metadata,
    _whose(primary_key=True),
    Column("draft", LargeBinary(16), primary_key=True),
    Column("day", Date, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    *sealed(),
    Index("ix_drafts_contributor", "contributor", "day"),
    info=_info("contributor", "drafts", ages="day"),
)

lessons = Table(
    "lessons",
    metadata,
    _whose(primary_key=True),
    Column("day", Date, primary_key=True),
    *sealed(),
    info=_info("contributor", "memory", ages="day"),
)
"""What contributors' words on their drafts taught, in the row of the last day it was chosen for."""

own_rules = Table(
    "own_rules",
    metadata,
    _whose(primary_key=True),
    Column("name", LargeBinary(16), primary_key=True),
    Column("day", Date, nullable=False),
    *sealed(),
    info=_info("contributor", "memory", ages="day"),
)
"""*Always* and *never*; `day` is one in the last week in which it had something to say."""

entries = Table(
    "entries",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("revision", Integer, primary_key=True),
    _whose(nullable=False),
    Column("draft", LargeBinary(16), nullable=False),
    Column("day", Date, nullable=False),
    Column("counted", String(8)),
    *sealed(),
    UniqueConstraint("contributor", "draft", "revision"),
    Index("ix_entries_contributor", "contributor", "day"),
    info=_info("contributor", "entries", ages="day"),
)
"""A row for each revision: what was confirmed is never overwritten. `counted` is the week whose reports count
it."""

counted = Table(
    "counted",
    metadata,
    _whose(primary_key=True),
    Column("week", String(8), primary_key=True),
    Column("began", Date, nullable=False),
    *sealed(),
    info=_info("contributor", "entries", ages="began"),
)
"""What reports count of somebody's week: minutes by what they were for."""

places = Table(
    "places",
    metadata,
    Column("week", String(8), primary_key=True),
    Column("mark", LargeBinary(16), primary_key=True),
    Column("began", Date, nullable=False),
    Column("team", String(512)),
    Column("role", String(512)),
    info=_info(None, "entries", ages="began"),
)
"""Who stood where when a week began; `mark` is a keyed fingerprint, which says nothing of who is erased."""

releases = Table(
    "releases",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("report", String(512), nullable=False),
    Column("period", String(8), nullable=False),
    Column("began", Date, nullable=False),
    Column("day", Date, nullable=False),
    Column("at", Moment, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("report", "period"),
    info=_info(None, "operations", stays="what was published was, and is never published anew; names nobody"),
)

included = Table(
    "included",
    metadata,
    Column("release", Integer, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("mark", LargeBinary(16), primary_key=True),
    Column("began", Date, nullable=False),
    info=_info(None, "entries", ages="began"),
)
"""Whose time a published report counts, by keyed fingerprints: kept as long as that time is, because as long
something else could be published about it."""

postings = Table(
    "postings",
    metadata,
    Column("id", String(128), primary_key=True),
    _whose(nullable=False),
    Column("entry", String(128), nullable=False),
    Column("day", Date, nullable=False),
    Column("connection", String(128), nullable=False),
    Column("lane", LargeBinary(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("due_at", Moment),
    Column("remote", String(256)),
    Column("to_compare", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    *sealed(),
    Index("ix_postings_contributor", "contributor", "day"),
    Index("ix_postings_due_at", "due_at"),
    Index("ix_postings_lane", "lane"),
    Index("ix_postings_state", "state", "day"),
    info=_info("contributor", "entries", ages="day"),
)
"""The outbox. `lane` says which postings must go one after the other."""

mails = Table(
    "mails",
    metadata,
    _whose(primary_key=True),
    Column("day", Date, primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("message_id", String(256), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claimed_at", Moment, nullable=False),
    Column("worker", Integer),
    Column("sent_at", Moment),
    Column("not_before", Moment),
    Column("reason", Text),
    info=_info("contributor", "drafts", ages="day"),
)

offered = Table(
    "offered",
    metadata,
    _whose(primary_key=True),
    Column("day", Date, primary_key=True),
    *sealed(),
    info=_info("contributor", "drafts", ages="day"),
)
"""What the digest of a day showed and one word of an answer may confirm, each as it was then."""

replies = Table(
    "replies",
    metadata,
    Column("name", LargeBinary(16), primary_key=True),
    _whose(nullable=False, index=True),
    Column("at", Moment, nullable=False),
    *sealed(),
    info=_info("contributor", "drafts", ages="at"),
)
"""Answers to our mails that were no plain yes; `name` is a keyed fingerprint of the mail."""

mailbox = Table(
    "mailbox",
    metadata,
    Column("place", String(512), primary_key=True),
    Column("validity", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("looked_at", Moment, nullable=False),
    Column("away_since", Moment),
    Column("reason", Text),
    info=_info(None, "operations", stays="how far our own mailbox was read; names nobody"),
)

links = Table(
    "links",
    metadata,
    Column("token", LargeBinary(16), primary_key=True),
    _whose(nullable=False, index=True),
    Column("purpose", String(32), nullable=False),
    Column("delegate", String(64), ForeignKey("contributors.id", ondelete="CASCADE"), index=True),
    Column("day", Date),
    Column("serial", Integer, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    info=_info("contributor", "drafts", ages="expires_at"),
)
"""`token` is a keyed fingerprint: whoever reads this table cannot follow a link. `delegate` holds one that
their contributor granted."""

sessions = Table(
    "sessions",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    _whose(nullable=False, index=True),
    Column("link", LargeBinary(16), ForeignKey("links.token", ondelete="CASCADE"), index=True),
    Column("expires_at", Moment, nullable=False),
    info=_info("contributor", "drafts", ages="expires_at"),
)
"""`id` is a keyed fingerprint of what a browser shows. Without `link` they signed in; not kept is since when
and from where."""

access = Table(
    "access",
    metadata,
    _whose(primary_key=True),
    Column("serial", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("what", String(64), nullable=False),
    *sealed(),
    Column("previous", LargeBinary(16), nullable=False),
    Column("seal", LargeBinary(16), nullable=False),
    info=_info("contributor", "access_log", ages="at"),
)
"""Who looked at whose what, when and why; each row carries the seal of the one before. Who and why are
sealed: they name others, who may erase themselves."""

access_heads = Table(
    "access_heads",
    metadata,
    _whose(primary_key=True),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("seal", LargeBinary(16), nullable=False),
    Column("proof", LargeBinary(16), nullable=False),
    info=_info("contributor", "access_log", stays="one line each that says where the log begins and ends"),
)
"""`seal` is that of the last line, and `proof` a keyed fingerprint of all the rest."""

steps = Table(
    "steps",
    metadata,
    Column("serial", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("what", String(16), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("said", Sentence, nullable=False),
    Column("terms", Text, nullable=False),
    info=_info(None, "operations", stays="the history of the rollout; names nobody"),
)
"""Those of the rollout, append-only; the last of each kind is what holds."""

tallies = Table(
    "tallies",
    metadata,
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("week", String(8), primary_key=True),
    Column("what", String(32), primary_key=True),
    Column("number", Integer, nullable=False),
    info=_info(None, "operations", stays="counts of a stage and a week; name nobody"),
)
"""Counts over everybody, of a stage and a week: numbers of drafts and days, never of a person."""

looks = Table(
    "looks",
    metadata,
    Column("at", Moment, primary_key=True),
    Column("step", Integer, nullable=False),
    Column("measured", Text, nullable=False),
    info=_info(None, "operations", stays="what the rollout was measured at; names nobody"),
)
"""Looks at a stage's numbers: the newest for contributors, one that is a day old for administrators."""

remarks = Table(
    "remarks",
    metadata,
    Column("id", String(16), primary_key=True),
    _whose(nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("about", String(16), nullable=False),
    Column("step", Integer, nullable=False),
    Column("answered_at", Moment),
    Column("told", Boolean, nullable=False),
    *sealed(),
    info=_info("contributor", "memory", ages="at"),
)
"""What contributors said about Daybook itself, and what they were answered."""
