"""All figures there are, in the order in which they are shown, each with its kind and what it says."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["trouble", "rhythm", "deeds"]


class Figure(NamedTuple):
    """One of them; it only ever grows where it `counts`."""

    name: str
    kind: Kind
    says: str
    labels: tuple[str, ...] = ()
    counts: bool = False


_OF_ONE = {
    "build_info": "Always 1; the version of this program.",
    "policy_info": "Always 1; the version of the policy in force.",
}
_OF_ALL = {
    "store_up": "1 while the store answers; else only figures of this process are shown.",
    "clock_believed": "0 while the clock is doubted, and nothing is done.",
    "store_short": "1 while the disk lacks room, and nothing new is begun.",
    "disk_free_bytes": "Room on the disk of a store that is a file.",
    "backup_age_seconds": "Since the last backup, or since the store began; none where others make them.",
    "processes": "Processes on a store that several share.",
    "processes_wrong_clock": "Those of them whose machine has a clock that is off.",
    "look_age_seconds": "Since this process last looked what is due, if that is on it.",
    "mailbox_up": "0 while our own mailbox cannot be read.",
    "access_logs_broken": "Access logs that were changed by hand, or lack a line.",
    "rollout_stopped": "1 once the rollout stopped by itself.",
    "reload_refused": "Processes whose file was refused when they read it again.",
}
_OF_CONNECTIONS = {
    "source_late": "Partitions that should have been read ten minutes ago, or earlier.",
    "source_lag_seconds": "How long the worst of them waits.",
    "source_failing": "Partitions whose last pull failed.",
    "source_failing_seconds": "Since when the first of them fails.",
    "source_doubted": "Partitions that suddenly show hardly anything.",
    "source_rests_seconds": "How long it is left alone still, as its tool wished.",
    "budget_left": "What it may send at once, of all it may: 0 to 1, in quarters.",
    "credential_ends_seconds": "Until the organisation's own credential ends, where that was stated.",
}

FIGURES = (
    *(Figure(f"daybook_{name}", "trouble", says, ("version",)) for name, says in _OF_ONE.items()),
    *(Figure(f"daybook_{name}", "trouble", says) for name, says in _OF_ALL.items()),
    *(Figure(f"daybook_{name}", "trouble", says, ("connection",)) for name, says in _OF_CONNECTIONS.items()),
    Figure("daybook_late", "trouble", "Work other than pulls that waits for ten minutes or more.", ("kind",)),
    Figure("daybook_late_seconds", "trouble", "How long the oldest of it waits.", ("kind",)),
    Figure("daybook_mails", "trouble", "Mails to be tried again, or given up.", ("state",)),
    Figure("daybook_postings", "trouble", "Entries refused by their target, or unclear there.", ("state",)),
    Figure("daybook_jobs_broken", "trouble", "Work that broke in this process.", ("kind",), counts=True),
    Figure("daybook_jobs", "rhythm", "Work this process did.", ("kind", "outcome"), counts=True),
    Figure("daybook_job_seconds", "rhythm", "How long it took together.", ("kind",), counts=True),
    Figure("daybook_days", "deeds", "Days with something to answer.", ("answered",), counts=True),
    Figure("daybook_drafts", "deeds", "Drafts confirmed or dismissed.", ("as_suggested",), counts=True),
)
