"""What calendars and task lists say, as far as it is decided here and not in a connector."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from core.mapping import Mappings
from core.model import Activity
from core.reconcile import applied, reconcile
from core.rules import Project, Rule, Then, When
from core.suggest import suggest

from .day_sheet import BERLIN, HOUSE, DaySheet, activity, contributor_day, mappings, named
from .says import says

Sheet = tuple[dict[str, str], dict[str, str]]

LATER = datetime(2026, 11, 23, 8, 0, tzinfo=BERLIN)
ON_SITE = Mappings(
    {"acme": Project(name="ACME"), "house": Project(name="The house")},
    [
        Rule(
            name="On site", when=When.model_validate({"labels": "On site at ACME"}), then=Then(project="acme")
        ),
        HOUSE,
    ],
)


class TestAllDay:
    """A date is no time: it takes capacity as leave, and says what the rest of the day is about."""

    def projects(self, *lines: str) -> dict[str, str | None]:
        written = DaySheet("\n".join(["meeting call 10:00..11:00", "presence WEB-1 11:00..12:00", *lines]))
        found, _ = suggest(written.day, written.activities, ON_SITE)
        return {named(suggestion): suggestion.project for suggestion in found}

    @says("All-day: away when it is leave, else context a mapping may use", "never eight hours of work")
    def test_its_title_is_a_label_of_everything_else_and_it_is_no_draft(self) -> None:
        on_site = 'meeting "On site at ACME" 11-18T00:00..11-20T00:00 all_day=1'
        assert self.projects(on_site) == {"call": "acme", "WEB-1": "acme"}
        assert self.projects() == {"call": "house", "WEB-1": "house"}

    @pytest.mark.parametrize(
        "entry",
        [
            'meeting "On site at ACME" 00:00..11-20T00:00 all_day=1 response=declined',
            'meeting "On site at ACME" 00:00..11-20T00:00 all_day=1 private=1',
            'meeting "On site at ACME" 11-18T00:00..11-19T00:00 all_day=1',
            'meeting "On site at ACME" 08:00..09:00',
        ],
    )
    def test_what_is_declined_private_over_or_a_time_of_day_says_nothing_about_the_rest(
        self, entry: str
    ) -> None:
        assert {self.projects(entry)[name] for name in ("call", "WEB-1")} == {"house"}

    @says("all-day leave | start, end | removes capacity, never an entry")
    def test_leave_is_leave_and_no_label(self) -> None:
        on_leave = activity("meeting", "On site at ACME", "00:00..11-20T00:00", all_day=True)
        call = activity("meeting", "call", "10:00..11:00")
        day = contributor_day(numbers={"leave_words": ["on site at acme"]})
        found, sums = suggest(day, [on_leave, call], ON_SITE)
        assert [one.project for one in found] == ["house"]
        assert sums.away == 480


class TestCopies:
    @says("the same meeting on two calendars (same iCalUID and start): one activity")
    def test_one_that_is_declined_is_declined_in_every_calendar_also_without_its_title(
        self, sheet: Sheet
    ) -> None:
        """
        meeting   own 10:00..11:00 title= container=ada response=declined
        meeting   team 10:00..11:00 title= container=team
        expect    gaps 480
        expect    ignored "team the same meeting is in another calendar too"
        """
        expected, got = sheet
        assert got == expected

    def test_two_private_blocks_are_not_taken_for_one(self) -> None:
        blocks = [f"meeting {name} 10:00..11:00 title= private=1 container={name}" for name in ("a", "b")]
        written = DaySheet("\n".join(blocks))
        _, sums = suggest(written.day, written.activities, mappings())
        assert [one.uid for one in sums.overlapped] == ["b"]


@says("Tentative or unanswered: suggested as unsure, unless the mapping says otherwise")
@pytest.mark.parametrize(
    ("response", "stated", "confidence"),
    [
        ("tentative", None, "unsure"),
        ("needs_action", None, "unsure"),
        ("tentative", "sure", "sure"),
        ("needs_action", "likely", "likely"),
        ("accepted", None, "likely"),
    ],
)
def test_a_rule_says_how_sure_an_unanswered_meeting_is(response: str, stated: str, confidence: str) -> None:
    rule = Rule.model_validate(
        {
            "name": "All",
            "when": {},
            "then": {"project": "house", **({"confidence": stated} if stated else {})},
        }
    )
    found, _ = suggest(
        contributor_day(),
        [activity("meeting", "weekly", "10:00..11:00", response=response)],
        Mappings({"house": Project(name="The house")}, [rule]),
    )
    assert [one.confidence for one in found] == [confidence]


@says("Organiser or accepted: suggested")
@pytest.mark.parametrize("response", ["organizer", "accepted", None])
def test_what_one_organised_accepted_or_wrote_down_oneself_is_suggested(response: str | None) -> None:
    call = activity("meeting", "weekly", "10:00..11:00", response=response)
    found, _ = suggest(contributor_day(), [call], mappings())
    assert [(one.minutes, one.confidence) for one in found] == [(60, "likely")]


@says(
    "crosses local midnight: split at the contributor's local midnight",
    "part tells the days of a split activity apart",
)
def test_a_night_out_is_a_draft_of_each_day_it_touches() -> None:
    night = activity("meeting", "release", "11-19T22:00..11-20T01:30")
    days = contributor_day(), contributor_day(day=date(2026, 11, 20), now=LATER)
    (evening,), (morning,) = (suggest(day, [night], mappings())[0] for day in days)
    assert (evening.minutes, morning.minutes) == (120, 90)
    assert evening.key != morning.key


class TestMovedIssues:
    """An issue that moved to another project has another key and the same history."""

    BEFORE = "presence WEB-1 09:00..11:00\ntouch WEB-1 10:00\npresence WEB-2 13:00..15:00"

    def moved(self, activities: list[Activity]) -> list[Activity]:
        return [a.model_copy(update={"task": "ACME-3"}) if a.task == "WEB-1" else a for a in activities]

    @pytest.mark.parametrize("decision", ["confirmed", "edited", "dismissed"])
    def test_P4_what_its_contributor_decided_under_the_old_key_is_not_suggested_again(
        self, decision: str
    ) -> None:
        written = DaySheet(self.BEFORE)
        drafts = applied([], written.plan().changes)
        decided = [
            one.model_copy(update={"decision": decision}) if one.suggestion.task == "WEB-1" else one
            for one in drafts
        ]
        after = applied(
            decided, reconcile(written.day, self.moved(written.activities), mappings(), decided).changes
        )
        assert [one.key for one in after] == [one.key for one in drafts]
        assert {one.suggestion.task: one.suggestion.minutes for one in after} == {"WEB-1": 120, "WEB-2": 120}

    def test_an_open_draft_goes_with_it(self) -> None:
        written = DaySheet(self.BEFORE)
        drafts = applied([], written.plan().changes)
        after = applied(
            drafts, reconcile(written.day, self.moved(written.activities), mappings(), drafts).changes
        )
        assert [one.key for one in after] == [one.key for one in drafts]
        assert {one.suggestion.task for one in after} == {"ACME-3", "WEB-2"}

    def test_asked_again_there_is_nothing_left_to_do(self) -> None:
        written = DaySheet(self.BEFORE)
        drafts = applied([], written.plan().changes)
        moved = self.moved(written.activities)
        after = applied(drafts, reconcile(written.day, moved, mappings(), drafts).changes)
        assert reconcile(written.day, moved, mappings(), after).changes == ()

    @pytest.mark.parametrize("kind", ["presence", "touch"])
    def test_one_sign_of_it_is_enough(self, kind: str) -> None:
        written = DaySheet(self.BEFORE)
        drafts = applied([], written.plan().changes)
        left = [a for a in self.moved(written.activities) if a.task != "ACME-3" or a.kind == kind]
        after = applied(drafts, reconcile(written.day, left, mappings(), drafts).changes)
        assert [one.key for one in after] == [one.key for one in drafts]

    def test_an_issue_that_became_two_has_two_drafts(self) -> None:
        written = DaySheet(self.BEFORE)
        drafts = applied([], written.plan().changes)
        parted = [
            a.model_copy(update={"task": f"ACME-{a.kind}"}) if a.task == "WEB-1" else a
            for a in written.activities
        ]
        after = applied(drafts, reconcile(written.day, parted, mappings(), drafts).changes)
        assert {one.suggestion.task for one in after} == {"ACME-presence", "ACME-touch", "WEB-2"}
        assert {one.key for one in drafts} < {one.key for one in after}

    def test_two_issues_that_became_one_have_one_draft_each_at_most(self) -> None:
        written = DaySheet(self.BEFORE)
        drafts = applied([], written.plan().changes)
        one = [a.model_copy(update={"task": "ACME-3"}) for a in written.activities]
        after = applied(drafts, reconcile(written.day, one, mappings(), drafts).changes)
        assert [draft.suggestion.minutes for draft in after] == [240]
        assert after[0].key in {draft.key for draft in drafts}
