"""Honest gaps: what was not seen is said, what suddenly vanished is doubted until somebody says (R-10)."""

from __future__ import annotations

import pytest

from core import rounds
from daybook import believing, gaps, jobs
from daybook.errors import No
from daybook.house import House
from daybook.words import unseen
from tests.daybook.conftest import TODAY, YESTERDAY, Clock
from tests.daybook.test_jobs import LOOP, connected, do_all, drafts_of, meeting  # noqa: F401

TITLES = {f"Call {n}" for n in range(8)}


@pytest.fixture
def plenty(connected: House, tool) -> House:  # noqa: F811
    """Eight meetings of Ada's, drafted."""
    for n, title in enumerate(sorted(TITLES)):
        tool.put("ada@tool", meeting(f"e{n}", f"{10 + n}:00", f"{10 + n}:30", title))
    do_all(connected, *LOOP)
    assert set(drafts_of(connected, "Ada")) == TITLES
    return connected


@pytest.fixture
def emptied(plenty: House, tool, clock: Clock) -> House:
    """A day later the tool shows nothing at all."""
    tool.kept = dict(tool.things)
    tool.things.clear()
    clock.wait(days=1, hours=5)
    do_all(plenty, *LOOP)
    return plenty


def state_of(house: House):
    with house.store.reading() as tx:
        (pull,) = tx.partitions.all()
    return pull


def said(house: House, who, day=YESTERDAY) -> list[str]:
    with house.store.reading() as tx:
        found = gaps.gaps(house, tx, who, day)
    return [unseen(one, who.zone, house.clock(), "Otto") for one in found]


def test_R10_an_empty_answer_where_there_was_plenty_changes_nothing(emptied):
    assert set(drafts_of(emptied, "Ada")) == TITLES
    pull = state_of(emptied)
    assert (pull.held, pull.vanished, pull.believed) == (8, 8, None)
    assert pull.last_whole < pull.guarded_since


def test_R10_it_is_tried_again_and_settles_by_itself_when_it_is_plenty_again(emptied, tool, clock: Clock):
    clock.wait(minutes=59)
    assert do_all(emptied, rounds.Pull) == 0
    tool.things = tool.kept
    clock.wait(minutes=1)
    do_all(emptied, *LOOP)
    pull = state_of(emptied)
    assert (pull.guarded_since, pull.failing_since, pull.vanished) == (None, None, None)
    assert set(drafts_of(emptied, "Ada")) == TITLES


def test_R10_what_a_person_says_is_gone_goes_and_no_more_than_that(emptied, tool):
    with emptied.store.writing() as tx:
        assert not tx.partitions.believe("memory", "memory", 7, gone=True)
        assert tx.partitions.believe("memory", "memory", 8, gone=True)
    do_all(emptied, *LOOP)
    assert drafts_of(emptied, "Ada") == {}
    assert state_of(emptied).guarded_since is None


def test_R10_a_yes_to_a_few_is_no_yes_to_more(plenty, tool, clock: Clock):
    for n in range(6):
        del tool.things[f"e{n}"]
    clock.wait(days=1, hours=5)
    do_all(plenty, *LOOP)
    with plenty.store.writing() as tx:
        assert tx.partitions.believe("memory", "memory", 6, gone=True)
    tool.things.clear()
    do_all(plenty, *LOOP)
    assert set(drafts_of(plenty, "Ada")) == TITLES
    assert (state_of(plenty).vanished, state_of(plenty).believed) == (8, None)


def test_R10_a_no_stands_while_it_is_the_same_question(emptied, clock: Clock):
    with emptied.store.writing() as tx:
        assert tx.partitions.believe("memory", "memory", 8, gone=False)
    clock.wait(hours=1)
    do_all(emptied, *LOOP)
    assert state_of(emptied).believed == 0
    assert set(drafts_of(emptied, "Ada")) == TITLES


def test_R10_things_told_to_be_gone_go_at_once_while_they_are_few(plenty, tool, clock: Clock):
    for n in range(4):
        tool.drop(f"e{n}")
    clock.wait(hours=2)
    do_all(plenty, *LOOP)
    assert set(drafts_of(plenty, "Ada")) == {f"Call {n}" for n in range(4, 8)}


def test_R10_most_things_told_to_be_gone_are_doubted_and_go_once_a_person_says_so(plenty, tool, clock: Clock):
    for n in range(8):
        tool.drop(f"e{n}")
    clock.wait(hours=2)
    do_all(plenty, *LOOP)
    assert set(drafts_of(plenty, "Ada")) == TITLES
    pull = state_of(plenty)
    assert (pull.held, pull.vanished, pull.needs) == (8, 8, "connection")
    clock.wait(hours=1)
    do_all(plenty, *LOOP)
    assert set(drafts_of(plenty, "Ada")) == TITLES, "it says the same again, and is not believed for that"
    assert believing.believe(plenty, "memory", None, yes=True).settled == 1
    do_all(plenty, *LOOP)
    assert drafts_of(plenty, "Ada") == {}


def test_R10_what_was_said_to_be_gone_and_is_back_is_doubted_no_more(plenty, tool, clock: Clock):
    for n in range(8):
        tool.drop(f"e{n}")
    clock.wait(hours=2)
    do_all(plenty, *LOOP)
    for n, title in enumerate(sorted(TITLES)):
        tool.put("ada@tool", meeting(f"e{n}", f"{10 + n}:00", f"{10 + n}:30", title))
    clock.wait(hours=1)
    do_all(plenty, *LOOP)
    assert state_of(plenty).guarded_since is None
    assert set(drafts_of(plenty, "Ada")) == TITLES


def test_R10_what_is_asked_for_no_more_goes_without_a_doubt_and_only_that_once(
    plenty, tool, clock: Clock, monkeypatch
):
    memory = plenty.connectors["memory"]
    real = memory.partitions
    less = {"asked": "less"}
    monkeypatch.setattr(
        memory, "partitions", lambda accounts: [one.model_copy(update=less) for one in real(accounts)]
    )
    kept = dict(tool.things)
    tool.things = {"e0": kept["e0"]}
    clock.wait(days=1, hours=5)
    do_all(plenty, *LOOP)
    assert len(drafts_of(plenty, "Ada")) == 1
    assert state_of(plenty).failing_since is None
    for things in (kept, {}):
        tool.things = things
        jobs.pull(plenty, "memory", "memory", whole=True)
    assert state_of(plenty).vanished == 8


def test_R10_a_yes_that_came_to_nothing_does_not_count_for_later(emptied, tool, clock: Clock):
    tool.mishaps = ["unavailable"] * 3
    told = believing.believe(emptied, "memory", None, yes=True)
    assert (told.settled, told.back) == (0, 0)
    assert any("your word does not count for later" in line for line in told.lines())
    tool.mishaps = []
    clock.wait(hours=2)
    do_all(emptied, *LOOP)
    assert set(drafts_of(emptied, "Ada")) == TITLES
    assert state_of(emptied).believed is None


def test_R10_of_a_source_that_is_plenty_again_nothing_is_let_go(emptied, tool):
    tool.things = dict(tool.kept)
    told = believing.believe(emptied, "memory", None, yes=True)
    assert (told.settled, told.back) == (0, 1)
    assert list(told.lines())[-1] == (
        "1 looked at once more, and shows them again. Nothing was let go of there."
    )
    assert set(drafts_of(emptied, "Ada")) == TITLES


def test_R10_a_doubt_about_a_partition_there_is_no_more_asks_nobody(emptied, monkeypatch):
    monkeypatch.setattr(emptied.connectors["memory"], "partitions", lambda accounts: [])
    with pytest.raises(No):
        believing.believe(emptied, "memory", None, yes=False)


def test_all_is_looked_at_again_once_a_day_and_what_was_missed_is_found(plenty, tool, clock: Clock):
    tool.things["missed"] = tool.things["e0"].__class__(
        "ada@tool", meeting("missed", "18:30", "19:00", "Missed call"), changed=1
    )
    clock.wait(hours=12)
    do_all(plenty, *LOOP)
    assert "Missed call" not in drafts_of(plenty, "Ada")
    clock.wait(hours=16)
    do_all(plenty, *LOOP)
    assert "Missed call" in drafts_of(plenty, "Ada")


# --- what is said ------------------------------------------------------------------------------------------


def test_a_source_seen_after_the_day_says_nothing(plenty, ada):
    assert said(plenty, ada) == []


@pytest.mark.parametrize("day", [YESTERDAY, TODAY])
def test_what_was_not_seen_of_one_person_is_known_without_a_look_at_the_others(plenty, ada, day, monkeypatch):
    monkeypatch.setattr(House, "members", None)
    assert said(plenty, ada, day) == []


def test_a_source_that_was_never_seen_says_so(connected, ada):  # noqa: F811
    assert said(connected, ada) == ["Memory not seen yet: Daybook is about to ask it."]


def test_what_was_never_seen_is_known_without_a_look_at_the_others(connected, ada, monkeypatch):  # noqa: F811
    monkeypatch.setattr(House, "members", None)
    assert said(connected, ada) == ["Memory not seen yet: Daybook is about to ask it."]


def test_a_source_that_is_away_says_since_when(plenty, tool, ada, clock: Clock):
    tool.mishaps = ["unavailable"] * 500
    clock.wait(days=4)
    do_all_once(plenty)
    (line,) = said(plenty, ada, TODAY)
    assert line == (
        "Memory not seen since Friday 08:30: it cannot be reached just now; Daybook goes on trying."
    )
    assert said(plenty, ada) == [], "yesterday was over when it was seen"


def test_a_connection_that_needs_the_administrator_names_them(plenty, tool, ada, clock: Clock):
    tool.open = False
    clock.wait(days=4)
    do_all_once(plenty)
    assert said(plenty, ada, TODAY) == [
        "Memory not seen since Friday 08:30: an administrator has to repair the connection (Otto)."
    ]


def test_a_source_that_was_emptied_is_not_believed(emptied, ada):
    assert said(emptied, ada, TODAY) == [
        "Memory not seen since Friday 08:30: it suddenly shows hardly anything, "
        "and Daybook keeps what was there until somebody says that it is gone."
    ]


def test_an_account_nobody_knows_is_said_and_not_an_empty_day(house: House, ada):
    do_all(house, rounds.Find)
    (line,) = said(house, ada)
    assert line.startswith("Memory is not read: nobody can say for certain which account there is yours.")


def do_all_once(house: House) -> None:
    jobs.pull(house, "memory", "memory")
