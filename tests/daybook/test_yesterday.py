"""Yesterday's backup in today's world: what was sent, changed, taken back and published since is known again.

Not by the database, which is a day behind, but by looking: at the tool, and at what stands beside it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from config.schema import Configuration
from connectors.memory import Tool
from core import rounds
from daybook import backups, deeds, joining, restored, restoring
from daybook.house import House, Member
from daybook.store import Store
from tests.daybook.conftest import KEY, YESTERDAY, Clock, draft, drafted, member
from tests.daybook.test_backups import quiet
from tests.daybook.test_jobs import connected, do_all, drained

__all__ = ["connected"]

ADAS = {"amended": 45, "undone": 40, "shortened": 35, "held": 30, "since": 25, "untouched": 20}
"""Her drafts of the day before, by what becomes of each after the backup, and their minutes."""
CANARY = "Quittenmarmelade"


@pytest.fixture
def configuration(configuration: Configuration, tmp_path: Path) -> Configuration:
    said = configuration.store.model_copy(update={"url": f"sqlite:///{tmp_path}/daybook.db", "key": KEY})
    return configuration.model_copy(update={"store": said})


@pytest.fixture
def backup(connected: House, ada: Member, ben: Member, mara: Member, clock: Clock, tmp_path: Path) -> Path:
    """Made last night: most of Ada's day is posted, the others have drafts and a posted entry."""
    restored.begin(connected)
    drafted(connected, ada, *(draft(key, minutes=minutes, text=key) for key, minutes in ADAS.items()))
    confirmed(connected, ada, "amended", "undone", "shortened")
    for who in (ben, mara):
        drafted(connected, who, draft("posted", minutes=15, text=CANARY), draft("open", text=CANARY))
        confirmed(connected, who, "posted")
    clock.wait(minutes=16)
    do_all(connected, rounds.Post)
    confirmed(connected, ada, "held")
    return Path(backups.make(connected, tmp_path / "last-night.backup", None, quiet).file)


def confirmed(house: House, who: Member, *keys: str) -> None:
    with house.store.reading() as tx:
        revisions = {one.draft.key: one.revision for one in tx.drafts.of(who.id, YESTERDAY)}
    done = deeds.confirm(house, who, YESTERDAY, {key: revisions[key] for key in keys}).done
    assert {*done} == {*keys}


def today(house: House, ada: Member, ben: Member, mara: Member, tool: Tool, clock: Clock) -> None:
    """All that a backup knows nothing of."""
    confirmed(house, ada, "since")
    assert deeds.correct(house, ada, "amended", target="memory:WEB-13").done
    assert deeds.correct(house, ada, "shortened", minutes=5).done
    assert deeds.undo(house, ada, "undone").done
    joining.leave(house, ben)
    joining.erase(house, mara)
    drained(house, tool, clock)


def restored_from(house: House, backup: Path) -> House:
    house.store.close()
    placed = restoring.put_in_place(house.configuration, backup, house.clock(), quiet)
    assert placed.aside is not None
    for left in placed.aside.parent.glob(f"{placed.aside.name}*"):
        left.unlink()
    again = replace(house, store=Store.open(house.configuration.store.url, KEY))
    list(restoring.begun(again))
    return again


def at_the_tool(tool: Tool) -> list[tuple[str, str, int]]:
    return sorted((one.author, one.task, one.minutes) for one in tool.records.values())


def test_P8_R09_nothing_is_posted_twice_nothing_comes_back_and_nothing_is_lost(
    connected: House, ada: Member, ben: Member, mara: Member, tool: Tool, clock: Clock, backup: Path
) -> None:
    today(connected, ada, ben, mara, tool, clock)
    world = at_the_tool(tool)
    house = restored_from(connected, backup)
    drained(house, tool, clock)
    assert at_the_tool(tool) == world
    confirmed(house, ada, "since", "untouched")
    drained(house, tool, clock)
    after = [*world, ("ada@tool", "WEB-12", ADAS["untouched"])]
    assert at_the_tool(tool) == sorted(after), "what was sent is known again, and what is new is sent"
    with house.store.reading() as tx:
        assert tx.postings.waiting(clock()) == []


def test_P3_I12_who_left_or_was_erased_since_is_asked_about_nowhere_and_is_in_no_file(
    connected: House, ada: Member, ben: Member, mara: Member, tool: Tool, clock: Clock, backup: Path
) -> None:
    today(connected, ada, ben, mara, tool, clock)
    house = restored_from(connected, backup)
    drained(house, tool, clock)
    for name in ("Ben", "Mara"):
        with house.store.reading() as tx:
            named = [one for one in house.members(tx) if one.person.name.startswith(name)]
        assert not any(one.consent for one in named)
    do_all(house, rounds.Forget)
    with house.store.reading() as tx:
        assert tx.people.get(mara.id) is None
        assert tx.drafts.of(ben.id, YESTERDAY) == []
        asked = house.accounts(tx, "memory", house.members(tx))
    assert {one.contributor for one in asked}.isdisjoint({ben.id, mara.id})
    written = b"".join(file.read_bytes() for file in house.store.path.parent.glob("daybook.db*"))
    assert mara.id.encode() not in written and b"mara@" not in written


def test_R09_the_next_restart_is_one_like_any_other(
    connected: House, ada: Member, ben: Member, mara: Member, tool: Tool, clock: Clock, backup: Path
) -> None:
    today(connected, ada, ben, mara, tool, clock)
    house = restored_from(connected, backup)
    drained(house, tool, clock)
    requests = tool.requests
    assert not restored.begin(house).older
    drained(house, tool, clock)
    assert tool.requests == requests


def test_P13_no_period_that_had_begun_is_published_after_an_older_copy_was_put_back(
    connected: House, ada: Member, backup: Path, clock: Clock
) -> None:
    """It may be out already: two reports of one period could be subtracted."""
    from core.policy import Report
    from daybook import reporting

    house = restored_from(connected, backup)
    weekly = Report(who="managers", what=("client",), cadence="weekly")
    with house.store.writing() as tx:
        tx.reports.freeze("2026-W47", ())
        day = reporting._since(house, tx, weekly)
    assert day is not None and day > clock().date()
    assert member(house, "Ada").consent
