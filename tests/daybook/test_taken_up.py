"""A walk over the whole window that broke off goes on after its last page, and ends as if it never had."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import SecretStr

from connectors.memory import Tool
from daybook import jobs
from daybook.house import House
from daybook.store.walks import SOON
from tests.daybook.conftest import Clock, member
from tests.daybook.test_jobs import meeting

THINGS = 7
HERE = ("memory", "memory")


@pytest.fixture
def office(house: House, tool: Tool) -> House:
    """Ada and Ben are read, a thing on each page."""
    tool.page_size = 1
    with house.store.writing() as tx:
        for name in ("Ada", "Ben"):
            grant = (member(house, name).id, "memory", f"{name}@tool", SecretStr(name), house.clock())
            tx.grants.save(*grant)
    for number in range(THINGS):
        tool.put(("Ada@tool", "Ben@tool")[number % 2], meeting(f"e{number}", f"{9 + number:02}:00", "23:00"))
    return house


def breaks_off(house: House, tool: Tool, page: int) -> None:
    """A pull that gets so many pages, and then no answer."""
    tool.mishaps = [""] * page + ["unavailable"]
    assert jobs.pull(house, *HERE) is None
    tool.mishaps = []


def asked(tool: Tool, house: House, **how: bool) -> int:
    """How many requests one more pull takes; it ends well."""
    before = tool.requests
    assert jobs.pull(house, *HERE, **how) is not None
    return tool.requests - before


def stands(house: House) -> tuple[list[str], list[str], str | None]:
    """All that a pull leaves behind; what is left of the walk is nothing."""
    with house.store.reading() as tx:
        ada, ben = (member(house, name).id for name in ("Ada", "Ben"))
        day = meeting("e0", "09:00", "23:00").start.date()
        assert not tx.walks.shown(*HERE)
        pull = tx.partitions.get(*HERE)
        assert pull is not None and pull.last_whole is not None and not pull.failures
        return (
            [one.uid for one in tx.evidence.of(ada, day, day)],
            [one.uid for one in tx.evidence.of(ben, day, day)],
            tx.partitions.cursor(*HERE, [ada, ben]),
        )


def evidence(house: House) -> int:
    with house.store.reading() as tx:
        return sum(sum(kinds.values()) for kinds in tx.evidence.tally().values())


@pytest.mark.parametrize("page", range(THINGS))
def test_P9_P10_a_first_import_goes_on_where_it_broke_off(office: House, tool: Tool, page: int) -> None:
    breaks_off(office, tool, page)
    assert evidence(office) == page
    assert asked(tool, office) == THINGS - page
    resumed = stands(office)
    assert evidence(office) == THINGS
    assert asked(tool, office, whole=True) == THINGS
    assert stands(office) == resumed, "as a walk that nothing disturbed"


@pytest.mark.parametrize("page", range(1, THINGS))
def test_P9_it_may_break_off_again_and_again(office: House, tool: Tool, page: int) -> None:
    for _ in range(1, page):
        breaks_off(office, tool, 1)
    breaks_off(office, tool, 1)
    assert asked(tool, office) == THINGS - page
    assert evidence(office) == THINGS


@pytest.mark.parametrize("page", range(THINGS))
def test_R10_a_sweep_counts_what_was_shown_before_it_broke_off(office: House, tool: Tool, page: int) -> None:
    """Nothing of the first pages is taken for gone, and what no page showed is."""
    asked(tool, office)
    tool.drop("e3")
    with office.store.writing() as tx:
        tx.partitions.rewind(*HERE)
    tool.things.pop("e3")  # the tool never says so: only a look at all of it can tell
    breaks_off(office, tool, min(page, THINGS - 2))
    asked(tool, office)
    assert evidence(office) == THINGS - 1
    assert "e3" not in str(stands(office)[:2])


def test_R10_a_walk_taken_up_that_shows_hardly_anything_is_doubted_and_begun_anew(
    office: House, tool: Tool
) -> None:
    asked(tool, office)
    with office.store.writing() as tx:
        tx.partitions.rewind(*HERE)
    tool.things = dict(list(tool.things.items())[:2])
    breaks_off(office, tool, 1)
    assert asked(tool, office) == 1
    assert evidence(office) == THINGS
    assert asked(tool, office) == 2, "all of it again"


def test_what_changed_while_nobody_read_is_in_the_next_walk(office: House, tool: Tool) -> None:
    breaks_off(office, tool, 3)
    tool.drop("e0")
    tool.put("Ada@tool", meeting("e9", "08:00", "09:00"))
    asked(tool, office)
    asked(tool, office)
    assert stands(office)[0] == ["e9", "e2", "e4", "e6"]


def test_P3_somebody_who_came_or_agreed_anew_is_in_a_walk_of_their_own(office: House, tool: Tool) -> None:
    breaks_off(office, tool, 3)
    with office.store.writing() as tx:
        later = office.clock() + timedelta(seconds=1)
        tx.people.acknowledge(member(office, "Ben").id, office.policy_version, later)
    assert asked(tool, office) == THINGS
    breaks_off(office, tool, 0)
    with office.store.writing() as tx:
        tx.grants.save(member(office, "Mara").id, "memory", "Mara@tool", SecretStr("m"), office.clock())
    assert asked(tool, office, whole=True) == THINGS


def test_a_walk_that_broke_off_long_ago_begins_again(office: House, tool: Tool, clock: Clock) -> None:
    breaks_off(office, tool, 3)
    clock.wait(hours=SOON / timedelta(hours=1))
    assert asked(tool, office) == THINGS


def test_a_bookmark_that_leads_nowhere_is_dropped(office: House, tool: Tool) -> None:
    breaks_off(office, tool, 3)
    tool.mishaps = ["repeats"]
    assert jobs.pull(office, *HERE) is None
    assert asked(tool, office) == THINGS
    breaks_off(office, tool, 0)
    tool.open = False
    assert jobs.pull(office, *HERE, whole=True) is None
    tool.open = True
    assert asked(tool, office, whole=True) == THINGS


def test_what_changed_since_the_last_walk_is_asked_for_again(office: House, tool: Tool) -> None:
    """Only a look at everything is worth taking up."""
    asked(tool, office)
    for number in range(3):
        tool.put("Ada@tool", meeting(f"n{number}", "08:00", "09:00"))
    breaks_off(office, tool, 2)
    assert asked(tool, office) == 3
    assert evidence(office) == THINGS + 3
