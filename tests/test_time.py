"""Twenty-one years of clock changes: a digest once a local day, one catch-up after forty days asleep (R-13).

The decision is asked over every change there is; the whole loop, with its store, lives through some of them.
Days of 23 and 25 hours, or without a midnight, are in tests/core/test_timeline.py and test_hours.py.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from config.schema import Configuration
from connectors.memory import Memory, Tool
from core import rounds
from core.model import Activity
from core.rounds import Digest, Forget, Person, Pull, State, Tend
from daybook import jobs, state
from daybook.clocks import Clock
from daybook.house import House
from daybook.mail.send import Carrier
from daybook.store import Store
from tests.daybook.conftest import KEY

FIRST, LAST = 2020, 2040
ZONES = {
    "Europe/Berlin": 42,
    "Europe/Dublin": 42,  # its winter is the one with the negative offset
    "America/New_York": 42,
    "America/Santiago": 42,  # at midnight
    "America/Asuncion": 10,  # at midnight; never again since 2024
    "America/Havana": 42,  # at midnight, and back at one
    "Australia/Lord_Howe": 42,  # half an hour
    "Africa/Casablanca": 44,  # Ramadan, by the moon
    "Africa/Cairo": 36,  # at midnight, since 2023
    "Asia/Tehran": 6,  # at midnight; never again since 2022
    "Asia/Beirut": 42,  # at midnight
    "Asia/Jerusalem": 42,
    "Pacific/Apia": 3,  # east of everybody; never again since 2021
    "Antarctica/Troll": 42,  # two hours
}
"""Zones of different rules, and how often their clocks change in these years."""
AT = (time(0, 0), time(0, 15), time(1, 30), time(2, 30), time(3, 0), time(8, 30), time(23, 30))
"""Digest times, many of which the clocks skip or show twice somewhere."""
HOUR, HALF = timedelta(hours=1), timedelta(minutes=30)
SOME = ("Europe/Berlin", "Antarctica/Troll", "Asia/Beirut", "Australia/Lord_Howe", "America/New_York")
SLEEP = timedelta(days=40)


@cache
def changes(name: str) -> tuple[datetime, ...]:
    """The first instants under another offset."""
    zone, found = ZoneInfo(name), []
    at, end = datetime(FIRST, 1, 1, tzinfo=UTC), datetime(LAST + 1, 1, 1, tzinfo=UTC)
    while at < end:
        then = at + timedelta(days=1)
        if at.astimezone(zone).utcoffset() != then.astimezone(zone).utcoffset():
            before = at.astimezone(zone).utcoffset()
            moments = ticks(at, then + HALF, HALF)
            found.append(next(one for one in moments if one.astimezone(zone).utcoffset() != before))
        at = then
    return tuple(found)


def ticks(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    while start < end:
        yield start
        start += step


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def ada(zone: str, at: time, **more: object) -> Person:
    said = {"contributor": "ada", "zone": zone, "digest_at": at, "works_today": True, "pending": 3}
    return Person.model_validate(said | {"last_digest": None, "invited": True, "acknowledged": True} | more)


def sent(person: Person, moments: Iterator[datetime] | Sequence[datetime]) -> list[tuple[datetime, date]]:
    """The digests that go out while it is asked at these moments what is due, and each is done at once."""
    gone, seen = [], State(people=(person,))
    for now in moments:
        for work in rounds.due(seen, now):
            if isinstance(work, Digest):
                gone.append((now, work.day))
                seen = State(people=(person.model_copy(update={"last_digest": work.day}),))
    return gone


# --- every clock change ------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ZONES)
def test_the_clocks_change_as_often_as_we_think(zone: str) -> None:
    assert len(changes(zone)) == ZONES[zone]


def test_R13_the_digest_times_lie_in_hours_that_are_skipped_and_in_hours_that_come_twice() -> None:
    """Or the test below would prove little."""
    skipped, twice = set(), set()
    for name in ZONES:
        zone = ZoneInfo(name)
        for change in changes(name):
            day = change.astimezone(zone).date()
            for at in AT:
                local = datetime.combine(day, at, zone)
                if local.astimezone(UTC).astimezone(zone).time() != at:
                    skipped.add((name, at))
                elif local.astimezone(UTC) != local.replace(fold=1).astimezone(UTC):
                    twice.add((name, at))
    assert {at for _, at in skipped} >= {time(0, 0), time(0, 15), time(1, 30), time(2, 30)}
    assert {at for _, at in twice} >= {time(0, 15), time(1, 30), time(2, 30), time(23, 30)}


@pytest.mark.parametrize("name", ZONES)
def test_R13_over_every_clock_change_one_digest_a_local_day_and_never_before_its_time(name: str) -> None:
    zone = ZoneInfo(name)
    for change in changes(name):
        day = change.astimezone(zone).date()
        days = [day + timedelta(days=n) for n in (-1, 0, 1)]
        start, end = midnight(days[0], zone), midnight(day + timedelta(days=2), zone)
        moments = list(ticks(start, end, HALF))
        for at in AT:
            gone = sent(ada(name, at), moments)
            assert [sent_for for _, sent_for in gone] == days, (change, at)
            for moment, sent_for in gone:
                local = moment.astimezone(zone)
                assert local.date() == sent_for
                assert local.time() >= at, (change, at)
                shown = datetime.combine(sent_for, local.time()) - datetime.combine(sent_for, at)
                assert shown <= timedelta(hours=2) + HALF, (change, at)


@pytest.mark.parametrize("name", ZONES)
def test_R13_a_clock_that_jumps_three_hours_sends_once_on_each_day_whose_digest_time_it_reached(
    name: str,
) -> None:
    """It jumps at any moment, either way, and back when anybody noticed."""
    zone, chance = ZoneInfo(name), random.Random(name)
    for change in changes(name):
        first = change.astimezone(zone).date() - timedelta(days=1)
        at, off, moments = chance.choice(AT), timedelta(0), []
        for now in ticks(midnight(first, zone), midnight(first + timedelta(days=3), zone), HALF):
            if chance.random() < 0.1:
                off = timedelta(hours=chance.choice((-3, 0, 3)))
            moments.append(now + off)
        days = [moment.astimezone(zone).date() for moment in moments]
        reached = {
            day
            for moment, day in zip(moments, days, strict=True)
            if day >= first and moment >= datetime.combine(day, at, zone).astimezone(UTC)
        }
        person = ada(name, at, last_digest=first - timedelta(days=1))
        assert [day for _, day in sent(person, moments)] == sorted(reached), (change, at)


def test_R13_a_zone_whose_rules_change_brings_no_day_twice() -> None:
    """A new tzdata in the middle of the day: what is on record are local days and instants in UTC."""
    day = date(2026, 11, 19)
    morning = datetime(2026, 11, 19, tzinfo=UTC)
    gone = sent(ada("Africa/Casablanca", time(8, 30)), ticks(morning, morning + 12 * HOUR, HALF))
    assert [sent_for for _, sent_for in gone] == [day]
    under_new_rules = ada("Etc/GMT+3", time(8, 30), last_digest=day)
    later = sent(under_new_rules, ticks(morning + 3 * HOUR, morning + 27 * HOUR, HALF))
    assert later == []


# --- the whole loop ----------------------------------------------------------------------------------------


class World:
    """Somebody in each zone, a house on a real store, mails that arrive, and a machine with two clocks."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, at: time, start: datetime) -> None:
        self.now, self.seconds = start, 0.0
        self.tool = Tool(page_size=100, now=start)
        self.at = at
        self.done: Counter[type] = Counter()
        self.mails: Counter[bytes] = Counter()
        """By their Message-ID."""
        self._store = Store.open(f"sqlite:///{folder}/daybook.db", KEY)
        monkeypatch.setattr(Carrier, "send", lambda _, mail, *__: self._came(mail))
        self.begins()
        with self.house.store.writing() as tx:
            for person in self.house.configuration.people:
                one = tx.people.enrol(person.email, start)
                self.tool.tokens[person.email] = person.email
                tx.grants.save(one.id, "memory", person.email, SecretStr(person.email), start)
                tx.people.invited(one.id, self.house.policy_version, start)
                tx.people.acknowledge(one.id, self.house.policy_version, start)

    def _came(self, mail: bytes) -> None:
        self.mails.update(re.findall(rb"(?m)^Message-ID: .*$", mail))

    def begins(self) -> None:
        """The program starts, on the store as it is."""
        said = Configuration.model_validate(
            {
                "version": 1,
                "organisation": "Northwind Studio",
                "timezone": "Europe/Berlin",
                "policy": {
                    "why": "Three clients ask for reports, and two invoices were disputed this quarter.",
                    "contact": "ops@northwind.example",
                    "effective": date(FIRST, 1, 1),
                    "tracked": {"memory": ["title", "time"]},
                    "not_tracked": ["descriptions", "guests", "screen", "keyboard"],
                    "back_fill": 3,
                },
                "connections": {"memory": {"type": "memory"}},
                "people": [
                    {"name": f"{number} Example", "email": f"{number}@northwind.example", "timezone": zone}
                    for number, zone in enumerate(SOME)
                ],
                "rollout": {"stage": "normal"},
                "mail": {
                    "from": "Daybook <daybook@northwind.example>",
                    "smtp": "127.0.0.1:9",
                    "tls": "none",
                    "digest_at": f"{self.at:%H:%M}",
                    "digest_until": "23:59",  # somebody's evening is always near when a machine wakes
                    "every_day": True,
                },
                "page": {"url": "https://daybook.northwind.example"},
            }
        )
        assert said.policy is not None
        clock = Clock(lambda: self.now, lambda: self.seconds)
        self.house = House(said, said.policy, {"memory": Memory(self.tool)}, self._store, clock)

    def goes_on(self, span: timedelta) -> None:
        self.now += span
        self.tool.now += span
        self.seconds += span.total_seconds()

    def works(self) -> None:
        """One look of the dispatcher after the other, until nothing is due."""
        for _ in range(20):
            due = rounds.due(state.snapshot(self.house, self.house.clock()), self.house.clock())
            if not due:
                return
            for work in due:
                self.done[type(work)] += 1
                jobs.perform(self.house, work)
        raise AssertionError(f"never ends: {due}")

    def met(self) -> None:
        """Everybody was in a meeting in the last hour, of which their next digest speaks."""
        for number, _ in enumerate(SOME):
            meeting = Activity(
                source="memory",
                uid=f"{number} {self.tool.changes}",
                kind="meeting",
                start=self.tool.now - HOUR,
                end=self.tool.now - HALF,
                title="ACME call",
                response="accepted",
            )
            self.tool.put(f"{number}@northwind.example", meeting)

    def digests(self) -> dict[str, list[date]]:
        """By zone, the local days on which one was sent; none was sent more than once."""
        found: dict[str, list[date]] = {zone: [] for zone in SOME}
        with self.house.store.reading() as tx:
            zones = {one.id: SOME[int(one.email.partition("@")[0])] for one in tx.people.all()}
            for back in range(60, -2, -1):
                day = self.now.date() - timedelta(days=back)
                for who, mail in tx.mails.on(day, "digest").items():
                    assert mail.state == "sent"
                    assert mail.attempts == 1
                    found[zones[who]].append(day)
        assert sum(map(len, found.values())) == len(self.mails) == self.mails.total()
        return found


@pytest.fixture
def lived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World(tmp_path, monkeypatch, time(2, 30), datetime(2030, 3, 29, 12, 0, tzinfo=UTC))
    yield world
    world.house.store.close()


def test_R13_the_whole_loop_mails_once_a_local_day_while_clocks_change_jump_and_the_program_restarts(
    lived: World,
) -> None:
    """The last weekend of March: Europe, Beirut, Jerusalem and Troll change theirs."""
    chance = random.Random(13)
    for _ in range(3 * 8):
        lived.goes_on(3 * HOUR)
        lived.met()
        off = timedelta(hours=chance.choice((0, 0, 0, 0, -3, 3)))
        lived.now += off
        lived.works()
        lived.now -= off
        if chance.random() < 0.1:
            lived.begins()
    weekend = [date(2030, 3, 30), date(2030, 3, 31), date(2030, 4, 1)]
    for zone, days in lived.digests().items():
        assert days == (weekend[1:] if zone == "Australia/Lord_Howe" else weekend), zone


@pytest.mark.parametrize("counts", [True, False], ids=["counts its sleep", "its other clock stood still"])
def test_R13_a_machine_that_slept_for_forty_days_catches_up_once(lived: World, counts: bool) -> None:
    """Its people worked on each of them; one pull, one round of forgetting, one mail of all that waits."""
    lived.works()
    lived.done.clear()
    lived.goes_on(5 * HOUR)
    for _ in range(SLEEP.days):
        lived.tool.now += timedelta(days=1)
        lived.met()
    lived.now += SLEEP
    if counts:
        lived.seconds += SLEEP.total_seconds()
    else:
        planned = rounds.due(state.snapshot(lived.house, lived.now), lived.now)
        for work in planned:
            jobs.perform(lived.house, work)
        assert not lived.mails
        lived.goes_on(HOUR)
    lived.works()
    with lived.house.store.reading() as tx:
        waiting = tx.drafts.pending_by_person()
    assert len(waiting) == len(SOME)
    assert all(len(days) >= 2 for days in waiting.values()), "as far back as the policy fills"
    assert [len(days) for days in lived.digests().values()] == [1] * len(SOME)
    assert [lived.done[kind] for kind in (Pull, Forget, Tend)] == [1, 1, 1]
    lived.works()
    assert lived.mails.total() == len(SOME)
