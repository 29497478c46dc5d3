"""One activity for each thing that was told, and what contradicts it set aside: no day breaks over it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from core.model import Activity, Parked
from core.sentences import ENGLISH, Sentences

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def sift(activities: Iterable[Activity], say: Sentences = ENGLISH) -> tuple[list[Activity], list[Parked]]:
    """One activity for each identity, and what had to be set aside for that.

    Gives    activities by start; of several that contradict each other the one changed last
    """
    standing: dict[tuple[str, str], Activity] = {}
    contested: dict[tuple[str, str], set[Activity]] = {}
    for activity in activities:
        identity = activity.source, activity.uid
        known = standing.setdefault(identity, activity)
        if known is not activity and known != activity:
            contested.setdefault(identity, {known}).add(activity)
    for identity, said in contested.items():
        standing[identity] = _latest(said)
    parked = [
        Parked(uid=uid, why=say("told twice"))
        for (_, uid), said in sorted(contested.items())
        for _ in range(len(said) - 1)
    ]
    return sorted(standing.values(), key=lambda a: (a.start.timestamp(), a.source, a.uid)), parked


def _latest(said: Collection[Activity]) -> Activity:
    """The content breaks a tie, so that the order of arrival does not."""
    return max(said, key=lambda a: (changed(a), a.model_dump_json()))


def changed(activity: Activity) -> datetime:
    """When its source last changed it; long ago where that is not said."""
    return activity.updated or _LONG_AGO
