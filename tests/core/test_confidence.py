"""How sure a suggestion calls itself: never the first time, and never of a share of free time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core import drafts as deeds
from core.day import ContributorDay
from core.memory import NOTHING, Choice, Memory, OwnRule, learn, names, ruled
from core.model import Activity, Confidence, Draft
from core.suggest import suggest
from tests.core.day_sheet import THURSDAY, activity, contributor_day, mappings, named

CALL = {"series": "weekly", "response": "accepted", "audience": 4}


A_DAY = timedelta(days=1)


def confirmed(
    times: int, evidence: Activity, memory: Memory = NOTHING, last: date = THURSDAY - 7 * A_DAY
) -> Memory:
    """What is known once Ada has said yes to it every week up to that day."""
    for week in range(times):
        day = contributor_day(memory=memory)
        (suggestion,), _ = suggest(day, [evidence], mappings())
        yes = deeds.confirm(Draft(suggestion=suggestion, seen=suggestion))
        assert isinstance(yes, Draft)
        memory = learn(memory, yes, last - 7 * (times - 1 - week) * A_DAY)
    return memory


def dismissed(evidence: Activity, on: date, memory: Memory = NOTHING) -> Memory:
    (suggestion,), _ = suggest(contributor_day(memory=memory), [evidence], mappings())
    no = deeds.dismiss(Draft(suggestion=suggestion, seen=suggestion))
    assert isinstance(no, Draft)
    return learn(memory, no, on)


def called(day: ContributorDay, *evidence: Activity) -> dict[str, Confidence]:
    found, _ = suggest(day, evidence, mappings())
    return {named(suggestion): suggestion.confidence for suggestion in found}


def call(when: str = "10:00..10:30", **fields: Any) -> Activity:
    return activity("meeting", "call", when, **CALL | fields)


@pytest.mark.parametrize(("times", "word"), [(0, "likely"), (3, "likely"), (4, "sure")])
def test_a_meeting_is_sure_once_it_was_confirmed_four_times(times: int, word: str) -> None:
    assert called(contributor_day(memory=confirmed(times, call())), call()) == {"call": word}


def test_an_hour_is_not_sure_for_it_seldom_lasts_an_hour() -> None:
    hour = call("10:00..11:00")
    assert called(contributor_day(memory=confirmed(9, hour)), hour) == {"call": "likely"}


@pytest.mark.parametrize(
    "fields", [{"response": "tentative"}, {"response": "needs_action"}, {"audience": 11}], ids=str
)
def test_confirmed_meetings_are_not_sure_where_ada_may_have_been_elsewhere(fields: dict[str, Any]) -> None:
    day = contributor_day(memory=confirmed(4, call()), numbers={"tentative": "suggest"})
    assert called(day, call(**fields)) == {"call": "likely"}


def test_of_two_meetings_at_once_neither_is_sure_and_the_one_cut_short_is_unsure() -> None:
    other = activity("meeting", "other", "10:15..11:15", response="accepted", audience=9)
    day = contributor_day(memory=confirmed(4, call()))
    assert called(day, call(), other) == {"call": "likely", "other": "unsure"}


def test_a_meeting_confirmed_four_times_and_then_dismissed_is_no_longer_sure() -> None:
    memory = dismissed(call(), THURSDAY - A_DAY, confirmed(4, call()))
    assert called(contributor_day(memory=memory), call()) != {"call": "sure"}


def test_adas_own_rule_is_as_good_as_four_confirmations() -> None:
    own = OwnRule(
        about=names(call())[0], says="always", choice=Choice(project="house"), shown="call", made=THURSDAY
    )
    assert called(contributor_day(memory=ruled(NOTHING, own)), call()) == {"call": "sure"}


def test_a_task_in_progress_is_unsure_and_a_sign_of_work_makes_it_likely() -> None:
    evidence = [
        activity("presence", "WEB-1", "09:00..12:00"),
        activity("presence", "WEB-2", "09:00..12:00"),
        activity("touch", "WEB-2", "10:00"),
    ]
    assert called(contributor_day(), *evidence) == {"WEB-1": "unsure", "WEB-2": "likely"}


def test_however_often_it_was_confirmed_a_share_of_free_time_is_not_sure() -> None:
    touch = activity("touch", "WEB-2", "10:00")
    assert called(contributor_day(memory=confirmed(5, touch)), touch) == {"WEB-2": "likely"}


@pytest.mark.parametrize(("signs", "word"), [(1, "unsure"), (2, "likely")])
def test_one_sign_does_not_outweigh_a_dismissal_and_two_do(signs: int, word: str) -> None:
    touches = [activity("touch", "WEB-2", f"1{hour}:00") for hour in range(signs)]
    memory = dismissed(touches[0], THURSDAY - A_DAY)
    assert called(contributor_day(memory=memory), *touches) == {"WEB-2": word}


class TestTasksThatWereNoWork:
    """Ada dismissed a ticket that is still in progress."""

    TICKET = activity("presence", "WEB-1", "11-17T10:00..")

    @pytest.mark.parametrize(
        ("days_ago", "left"), [(1, {}), (0, {"WEB-1": "unsure"}), (-1, {"WEB-1": "unsure"})]
    )
    def test_it_is_left_out_on_later_days_and_on_no_other(
        self, days_ago: int, left: dict[str, Confidence]
    ) -> None:
        memory = dismissed(self.TICKET, THURSDAY - days_ago * A_DAY)
        assert called(contributor_day(memory=memory), self.TICKET) == left

    def test_it_says_why(self) -> None:
        memory = dismissed(self.TICKET, THURSDAY - A_DAY)
        _, sums = suggest(contributor_day(memory=memory), [self.TICKET], mappings())
        (ignored,) = sums.ignored
        assert ignored.why == (
            "in progress, no sign of work since you dismissed it on 18 November; a comment brings it back"
        )

    def test_a_sign_of_work_brings_it_back(self) -> None:
        memory = dismissed(self.TICKET, THURSDAY - A_DAY)
        evidence = [self.TICKET, activity("touch", "WEB-1", "12:00")]
        found, _ = suggest(contributor_day(memory=memory), evidence, mappings())
        assert [suggestion.minutes for suggestion in found] == [6 * 60]

    def test_a_later_yes_brings_it_back(self) -> None:
        memory = dismissed(self.TICKET, THURSDAY - 3 * A_DAY)
        memory = confirmed(1, activity("touch", "WEB-1", "12:00"), memory, last=THURSDAY - 2 * A_DAY)
        assert called(contributor_day(memory=memory), self.TICKET) == {"WEB-1": "unsure"}
