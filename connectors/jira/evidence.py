"""What Jira's issues and worklogs say their people did: payloads in, Activities out, nothing asked.

An issue in progress is a presence of whoever it is assigned to: it may have
been worked on, at any time inside. A change or comment is a touch of whoever
made it. A worklog is time its author has already accounted for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from connectors.contract import Sighting, uid_of_record
from connectors.jira.fields import words_of
from connectors.jira.history import (
    Burst,
    Presence,
    Statuses,
    author_of,
    is_automatic,
    nameless,
    presences,
    stretches,
)
from connectors.jira.shapes import Comment, History, Issue, Worklog, milliseconds
from connectors.text import plain
from core.model import LONGEST, Activity

SOURCE = "jira"
LONGEST_LABEL = 128
MOST_LABELS = 50

NOT_AN_ISSUE = "issue cannot be read"
NOT_A_CHANGE = "change cannot be read"
NOT_A_COMMENT = "comment cannot be read"
NOT_A_WORKLOG = "worklog cannot be read"
HAS_GAPS = "history is incomplete"
BY_AUTOMATION = "changed by automation"
IN_BULK = "changed in bulk"
ELSEWHERE = "worklog of an issue we do not read"
WARNED = "Jira warned of gaps"
NOT_AN_ACTIVITY = "makes no activity"

People = Mapping[str | None, Sequence[str]]
"""Our contributors by Jira's account id."""
About = Mapping[str, Any]
"""The fields of an activity that tell of its issue."""
Said = tuple[str, dict[str, Any]]
"""An account, and the fields of an activity that are its own."""


@dataclass(frozen=True)
class Lens:
    """How issues are looked at."""

    people: People
    since: datetime
    """What ended before is not shown."""
    statuses: Statuses | None = None
    """None where the history of statuses is not tracked."""
    bursts: Sequence[Burst] = ()
    custom: Sequence[str] = ()
    """Ids of the custom fields that belong among the labels."""


def of_issue(
    issue: Issue,
    histories: Sequence[History],
    comments: Sequence[Comment],
    lens: Lens,
    skipped: Counter[str],
) -> tuple[Sighting, bool]:
    """All that an issue says about these people, and whether its history is whole."""
    found = [*_changes(issue, histories, lens, skipped), *_comments(issue, comments, skipped)]
    life = stretches(issue, histories) if lens.statuses else []
    if life is None:
        skipped[HAS_GAPS] += 1
    elif lens.statuses:
        found += [_presence(issue, one) for one in presences(life, lens.statuses, lens.people)]
    common = {**about(issue, lens.custom), "updated": issue.fields.updated}
    return _sighting(origin_of_issue(issue.id), found, common, lens, skipped), life is not None


def of_worklog(worklog: Worklog, of: About | None, lens: Lens, skipped: Counter[str]) -> Sighting:
    """The time one worklog accounts for; nothing where its issue is not ours to read.

    Takes    of: what its issue is about
    Units    whole minutes, as Jira keeps them; half a minute counts up
    """
    author = worklog.author.id if worklog.author else None
    found: list[Said] = []
    if author in lens.people and of is None:
        skipped[ELSEWHERE] += 1
    elif author and of:
        logged = {
            "kind": "logged",
            "uid": uid_of_record(worklog.id),
            "start": worklog.started,
            "minutes": (worklog.timeSpentSeconds + 30) // 60,
        }
        found.append((author, logged))
    common = {**(of or {}), "updated": worklog.updated}
    return _sighting(origin_of_worklog(worklog.id), found, common, lens, skipped)


def origin_of_issue(issue: str) -> str:
    return f"issue/{issue}"


def origin_of_worklog(worklog: str) -> str:
    return f"worklog/{worklog}"


def _changes(issue: Issue, histories: Sequence[History], lens: Lens, skipped: Counter[str]) -> Iterator[Said]:
    once = {change.id: change for change in histories}
    for change in once.values():
        author = author_of(change)
        if is_automatic(change):
            skipped[BY_AUTOMATION] += 1
        elif author in lens.people and _in_bulk(change, lens.bursts):
            skipped[IN_BULK] += 1
        elif author:
            yield author, _touch(f"touch/{issue.id}/{change.id}", change.created)


def _in_bulk(change: History, bursts: Sequence[Burst]) -> bool:
    if not bursts:
        return False
    who, at = nameless(author_of(change) or ""), milliseconds(change.created)
    return any(burst.who == who and burst.first <= at <= burst.last for burst in bursts)


def _comments(issue: Issue, comments: Sequence[Comment], skipped: Counter[str]) -> Iterator[Said]:
    for comment in comments:
        if comment.author and comment.author.accountType == "app":
            skipped[BY_AUTOMATION] += 1
        elif comment.author and comment.author.id:
            uid = f"comment/{issue.id}/{comment.id}"
            yield comment.author.id, _touch(uid, comment.created)


def _touch(uid: str, at: datetime) -> dict[str, Any]:
    return {"kind": "touch", "uid": uid, "start": at}


def _presence(issue: Issue, presence: Presence) -> Said:
    account, start, end = presence
    uid = f"presence/{issue.id}/{milliseconds(start)}"
    start = max(start, end - LONGEST) if end else start
    return account, {"kind": "presence", "uid": uid, "start": start, "end": end}


def about(issue: Issue, custom: Sequence[str]) -> About:
    """What every activity of an issue carries; what was not asked for is not there.

    Takes    custom: ids of the custom fields that belong among the labels
    """
    fields = issue.fields
    names = [
        *(fields.labels or ()),
        *(component.name for component in fields.components or ()),
        *([fields.parent.key] if fields.parent else []),
        *(word for field in custom for word in words_of(fields.custom(field))),
    ]
    labels = [label for name in names[:MOST_LABELS] if (label := plain(name, LONGEST_LABEL))]
    return {
        "title": plain(fields.summary or "") or None,
        "task": issue.key,
        "container": issue.project or None,
        "labels": tuple(dict.fromkeys(labels)),
    }


def _sighting(
    origin: str,
    found: Sequence[Said],
    common: Mapping[str, Any],
    lens: Lens,
    skipped: Counter[str],
) -> Sighting:
    activities = []
    common = {"source": SOURCE, **common}
    for account, said in found:
        if (said.get("end") or said["start"]) < lens.since and not _lasts(said):
            continue
        for contributor in lens.people.get(account, ()):
            try:
                activities.append((contributor, Activity.model_validate(common | said)))
            except ValidationError:
                skipped[NOT_AN_ACTIVITY] += 1
    return Sighting(origin=origin, activities=tuple(activities))


def _lasts(said: Mapping[str, Any]) -> bool:
    return said["kind"] == "presence" and said["end"] is None
