"""What holds of every day, whatever stands in it: generated days, decisions and clock changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from core.breaks import Break, owed
from core.day import UNDECIDED, ContributorDay, Decisions
from core.drafts import edit
from core.evidence import gather
from core.layout import lay_out
from core.mapping import Mappings
from core.model import Activity, Draft
from core.reconcile import Create, Revise, applied, reconcile
from core.rules import Project, Rule
from core.suggest import suggest
from core.timeline import local, minute, on_the_clock, together
from daybook.languages import language as spoken

from .day_sheet import contributor_day
from .says import says

PROJECTS = {
    "plain": Project.model_validate({"name": "Plain"}),
    "law": Project.model_validate({"name": "Law", "rounding": {"to": 6, "mode": "up"}}),
    "agency": Project.model_validate({"name": "Agency", "rounding": 15}),
}
RULES = [
    {"name": "Lunch", "when": {"title": "lunch"}, "then": {"ignore": True}},
    {"name": "Law", "when": {"container": "LAW"}, "then": {"project": "law"}},
    {"name": "Both", "when": {"container": "BOTH"}, "then": {"share": {"law": 50, "agency": 50}}},
    {"name": "Agency", "when": {"container": "AGENCY"}, "then": {"project": "agency"}},
    {"name": "Else", "when": {"container": "ELSE"}, "then": {"project": "plain"}},
]
MAPPED = Mappings(PROJECTS, [Rule.model_validate(rule) for rule in RULES])
UNROUNDED = Mappings({"plain": PROJECTS["plain"]}, [Rule.model_validate(RULES[0])])

PLACES = st.sampled_from(
    [
        (date(2026, 11, 19), "Europe/Berlin"),
        (date(2026, 3, 29), "Europe/Berlin"),  # 23 hours
        (date(2026, 10, 25), "Europe/Berlin"),  # 25 hours
        (date(2026, 10, 4), "Australia/Lord_Howe"),  # 23.5 hours
        (date(2018, 11, 4), "America/Sao_Paulo"),  # no midnight
        (date(2026, 11, 19), "Asia/Kathmandu"),
    ]
)
TASKS = st.sampled_from(["WEB-1", "WEB-2", "WEB-3", "WEB-4"])
CONTAINERS = st.sampled_from(["LAW", "BOTH", "AGENCY", "ELSE", None])
MINUTE_OF_DAY = st.integers(-200, 1700)


@st.composite
def contributor_days(draw: st.DrawFn) -> ContributorDay:
    day, zone = draw(PLACES)
    week = draw(st.sampled_from([["09:00-17:00"], ["08:30-12:30", "13:15-18:00"], ["22:00-06:00"], []]))
    night = on_the_clock(day, draw(st.sampled_from([700, 960, 1440, 2880])), ZoneInfo(zone))
    return contributor_day(
        day=day,
        zone=zone,
        next_zone=draw(st.sampled_from([None, "Europe/Lisbon", "Asia/Tokyo"])),
        schedule={"mon-sun": week},
        now=local(night, ZoneInfo(zone)),
        numbers={
            "min_entry": draw(st.sampled_from([1, 5, 12])),
            "overtime_window": draw(st.sampled_from([0, 45])),
            "tentative": draw(st.sampled_from(["unsure", "ignore"])),
        },
    )


@st.composite
def activities(draw: st.DrawFn, day: ContributorDay, kinds: Iterable[str]) -> list[Activity]:
    makers: dict[str, st.SearchStrategy[dict[str, Any]]] = {
        "meeting": st.fixed_dictionaries(
            {
                "start": MINUTE_OF_DAY,
                "length": st.integers(0, 300),
                "title": st.sampled_from(["lunch", "weekly", "review"]),
                "response": st.sampled_from([None, "organizer", "accepted", "tentative", "declined"]),
                "audience": st.sampled_from([None, 2, 80]),
                "container": CONTAINERS,
            }
        ),
        "focus": st.fixed_dictionaries({"start": MINUTE_OF_DAY, "length": st.integers(1, 300)}),
        "away": st.fixed_dictionaries({"start": MINUTE_OF_DAY, "length": st.integers(1, 600)}),
        "presence": st.fixed_dictionaries(
            {
                "start": st.integers(-9000, 1700),
                "length": st.integers(1, 9000) | st.none(),
                "task": TASKS,
                "container": CONTAINERS,
            }
        ),
        "touch": st.fixed_dictionaries(
            {"start": st.integers(-9000, 1700), "task": TASKS, "container": CONTAINERS}
        ),
        "logged": st.fixed_dictionaries(
            {"start": MINUTE_OF_DAY, "minutes": st.integers(0, 300), "task": TASKS | st.just("OPS-9")}
        ),
    }
    one = st.one_of([st.tuples(st.just(kind), makers[kind]) for kind in kinds])
    found = draw(st.lists(one, max_size=12))
    return [_activity(day, number, kind, fields) for number, (kind, fields) in enumerate(found)]


def _activity(day: ContributorDay, number: int, kind: str, fields: dict[str, Any]) -> Activity:
    start = day.local(day.whole[0] + fields["start"])
    lasts = fields.get("length")
    work = kind in ("presence", "touch", "logged")
    return Activity.model_validate(
        {
            "source": "jira" if work else "google_calendar",
            "uid": f"{kind} {number}",
            "kind": kind,
            **{key: value for key, value in fields.items() if key not in ("start", "length")},
            "start": start,
            "end": None if lasts is None else day.local(day.whole[0] + fields["start"] + lasts),
        }
    )


EVERYTHING = ("meeting", "focus", "away", "presence", "touch", "logged")
EVIDENCE = ("meeting", "focus", "away", "presence", "touch")


@st.composite
def days(draw: st.DrawFn, kinds: Iterable[str] = EVERYTHING) -> tuple[ContributorDay, list[Activity]]:
    day = draw(contributor_days())
    return day, draw(activities(day, tuple(kinds)))


@st.composite
def decided_days(draw: st.DrawFn) -> tuple[ContributorDay, list[Activity], list[Draft]]:
    """A day whose contributor has decided some drafts, and whose evidence has changed since."""
    day = draw(contributor_days())
    before = draw(activities(day, EVERYTHING))
    drafts = applied([], reconcile(day, before, MAPPED, []).changes)
    decided = []
    for draft in drafts:
        decision = draw(st.sampled_from(["open", "edited", "confirmed", "dismissed"]))
        minutes = draw(st.integers(1, 400)) if decision == "edited" else draft.suggestion.minutes
        suggestion = draft.suggestion.model_copy(update={"minutes": minutes, "attributed": {}})
        decided.append(
            draft if decision == "open" else Draft(suggestion=suggestion, seen=draft.seen, decision=decision)
        )
    kept = [activity for activity in before if draw(st.booleans())]
    return day, kept + draw(activities(day, ("meeting", "touch"))), decided


def minutes_of(day: ContributorDay, activity: Activity) -> set[int]:
    """The minutes of the day so far that an activity could explain, counted one by one."""
    start, end = day.so_far
    begins = int(activity.start.timestamp()) // 60
    if activity.kind == "touch":
        reach = day.numbers.touch_reach
        return set(range(max(start, begins - reach), min(end, begins + reach)))
    ends = end if activity.end is None else int(activity.end.timestamp()) // 60
    return set(range(max(start, begins), min(end, ends)))


@given(days())
@says("idempotent")
def test_P9_once_applied_there_is_nothing_left_to_do(made: tuple[ContributorDay, list[Activity]]) -> None:
    day, evidence = made
    drafts = applied([], reconcile(day, evidence, MAPPED, []).changes)
    assert reconcile(day, evidence, MAPPED, drafts).changes == ()


@given(days())
@says("to the drafts that ought to exist")
def test_once_applied_the_drafts_are_what_is_suggested(made: tuple[ContributorDay, list[Activity]]) -> None:
    day, evidence = made
    drafts = applied([], reconcile(day, evidence, MAPPED, []).changes)
    assert [draft.suggestion for draft in drafts] == suggest(day, evidence, MAPPED)[0]


@given(decided_days())
def test_P9_once_applied_beside_decisions_there_is_nothing_left_to_do(
    made: tuple[ContributorDay, list[Activity], list[Draft]],
) -> None:
    day, evidence, drafts = made
    after = applied(drafts, reconcile(day, evidence, MAPPED, drafts).changes)
    assert reconcile(day, evidence, MAPPED, after).changes == ()


@given(decided_days(), st.randoms(use_true_random=False))
@says("independent of the order of activities")
def test_P9_no_order_of_anything_changes_anything(
    made: tuple[ContributorDay, list[Activity], list[Draft]], random: Random
) -> None:
    day, evidence, drafts = made
    plan = reconcile(day, evidence, MAPPED, drafts)
    random.shuffle(evidence)
    random.shuffle(drafts)
    assert reconcile(day, evidence, MAPPED, drafts) == plan


@given(decided_days())
@says("decisions untouched")
def test_P2_what_a_contributor_decided_is_never_moved(
    made: tuple[ContributorDay, list[Activity], list[Draft]],
) -> None:
    day, evidence, drafts = made
    after = {draft.key: draft for draft in applied(drafts, reconcile(day, evidence, MAPPED, drafts).changes)}
    for draft in drafts:
        if draft.touched:
            assert after[draft.key].suggestion == draft.suggestion
            assert after[draft.key].decision == draft.decision


@given(decided_days())
def test_P2_what_was_dismissed_never_comes_back(
    made: tuple[ContributorDay, list[Activity], list[Draft]],
) -> None:
    day, evidence, drafts = made
    created = {
        change.key
        for change in reconcile(day, evidence, MAPPED, drafts).changes
        if isinstance(change, Create)
    }
    assert created.isdisjoint(draft.key for draft in drafts)


@given(decided_days())
@says("no overlap", "Attended minutes are where a person was: never counted twice (P4)")
def test_P4_no_minute_is_held_by_two(made: tuple[ContributorDay, list[Activity], list[Draft]]) -> None:
    day, evidence, drafts = made
    layout = lay_out(day, gather(day, evidence, MAPPED), Decisions.of(drafts))
    pieces = [*layout.held.values(), *(day.stretch(segment.span) for segment in layout.shared)]
    assert sum(piece.bit_count() for piece in pieces) == together(pieces).bit_count()


@given(days())
def test_P4_no_piece_of_a_meeting_lies_in_anothers(made: tuple[ContributorDay, list[Activity]]) -> None:
    day, evidence = made
    suggestions, _ = suggest(day, evidence, UNROUNDED)
    for suggestion in suggestions:
        assert bool(suggestion.pieces) == (suggestion.because[0].kind == "meeting")
        assert not suggestion.pieces or suggestion.start == suggestion.pieces[0][0]
    pieces = [day.stretch((minute(start), minute(end))) for one in suggestions for start, end in one.pieces]
    assert sum(piece.bit_count() for piece in pieces) == together(pieces).bit_count()


@given(days(EVIDENCE))
@says("never more than evidence")
def test_P5_never_more_than_evidence(made: tuple[ContributorDay, list[Activity]]) -> None:
    day, evidence = made
    suggestions, _ = suggest(day, evidence, UNROUNDED)
    explaining = [
        a for a in evidence if a.kind in ("meeting", "presence", "touch") and a.response != "declined"
    ]
    explained = set().union(*(minutes_of(day, activity) for activity in explaining))
    assert sum(suggestion.minutes for suggestion in suggestions) <= len(explained)
    for suggestion in suggestions:
        own = [
            minutes_of(day, activity)
            for activity in explaining
            if activity.task == suggestion.task
            or any(line.uid == activity.uid for line in suggestion.because)
        ]
        assert suggestion.minutes <= len(set().union(*own))


@given(days(EVIDENCE))
@says("conservation (sum of drafts + gaps + away + logged = span of the day)")
def test_P5_a_day_adds_up(made: tuple[ContributorDay, list[Activity]]) -> None:
    day, evidence = made
    suggestions, sums = suggest(day, evidence, UNROUNDED)
    scheduled = {at for start, end in day.schedule.hours(day.day, day.place) for at in range(start, end)}
    scheduled &= set(range(*day.so_far))
    away = set().union(*(minutes_of(day, a) for a in evidence if a.kind == "away"))
    capacity = scheduled - away
    assert (sums.away, sums.capacity) == (len(scheduled & away), len(capacity))

    layout = lay_out(day, gather(day, evidence, UNROUNDED), UNDECIDED)
    used = {at for start, end in day.spans(layout.taken) for at in range(start, end)}
    used |= {at for segment in layout.shared for at in range(*segment.span)}
    drafted = sum(suggestion.minutes for suggestion in suggestions)
    assert drafted == len(used)
    assert sums.gaps == len(capacity - used)
    assert sums.outside == len(used - capacity)


@given(decided_days())
def test_the_sums_of_a_day_agree_with_its_drafts(
    made: tuple[ContributorDay, list[Activity], list[Draft]],
) -> None:
    day, evidence, drafts = made
    plan = reconcile(day, evidence, MAPPED, drafts)
    standing = [draft for draft in applied(drafts, plan.changes) if draft.decision != "dismissed"]
    sums = plan.sheet
    assert sums.attended == sum(draft.suggestion.minutes for draft in standing)
    assert sums.attended + sums.gaps + sums.logged == sums.capacity + sums.outside
    assert 0 <= sums.gaps <= sums.capacity
    assert sums.outside >= 0


@given(days())
def test_P4_drafts_never_exceed_capacity_plus_meetings(made: tuple[ContributorDay, list[Activity]]) -> None:
    day, evidence = made
    suggestions, sums = suggest(day, evidence, MAPPED)
    beyond = [a for a in evidence if a.kind in ("meeting", "focus")]
    beyond += [a for a in evidence if a.kind == "touch" and day.numbers.overtime_window]
    most = sums.capacity + len(set().union(*(minutes_of(day, activity) for activity in beyond)))
    assert sum(suggestion.minutes for suggestion in suggestions) <= most


@given(days(EVIDENCE), st.integers(1, 90))
def test_a_long_day_keeps_its_break(made: tuple[ContributorDay, list[Activity]], rest: int) -> None:
    """So much of it stays free, unless meetings leave less: a gap, or overtime and evening focus given up."""
    day, evidence = made
    breaks = (Break(after=120, rest=rest),)
    resting = day.model_copy(update={"numbers": day.numbers.model_copy(update={"breaks": breaks})})
    layout = lay_out(resting, gather(resting, evidence, UNROUNDED), UNDECIDED)
    left = (layout.capacity & ~layout.taken).bit_count()
    beyond = (layout.free & ~layout.capacity).bit_count()
    suggestions, sums = suggest(resting, evidence, UNROUNDED)
    assert sums.gaps + beyond >= min(left, owed(breaks, layout.capacity))
    before = {one.key: one.minutes for one in suggest(day, evidence, UNROUNDED)[0]}
    held = {one.key: one.minutes for one in suggestions if one.pieces}
    assert sum(one.minutes for one in suggestions) <= sum(before.values())
    assert held.keys() <= before.keys()
    assert all(sum(line.minutes for line in one.because) == one.minutes for one in suggestions)


@given(decided_days(), st.sampled_from(["en", "de"]), st.sampled_from([MAPPED, UNROUNDED]))
@says("The sum of the minutes is the draft's minutes")
def test_P6_the_lines_of_every_because_add_up(
    made: tuple[ContributorDay, list[Activity], list[Draft]], language: str, mappings: Mappings
) -> None:
    day, evidence, drafts = made
    day = day.model_copy(update={"say": spoken(language).sentences})
    changes = reconcile(day, evidence, mappings, drafts).changes
    said = [
        one
        for change in changes
        if isinstance(change, Create | Revise)
        for one in (change.suggestion, change.seen)
    ]
    for suggestion in said:
        assert sum(line.minutes for line in suggestion.because) == suggestion.minutes
        assert any(line.uid for line in suggestion.because)
        assert all(line.sentence for line in suggestion.because)
        assert suggestion.otherwise


@given(days(), st.data())
def test_P6_they_add_up_after_an_edit_too(
    made: tuple[ContributorDay, list[Activity]], data: st.DataObject
) -> None:
    day, evidence = made
    for suggestion in suggest(day, evidence, MAPPED)[0]:
        minutes = data.draw(st.integers(1, 600))
        edited = edit(Draft(suggestion=suggestion, seen=suggestion), PROJECTS, minutes=minutes, project="law")
        assert isinstance(edited, Draft)
        assert sum(line.minutes for line in edited.suggestion.because) == edited.suggestion.minutes == minutes


@given(days())
def test_shares_divide_the_minutes_and_lose_none(made: tuple[ContributorDay, list[Activity]]) -> None:
    day, evidence = made
    for suggestion in suggest(day, evidence, MAPPED)[0]:
        billed = sum(suggestion.attributed.values())
        assert billed == (suggestion.minutes if suggestion.project else 0)


@given(
    st.data(), st.sampled_from(["Asia/Tokyo", "Asia/Kathmandu", "America/Los_Angeles", "Pacific/Kiritimati"])
)
@says("stable under a shift of time zone")
def test_a_day_is_the_same_day_in_another_zone(data: st.DataObject, zone: str) -> None:
    here = contributor_day(day=date(2026, 11, 19), zone="Europe/Berlin")
    evidence = data.draw(activities(here, EVERYTHING))
    there = contributor_day(zone=zone, now=here.now + timedelta(days=1))
    move = timedelta(minutes=there.whole[0] - here.whole[0])
    moved = [_shifted(activity, lambda instant: instant + move) for activity in evidence]

    def minutes(day: ContributorDay, found: list[Activity]) -> dict[str, int]:
        return {suggestion.key: suggestion.minutes for suggestion in suggest(day, found, MAPPED)[0]}

    assert minutes(there, moved) == minutes(here, evidence)


def _shifted(activity: Activity, shift: Callable[[datetime], datetime]) -> Activity:
    return activity.model_copy(
        update={"start": shift(activity.start), "end": activity.end and shift(activity.end)}
    )


@settings(max_examples=30)
@given(contributor_days())
@says("23- and 25-hour days")
def test_a_whole_local_day_of_work_is_as_long_as_the_day(day: ContributorDay) -> None:
    day = contributor_day(
        day=day.day,
        zone=day.zone,
        schedule={"mon-sun": ["00:00-24:00"]},
        now=day.now + timedelta(days=9),
    )
    start = day.local(day.whole[0])
    always = Activity(source="jira", uid="p", kind="presence", start=start, task="WEB-1")
    ((suggestion,), sums) = suggest(day, [always], UNROUNDED)
    assert suggestion.minutes == sums.capacity == day.whole[1] - day.whole[0]
