"""What is due, by day and by clock, over every hour the clocks skip or repeat."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rounds import (
    A_DAY,
    AT_ONCE,
    SPREAD,
    ContributorDay,
    Digest,
    Find,
    Forget,
    Freeze,
    Hand,
    Invite,
    Pace,
    Person,
    Post,
    Publish,
    Pull,
    Reconcile,
    Revoke,
    State,
    Stranger,
    Tend,
    Waiting,
    Work,
    due,
)

NOON = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
THURSDAY = date(2026, 11, 19)
WEDNESDAY = THURSDAY - timedelta(days=1)
SOON = timedelta(microseconds=1)
SEEN = datetime(2026, 11, 19, 0, 5, tzinfo=UTC)

ADA = Person(
    contributor="ada",
    zone="Europe/Berlin",
    digest_at=time(8, 30),
    works_today=True,
    pending=6,
    last_digest=WEDNESDAY,
    invited=True,
    acknowledged=True,
)
CALENDAR = Pace(connection="calendar", partition="ada", last_pulled=NOON, every=15)


def test_R12_with_little_room_only_what_makes_some_is_due() -> None:
    waits = State(partitions=(CALENDAR,), revocations=("r-1",), people=(ADA,), short=True)
    assert due(waits, NOON + timedelta(hours=1)) == [Forget(), Revoke(revocation="r-1")]


def state(**parts: object) -> State:
    return State.model_validate({"last_forgotten": SEEN, "last_tended": SEEN, **parts})


def changed(person: Person = ADA, **parts: object) -> Person:
    return person.model_copy(update=parts)


def paced(**parts: object) -> Pace:
    return CALENDAR.model_copy(update=parts)


def waits(name: str, lane: str = "jira:WEB-12", contributor: str = "ada", **rest: object) -> Waiting:
    return Waiting.model_validate(
        {"id": name, "lane": lane, "contributor": contributor, "due_at": NOON, **rest}
    )


def posted(work: list[Work]) -> list[str]:
    return [item.posting for item in work if isinstance(item, Post)]


# --- the whole ---------------------------------------------------------------------------------------


def a_full_round() -> State:
    return State(
        last_forgotten=None,
        revocations=("f0", "0a"),
        people=(changed(contributor="ben", invited=False, acknowledged=False), ADA),
        partitions=(paced(connection="jira", partition="site"), paced(last_pulled=None)),
        stale=(
            ContributorDay(contributor="ben", day=THURSDAY),
            ContributorDay(contributor="ada", day=THURSDAY),
        ),
        postings=(waits("p-2", lane="asana:1201"), waits("p-1")),
    )


def test_P9_work_comes_in_one_order_whatever_the_order_of_the_state() -> None:
    whole = a_full_round()
    later = NOON + timedelta(minutes=15)
    expected = [
        Forget(),
        Tend(),
        Revoke(revocation="0a"),
        Revoke(revocation="f0"),
        Invite(contributor="ben"),
        Pull(connection="calendar", partition="ada"),
        Pull(connection="jira", partition="site"),
        Reconcile(contributor="ada", days=(THURSDAY,)),
        Reconcile(contributor="ben", days=(THURSDAY,)),
        Digest(contributor="ada", day=THURSDAY),
        Post(posting="p-1", lane="jira:WEB-12"),
        Post(posting="p-2", lane="asana:1201"),
    ]
    for people, partitions, stale, postings in zip(
        permutations(whole.people),
        permutations(whole.partitions),
        permutations(whole.stale),
        permutations(whole.postings),
        strict=True,
    ):
        shuffled = whole.model_copy(
            update={"people": people, "partitions": partitions, "stale": stale, "postings": postings}
        )
        assert due(shuffled, later) == expected


def test_the_days_of_a_contributor_are_one_piece_of_work_as_far_as_a_month_goes() -> None:
    days = [THURSDAY - timedelta(days=number) for number in (0, 3, 30, 31, 90)]
    stale = tuple(ContributorDay(contributor=who, day=day) for day in days for who in ("ben", "ada"))
    assert due(state(stale=stale), NOON) == [
        Reconcile(contributor=who, days=together)
        for who in ("ada", "ben")
        for together in ((days[4],), (days[3], days[2], days[1]), (days[0],))
    ]


def test_P9_once_all_is_done_nothing_is_due() -> None:
    done = state(people=(changed(last_digest=THURSDAY),), partitions=(CALENDAR,))
    assert due(done, NOON) == []


def test_an_empty_house_has_only_what_is_due_daily() -> None:
    assert due(State(), NOON) == [Forget(), Tend()]


def test_P1_work_carries_ids_and_days_and_nothing_else() -> None:
    words = {word for work in due(a_full_round(), NOON) for word in type(work).model_fields}
    assert words == {
        "contributor",
        "day",
        "days",
        "connection",
        "partition",
        "posting",
        "lane",
        "revocation",
        "whole",
    }


# --- forget and invite -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "wanted"),
    [
        (None, True),
        (NOON - timedelta(days=40), True),
        (datetime(2026, 11, 18, 23, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 19, 0, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 19, 0, 30, tzinfo=ZoneInfo("Asia/Tokyo")), True),
        (NOON + timedelta(days=300), True),
    ],
    ids=["never", "long ago", "yesterday", "today", "today in Tokyo only", "clock put back"],
)
def test_P12_retention_runs_once_a_day(last: datetime | None, wanted: bool) -> None:
    assert due(State(last_forgotten=last, last_tended=NOON), NOON) == ([Forget()] if wanted else [])


def test_P3_ben_is_invited_once_and_gets_no_digest_before_he_agreed() -> None:
    ben = changed(contributor="ben", acknowledged=False)
    assert due(state(people=(changed(ben, invited=False),)), NOON) == [Invite(contributor="ben")]
    assert due(state(people=(ben,)), NOON) == []


# --- pull --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pace", "minutes", "wanted"),
    [
        (paced(last_pulled=None), 0, True),
        (paced(last_pulled=None, resting=True), 0, True),
        (paced(), 14, False),
        (paced(), 15, True),
        (paced(resting=True), 15, False),
        (paced(resting=True), 11 * 60, False),
        (paced(resting=True, day_ended=NOON), 60, False),
        (paced(resting=True, day_ended=NOON + SOON), 1, True),
        (paced(day_ended=NOON + SOON), 1, True),
        (paced(not_before=NOON + timedelta(minutes=40)), 39, False),
        (paced(not_before=NOON + timedelta(minutes=40)), 40, True),
        (paced(last_pulled=None, not_before=NOON + timedelta(minutes=1)), 0, False),
        (paced(last_pulled=NOON + timedelta(hours=3)), 0, True),
        (paced(last_pulled=NOON + timedelta(hours=3), resting=True), 0, True),
    ],
    ids=[
        "first",
        "first at night",
        "too early",
        "due",
        "at night",
        "a day of leave",
        "at night, the day seen whole",
        "at night, once after the day",
        "at work, once after the day",
        "sent away",
        "called back",
        "first but sent away",
        "clock put back",
        "clock put back at night",
    ],
)
def test_a_partition_is_pulled_at_its_own_pace(pace: Pace, minutes: int, wanted: bool) -> None:
    work = due(state(partitions=(pace,)), NOON + timedelta(minutes=minutes))
    assert work == ([Pull(connection="calendar", partition="ada")] if wanted else [])


# --- digest ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        ({}, True),
        ({"last_digest": None}, True),
        ({"last_digest": THURSDAY - timedelta(days=40)}, True),
        ({"last_digest": THURSDAY}, False),
        ({"last_digest": THURSDAY + timedelta(days=1)}, False),
        ({"pending": 0}, False),
        ({"works_today": False}, False),
        ({"acknowledged": False}, False),
        ({"digest_at": time(13, 0)}, True),
        ({"digest_at": time(13, 1)}, False),
        ({"zone": "America/New_York"}, False),
    ],
)
def test_E07_a_digest_goes_out_on_a_working_day_when_something_waits(
    parts: dict[str, object], wanted: bool
) -> None:
    work = due(state(people=(changed(**parts),)), NOON)
    assert work == ([Digest(contributor="ada", day=THURSDAY)] if wanted else [])


@pytest.mark.parametrize(
    ("stale", "wanted"),
    [
        (("ada", THURSDAY), True),
        (("ada", WEDNESDAY), False),
        (("ben", WEDNESDAY), True),
    ],
    ids=["today", "a finished day", "somebody else's"],
)
def test_a_digest_waits_for_the_finished_days_it_speaks_of(stale: tuple[str, date], wanted: bool) -> None:
    who, day = stale
    late = (
        ContributorDay(contributor=who, day=day),
        ContributorDay(contributor=who, day=day + timedelta(days=1)),
    )
    work = due(state(people=(ADA,), stale=late), NOON)
    assert any(isinstance(item, Digest) for item in work) is wanted


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago")
AT = (time(0, 0), time(0, 30), time(1, 45), time(2, 0), time(2, 15), time(2, 30), time(8, 30), time(23, 45))
TICK = timedelta(minutes=10)


def clock_changes(zone: ZoneInfo) -> list[date]:
    """The local days of 2026 that do not last 24 hours."""
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    return [
        day
        for day in days
        if midnight(day + timedelta(days=1), zone) - midnight(day, zone) != timedelta(days=1)
    ]


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def sent_while(person: Person, moments: Iterator[datetime]) -> list[tuple[datetime, date]]:
    """The digests that go out while `due` is asked at these moments and each is done at once."""
    sent = []
    for now in moments:
        for work in due(state(people=(person,)), now):
            if isinstance(work, Digest):
                sent.append((now, work.day))
                person = changed(person, last_digest=work.day)
    return sent


def ticks(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += TICK


def test_the_four_zones_change_their_clocks_eight_times_in_2026_by_half_or_whole_hours() -> None:
    changes = {name: clock_changes(ZoneInfo(name)) for name in ZONES}
    assert [len(days) for days in changes.values()] == [2, 2, 2, 2]
    zone = ZoneInfo("Australia/Lord_Howe")
    lasted = {
        midnight(d + timedelta(days=1), zone) - midnight(d, zone) for d in changes["Australia/Lord_Howe"]
    }
    assert lasted == {timedelta(hours=23.5), timedelta(hours=24.5)}


@pytest.mark.parametrize("at", AT, ids=str)
@pytest.mark.parametrize("name", ZONES)
def test_R13_over_a_clock_change_one_digest_a_local_day_and_never_before_its_time(
    name: str, at: time
) -> None:
    zone = ZoneInfo(name)
    for change in clock_changes(zone):
        days = [change + timedelta(days=n) for n in (-1, 0, 1)]
        person = changed(zone=name, digest_at=at, last_digest=None)
        sent = sent_while(person, ticks(midnight(days[0], zone), midnight(change + timedelta(days=2), zone)))
        assert [day for _, day in sent] == days
        for moment, day in sent:
            local = moment.astimezone(zone)
            assert local.date() == day
            assert local.time() >= at
            # A skipped time of day comes at most the skipped hour late; else the next tick has it.
            late = timedelta(hours=1) if day == change else timedelta(0)
            shown = datetime.combine(day, local.time()) - datetime.combine(day, at)
            assert shown <= late + TICK


@pytest.mark.parametrize("name", ZONES)
def test_R13_a_time_of_day_the_clocks_show_twice_brings_one_digest_at_its_first_showing(name: str) -> None:
    zone = ZoneInfo(name)
    twice = [
        moment
        for day in clock_changes(zone)
        for moment in ticks(midnight(day, zone), midnight(day + timedelta(days=1), zone))
        if moment.astimezone(zone).fold
    ]
    assert twice
    shown = twice[0].astimezone(zone)
    person = changed(
        zone=name, digest_at=shown.time().replace(fold=0), last_digest=shown.date() - timedelta(days=1)
    )
    day_long = ticks(midnight(shown.date(), zone), midnight(shown.date() + timedelta(days=1), zone))
    ((moment, day),) = sent_while(person, day_long)
    assert moment.astimezone(zone).fold == 0
    assert day == shown.date()


def test_R13_who_slept_through_the_first_showing_is_late_by_then_and_served_at_once() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    woken = datetime(2026, 10, 25, 2, 10, tzinfo=berlin, fold=1)
    person = changed(digest_at=time(2, 30), last_digest=date(2026, 10, 24))
    assert due(state(last_forgotten=woken, last_tended=woken, people=(person,)), woken) == [
        Digest(contributor="ada", day=woken.date())
    ]


def test_R13_after_forty_days_asleep_one_digest_catches_up() -> None:
    woken = NOON + timedelta(days=40)
    sent = sent_while(changed(pending=200), ticks(woken, woken + timedelta(hours=6)))
    assert [day for _, day in sent] == [woken.date()]


@given(st.lists(st.integers(-180, 180), max_size=200), st.sampled_from(ZONES), st.sampled_from(AT))
def test_R13_a_clock_jumping_three_hours_either_way_never_sends_twice(
    jumps: list[int], name: str, at: time
) -> None:
    """Each round comes twenty minutes after the last, give or take three hours."""
    moments = [datetime(2026, 3, 27, tzinfo=UTC)]
    for jump in jumps:
        moments.append(moments[-1] + timedelta(minutes=20 + jump))
    sent = sent_while(changed(zone=name, digest_at=at, last_digest=None), iter(moments))
    days = [day for _, day in sent]
    assert len(days) == len(set(days))


# --- post --------------------------------------------------------------------------------------------


def test_a_posting_is_due_at_its_time_and_not_before() -> None:
    assert posted(due(state(postings=(waits("p-1"),)), NOON - SOON)) == []
    assert posted(due(state(postings=(waits("p-1"),)), NOON)) == ["p-1"]


def test_the_posting_due_longest_goes_first_and_each_names_the_issue_it_must_not_meet_others_in() -> None:
    queue = (
        waits("p-1", due_at=NOON - timedelta(minutes=1)),
        waits("p-2", contributor="ben", due_at=NOON - timedelta(minutes=2)),
        waits("p-3", lane="jira:WEB-13"),
        waits("p-4", lane="asana:WEB-12"),
    )
    work = due(state(postings=queue), NOON)
    assert posted(work) == ["p-2", "p-1", "p-3", "p-4"]
    assert [one.lane for one in work if isinstance(one, Post)] == [
        "jira:WEB-12", "jira:WEB-12", "jira:WEB-13", "asana:WEB-12",
    ]  # fmt: skip


def test_R04_nothing_of_ada_follows_into_a_task_while_one_of_hers_may_or_may_not_be_there() -> None:
    queue = (
        waits("lost", unknown=True, due_at=NOON + timedelta(minutes=1)),
        waits("next"),
        waits("other", lane="jira:WEB-13"),
    )
    assert posted(due(state(postings=queue), NOON)) == ["other"]
    assert posted(due(state(postings=queue), NOON + timedelta(minutes=1))) == ["other", "lost"]


def test_P10_bens_time_does_not_wait_for_adas_revoked_login() -> None:
    queue = (
        waits("lost", unknown=True, due_at=NOON + timedelta(hours=1)),
        waits("bens", contributor="ben"),
    )
    assert posted(due(state(postings=queue), NOON)) == ["bens"]


# --- not all in one moment ----------------------------------------------------------------------------


CROWD = tuple(
    Pace(
        connection="calendar",
        partition=f"c-{n}",
        last_pulled=NOON - timedelta(hours=9, seconds=n % 60),
        every=15,
    )
    for n in range(5000)
)


def begun(paces: tuple[Pace, ...], now: datetime, awake: datetime | None = NOON) -> set[str]:
    return {
        one.partition for one in due(state(partitions=paces, awake_since=awake), now) if isinstance(one, Pull)
    }


def test_R07_after_a_long_sleep_five_thousand_pulls_begin_one_after_the_other() -> None:
    last: set[str] = set()
    most = 0
    for second in range(0, 15 * 60 + 1, 30):
        now = begun(CROWD, NOON + timedelta(seconds=second))
        assert last <= now, "whose turn has come keeps it until they were pulled"
        most, last = max(most, len(now - last)), now
    assert most < 300
    assert len(last) == 5000, "nobody waits longer than from one pull to the next"


def test_P10_whoever_asks_again_gets_the_same_turns() -> None:
    moment = NOON + timedelta(minutes=4)
    assert begun(CROWD, moment) == begun(tuple(reversed(CROWD)), moment) != set()


def test_the_first_pull_of_somebody_new_waits_for_nothing() -> None:
    new = Pace(connection="calendar", partition="new", last_pulled=None, every=15)
    assert "new" in begun((*CROWD, new), NOON)


def test_a_small_team_is_pulled_at_once_after_a_sleep() -> None:
    assert len(begun(CROWD[:AT_ONCE], NOON)) == AT_ONCE


def test_what_became_due_while_somebody_looked_takes_its_usual_turn() -> None:
    earlier = NOON - timedelta(hours=12)
    assert len(begun(CROWD, NOON, earlier)) == len(begun(CROWD, NOON, None)) == 5000


# --- looking at all of it again ----------------------------------------------------------------------


def whole(pace: Pace, now: datetime) -> bool:
    (pull,) = (work for work in due(state(partitions=(pace,)), now) if isinstance(work, Pull))
    return pull.whole


def of_somebody(number: int, **parts: object) -> Pace:
    return paced(partition=f"c-{number}", last_pulled=NOON - timedelta(hours=9), last_whole=NOON, **parts)


def test_what_brings_its_whole_window_by_itself_is_never_made_to() -> None:
    assert not whole(paced(last_pulled=NOON, last_whole=None), NOON + timedelta(days=9))


def test_all_of_a_partition_is_looked_at_within_a_day_and_a_bit() -> None:
    latest = NOON + A_DAY + timedelta(minutes=SPREAD)
    assert all(whole(of_somebody(number), latest) for number in range(50))
    assert not any(whole(of_somebody(number), NOON + A_DAY - SOON) for number in range(50))


def test_six_hundred_partitions_are_not_looked_at_whole_all_at_once() -> None:
    for hour in (1, 2, 3):
        told = sum(whole(of_somebody(number), NOON + A_DAY + timedelta(hours=hour)) for number in range(600))
        assert abs(told - 150 * hour) < 50


def test_and_rather_while_nobody_is_at_work() -> None:
    night = NOON + timedelta(hours=23)
    ended = {"resting": True, "day_ended": NOON + timedelta(hours=12)}
    assert all(whole(of_somebody(number, **ended), night) for number in range(50))
    assert not any(whole(of_somebody(number), night) for number in range(50))


# --- finding accounts --------------------------------------------------------------------------------


def test_a_tool_is_asked_once_for_all_who_wait_and_not_before_their_time() -> None:
    unknown = [
        Stranger(connection="jira", ask_at=None),
        Stranger(connection="jira", ask_at=NOON),
        Stranger(connection="asana", ask_at=NOON + SOON),
    ]
    assert due(state(strangers=unknown), NOON) == [Find(connection="jira")]


def test_P08_who_is_mailed_once_a_week_is_mailed_on_its_first_working_day_or_as_soon_after_as_can_be() -> (
    None
):
    monday = date(2026, 11, 16)
    weekly = changed(week_began=monday, last_digest=monday - timedelta(days=7))
    told = Digest(contributor="ada", day=THURSDAY)
    assert told in due(state(people=(weekly,)), NOON)
    assert told not in due(state(people=(changed(weekly, last_digest=monday),)), NOON)
    assert told in due(state(people=(changed(last_digest=monday),)), NOON)


def test_P21_places_are_noted_before_a_report_is_made_and_it_is_told_of_afterwards() -> None:
    last = Publish(report="weekly by team", period="2026-W46")
    unsent = ContributorDay(contributor="ada", day=THURSDAY)
    work = due(
        State(
            last_forgotten=NOON, last_tended=NOON, unfrozen="2026-W47", unpublished=(last,), unsent=(unsent,)
        ),
        NOON,
    )
    assert work == [Freeze(week="2026-W47"), last, Hand(contributor="ada", day=THURSDAY)]
