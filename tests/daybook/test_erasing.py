"""Who leaves, or erases themselves, is gone from the store, and is not asked again (P7, I12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core import rounds
from daybook import deeds, forget, joining, state
from daybook.daemon import enrol
from daybook.errors import Wrong
from daybook.house import House, Member
from tests.daybook.conftest import YESTERDAY, Clock, draft, drafted
from tests.daybook.page.conftest import everything

ADA = "ada@northwind.example"


@pytest.fixture
def busy(house: House, ada: Member, clock: Clock) -> Member:
    """Ada confirmed one draft, another waits, and a calendar of hers was read."""
    drafted(house, ada, draft("a", "10:00"), draft("b", "11:00"))
    assert deeds.confirm(house, ada, YESTERDAY, {"a": 1}).done
    with house.store.writing() as tx:
        tx.partitions.claim("memory", ada.id, "run", clock(), timedelta(minutes=1))
        tx.partitions.finish("memory", ada.id, "run", "cursor", [ada.id], clock(), whole=True)
    return ada


def rows_with(house: House, word: str) -> set[str]:
    return {table for table, rows in everything(house) if any(word in row for row in rows)}


def due(house: House) -> list[rounds.Work]:
    now = house.clock()
    return rounds.due(state.snapshot(house, now), now)


def test_P7_who_erases_themselves_is_in_no_table(house: House, busy: Member) -> None:
    assert rows_with(house, busy.id) > {"contributors", "entries", "postings", "partitions"}
    joining.erase(house, busy)
    assert rows_with(house, busy.id) == set()
    assert rows_with(house, ADA) == set()


def test_P7_what_stands_at_a_tool_is_named_and_not_deleted(house: House, busy: Member) -> None:
    with house.store.writing() as tx:
        ((posting, version),) = tx.postings.all_of(busy.id)
        sending = posting.model_copy(update={"state": "sending", "attempt": 1})
        assert tx.postings.save(sending, version)
    assert [one.task for one in joining.erase(house, busy)] == ["WEB-12"]


def test_P7_what_was_never_sent_stands_nowhere(house: House, busy: Member) -> None:
    assert joining.erase(house, busy) == []


def test_P7_who_erased_themselves_is_not_invited_again(house: House, busy: Member) -> None:
    joining.erase(house, busy)
    enrol(house)
    assert rows_with(house, ADA) == set()
    assert not [work for work in due(house) if isinstance(work, rounds.Invite)]


def test_P7_an_administrator_can_take_even_the_mark_away(house: House, busy: Member) -> None:
    joining.erase(house, busy)
    said = list(forget.forget_person(house, ADA))
    assert said[0].startswith("They had erased themselves; the mark that says so, and nothing else, was left")
    with pytest.raises(Wrong):
        list(forget.forget_person(house, ADA))
    enrol(house)
    assert rows_with(house, ADA) == {"contributors"}


def test_R13_by_a_wrong_clock_one_person_is_erased_and_nothing_of_others(
    house: House, busy: Member, ben: Member, clock: Clock
) -> None:
    """A machine in 2036: everything of everybody seemed past its retention."""
    drafted(house, ben, draft("b", "10:00"))
    house.store.forget(house.policy.retention.model_dump(), clock())
    his = {table: rows for table, rows in everything(house) if any(ben.id in row for row in rows)}
    clock.now = clock.now.replace(year=2036)
    said = list(forget.forget_person(house, ADA))
    assert said[0] == forget.ERASED
    assert said[1].startswith("What is past its retention stays for now. The clock says 2036")
    assert rows_with(house, busy.id) == set()
    assert "drafts" in rows_with(house, ben.id)
    assert rows_with(house, ben.id) == his.keys()


@pytest.mark.parametrize("how", [joining.leave, joining.erase])
def test_P12_the_next_round_takes_the_deleted_bytes_out_of_the_files(
    house: House, busy: Member, clock: Clock, how
) -> None:
    house.store.forget(house.policy.retention.model_dump(), clock())
    assert rounds.Forget() not in due(house)
    how(house, busy)
    assert rounds.Forget() in due(house)


def test_P12_a_shorter_retention_acts_in_the_next_round(house: House, ada: Member, clock: Clock) -> None:
    house.store.forget(house.policy.retention.model_dump(), clock())
    shorter = house.policy.retention.model_copy(update={"drafts": 10})
    tightened = house.policy.model_copy(update={"retention": shorter})
    assert rounds.Forget() not in due(house)
    assert rounds.Forget() in due(replace(house, policy=tightened))


def test_P10_who_leaves_leaves_no_bookmark_in_what_was_theirs_alone(house: House, busy: Member) -> None:
    joining.leave(house, busy)
    assert "partitions" not in rows_with(house, busy.id)
