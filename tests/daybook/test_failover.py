"""A standby takes over in the middle of it: nothing goes out twice, and nothing is lost that it had."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.memory import Tool
from core import rounds
from daybook import deeds, restored
from daybook.house import House, Member
from daybook.store import Store, StoreRefused, StoreUnavailable
from tests.daybook.conftest import KEY, YESTERDAY, Clock, draft, drafted
from tests.daybook.test_jobs import connected, do_all, drained
from tests.postgres import Pair

__all__ = ["connected"]


@pytest.fixture
def store_url(pair: Pair) -> str:
    return pair.fresh()


@pytest.fixture
def two(connected: House, ada: Member) -> dict[str, int]:
    """Drafts of Ada's, by key, in the revision she sees."""
    drafted(connected, ada, draft("k1", "10:00", 45), draft("k2", "11:00", 30))
    with connected.store.reading() as tx:
        return {held.draft.key: held.revision for held in tx.drafts.of(ada.id, YESTERDAY)}


def taken_over(pair: Pair, house: House, url: str) -> House:
    """The house as it starts again, beside one that may write nothing more."""
    pair.crashes()
    with pytest.raises(StoreUnavailable), house.store.writing():
        pass
    pair.takes_over()
    with pytest.raises(StoreRefused, match=r"a standby took over.*Start it again"), house.store.writing():
        pass
    again = replace(house, store=Store.open(url, KEY))
    assert restored.begin(again).older
    return again


def test_P8_P10_with_a_standby_that_is_waited_for_nothing_is_lost_and_nothing_twice(
    connected: House, ada: Member, tool: Tool, clock: Clock, pair: Pair, two: dict[str, int], store_url: str
) -> None:
    pair.waits_for_standby()
    assert deeds.confirm(connected, ada, YESTERDAY, {"k1": two["k1"]}).done
    clock.wait(minutes=16)
    do_all(connected, rounds.Post)
    assert deeds.confirm(connected, ada, YESTERDAY, {"k2": two["k2"]}).done
    again = taken_over(pair, connected, store_url)
    drained(again, tool, clock)
    assert sorted(one.minutes for one in tool.records.values()) == [30, 45]
    again.store.close()


def test_R09_P8_what_went_out_after_the_last_a_standby_heard_of_is_found_and_not_sent_again(
    connected: House, ada: Member, tool: Tool, clock: Clock, pair: Pair, two: dict[str, int], store_url: str
) -> None:
    """Nobody waits for this one. It knows one yes and no send; of the other yes it never heard."""
    assert deeds.confirm(connected, ada, YESTERDAY, {"k1": two["k1"]}).done
    pair.is_cut_off()
    assert deeds.confirm(connected, ada, YESTERDAY, {"k2": two["k2"]}).done
    clock.wait(minutes=16)
    do_all(connected, rounds.Post)
    assert len(tool.records) == 2
    again = taken_over(pair, connected, store_url)
    drained(again, tool, clock)
    assert len(tool.records) == 2
    assert deeds.confirm(again, ada, YESTERDAY, {"k2": two["k2"]}).done, "she is asked again"
    drained(again, tool, clock)
    assert sorted(one.minutes for one in tool.records.values()) == [30, 45]
    with again.store.reading() as tx:
        assert {filed.posting.state for filed in tx.postings.all_of(ada.id)} == {"posted"}
    again.store.close()
