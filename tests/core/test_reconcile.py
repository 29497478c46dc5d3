"""What evidence, schedule and decisions make of a day, each test written down as the day it is about."""

from __future__ import annotations

import pytest

from core.mapping import Mappings
from core.memory import Choice, Memory, OwnRule
from core.reconcile import Flag, applied
from core.rules import Project, Rounding, Rule, Then, When
from core.suggest import suggest

from .day_sheet import THURSDAY, DaySheet, activity, contributor_day, mappings
from .says import says

Sheet = tuple[dict[str, str], dict[str, str]]

ALWAYS_HOME = Memory(
    rules=(
        OwnRule(
            about="task:jira:WEB-1",
            says="always",
            choice=Choice(project="home", target="none"),
            shown="WEB-1",
            made=THURSDAY,
        ),
    )
)
"""Ada books WEB-1 on a project of her own choice."""


def both_houses() -> Mappings:
    """The rule books everything on the office now."""
    office = Rule(name="All else", when=When(), then=Then(project="office"), line=7)
    return Mappings({"office": Project(name="The office"), "home": Project(name="At home")}, [office])


def test_an_empty_day_is_one_gap(sheet: Sheet) -> None:
    """
    expect    gaps 480
    expect    capacity 480
    """
    expected, got = sheet
    assert got == expected


@says("Shared time: what is left of capacity (focus first) is shared among the tasks in hand")
def test_meetings_are_carved_out_of_task_time(sheet: Sheet) -> None:
    """
    hours     09:00..12:00 13:00..17:00
    meeting   weekly 10:00..11:00 response=accepted
    presence  WEB-1 09:00..17:00
    expect    weekly 60
    expect    WEB-1 360
    expect    gaps 0
    """
    expected, got = sheet
    assert got == expected


@says("A segment with no task present is a gap and stays a gap (P5)")
def test_P5_a_gap_stays_a_gap(sheet: Sheet) -> None:
    """
    presence  WEB-1 09:00..11:00
    expect    WEB-1 120
    expect    gaps 360
    """
    expected, got = sheet
    assert got == expected


@says("removes capacity, never an entry")
def test_away_removes_capacity_and_is_never_an_entry(sheet: Sheet) -> None:
    """
    away      dentist 09:00..11:00
    presence  WEB-1 09:00..12:00
    expect    WEB-1 60
    expect    away 120
    expect    capacity 360
    expect    gaps 300
    """
    expected, got = sheet
    assert got == expected


def test_a_day_of_leave_holds_nothing(sheet: Sheet) -> None:
    """
    meeting   "Annual leave" 00:00..11-20T00:00 all_day=1
    presence  WEB-1 09:00..17:00
    expect    away 480
    expect    capacity 0
    expect    gaps 0
    """
    expected, got = sheet
    assert got == expected


def test_a_colleagues_leave_is_not_mine(sheet: Sheet) -> None:
    """
    meeting   "Ben on leave" 00:00..11-20T00:00 all_day=1 response=accepted
    expect    away 0
    expect    gaps 480
    expect    ignored "Ben on leave all day"
    """
    expected, got = sheet
    assert got == expected


def test_nobody_sits_in_a_conference_at_night(sheet: Sheet) -> None:
    """
    meeting   conference 11-18T09:00..11-20T17:00
    expect    gaps 480
    expect    ignored "conference all day"
    """
    expected, got = sheet
    assert got == expected


def test_focus_is_capacity_even_in_the_evening(sheet: Sheet) -> None:
    """
    focus     writing 18:00..20:00
    presence  WEB-1 16:00..20:00
    expect    WEB-1 180
    expect    gaps 420
    expect    outside 120
    """
    expected, got = sheet
    assert got == expected


@says("time kept for task work: capacity, not an entry of its own")
def test_focus_without_a_task_is_no_entry(sheet: Sheet) -> None:
    """
    focus     writing 10:00..12:00
    focus     reading 18:00..20:00
    expect    gaps 480
    expect    outside 0
    """
    expected, got = sheet
    assert got == expected


@says("Touches and meetings outside working hours are real: meetings count as they are")
def test_an_evening_meeting_is_real(sheet: Sheet) -> None:
    """
    meeting   tokyo 22:00..23:00 response=accepted
    expect    tokyo 60
    expect    gaps 480
    expect    outside 60
    """
    expected, got = sheet
    assert got == expected


def test_a_comment_in_the_evening_opens_no_time_by_default(sheet: Sheet) -> None:
    """
    touch     WEB-1 21:00
    expect    ignored "touch WEB-1 21:00 outside your working hours"
    """
    expected, got = sheet
    assert got == expected


def test_a_comment_in_the_evening_opens_what_the_policy_allows(sheet: Sheet) -> None:
    """
    numbers   overtime_window=40
    touch     WEB-1 21:00
    expect    WEB-1 40
    expect    gaps 480
    expect    outside 40
    """
    expected, got = sheet
    assert got == expected


def test_what_is_still_to_come_is_not_suggested(sheet: Sheet) -> None:
    """
    now       14:00
    meeting   running 13:30..15:00 response=accepted
    meeting   later 16:00..17:00 response=accepted
    presence  WEB-1 13:00..
    expect    running 30
    expect    WEB-1 30
    expect    capacity 300
    expect    gaps 240
    """
    expected, got = sheet
    assert got == expected


@says("Fixed blocks: meetings, in order of claim")
class TestMeetings:
    """Which entries of a calendar count, and who has the time when several want it."""

    @says("The loser keeps what is left of it", "then narrower audience")
    def test_P4_the_loser_keeps_what_is_left(self, sheet: Sheet) -> None:
        """
        meeting   all-hands 10:00..12:00 response=accepted audience=80
        meeting   review 10:30..11:00 response=accepted audience=3
        expect    review 30
        expect    all-hands 90
        """
        expected, got = sheet
        assert got == expected

    @says("under min_entry minutes it is listed as overlapped evidence, not as a draft")
    def test_P4_a_meeting_that_lost_nearly_all_is_listed_as_overlapped(self, sheet: Sheet) -> None:
        """
        meeting   review 10:00..11:00 response=accepted audience=3
        meeting   all-hands 10:00..11:04 response=accepted audience=80
        expect    review 60
        expect    overlapped all-hands 64
        expect    gaps 420
        """
        expected, got = sheet
        assert got == expected

    @says("then accepted over tentative")
    def test_yes_comes_before_maybe(self, sheet: Sheet) -> None:
        """
        meeting   maybe 10:00..11:00 response=tentative audience=2
        meeting   yes 10:30..11:30 response=accepted audience=80
        expect    yes 60
        expect    maybe 30
        """
        expected, got = sheet
        assert got == expected

    @says("then later edited")
    def test_the_one_changed_later_comes_first(self, sheet: Sheet) -> None:
        """
        meeting   old 10:00..11:00 audience=3 updated=11-10T09:00
        meeting   new 10:30..12:00 audience=3 updated=11-12T09:00
        expect    new 90
        expect    old 30
        """
        expected, got = sheet
        assert got == expected

    @says("then shorter")
    def test_the_shorter_one_comes_first(self, sheet: Sheet) -> None:
        """
        meeting   a-long 10:00..12:00
        meeting   b-short 11:00..11:30
        expect    b-short 30
        expect    a-long 90
        """
        expected, got = sheet
        assert got == expected

    @says("then id")
    def test_between_equals_the_id_decides(self, sheet: Sheet) -> None:
        """
        meeting   a 10:00..11:00
        meeting   b 10:30..11:30
        expect    a 60
        expect    b 30
        """
        expected, got = sheet
        assert got == expected

    @says("the same meeting on two calendars (same iCalUID and start): one activity")
    def test_P4_the_same_meeting_on_two_calendars_is_one(self, sheet: Sheet) -> None:
        """
        meeting   mine 10:00..11:00 title="ACME weekly" container=ada response=accepted
        meeting   team 10:00..11:00 title="ACME weekly" container=studio
        expect    mine 60
        expect    ignored "team the same meeting is in another calendar too"
        """
        expected, got = sheet
        assert got == expected

    def test_declining_in_one_calendar_declines_the_copy_in_the_other(self, sheet: Sheet) -> None:
        """
        meeting   mine 10:00..11:00 title="ACME weekly" container=ada response=declined
        meeting   team 10:00..11:00 title="ACME weekly" container=studio
        presence  WEB-1 10:00..11:00
        expect    WEB-1 60
        expect    ignored "team the same meeting is in another calendar too"
        """
        expected, got = sheet
        assert got == expected

    def test_two_instances_of_a_series_stay_two(self, sheet: Sheet) -> None:
        """
        meeting   morning 09:15..09:30 series=stand-up
        meeting   evening 16:30..16:45 series=stand-up
        expect    morning 15
        expect    evening 15
        """
        expected, got = sheet
        assert got == expected

    @says("declined: nothing")
    def test_declined_is_nothing(self, sheet: Sheet) -> None:
        """
        meeting   weekly 10:00..11:00 response=declined
        expect    gaps 480
        expect    ignored "weekly declined"
        """
        expected, got = sheet
        assert got == expected

    def test_maybe_is_ignored_where_the_team_wants_it_so(self, sheet: Sheet) -> None:
        """
        numbers   tentative=ignore
        meeting   weekly 10:00..11:00 response=tentative
        expect    ignored "weekly you said maybe"
        """
        expected, got = sheet
        assert got == expected

    @pytest.mark.parametrize(
        ("wanted", "confidence"), [("unsure", "unsure"), ("suggest", "likely"), ("ignore", None)]
    )
    def test_maybe_is_as_sure_as_the_numbers_say(self, wanted: str, confidence: str | None) -> None:
        day = contributor_day(numbers={"tentative": wanted})
        found, _ = suggest(
            day, [activity("meeting", "x", "10:00..11:00", response="needs_action")], mappings()
        )
        assert [suggestion.confidence for suggestion in found] == ([confidence] if confidence else [])

    def test_an_ignored_lunch_is_neither_drafted_nor_free_for_tasks(self, sheet: Sheet) -> None:
        """
        meeting   "Lunch with Ben" 12:00..13:00
        presence  WEB-1 11:00..14:00
        expect    WEB-1 120
        expect    gaps 360
        expect    ignored 'Lunch with Ben ignored by the rule "Lunch is private" (line 3)'
        """
        expected, got = sheet
        assert got == expected

    def test_an_ignored_lunch_takes_no_time_from_a_meeting(self, sheet: Sheet) -> None:
        """
        meeting   lunch 12:00..13:00
        meeting   client 12:30..13:30 response=accepted audience=9
        expect    client 60
        expect    gaps 420
        expect    ignored 'lunch ignored by the rule "Lunch is private" (line 3)'
        """
        expected, got = sheet
        assert got == expected

    @says("a block without title, attendees or description, for its owner to name")
    def test_a_private_meeting_is_a_block_without_a_name(self) -> None:
        private = activity("meeting", "x", "10:00..11:00", title="Doctor on WEB-1", private=True)
        (block,), _ = suggest(contributor_day(containers={"WEB"}), [private], mappings())
        assert (block.minutes, block.project, block.text, block.confidence) == (60, None, "", "unsure")
        assert block.task is None
        assert "Doctor" not in block.model_dump_json()

    def test_a_meeting_shorter_than_an_entry_is_left_out(self, sheet: Sheet) -> None:
        """
        meeting   hello 10:00..10:03
        expect    gaps 480
        expect    ignored "hello less than 5 minutes"
        """
        expected, got = sheet
        assert got == expected

    def test_a_meeting_too_short_to_draft_cuts_no_other(self, sheet: Sheet) -> None:
        """
        meeting   hello 10:00..10:03 audience=2
        meeting   weekly 10:00..11:00 audience=8
        expect    weekly 60
        expect    ignored "hello less than 5 minutes"
        """
        expected, got = sheet
        assert got == expected

    def test_two_meetings_in_one_calendar_are_two_even_if_they_look_alike(self, sheet: Sheet) -> None:
        """
        meeting   a 10:00..11:00 title=Interview container=ada
        meeting   b 10:00..11:00 title=Interview container=ada
        expect    a 60
        expect    overlapped b 60
        """
        expected, got = sheet
        assert got == expected

    def test_an_event_without_length_is_named_and_left_out(self, sheet: Sheet) -> None:
        """
        meeting   reminder 10:00..10:00
        expect    ignored "reminder has no length"
        """
        expected, got = sheet
        assert got == expected

    def test_an_issue_key_in_the_title_is_the_task(self) -> None:
        call = activity("meeting", "x", "10:00..11:00", title="Sync on web-12, not COVID-19")
        (suggestion,), _ = suggest(contributor_day(containers={"WEB"}), [call], mappings())
        assert suggestion.task == "WEB-12"


class TestTasks:
    """When a task is in hand, and how free time is shared."""

    @says("the task may have been worked on at any time inside")
    def test_tasks_in_hand_share_free_time(self, sheet: Sheet) -> None:
        """
        presence  WEB-1 09:00..17:00
        presence  WEB-2 13:00..17:00
        expect    WEB-1 360
        expect    WEB-2 120
        """
        expected, got = sheet
        assert got == expected

    @says("Minutes of a segment are shared in proportion")
    def test_a_touch_weighs_more_around_itself(self, sheet: Sheet) -> None:
        """
        presence  WEB-1 09:00..11:00
        presence  WEB-2 09:00..11:00
        touch     WEB-1 10:00
        expect    WEB-1 108
        expect    WEB-2 12
        """
        expected, got = sheet
        assert got == expected

    @says(
        "a touch without presence makes the task present in a window around it",
        "the task was in hand at that moment",
    )
    def test_a_touch_without_presence_makes_its_task_present_around_it(self, sheet: Sheet) -> None:
        """
        touch     WEB-1 11:00
        expect    WEB-1 120
        expect    gaps 360
        """
        expected, got = sheet
        assert got == expected

    @says("Tasks below min_entry give theirs back")
    def test_tasks_worth_too_little_give_theirs_back_one_by_one(self, sheet: Sheet) -> None:
        """
        presence  WEB-1 09:00..09:12
        presence  WEB-2 09:00..09:12
        presence  WEB-3 09:00..09:12
        expect    WEB-2 6
        expect    WEB-3 6
        expect    gaps 468
        expect    ignored "presence WEB-1 09:00..09:12 less than 5 minutes"
        """
        expected, got = sheet
        assert got == expected

    def test_a_presence_counts_for_three_working_days(self, sheet: Sheet) -> None:
        """
        presence  WEB-1 11-16T10:00..
        expect    WEB-1 480
        """
        expected, got = sheet
        assert got == expected

    @says(
        "a presence with no touch by the contributor for stale_after working days (default 3) stops "
        "counting: forgotten tickets are not work"
    )
    def test_a_forgotten_ticket_is_not_work(self, sheet: Sheet) -> None:
        """
        numbers   stale_after=1
        presence  WEB-1 11-17T10:00.. uid=WEB-1
        expect    gaps 480
        expect    ignored "WEB-1 in progress, no sign of work for 1 working day; a comment brings it back"
        """
        expected, got = sheet
        assert got == expected

    def test_a_ticket_is_forgotten_on_the_fourth_working_day(self, sheet: Sheet) -> None:
        """
        presence  WEB-1 11-13T10:00..11-19T17:00 uid=WEB-1
        expect    gaps 480
        expect    ignored "WEB-1 in progress, no sign of work for 3 working days; a comment brings it back"
        """
        expected, got = sheet
        assert got == expected

    def test_a_weekend_does_not_make_a_ticket_stale(self, sheet: Sheet) -> None:
        """
        numbers   stale_after=4
        presence  WEB-1 11-13T10:00..
        expect    WEB-1 480
        """
        expected, got = sheet
        assert got == expected

    def test_a_touch_wakes_a_forgotten_ticket_from_then_on(self, sheet: Sheet) -> None:
        """
        presence  WEB-1 10-01T10:00..
        touch     WEB-1 14:00
        expect    WEB-1 240
        expect    gaps 240
        """
        expected, got = sheet
        assert got == expected

    def test_a_touch_of_yesterday_keeps_an_old_ticket_awake(self, sheet: Sheet) -> None:
        """
        presence  WEB-1 10-01T10:00..
        touch     WEB-1 11-18T14:00
        expect    WEB-1 480
        """
        expected, got = sheet
        assert got == expected

    def test_without_a_rule_nothing_is_sure_and_it_says_what_to_choose(self) -> None:
        evidence = [activity("meeting", "x", "10:00..11:00"), activity("touch", "WEB-2", "15:00")]
        found, _ = suggest(contributor_day(), evidence, Mappings({}, []))
        assert [(one.project, one.confidence) for one in found] == [(None, "unsure")] * 2
        assert all(one.because[-1].sentence == "No rule fits. Choose the project." for one in found)

    def test_a_project_that_wants_a_task_says_so(self) -> None:
        acme = Project.model_validate({"name": "ACME", "target": {"jira": "task"}})
        mapped = Mappings({"acme": acme}, [Rule(name="All", when=When(), then=Then(project="acme"))])
        (call,), _ = suggest(contributor_day(), [activity("meeting", "x", "10:00..11:00")], mapped)
        assert call.target is None
        assert call.because[-1].sentence == (
            "This project books on an issue or task, and none is named. Choose one."
        )

    def test_evidence_that_names_no_task_is_parked(self) -> None:
        odd = activity("touch", "x", "10:00").model_copy(update={"task": None})
        found, sums = suggest(contributor_day(), [odd], mappings())
        assert not found
        assert [parked.why for parked in sums.parked] == ["names no task"]

    def test_a_task_has_a_start_only_where_its_tool_takes_one(self) -> None:
        jira = activity("presence", "WEB-1", "10:00..12:00")
        asana = activity("presence", "12010", "13:00..15:00", source="asana")
        found, _ = suggest(contributor_day(), [jira, asana], mappings())
        starts = {suggestion.task: suggestion.start for suggestion in found}
        assert starts == {"WEB-1": jira.start, "12010": None}


@says("time already accounted for, by whatever tool")
class TestLogged:
    """Time that is recorded already is never suggested again."""

    @says("existing worklogs are subtracted: first from the draft they obviously are (same task")
    def test_P4_what_is_logged_on_a_task_is_taken_from_its_draft(self, sheet: Sheet) -> None:
        """
        presence  WEB-1 09:00..12:00
        logged    60 task=WEB-1
        expect    WEB-1 120
        expect    logged 60
        expect    gaps 300
        """
        expected, got = sheet
        assert got == expected

    @says("or same title and time)")
    def test_P4_a_meeting_that_is_also_a_worklog_counts_once(self, sheet: Sheet) -> None:
        """
        meeting   weekly 10:00..11:00
        presence  WEB-1 09:00..12:00
        logged    58 task=MEET-1 title=Weekly start=10:05
        expect    WEB-1 120
        expect    logged 58
        expect    gaps 302
        expect    ignored "weekly already logged"
        """
        expected, got = sheet
        assert got == expected

    def test_P4_time_logged_on_the_issue_of_a_meeting_is_the_meeting(self, sheet: Sheet) -> None:
        """
        meeting   sync 10:00..11:00 task=WEB-1
        logged    60 task=WEB-1
        expect    gaps 420
        expect    ignored "sync already logged"
        """
        expected, got = sheet
        assert got == expected

    def test_time_logged_for_a_day_says_nothing_about_a_meeting_at_midnight(self, sheet: Sheet) -> None:
        """
        meeting   release 00:00..01:00
        logged    60 task=OPS-9
        expect    release 60
        expect    gaps 420
        """
        expected, got = sheet
        assert got == expected

    def test_P4_a_worklog_of_the_very_same_time_is_the_meeting(self, sheet: Sheet) -> None:
        """
        meeting   weekly 10:00..11:00
        logged    60 task=MEET-1 start=10:00
        expect    gaps 420
        expect    ignored "weekly already logged"
        """
        expected, got = sheet
        assert got == expected

    @says("else from free capacity")
    def test_other_logged_time_is_taken_from_gaps_first(self, sheet: Sheet) -> None:
        """
        presence  WEB-1 09:00..12:00
        logged    90 task=OPS-9
        expect    WEB-1 180
        expect    gaps 210
        """
        expected, got = sheet
        assert got == expected

    def test_P4_other_logged_time_is_then_taken_from_the_tasks(self, sheet: Sheet) -> None:
        """
        presence  WEB-1 09:00..15:00
        presence  WEB-2 15:00..17:00
        logged    120 task=OPS-9
        expect    WEB-1 270
        expect    WEB-2 90
        expect    gaps 0
        """
        expected, got = sheet
        assert got == expected

    def test_focus_time_is_the_last_to_be_given_up(self, sheet: Sheet) -> None:
        """
        focus     writing 09:00..15:00
        presence  WEB-1 09:00..15:00
        presence  WEB-2 15:00..17:00
        logged    90 task=OPS-9
        expect    WEB-1 360
        expect    WEB-2 30
        """
        expected, got = sheet
        assert got == expected

    def test_more_logged_than_the_day_holds_leaves_no_task(self, sheet: Sheet) -> None:
        """
        presence  WEB-1 09:00..17:00
        logged    600 task=OPS-9
        expect    logged 600
        expect    gaps 0
        expect    outside 120
        expect    ignored "presence WEB-1 09:00..17:00 the time of the day is logged or confirmed elsewhere"
        """
        expected, got = sheet
        assert got == expected

    def test_what_daybook_posted_itself_is_not_counted_again(self) -> None:
        posted = activity("logged", "WEB-1", "10:00", minutes=60)
        _, sums = suggest(contributor_day(ours={posted.uid}), [posted], mappings())
        assert (sums.logged, sums.gaps) == (0, 480)


@says(
    "so that the day's total equals the rounded total of the unrounded minutes (largest remainder), "
    "and never exceeds capacity plus meetings"
)
class TestRounding:
    """To the steps of a project, without changing what the day adds up to."""

    def test_the_day_keeps_its_rounded_total(self, sheet: Sheet) -> None:
        """
        project   house to=15
        presence  WEB-1 09:00..09:50
        presence  WEB-2 10:00..10:50
        expect    WEB-1 60
        expect    WEB-2 45
        expect    gaps 375
        """
        expected, got = sheet
        assert got == expected

    def test_up_is_up_for_the_day_and_not_for_each(self, sheet: Sheet) -> None:
        """
        project   house to=6 mode=up
        meeting   a 09:00..09:10
        meeting   b 10:00..10:10
        meeting   c 11:00..11:10
        expect    a 12
        expect    b 12
        expect    c 6
        """
        expected, got = sheet
        assert got == expected

    def test_down_leaves_the_rest_a_gap(self, sheet: Sheet) -> None:
        """
        project   house to=15 mode=down
        presence  WEB-1 09:00..09:50
        expect    WEB-1 45
        expect    gaps 435
        """
        expected, got = sheet
        assert got == expected

    def test_P5_rounding_up_never_exceeds_capacity_plus_meetings(self, sheet: Sheet) -> None:
        """
        hours     09:00..09:50
        project   house to=15 mode=up
        presence  WEB-1 09:00..09:50
        expect    WEB-1 45
        expect    gaps 5
        """
        expected, got = sheet
        assert got == expected

    def test_what_rounds_to_nothing_is_named(self, sheet: Sheet) -> None:
        """
        project   house to=15 mode=down
        meeting   call 09:00..09:10
        expect    gaps 480
        expect    ignored "call too little for one step of 15 minutes"
        """
        expected, got = sheet
        assert got == expected


class TestDecisions:
    """The contributor's word is final, and the rest of the day makes room for it."""

    def test_P2_a_confirmed_draft_outlives_its_meeting(self, sheet: Sheet) -> None:
        """
        meeting   weekly 10:00..11:00 response=declined
        draft     gone-weekly 60 confirmed start=10:00
        expect    gaps 420
        expect    ignored "weekly declined"
        """
        expected, got = sheet
        assert got == expected

    def test_P4_a_meeting_made_again_finds_its_time_taken(self, sheet: Sheet) -> None:
        """
        meeting   again 10:00..11:00 response=accepted
        draft     weekly 60 confirmed start=10:00
        expect    overlapped again 60
        expect    gaps 420
        """
        expected, got = sheet
        assert got == expected

    def test_P2_a_dismissed_meeting_never_comes_back_and_its_time_is_free(self, sheet: Sheet) -> None:
        """
        meeting   weekly 10:00..11:00
        presence  WEB-1 09:00..12:00
        draft     weekly 60 dismissed
        expect    WEB-1 create 180
        expect    gaps 300
        """
        expected, got = sheet
        assert got == expected

    def test_what_a_dismissed_meeting_beat_gets_its_time(self, sheet: Sheet) -> None:
        """
        meeting   review 10:00..11:00 audience=2
        meeting   all-hands 10:00..11:00 audience=80
        draft     review 60 dismissed
        expect    all-hands "create 60"
        """
        expected, got = sheet
        assert got == expected

    def test_minutes_the_contributor_cut_become_a_gap(self, sheet: Sheet) -> None:
        """
        meeting   weekly 10:00..11:00
        presence  WEB-1 09:00..17:00
        draft     weekly 45 edited
        expect    WEB-1 create 420
        expect    gaps 15
        """
        expected, got = sheet
        assert got == expected

    def test_a_dismissed_task_leaves_its_time_to_the_others(self, sheet: Sheet) -> None:
        """
        presence  WEB-1 09:00..17:00
        presence  WEB-2 09:00..17:00
        draft     WEB-1 240 dismissed
        expect    WEB-2 "create 480"
        """
        expected, got = sheet
        assert got == expected

    def test_minutes_cut_from_an_evening_meeting_are_no_gap(self, sheet: Sheet) -> None:
        """
        meeting   tokyo 22:00..23:00
        presence  WEB-1 09:00..10:00
        draft     tokyo 30 edited
        expect    WEB-1 "create 60"
        expect    gaps 420
        expect    outside 30
        """
        expected, got = sheet
        assert got == expected

    def test_minutes_the_contributor_cut_are_the_first_to_pay_for_logged_time(self, sheet: Sheet) -> None:
        """
        meeting   weekly 10:00..11:00
        presence  WEB-1 09:00..17:00
        logged    30 task=OPS-9
        draft     weekly 30 edited
        expect    WEB-1 create 420
        expect    gaps 0
        """
        expected, got = sheet
        assert got == expected

    def test_minutes_the_contributor_added_come_from_gaps_first(self, sheet: Sheet) -> None:
        """
        meeting   weekly 10:00..11:00
        presence  WEB-1 11:00..13:00
        draft     weekly 90 edited
        expect    WEB-1 create 120
        expect    gaps 270
        """
        expected, got = sheet
        assert got == expected

    def test_P4_minutes_the_contributor_added_come_then_from_open_tasks(self, sheet: Sheet) -> None:
        """
        hours     09:00..13:00
        presence  WEB-1 09:00..13:00
        presence  WEB-2 09:00..13:00
        draft     WEB-1 150 edited
        expect    WEB-2 create 90
        expect    gaps 0
        """
        expected, got = sheet
        assert got == expected

    def test_confirming_what_is_left_of_a_meeting_leaves_the_other_alone(self, sheet: Sheet) -> None:
        """
        meeting   all-hands 10:00..12:00 audience=80
        meeting   review 10:30..11:00 audience=3
        draft     all-hands 90 confirmed
        expect    review create 30
        """
        expected, got = sheet
        assert got == expected

    @says("Overlaps are resolved so that no minute counts twice: contributor's own decision")
    def test_P4_a_contributor_who_says_they_stayed_takes_the_time_of_the_other(self, sheet: Sheet) -> None:
        """
        meeting   all-hands 10:00..12:00 audience=80
        meeting   review 10:30..11:00 audience=3
        draft     all-hands 120 edited
        expect    overlapped review 30
        expect    gaps 360
        """
        expected, got = sheet
        assert got == expected

    def test_P2_what_the_contributor_added_themselves_counts(self, sheet: Sheet) -> None:
        """
        presence  WEB-1 09:00..17:00
        draft     phone 30 edited
        expect    WEB-1 create 450
        expect    gaps 0
        """
        expected, got = sheet
        assert got == expected


@says(
    "Plan is the difference between the drafts that stand and those that ought to stand: create, "
    "revise, withdraw, flag"
)
class TestChanges:
    """From one look at the evidence to the next."""

    def changed(self, before: str, after: str, decision: str | None = None) -> dict[str, str]:
        """What the second day makes of the drafts of the first, once the first of them is decided."""
        first, second = DaySheet(before), DaySheet(after)
        drafts = applied([], first.plan().changes)
        if decision:
            drafts[0] = drafts[0].model_copy(update={"decision": decision})
        second.drafts = drafts
        return {name: said for name, said in second.got().items() if name not in ("ignored", "overlapped")}

    @says(
        "Stability: the identity of a draft comes from its evidence (series or task and day), so a "
        "small change upstream revises a draft rather than replacing it"
    )
    def test_P2_an_open_draft_follows_its_meeting(self) -> None:
        before = "meeting weekly 10:00..11:00"
        assert self.changed(before, "meeting weekly 10:00..11:30") == {"weekly": "revise 90"}

    def test_an_open_draft_goes_with_its_meeting(self) -> None:
        before = "meeting weekly 10:00..11:00"
        assert self.changed(before, "meeting weekly 10:00..11:00 response=declined") == {"weekly": "withdraw"}

    @pytest.mark.parametrize("decision", ["edited", "confirmed"])
    def test_P2_a_decided_draft_is_flagged_once_and_never_moved(self, decision: str) -> None:
        before = "meeting weekly 10:00..11:00"
        assert self.changed(before, "meeting weekly 10:00..11:30", decision) == {"weekly": "flag 90"}

    def test_P2_a_decided_draft_outlives_its_meeting(self) -> None:
        before = "meeting weekly 10:00..11:00"
        after = "meeting weekly 10:00..11:00 response=declined"
        assert self.changed(before, after, "confirmed") == {"weekly": "flag gone"}

    def test_P2_a_dismissed_draft_stays_silent_whatever_its_meeting_does(self) -> None:
        before = "meeting weekly 10:00..11:00"
        assert self.changed(before, "meeting weekly 14:00..16:00", "dismissed") == {}

    def test_another_draft_being_dismissed_is_no_news_for_a_confirmed_one(self) -> None:
        text = "presence WEB-1 09:00..17:00\npresence WEB-2 09:00..17:00"
        written = DaySheet(text)
        one, other = applied([], written.plan().changes)
        written.drafts = [
            one.model_copy(update={"decision": "confirmed"}),
            other.model_copy(update={"decision": "dismissed"}),
        ]
        assert written.plan().changes == ()

    def test_a_confirmed_task_keeps_its_part_however_small_it_has_become(self) -> None:
        before = "presence WEB-1 09:00..09:30"
        after = "presence WEB-1 09:00..09:08\npresence WEB-2 09:00..10:00"
        assert self.changed(before, after, "confirmed") == {"WEB-2": "create 56"}

    def test_P9_an_open_draft_makes_room_for_a_decision_and_stays_so(self, sheet: Sheet) -> None:
        """
        presence  WEB-1 09:00..17:00
        presence  WEB-2 09:00..17:00
        draft     WEB-1 300 edited
        draft     WEB-2 240 open
        expect    WEB-2 revise 180
        """
        expected, got = sheet
        assert got == expected

    def test_P2_another_rounding_is_no_news_and_another_project_is(self) -> None:
        written = DaySheet("presence WEB-1 09:00..10:07")
        for step in (15, 30):
            written.mappings, written.drafts = mappings(Rounding(to=step)), []
            [made] = applied([], written.plan().changes)
            written.drafts = [made.model_copy(update={"decision": "confirmed"})]
            for other in (None, Rounding(to=6), Rounding(to=45, mode="up")):
                written.mappings = mappings(other)
                assert written.plan().changes == ()
        written.mappings = both_houses()
        assert [type(change) for change in written.plan().changes] == [Flag]

    def test_P2_what_their_own_choice_taught_is_no_news(self) -> None:
        written = DaySheet("presence WEB-1 09:00..10:00")
        taught = written.day.model_copy(update={"memory": ALWAYS_HOME})
        written.mappings, untaught = both_houses(), written.day
        for before, after in ((untaught, taught), (taught, untaught)):
            written.day, written.drafts = before, []
            [made] = applied([], written.plan().changes)
            written.day, written.drafts = after, [made.model_copy(update={"decision": "confirmed"})]
            [said] = suggest(after, written.activities, written.mappings)[0]
            assert said.project != made.suggestion.project
            assert written.plan().changes == ()

    def test_P2_news_is_shown_again_to_whoever_had_settled_earlier_news(self) -> None:
        written = DaySheet("presence WEB-1 09:00..10:00")
        [made] = applied([], written.plan().changes)
        settled = made.model_copy(update={"decision": "confirmed", "noticed": True})
        [flagged] = applied([settled], [Flag(key=made.key, seen=None)])
        assert (flagged.seen, flagged.noticed) == (None, False)

    def test_P2_a_better_claim_to_its_time_is_no_news_for_a_confirmed_meeting(self) -> None:
        before = "meeting weekly 10:00..11:00 audience=8"
        after = f"{before}\nmeeting review 10:00..11:00 audience=2"
        assert self.changed(before, after, "confirmed") == {}


@says("Each draft carries because: a list of (evidence, minutes, sentence)")
class TestBecause:
    """P6: each suggestion says why, and its lines add up."""

    def lines(self, text: str) -> list[tuple[str, int, str]]:
        written = DaySheet(text)
        found, _ = suggest(written.day, written.activities, written.mappings)
        return [(line.kind, line.minutes, line.sentence) for line in found[0].because]

    def test_P6_of_a_meeting(self) -> None:
        assert self.lines("meeting weekly 10:00..11:00 response=accepted") == [
            ("meeting", 60, "In your calendar 10:00-11:00; you accepted."),
            ("rule", 0, 'Project house by the rule "All else" (line 7).'),
        ]

    def test_P6_of_a_task_that_was_never_in_progress(self) -> None:
        assert self.lines("touch WEB-1 11:30")[0] == (
            "touch",
            120,
            "You changed or commented on it at 11:30. Up to 1 hour before and after count as work on it.",
        )

    @says(
        'e.g. "In progress 10:12-15:40, less two meetings; you commented at 11:03 and 14:20" and "Project by '
        'rule Acme issues (line 41)"'
    )
    def test_P6_of_a_task(self) -> None:
        text = """
        project   house to=15
        presence  WEB-1 09:00..12:10
        touch     WEB-1 10:00
        touch     WEB-1 11:10
        logged    60 task=WEB-1
        """
        assert self.lines(text) == [
            ("presence", 190, "In progress 09:00-12:10. The working time between meetings went to it."),
            ("touch", 0, "You changed or commented on it at 10:00 and 11:10."),
            ("logged", -60, "Less 1 hour, already logged."),
            ("rounding", 5, "Rounded to 15 minutes; the day keeps its total."),
            ("rule", 0, 'Project house by the rule "All else" (line 7).'),
        ]
