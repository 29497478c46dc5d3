"""What memory says about one activity, beside the rules (core/recall.py)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.mapping import Match
from core.memory import NOTHING, Choice, Memory, OwnRule, ruled
from core.model import Activity
from core.recall import recalled
from tests.core.says import says
from tests.core.test_memory_votes import FIRST, after, word

RULED = Match(rule="Web", project="acme", target="none", text="Fix the login")
SILENT = Match(text="Fix the login")
SERIES, TASK = "series:jira:s1", "task:jira:WEB-12"
TITLE = "title:jira:WEB:fix the login"


def activity(title: str | None = "Fix the login!", day: int = 10, **more: object) -> Activity:
    start = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(day)
    said = {"source": "jira", "uid": "a", "kind": "touch", "container": "WEB", "start": start, "title": title}
    return Activity.model_validate(said | more)


def moved(times: int, about: str = TITLE, to: str = "beta", day: int = 0) -> Memory:
    """Suggested on acme, and moved so many times."""
    return after(*(word(to, "acme", day=day + number, about=(about,)) for number in range(times)))


def test_nothing_known_changes_nothing():
    assert recalled(RULED, NOTHING, activity()) is RULED
    assert recalled(RULED, moved(5, "title:jira:WEB:another"), activity()) == RULED


class TestATitle:
    def test_moved_once_it_stays_with_its_rule_and_is_doubted(self):
        match = recalled(RULED, moved(1), activity())
        assert (match.project, match.rule, match.chosen, match.at_most) == ("acme", "Web", None, "unsure")
        assert match.doubt is not None
        assert (match.doubt.by, match.doubt.choice, match.doubt.times, match.doubt.last) == (
            "title",
            Choice(project="beta", target="none"),
            1,
            FIRST,
        )

    @says("after the same correction twice, it leads")
    def test_moved_twice_it_leads(self):
        match = recalled(RULED, moved(2), activity())
        assert (match.project, match.target, match.at_most, match.doubt) == ("beta", "none", "sure", None)
        assert match.chosen is not None
        assert (match.chosen.by, match.chosen.times, match.chosen.last) == ("title", 2, FIRST + timedelta(1))

    def test_where_no_rule_speaks_once_is_enough_to_suggest_and_not_to_be_sure(self):
        match = recalled(SILENT, moved(1), activity())
        assert (match.project, match.at_most) == ("beta", "likely")

    def test_what_the_rules_said_and_was_left_so_does_not_bind_the_rules(self):
        known = after(*(word("acme", "acme", day=day) for day in range(9)))
        changed = RULED._replace(project="gamma")
        assert recalled(changed, known, activity()) == changed

    def test_another_task_with_the_title_is_booked_on_itself(self):
        said = word("beta", "acme", target="jira:WEB-1", task="WEB-1")
        match = recalled(SILENT, after(said, said), activity(), task="WEB-2")
        assert (match.target, match.needs_task) == ("jira:WEB-2", False)
        assert recalled(SILENT, after(said, said), activity()).needs_task

    def test_dismissed_before_it_is_suggested_and_doubted(self):
        match = recalled(RULED, after(word("acme", "acme", decision="dismissed")), activity())
        assert (match.project, match.at_most) == ("acme", "unsure")
        assert match.doubt is not None
        assert match.doubt.choice is None


class TestASeriesOrTask:
    @pytest.mark.parametrize("about", [SERIES, TASK])
    def test_moved_once_it_leads_and_twice_it_is_sure(self, about):
        for times, sureness in ((1, "likely"), (2, "sure")):
            match = recalled(RULED, moved(times, about), activity(series="s1"), "WEB-12")
            assert (match.project, match.at_most) == ("beta", sureness)

    def test_it_stands_before_a_rule_that_would_ignore_it(self):
        match = recalled(Match(rule="Lunch", ignore=True), moved(1, SERIES), activity(series="s1"))
        assert (match.project, match.ignore, match.text) == ("beta", False, "Fix the login!")

    def test_the_series_says_more_than_the_task_and_both_more_than_the_title(self):
        known = after(
            *(word("gamma", "acme", about=(TITLE,)) for _ in range(4)),
            *(word("delta", "acme", about=(TASK,)) for _ in range(4)),
        )
        assert recalled(RULED, known, activity(), "WEB-12").project == "delta"
        known = after(word("beta", "acme", about=(SERIES,)), known=known)
        assert recalled(RULED, known, activity(series="s1"), "WEB-12").project == "beta"

    def test_a_changed_mind_is_not_sure(self):
        known = after(*(word("beta", "acme", day=day, about=(SERIES,)) for day in range(5)))
        known = after(word("gamma", "beta", day=6, about=(SERIES,)), known=known)
        once = recalled(RULED, known, activity(series="s1"))
        known = after(word("gamma", "beta", day=7, about=(SERIES,)), known=known)
        twice = recalled(RULED, known, activity(series="s1"))
        assert (once.project, once.at_most) == ("beta", "likely")
        assert (twice.project, twice.at_most) == ("gamma", "likely")

    def test_the_same_project_booked_otherwise_is_a_choice_too(self):
        said = word("acme", "acme", about=(SERIES,), billable=True)
        match = recalled(RULED, after(said), activity(series="s1"))
        assert (match.project, match.billable) == ("acme", True)
        assert match.chosen is not None


class TestOwnRules:
    always = OwnRule(about=TITLE, says="always", choice=Choice(project="beta"), shown="Fix", made=FIRST)
    never = OwnRule(about=TITLE, says="never", shown="Fix the login", made=FIRST)

    @says('Personal rules made with "always" and "never" stand before team rules')
    def test_always_stands_before_the_rules_and_before_what_was_learnt(self):
        match = recalled(RULED, ruled(moved(9, to="gamma"), self.always), activity())
        assert (match.project, match.at_most) == ("beta", None)
        assert match.chosen is not None
        assert (match.chosen.by, match.chosen.title, match.chosen.last) == ("always", "Fix", FIRST)

    def test_never_is_no_work(self):
        match = recalled(RULED, ruled(moved(9), self.never), activity())
        assert match.ignore
        assert match.chosen is not None
        assert match.chosen.by == "never"

    def test_a_rule_about_the_series_comes_before_one_about_the_title(self):
        known = ruled(ruled(NOTHING, self.never), self.always.model_copy(update={"about": SERIES}))
        assert not recalled(RULED, known, activity(series="s1")).ignore


class TestTitlesThatAreAlike:
    weeks = [f"title:jira:WEB:server checks week {week}" for week in range(38, 44)]

    def weekly(self, times: int, to: str = "beta", against: str | None = None) -> Memory:
        words = [word(to, against, day=day, about=(about,)) for day, about in enumerate(self.weeks[:times])]
        return after(*words)

    def test_it_goes_where_those_went_that_are_like_it(self):
        match = recalled(SILENT, self.weekly(4), activity("Server checks - week 44"))
        assert (match.project, match.at_most) == ("beta", "sure")
        assert match.chosen is not None
        assert (match.chosen.by, match.chosen.times) == ("like", 4)
        assert match.chosen.title.startswith("server checks week 4")
        assert match.chosen.last == FIRST + timedelta(3)

    def test_a_single_one_makes_nobody_sure(self):
        match = recalled(SILENT, self.weekly(1), activity("Server checks - week 44"))
        assert (match.project, match.at_most) == ("beta", "likely")

    def test_what_is_only_a_little_like_it_leaves_it_unsure(self):
        far = recalled(SILENT, self.weekly(4), activity("Checks of the new annual report for auditors"))
        assert far.at_most != "sure"

    def test_disagreement_is_never_sure(self):
        both = after(
            *(word("gamma", None, day=9, about=(about,)) for about in self.weeks[4:]), known=self.weekly(4)
        )
        match = recalled(SILENT, both, activity("Server checks - week 44"))
        assert match.at_most != "sure"

    def test_against_a_rule_it_takes_two_corrections_and_certainty(self):
        new = activity("Server checks - week 44")
        assert recalled(RULED, self.weekly(4), new).project == "beta"
        assert recalled(RULED, self.weekly(1, against="acme"), new) == RULED
        left_alone = self.weekly(5, to="gamma", against="gamma")
        assert recalled(RULED, left_alone, new) == RULED
        assert recalled(Match(rule="Lunch", ignore=True), self.weekly(4), new).ignore

    def test_the_task_of_another_tool_is_no_target(self):
        said = word("beta", None, about=("title:asana:1:server checks",), target="asana:77", task="77")
        match = recalled(SILENT, after(said, said), activity("Server checks"), "WEB-2")
        assert (match.project, match.target) == ("beta", None)

    def test_long_ago_has_less_to_say_than_lately(self):
        old = [word("acme", None, day=day, about=(about,)) for day, about in enumerate(self.weeks[:3])]
        new = [word("beta", None, day=200 + day, about=(about,)) for day, about in enumerate(self.weeks[3:5])]
        assert (
            recalled(SILENT, after(*old, *new), activity("Server checks - week 44", day=205)).project
            == "beta"
        )

    def test_a_private_thing_is_not_compared(self):
        assert recalled(SILENT, self.weekly(4), activity("Server checks", private=True)) == SILENT
