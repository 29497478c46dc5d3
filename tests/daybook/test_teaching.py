"""What contributors teach: learnt with the word itself, told to nobody else, and taken back by them alone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from config.schema import Configuration
from core.day import Sheet
from core.memory import NOTHING, Memory
from core.model import Activity, Draft
from daybook import deeds, teaching
from daybook.house import House, Member
from tests.core.says import says
from tests.daybook.conftest import YESTERDAY, Clock
from tests.daybook.test_jobs import LOOP, connected, do_all, meeting

__all__ = ["connected"]

TUESDAY, WEDNESDAY, THURSDAY = (YESTERDAY - timedelta(days=back) for back in (2, 1, 0))


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    """A rule books every ACME call on the client; the weekly one is about the house itself."""
    said = configuration.model_dump(mode="json", by_alias=True, exclude_unset=True)
    said["rules"] = [{"name": "ACME calls", "when": {"title": "ACME"}, "then": {"project": "acme-web"}}]
    return Configuration.model_validate(said)


def weekly(day: date, title: str = "ACME weekly", series: str | None = "s1") -> Activity:
    one = meeting(f"{title} {day}", "10:00", "11:00", title, day)
    return one.model_copy(update={"series": series})


@pytest.fixture
def three(connected: House, tool) -> House:
    """The same call on three days."""
    for day in (TUESDAY, WEDNESDAY, THURSDAY):
        tool.put("ada@tool", weekly(day))
    do_all(connected, *LOOP)
    return connected


def only(house: House, who: Member, day: date) -> Draft:
    with house.store.reading() as tx:
        (held,) = tx.drafts.of(who.id, day)
    return held.draft


def because(draft: Draft) -> str:
    return " ".join(reason.sentence for reason in draft.suggestion.because)


def remembered(house: House, who: Member) -> Memory:
    with house.store.reading() as tx:
        return tx.memory.of(who.id)


def moved(house: House, who: Member, day: date) -> None:
    """Booked on the house itself, and confirmed."""
    key = only(house, who, day).key
    assert deeds.edit(house, who, key, project="internal").done
    assert deeds.confirm(house, who, day).done


@says("after the same correction twice, it leads")
def test_a_call_moved_twice_is_suggested_there_the_next_day_until_that_is_forgotten(
    three: House, ada: Member
) -> None:
    for day in (TUESDAY, WEDNESDAY):
        assert only(three, ada, day).suggestion.project == "acme-web"
        moved(three, ada, day)
    do_all(three, *LOOP)
    drafted = only(three, ada, THURSDAY)
    assert drafted.suggestion.project == "internal"
    assert "you chose it 2 times for this recurring meeting" in because(drafted)
    assert "ACME calls" not in because(drafted)
    teaching.forget(three, ada, {one.about for one in remembered(three, ada).lessons})
    do_all(three, *LOOP)
    drafted = only(three, ada, THURSDAY)
    assert drafted.suggestion.project == "acme-web"
    assert 'the rule "ACME calls"' in because(drafted)


def test_P2_what_was_decided_is_not_flagged_by_what_was_learnt_from_it(three: House, ada: Member) -> None:
    for day in (TUESDAY, WEDNESDAY):
        moved(three, ada, day)
    do_all(three, *LOOP)
    for day in (TUESDAY, WEDNESDAY):
        assert only(three, ada, day).noticed, "its source says nothing new"
    teaching.forget_all(three, ada)
    do_all(three, *LOOP)
    assert only(three, ada, TUESDAY).noticed


def test_what_is_said_never_goes_and_comes_back_when_that_is_taken_back(three: House, ada: Member) -> None:
    moved(three, ada, TUESDAY)
    do_all(three, *LOOP)
    drafted = only(three, ada, THURSDAY)
    assert deeds.never(three, ada, drafted.key).done
    do_all(three, *LOOP)
    with three.store.reading() as tx:
        assert [tx.drafts.of(ada.id, day) for day in (WEDNESDAY, THURSDAY)] == [[], []]
        sheet = Sheet.model_validate_json(tx.days.sheet(ada.id, THURSDAY) or "")
    (ignored,) = sheet.ignored
    assert ignored.why == "you said never"
    assert (only(three, ada, TUESDAY).decision, only(three, ada, TUESDAY).noticed) == ("confirmed", True)
    assert ignored.about is not None
    teaching.drop_rule(three, ada, ignored.about)
    do_all(three, *LOOP)
    assert only(three, ada, THURSDAY).decision == "open"


@says('Personal rules made with "always" and "never" stand before team rules')
def test_an_own_rule_stands_before_the_rules_and_before_what_was_learnt(three: House, ada: Member) -> None:
    moved(three, ada, TUESDAY)
    do_all(three, *LOOP)
    key = only(three, ada, WEDNESDAY).key
    deeds.edit(three, ada, key, project="acme-web", target="none")
    assert deeds.always(three, ada, key).done
    do_all(three, *LOOP)
    drafted = only(three, ada, THURSDAY)
    assert (drafted.suggestion.project, drafted.suggestion.target) == ("acme-web", "none")


def test_taking_a_confirmation_back_takes_back_what_it_taught(three: House, ada: Member) -> None:
    moved(three, ada, TUESDAY)
    assert remembered(three, ada) != NOTHING
    assert deeds.undo(three, ada, only(three, ada, TUESDAY).key).done
    assert remembered(three, ada) == NOTHING


def test_a_dismissal_is_learnt_with_it_and_unlearnt_with_it(three: House, ada: Member) -> None:
    key = only(three, ada, TUESDAY).key
    deeds.dismiss(three, ada, key)
    assert {one.choice for one in remembered(three, ada).lessons} == {None}
    deeds.undo(three, ada, key)
    assert remembered(three, ada) == NOTHING


def test_an_edit_teaches_nothing_before_its_yes(three: House, ada: Member) -> None:
    deeds.edit(three, ada, only(three, ada, TUESDAY).key, project="internal")
    assert remembered(three, ada) == NOTHING


def test_R01_a_word_that_was_not_saved_taught_nothing(
    three: House, ada: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*what: Any) -> None:
        decided(*what)
        raise OSError("the disk is full")

    decided = teaching.decided
    key = only(three, ada, TUESDAY).key
    deeds.edit(three, ada, key, project="internal")
    monkeypatch.setattr(teaching, "decided", breaks)
    with pytest.raises(OSError, match="full"):
        deeds.confirm(three, ada, TUESDAY)
    assert remembered(three, ada) == NOTHING
    assert only(three, ada, TUESDAY).decision == "edited"


@says("and never leave the person", "A correction is remembered per contributor")
def test_P1_what_ada_taught_moves_nothing_of_bens(three: House, tool, ada: Member, ben: Member) -> None:
    for day in (TUESDAY, WEDNESDAY):
        moved(three, ada, day)
    deeds.never(three, ada, only(three, ada, THURSDAY).key)
    tool.put("ben@tool", weekly(THURSDAY))
    three.clock.wait(hours=1)
    do_all(three, *LOOP)
    assert only(three, ben, THURSDAY).suggestion.project == "acme-web"
    assert remembered(three, ben) == NOTHING


@pytest.mark.parametrize("how", ["leave", "erase"])
def test_P7_who_goes_takes_along_what_they_taught(three: House, ada: Member, clock: Clock, how: str) -> None:
    moved(three, ada, TUESDAY)
    deeds.never(three, ada, only(three, ada, WEDNESDAY).key)
    with three.store.writing() as tx:
        tx.people.leave(ada.id, clock()) if how == "leave" else tx.people.erase(ada.id)
    with three.store.reading() as tx:
        left = tx.everything_of(ada.id)
    assert (left["lessons"], left["own_rules"]) == ([], [])


def test_a_rule_that_still_has_something_to_say_is_kept(
    three: House, tool, ada: Member, clock: Clock
) -> None:
    deeds.never(three, ada, only(three, ada, TUESDAY).key)
    keep = three.policy.retention.memory
    for _ in range(2):
        clock.wait(days=keep - 10)
        tool.put("ada@tool", weekly(ada.today(clock()) - timedelta(days=1)))
        do_all(three, *LOOP)
        three.store.forget(three.policy.retention.model_dump(), clock())
    assert len(remembered(three, ada).rules) == 1
    clock.wait(days=keep + 7)
    three.store.forget(three.policy.retention.model_dump(), clock())
    assert remembered(three, ada) == NOTHING
