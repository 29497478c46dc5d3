"""What is found on a day, meeting or task: its times there, what it belongs to, and whether it is work."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2s
from typing import NamedTuple, Protocol

from core.day import ContributorDay, Ignored
from core.mapping import Mappings, Match
from core.model import Activity
from core.recall import recalled
from core.timeline import Span, minute


class Found(Protocol):
    """A meeting or a task."""

    @property
    def key(self) -> str: ...
    @property
    def match(self) -> Match: ...
    @property
    def about(self) -> tuple[str, ...]: ...
    @property
    def activities(self) -> tuple[Activity, ...]: ...


class Timed(NamedTuple):
    """An activity, and its times in minutes."""

    activity: Activity
    begun: int
    """On whatever day."""
    span: Span
    """What of it lies in the day so far; a presence that still lasts, lasts until now."""
    happened: bool
    """Whether any of it lies there; what has no length, at its instant."""


class Refused(NamedTuple):
    """A meeting or task that is there, and by rule no work."""

    key: str


def timed(activity: Activity, day: ContributorDay) -> Timed:
    opens, now = day.so_far
    begun = minute(activity.start)
    if activity.end is not None:
        ended = minute(activity.end)
    else:
        ended = now if activity.kind == "presence" else begun
    begins = begun if begun > opens else opens
    ends = ended if ended < now else now
    if begins < ends:
        return Timed(activity, begun, (begins, ends), happened=True)
    return Timed(activity, begun, (begins, begins), happened=opens <= begun < now)


def matched(activity: Activity, task: str | None, day: ContributorDay, mappings: Mappings) -> Match:
    """The contributor's own earlier choice, else the rules in the order of their file."""
    seen = activity
    if day.context:
        seen = activity.model_copy(update={"labels": (*activity.labels, *day.context)})
    match = mappings.match(seen, day.who, day.team, task)
    return mappings.settled(match, recalled(match, day.memory, activity, task), task)


def refusal(found: Found, day: ContributorDay) -> Iterator[Refused | Ignored]:
    """That it is no work, and who says so: a rule for all, or its contributor's own."""
    match, own = found.match, None
    if match.chosen is not None:
        own = next(name for name in found.about if name in day.memory.rule_by_name)
        why = day.say.chosen(match.chosen)
    else:
        why = day.say("ignored by", rule=day.say.rule(match.rule or "", match.file, match.line))
    yield Refused(found.key)
    yield from (Ignored(uid=activity.uid, why=why, about=own) for activity in found.activities)


def draft_key(what: str, source: str, thing: str, day: ContributorDay) -> str:
    """Names a draft by its evidence and day, and says neither."""
    named = "\0".join((source, thing, day.day.isoformat()))
    return f"{what}-{blake2s(named.encode(), digest_size=10).hexdigest()}"
