"""What is left of past days in a store: all their entries, each with its posting, and a mark on each day.

Of as many as the policy keeps it for there is evidence too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from bench.page.town import DAY, NOW, TOOLS, USUAL, ZONE, activities
from connectors.contract import Sighting
from core.model import Entry
from core.posting import Posting, Remote
from daybook.house import House, Member

A_DAY = timedelta(days=1)
ENTRIES = 6
"""A day, of each person."""


def working_days(many: int) -> list[date]:
    """The last before the day of the town, the newest first."""
    found, day = [], DAY
    while len(found) < many:
        day -= A_DAY
        if day.weekday() < 5:
            found.append(day)
    return found


def remember(house: House, days: list[date]) -> None:
    """Give everybody these days, as if each had been confirmed and posted in its evening."""
    with house.store.reading() as tx:
        members = house.members(tx)
    kept = [day for day in days if DAY - day < timedelta(days=house.policy.retention.evidence)]
    for member in members:
        with house.store.writing() as tx:
            for tool, connection in TOOLS.items():
                tx.evidence.apply(connection, _sightings(member, kept, tool), {member.id: member.zone}, NOW)
            for day in days:
                for entry in _entries(member, day):
                    tx.entries.add(member.id, f"{entry.id} draft", entry)
                    tx.postings.add(_posted(member, entry))
                version = tx.days.version(member.id, day)
                tx.days.reconciled(member.id, day, "{}", house.mappings_hash, version, _evening(day))


def _sightings(member: Member, days: list[date], tool: str) -> Iterator[Sighting]:
    for day in days:
        back = (DAY - day).days * A_DAY
        for one in activities(member, USUAL):
            if one.source == tool:
                uid = f"{one.uid} {day}"
                ended = one.end - back if one.end else None
                then = one.model_copy(update={"uid": uid, "start": one.start - back, "end": ended})
                yield Sighting(origin=f"{member.id} {uid}", activities=((member.id, then),))


def _entries(member: Member, day: date) -> Iterator[Entry]:
    for number in range(ENTRIES):
        yield Entry(
            id=f"e-{member.id}-{day:%Y%m%d}-{number}",
            day=day,
            start=datetime.combine(day, time(8), ZONE) + number * timedelta(minutes=80),
            minutes=80,
            project="web",
            target="jira:WEB-1",
            text=f"ACME call {number}",
        )


def _posted(member: Member, entry: Entry) -> Posting:
    evening = _evening(entry.day)
    return Posting(
        id=f"p-{entry.id}",
        contributor=member.id,
        entry=entry,
        state="posted",
        hold_until=evening,
        not_before=evening,
        attempt=1,
        stands=entry,
        remote=Remote(id=f"r-{entry.id}", task="WEB-1"),
        seen=True,
    )


def _evening(day: date) -> datetime:
    return datetime.combine(day, time(20), ZONE)
