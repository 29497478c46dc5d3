"""Back-fill by hand, and an administrator's word that something is really gone: sums, never a day (P1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from threading import Barrier

import pytest

from connectors.contract import Account, Partition
from connectors.memory import Memory
from daybook import jobs
from daybook.believing import believe
from daybook.errors import No, Wrong
from daybook.filling import fill
from daybook.house import House
from daybook.status import look
from tests.daybook.conftest import YESTERDAY, Clock
from tests.daybook.test_gaps import emptied, plenty, state_of  # noqa: F401
from tests.daybook.test_jobs import LOOP, connected, do_all, drafts_of, meeting  # noqa: F401

LONG_AGO = date(2026, 11, 10)


def missed(tool) -> None:
    """Something the cursor will never show."""
    tool.put("ada@tool", meeting("missed", "15:00", "16:00", "Missed call"))
    tool.things["missed"] = tool.things["missed"].__class__("ada@tool", tool.things["missed"].activity, 1)


def cursor_of(house: House) -> str | None:
    with house.store.reading() as tx:
        return tx.partitions.cursor("memory", "memory", [person.id for person in tx.people.all()])


def test_a_back_fill_brings_what_was_missed_and_leaves_the_cursor_alone(plenty, tool):  # noqa: F811
    missed(tool)
    before = cursor_of(plenty)
    told = fill(plenty, LONG_AGO)
    assert (told.filled, told.failed, told.busy) == (1, 0, 0)
    assert "Missed call" in drafts_of(plenty, "Ada")
    assert before is not None and cursor_of(plenty) == before


def test_a_back_fill_reads_people_side_by_side(plenty, monkeypatch):  # noqa: F811
    """Each waits until another one is read too: one after the other, this never ends."""
    together = Barrier(2)

    def met(*_: object) -> str:
        together.wait(timeout=60)
        return "filled"

    def apart(_: Memory, accounts: Sequence[Account]) -> list[Partition]:
        return [Partition(key=one.contributor, accounts=(one,)) for one in accounts]

    monkeypatch.setattr(Memory, "partitions", apart)
    monkeypatch.setattr(jobs, "fill", met)
    assert fill(plenty, LONG_AGO).filled == 4


def test_R10_a_back_fill_takes_nothing_away(plenty, tool):  # noqa: F811
    tool.things.clear()
    assert fill(plenty, LONG_AGO).filled == 1
    assert len(drafts_of(plenty, "Ada")) == 8


def test_a_back_fill_that_broke_off_goes_on_where_it_was(plenty, tool, clock: Clock):  # noqa: F811
    tool.mishaps = ["unavailable"]
    told = fill(plenty, LONG_AGO)
    assert (told.filled, told.failed) == (0, 1)
    assert "did not answer" in told.reasons[0]
    assert fill(plenty, LONG_AGO).filled == 1
    requests = tool.requests
    again = fill(plenty, LONG_AGO)
    assert (again.filled, again.fresh, tool.requests) == (0, 1, requests)
    assert fill(plenty, LONG_AGO - timedelta(days=1)).filled == 1, "from an earlier day it is another one"
    clock.wait(hours=1)
    assert fill(plenty, LONG_AGO).filled == 1


def test_a_partition_the_daemon_is_at_is_left_to_it(plenty, tool):  # noqa: F811
    now = plenty.clock()
    with plenty.store.writing() as tx:
        assert tx.partitions.claim("memory", "memory", "daemon", now, timedelta(minutes=10))
    requests = tool.requests
    told = fill(plenty, LONG_AGO)
    assert (told.busy, told.filled, tool.requests) == (1, 0, requests)
    assert state_of(plenty).claimed_by == "daemon"


@pytest.mark.parametrize(
    ("since", "why"),
    [
        (date(2026, 11, 21), "lies ahead"),
        (date(2026, 10, 1), "too long ago: the policy lets Daybook look back 14 days"),
    ],
)
def test_a_day_that_may_not_be_read_is_refused_in_words(plenty, tool, since, why):  # noqa: F811
    requests = tool.requests
    with pytest.raises(Wrong, match=why):
        fill(plenty, since)
    assert tool.requests == requests


def test_a_connection_there_is_none_of_is_refused_with_those_there_are(plenty):  # noqa: F811
    with pytest.raises(Wrong, match=r'no connection "jria"\. Configured are: memory'):
        fill(plenty, YESTERDAY, "jria")


# --- believing ---------------------------------------------------------------------------------------------


def test_R10_without_a_yes_only_the_numbers_are_shown(emptied):  # noqa: F811
    told = believe(emptied, "memory", None, yes=False)
    assert (told.partitions, told.held, told.vanished, told.settled) == (1, 8, 8, None)
    assert "Call" not in " ".join(told.lines())
    assert len(drafts_of(emptied, "Ada")) == 8


def test_R10_a_yes_lets_go_of_as_much_as_was_shown(emptied):  # noqa: F811
    assert believe(emptied, "memory", None, yes=True).settled == 1
    do_all(emptied, *LOOP)
    assert drafts_of(emptied, "Ada") == {}


def test_R10_a_yes_that_comes_too_late_says_so(emptied, tool):  # noqa: F811
    tool.mishaps = ["unavailable"]
    told = believe(emptied, "memory", None, yes=True)
    assert told.settled == 0
    assert len(drafts_of(emptied, "Ada")) == 8


def test_where_nothing_is_doubted_there_is_nothing_to_believe(plenty):  # noqa: F811
    with pytest.raises(No, match="Nothing of memory is doubted"):
        believe(plenty, "memory", None, yes=True)


def test_somebody_who_takes_no_part_is_said(emptied):  # noqa: F811
    with pytest.raises(Wrong, match="takes no part"):
        believe(emptied, "memory", "nobody@northwind.example", yes=True)


# --- status ------------------------------------------------------------------------------------------------


def test_R13_by_a_clock_that_is_not_believed_nothing_is_asked_and_nothing_let_go_of(
    emptied,  # noqa: F811
    tool,
    clock: Clock,
):
    """Its last day of work was a hundred days ago, it says; whatever is read by that is of other days."""
    emptied.store.forget(emptied.policy.retention.model_dump(), clock())
    clock.wait(days=100)
    asked, before = tool.requests, state_of(emptied)
    with pytest.raises(Wrong, match=r"Nothing was changed\..*clock"):
        fill(emptied, clock().date() - timedelta(days=3))
    with pytest.raises(Wrong, match=r"Nothing was changed\..*clock"):
        believe(emptied, "memory", None, yes=True)
    assert (tool.requests, state_of(emptied)) == (asked, before)


def test_status_says_since_when_what_fails_and_how_much_is_doubted(emptied):  # noqa: F811
    (source,) = look(emptied).sources
    assert (source.failing, source.doubted) == (1, 1)
    assert source.oldest_whole == source.oldest
    (need,) = look(emptied).needs()
    assert "1 of 1 failing (1 doubted) since 2026-11-21 12:30 UTC" in need.says
    assert need.do == "daybook sync --believe memory"
