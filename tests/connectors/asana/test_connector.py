"""Asana keeps the contract, asks for no more than it may, and is complete or loud."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import responses
from pydantic import ValidationError

from connectors.asana.asking import MOST
from connectors.asana.bookmark import MANY, OVERLAP, Bookmark
from connectors.asana.connector import Asana
from connectors.asana.settings import Settings
from connectors.budget import Budget
from connectors.contract import (
    Account,
    CursorExpired,
    Endless,
    Page,
    Partition,
    Refused,
    Terms,
    Unavailable,
    Window,
    walk,
)
from connectors.manners import Manners
from core.model import Activity
from daybook.testing import ContractSuite, said
from tests.connectors.asana.world import DAY, EVERYTHING, LISTS, MORNING, PAGE, AsanaWorld

TASKS = "GET /api/1.0/tasks"
TASK = "GET /api/1.0/tasks/{task_gid}"
STORIES = "GET /api/1.0/tasks/{task_gid}/stories"
TIME = "GET /api/1.0/time_tracking_entries"
ENTRY = "GET /api/1.0/time_tracking_entries/{time_tracking_entry_gid}"


class TestAsana(ContractSuite):
    """The contract, against the stand-in."""

    @pytest.fixture(autouse=True)
    def pages(self, world: AsanaWorld) -> None:
        world.site.page = PAGE


class TestAsanaByProject(TestAsana):
    """The same, read by the lists of projects."""

    @pytest.fixture
    def connector(self, world: AsanaWorld) -> Asana:
        return world.connector(read="projects")


def pulled(
    connector: Asana, world: AsanaWorld, account: Account, cursor: str | None = None, **later: float
) -> list[Page]:
    """One walk, `later` than the world began."""
    shift = timedelta(**later)
    window = Window(start=world.window.start + shift, end=world.window.end + shift)
    (partition,) = connector.partitions([account])
    return list(walk(connector, partition, window, cursor))


def activities(pages: list[Page]) -> list[Activity]:
    return [activity for found in said(pages).values() for _, activity in found]


def kinds(pages: list[Page]) -> Counter[str]:
    return Counter(activity.kind for activity in activities(pages))


def skipped(pages: list[Page]) -> Counter[str]:
    return sum((Counter(page.skipped) for page in pages), Counter())


def hers(world: AsanaWorld, section: str | None = None, name: str = "Write the plan") -> str:
    """A task Mara gave to Ada."""
    return world.site.add_task(world.board, name, world.ada.external, section, by=world.mara)


# --- how little it asks -------------------------------------------------------------------------------------


def test_an_idle_cycle_is_one_request_a_contributor(world: AsanaWorld, connector: Asana) -> None:
    task = hers(world, "Doing")
    world.site.comment(task, None, world.ada.external, "Begun.")
    world.site.add_time_entry(task, world.ada.external, 30, DAY)
    ends = {account: pulled(connector, world, account)[-1].cursor for account in (world.ada, world.ben)}
    world.site.reset_counts()
    for account, cursor in ends.items():
        (page,) = pulled(connector, world, account, cursor)
        assert page.sightings == () and not page.whole
    assert world.site.reset_counts() == {TASKS: 2}


def test_a_changed_task_costs_its_stories_and_time_only_where_it_has_any(
    world: AsanaWorld, connector: Asana
) -> None:
    timed, other = hers(world), hers(world)
    world.site.add_time_entry(timed, world.ben.external, 30, DAY)
    cursor = pulled(connector, world, world.ada)[-1].cursor
    for task in (timed, other):
        world.site.comment(task, None, world.ada.external, "On it.")
    world.site.reset_counts()
    pages = pulled(connector, world, world.ada, cursor)
    assert kinds(pages) == {"touch": 2}
    assert world.site.reset_counts() == {TASKS: 1, STORIES: 2, TIME: 1}


# --- read by projects ---------------------------------------------------------------------------------------


@pytest.fixture
def team(world: AsanaWorld) -> list[Account]:
    """Ada, Ben and eighteen more."""
    return [world.ada, world.ben, *_crowd(world, 18)]


def together(
    connector: Asana, world: AsanaWorld, team: list[Account], cursor: str | None = None, **later: float
) -> list[Page]:
    """One walk over all of them at once."""
    shift = timedelta(**later)
    window = Window(start=world.window.start + shift, end=world.window.end + shift)
    (partition,) = connector.partitions(team)
    return list(walk(connector, partition, window, cursor))


def test_the_cheaper_of_one_a_person_and_one_a_mapped_project_is_read(
    world: AsanaWorld, team: list[Account]
) -> None:
    def keys(people: int, **settings: str) -> set[str]:
        return {part.key for part in world.connector(EVERYTHING, **settings).partitions(team[:people])}

    assert keys(2) == {"ada", "ben"}  # a project and the list of time are no fewer
    assert keys(3) == {"asana"}
    assert len(keys(3, read="people")) == 3
    assert keys(1, read="projects") == {"asana"}
    world.mapped = []
    assert len(keys(20)) == len(keys(20, read="projects")) == 20
    time_alone = world.connector(frozenset({"time entries"}))
    assert [part.key for part in time_alone.partitions(team)] == ["asana"]


def test_requests_follow_the_formula_and_not_the_number_of_people(
    world: AsanaWorld, team: list[Account]
) -> None:
    """By this formula 5,000 tasks in ten projects and 2,000 time entries are seen again in 70 requests."""
    people, projects, tasks, entries = len(team), 5, 505, 101
    world.mapped = [world.site.add_project(f"P{n}") for n in range(projects)]
    made = [
        world.site.add_task(world.mapped[n % projects], f"T{n}", team[n % people].external, by=world.mara)
        for n in range(tasks)
    ]
    for n in range(entries):
        world.site.add_time_entry(made[n], team[n % people].external, 5, DAY)
    connector, counts = world.connector(), world.site.reset_counts
    pages = together(connector, world, team)
    lists, time = projects * _pages(tasks // projects), _pages(entries)
    first = counts()
    assert first.pop("GET /api/1.0/workspaces") == 1
    assert first == {TASKS: lists + people, STORIES: tasks, TIME: time, ENTRY: entries}
    pages = together(connector, world, team, pages[-1].cursor)
    assert counts()[TASKS] <= lists
    pages = together(connector, world, team, pages[-1].cursor)
    assert counts() == {TASKS: projects, TIME: time}
    world.site.comment(made[7], None, team[3].external, "Done here.")
    entry = world.site.add_time_entry(made[8], team[4].external, 25, DAY)
    pages = together(connector, world, team, pages[-1].cursor)
    assert counts() == {TASKS: projects, STORIES: 1, TIME: time, ENTRY: 1}
    assert f"entry/{entry}" in said(pages)
    pages = together(connector, world, team, pages[-1].cursor, days=1)
    assert counts() == {TASKS: lists + people, TIME: time} and not pages[-1].whole
    pages = together(world.connector(elsewhere="no"), world, team, pages[-1].cursor, days=1)
    counts()
    pages = together(world.connector(elsewhere="no"), world, team, pages[-1].cursor, days=2)
    assert counts() == {TASKS: lists, TIME: time}
    assert 10 * _pages(5000 // 10) + _pages(2000) <= 80


def _pages(records: int) -> int:
    return -(-records // MOST)


def test_of_many_peoples_time_only_the_last_days_are_listed_until_the_next_day(
    world: AsanaWorld, team: list[Account]
) -> None:
    task = hers(world)
    old, new = (
        world.site.add_time_entry(task, world.ada.external, 30, DAY - timedelta(days=days)) for days in (3, 2)
    )
    world.site.add_time_entry(task, world.ben.external, 30, DAY)
    connector = world.connector()
    pages = together(connector, world, team)
    for entry in (old, new):
        world.site.delete_time_entry(entry)
    standing = said(pages)
    pages = together(connector, world, team, pages[-1].cursor)
    standing = said(pages, standing)
    assert f"entry/{old}" in standing and f"entry/{new}" not in standing
    pages = together(connector, world, team, pages[-1].cursor, days=1)
    assert f"entry/{old}" not in said(pages, standing)


def test_what_anybody_does_in_a_mapped_project_is_seen_whoever_has_the_task(
    world: AsanaWorld, team: list[Account]
) -> None:
    task = world.site.add_task(world.board, "Mara's own", world.mara, by=world.mara)
    connector = world.connector()
    pages = together(connector, world, team)
    world.site.comment(task, None, world.ada.external, "I helped.")
    world.site.comment(task, None, world.mara, "Thanks.")
    found = together(connector, world, team, pages[-1].cursor)
    assert [(who, a.kind) for one in said(found).values() for who, a in one] == [("ada", "touch")]


def test_a_task_elsewhere_is_seen_the_day_after_or_never_as_the_settings_say(
    world: AsanaWorld, team: list[Account]
) -> None:
    for elsewhere, seen in (("yes", {"touch": 1}), ("no", {})):
        connector = world.connector(elsewhere=elsewhere)
        cursor = together(connector, world, team)[-1].cursor
        other = world.site.add_project("Elsewhere")
        task = world.site.add_task(other, "A favour", world.ada.external, by=world.mara)
        world.site.comment(task, None, world.ada.external, "On it.")
        pages = together(connector, world, team, cursor)
        assert kinds(pages) == {}
        assert kinds(together(connector, world, team, pages[-1].cursor, days=1)) == seen


def test_a_subtask_is_in_the_projects_of_its_parent(world: AsanaWorld, connector: Asana) -> None:
    subtask = world.site.add_task(None, "Proofs", by=world.mara, parent=hers(world, "Doing"))
    deeper = world.site.add_task(None, "Of the cover", world.ada.external, by=world.mara, parent=subtask)
    world.site.comment(deeper, None, world.ada.external, "Sent.")
    found = {a.task: a for a in activities(pulled(connector, world, world.ada)) if a.kind == "touch"}
    assert found[deeper].container == world.board
    assert found[deeper].labels == ("Website relaunch",)  # not its parent's section: nobody moved the subtask


def test_a_task_that_moved_to_another_project_is_known_by_its_new_one(
    world: AsanaWorld, team: list[Account]
) -> None:
    task = hers(world, "Doing")
    world.site.comment(task, None, world.ada.external, "On it.")
    connector = world.connector()
    pages = together(connector, world, team)
    world.site.remove_from_project(task, world.board)
    other = world.site.add_project("Audit")
    world.site.add_to_project(task, other)
    found = together(connector, world, team, pages[-1].cursor, days=1)
    assert {a.container for a in activities(found)} == {other}


def test_a_project_or_person_there_is_not_is_told_and_stops_nobody(
    world: AsanaWorld, team: list[Account]
) -> None:
    world.mapped += ["123"]
    world.site.comment(hers(world), None, world.ada.external, "On it.")
    stranger = Account(contributor="eve", external="1")
    pages = together(world.connector(), world, [*team, stranger])
    assert kinds(pages) == {"touch": 1}
    assert skipped(pages) == {
        "project that the account of the connection does not see": 1,
        "contributor whom Asana does not know": 1,
    }
    (lacking,) = {page.lacking for page in pages if page.lacking}
    assert lacking.startswith("Asana does not show project 123, which rules name. All else was read.")
    assert world.connector().check().missing == ("sight of project 123, which rules name",)


# --- what it is, and is not ---------------------------------------------------------------------------------


def test_making_one_loads_no_vendor_library_and_opens_nothing() -> None:
    program = """
import sys
from connectors.asana.connector import Asana
from connectors.asana.settings import Settings
from connectors.contract import Terms
Asana("asana", Settings(token="t"), Terms())
sys.exit("asana" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_P3_nobody_but_the_one_asked_about_is_asked_about(world: AsanaWorld, connector: Asana) -> None:
    shared = hers(world, "Doing")
    world.site.comment(shared, None, world.ben.external, "I helped.")
    world.site.add_time_entry(shared, world.ben.external, 30, DAY)
    pages = pulled(connector, world, world.ada)
    assert {person for found in said(pages).values() for person, _ in found} == {"ada"}
    assert kinds(pages) == {"presence": 1}
    asked = {request.param(who) for request in world.site.asked for who in ("assignee", "user")}
    assert asked == {world.ada.external, ""}


WORDS_OF_PEOPLE = {"text", "notes", "html_notes", "description", "email", "followers", "likes", "photo"}
MASKS: Mapping[str, tuple[frozenset[str], set[str]]] = {
    "everything": (EVERYTHING, set()),
    "all but titles": (EVERYTHING - {"title"}, {"name"}),
    "all but time": (EVERYTHING - {"time entries"}, {"actual_time_minutes", "duration_minutes"}),
    "comments": (
        frozenset({"own comments"}),
        {"name", "assignee.gid", "tags.name", "memberships.section.name", "new_section.name", "completed_at"},
    ),
    "time": (
        frozenset({"time entries"}),
        {"name", "assignee.gid", "tags.name", "memberships.section.name", "created_at", "completed_at"},
    ),
}


@pytest.mark.parametrize("mask", MASKS)
def test_P11_what_the_policy_does_not_name_is_not_asked_for(world: AsanaWorld, mask: str) -> None:
    tracked, hidden = MASKS[mask]
    task = hers(world, "Doing")
    world.site.comment(task, None, world.ada.external, "Begun.")
    world.site.add_time_entry(task, world.ada.external, 30, DAY)
    pulled(world.connector(tracked), world, world.ada)
    masks = [request.param("opt_fields").split(",") for request in world.site.asked]
    assert masks and all(all(fields) for fields in masks)
    asked = {field for fields in masks for field in fields}
    assert not asked & (hidden | WORDS_OF_PEOPLE)
    called = {endpoint.rpartition("/")[2] for endpoint in world.site.counts}
    assert ("stories" in called) == bool(tracked & {"section history", "own comments"})
    assert ("time_tracking_entries" in called) == ("time entries" in tracked)


def test_P11_a_policy_that_tracks_nothing_here_leaves_nothing_to_pull(world: AsanaWorld) -> None:
    for tracked in (frozenset[str](), frozenset({"title"})):
        assert world.connector(tracked).partitions([world.ada, world.ben]) == []


def test_what_may_be_tracked_is_said_in_a_sentence_each() -> None:
    assert set(Asana.tracks) == EVERYTHING
    assert all(sentence.endswith(".") for sentence in Asana.tracks.values())


# --- what a walk sees, and when -----------------------------------------------------------------------------


def test_P10_the_morning_stays_when_a_task_is_handed_on_for_review(
    world: AsanaWorld, connector: Asana
) -> None:
    task = hers(world, "Doing")
    world.site.comment(task, None, world.ada.external, "Ready for review.")
    cursor = pulled(connector, world, world.ada)[-1].cursor
    handed = world.clock()
    world.site.assign(task, world.ben.external, at=handed, by=world.ada.external)
    assert kinds(pulled(connector, world, world.ada, cursor)) == {}  # the list shows it no more
    pages = pulled(connector, world, world.ada, cursor, days=1)
    (presence,) = [a for a in activities(pages) if a.kind == "presence"]
    assert presence.end == handed
    assert kinds(pages) == {"presence": 1, "touch": 2}  # her comment, and that she handed it on


@pytest.mark.parametrize(("read", "seen"), [("people", {}), ("projects", {"presence": 1, "touch": 1})])
def test_what_was_handed_on_before_the_first_look_is_seen_by_project_and_not_by_person(
    world: AsanaWorld, read: str, seen: dict[str, int]
) -> None:
    """As docs/connect.md says under "What stays unseen": no list tells what was somebody's."""
    task = hers(world, "Doing")
    world.site.assign(task, world.ben.external, by=world.ada.external)
    world.mapped = [world.board]
    assert kinds(pulled(world.connector(read=read), world, world.ada)) == seen


def test_a_move_that_leaves_the_task_unmodified_is_seen_the_day_after(
    world: AsanaWorld, connector: Asana
) -> None:
    task = hers(world)
    world.clock.now += 2 * OVERLAP
    hers(world, "To do", "Later")
    cursor = pulled(connector, world, world.ada)[-1].cursor
    world.site.move(task, "Doing", by=world.ada.external)
    assert kinds(pulled(connector, world, world.ada, cursor)) == {}
    assert kinds(pulled(connector, world, world.ada, cursor, days=1)) == {"presence": 1, "touch": 1}


def test_the_whole_window_is_looked_at_once_a_day_and_not_for_everybody_at_once(
    world: AsanaWorld, connector: Asana
) -> None:
    hours = {
        next(
            hour
            for hour in range(24)
            if scope(pulled(connector, world, account, cursor, hours=hour)) == "wide"
        )
        for account, cursor in ((a, pulled(connector, world, a)[-1].cursor) for a in _crowd(world))
    }
    assert len(hours) > 2
    cursor = pulled(connector, world, world.ada)[-1].cursor
    morning = pulled(connector, world, world.ada, cursor, days=1)
    assert scope(morning) == "wide"
    assert scope(pulled(connector, world, world.ada, morning[-1].cursor, days=1, minutes=5)) == "news"


def test_once_a_week_everything_is_read_anew(world: AsanaWorld, connector: Asana) -> None:
    task = hers(world)
    world.site.comment(task, None, world.ada.external, "On it.")
    world.site.add_time_entry(task, world.ada.external, 30, DAY)
    pages = pulled(connector, world, world.ada)
    assert pages[-1].whole
    for day in range(1, 7):
        pages = pulled(connector, world, world.ada, pages[-1].cursor, days=day)
        assert not pages[-1].whole and kinds(pages) == {}
    pages = pulled(connector, world, world.ada, pages[-1].cursor, days=7)
    assert pages[-1].whole and kinds(pages) == {"touch": 1, "logged": 1}


def test_P10_what_changes_while_the_rest_of_a_list_is_read_is_news_to_the_next_walk(
    world: AsanaWorld, connector: Asana
) -> None:
    world.site.page = PAGE
    tasks = [hers(world) for _ in range(3 * PAGE)]
    (partition,) = connector.partitions([world.ada])
    first = connector.pull(partition, world.window, None)
    world.site.comment(tasks[0], None, world.ada.external, "Meanwhile.")
    world.clock.now += 5 * OVERLAP
    world.site.comment(tasks[-1], None, world.mara, "Later, and not read yet.")
    rest = list(walk(connector, partition, world.window, first.cursor))
    assert kinds([first, *rest]) == {}
    assert kinds(pulled(connector, world, world.ada, rest[-1].cursor)) == {"touch": 1}


def test_P10_what_shows_up_a_moment_late_is_seen(world: AsanaWorld, connector: Asana) -> None:
    late, task = hers(world), hers(world)
    world.clock.now += 5 * OVERLAP
    world.site.comment(task, None, world.mara, "Now.")
    cursor = pulled(connector, world, world.ada)[-1].cursor
    world.site.comment(late, world.clock.now - OVERLAP / 2, world.ada.external, "A minute ago.")
    assert kinds(pulled(connector, world, world.ada, cursor)) == {"touch": 1}


def test_a_task_handed_on_is_asked_for_as_long_as_it_has_evidence_and_no_longer(
    world: AsanaWorld, connector: Asana
) -> None:
    task = hers(world, "Doing")
    cursor = pulled(connector, world, world.ada)[-1].cursor
    world.site.assign(task, world.ben.external, by=world.mara)
    for days, asked in ((1, 1), (2, 1), (35, 0), (36, 0)):
        world.site.reset_counts()
        cursor = pulled(connector, world, world.ada, cursor, days=days)[-1].cursor
        assert world.site.counts[TASK] == asked


def scope(pages: list[Page]) -> str:
    return str(json.loads(pages[-1].cursor)["scope"])


def _crowd(world: AsanaWorld, size: int = 12) -> list[Account]:
    gids = [world.site.add_user(f"p{n}@northwind.example", f"t{n}", f"P{n}") for n in range(size)]
    return [Account(contributor=f"p{n}", external=gid) for n, gid in enumerate(gids)]


def test_a_task_that_is_gone_is_gone_the_day_after(world: AsanaWorld, connector: Asana) -> None:
    task = hers(world, "Doing")
    before = pulled(connector, world, world.ada)
    world.site.delete_task(task)
    pages = pulled(connector, world, world.ada, before[-1].cursor, days=1)
    assert said(before) and said(pages, said(before)) == {}


def test_a_task_deleted_between_two_answers_says_nothing_and_breaks_nothing(
    world: AsanaWorld, connector: Asana
) -> None:
    gone, stays = hers(world, "Doing"), hers(world, "Doing")
    world.site.faults.script(STORIES, "404")
    pages = pulled(connector, world, world.ada)
    assert set(said(pages)) in ({f"task/{gone}"}, {f"task/{stays}"})
    assert {sighting.origin for page in pages for sighting in page.sightings} == {
        f"task/{gone}",
        f"task/{stays}",
    }


def test_time_on_somebody_elses_task_counts_once_a_day_and_not_twice(
    world: AsanaWorld, connector: Asana
) -> None:
    own = hers(world)
    world.site.add_time_entry(own, world.ada.external, 30, DAY)
    elsewhere = world.site.add_time_entry(world.task, world.ada.external, 15, DAY)
    world.site.add_time_entry(world.task, world.ben.external, 45, DAY)
    pages = pulled(connector, world, world.ada)
    found = {(a.task, a.minutes, a.start.isoformat(), a.all_day) for a in activities(pages)}
    midnight = f"{DAY}T00:00:00+01:00"
    assert found == {(own, 30, midnight, True), (world.task, 15, midnight, True)}
    world.site.delete_time_entry(elsewhere)
    world.site.reset_counts()
    after = said(pulled(connector, world, world.ada, pages[-1].cursor, days=1), said(pages))
    assert [a.minutes for sighted in after.values() for _, a in sighted] == [30]
    assert world.site.reset_counts() == {TASKS: 1, TIME: 1}


def test_a_plan_without_time_tracking_has_no_time_and_says_so(world: AsanaWorld, connector: Asana) -> None:
    hers(world, "Doing")
    world.site.time_tracking = False
    pages = pulled(connector, world, world.ada)
    assert kinds(pages) == {"presence": 1}
    assert skipped(pages) == {"time entries are not in the plan": 1}
    assert len(connector.check().missing) == 1


def test_nobody_works_on_a_milestone(world: AsanaWorld, connector: Asana) -> None:
    for subtype in ("milestone", "approval"):
        world.site.add_task(
            world.board, "Launch", world.ada.external, "Doing", by=world.mara, subtype=subtype
        )
    pages = pulled(connector, world, world.ada)
    assert (kinds(pages), skipped(pages)) == ({"presence": 1}, {"milestone": 1})


def test_many_tasks_moved_in_one_minute_are_not_work_on_each(world: AsanaWorld, connector: Asana) -> None:
    tasks = [hers(world) for _ in range(MANY + 2)]
    for task in tasks:
        world.site.move(task, "Done", at=MORNING + timedelta(hours=1), by=world.ada.external)
    pages = pulled(connector, world, world.ada)
    assert kinds(pages) == {}
    assert skipped(pages)["changed in bulk"] == len(tasks)
    world.site.comment(tasks[0], None, world.ada.external, "This one I did look at.")
    after = pulled(connector, world, world.ada, pages[-1].cursor)
    assert kinds(after) == {"touch": 1}
    assert kinds(pulled(connector, world, world.ada, after[-1].cursor, days=8)) == {"touch": 1}


def test_nine_tasks_in_a_minute_are_a_quick_hand(world: AsanaWorld, connector: Asana) -> None:
    for _ in range(MANY - 1):
        world.site.move(hers(world), "Done", at=MORNING + timedelta(hours=1), by=world.ada.external)
    assert kinds(pulled(connector, world, world.ada)) == {"touch": MANY - 1}


def test_a_change_of_what_is_tracked_walks_the_whole_window(world: AsanaWorld) -> None:
    task = hers(world)
    world.site.comment(task, None, world.ada.external, "On it.")
    world.site.add_time_entry(task, world.ada.external, 30, DAY)
    before = pulled(world.connector(frozenset({"time entries"})), world, world.ada)
    assert [(a.kind, a.task) for a in activities(before)] == [("logged", None)]
    pages = pulled(world.connector(), world, world.ada, before[-1].cursor)
    assert pages[0].whole
    assert {(a.kind, a.task) for a in activities(pages)} == {("logged", task), ("touch", task)}


def test_a_date_in_2099_hides_nothing_that_changes_before(world: AsanaWorld, connector: Asana) -> None:
    mad = hers(world)
    world.site.comment(mad, MORNING.replace(year=2099), world.ben.external, "From the future.")
    cursor = pulled(connector, world, world.ada)[-1].cursor
    task = hers(world)
    world.site.comment(task, world.window.end, world.ada.external, "At last.")
    assert kinds(pulled(connector, world, world.ada, cursor)) == {"touch": 1}


# --- complete or loud ---------------------------------------------------------------------------------------

Fill = Callable[[AsanaWorld], str]


def _tasks(world: AsanaWorld) -> str:
    for _ in range(MOST + 1):
        hers(world, "Doing")
    return "presence"


def _stories(world: AsanaWorld) -> str:
    task = hers(world)
    for _ in range(MOST + 1):
        world.site.comment(task, None, world.ada.external, "More.")
    return "touch"


def _time(world: AsanaWorld) -> str:
    for _ in range(MOST + 1):
        world.site.add_time_entry(world.task, world.ada.external, 5, DAY)
    return "logged"


LISTED: Mapping[str, Fill] = {
    TASKS: _tasks,
    STORIES: _stories,
    TIME: _time,
}


@pytest.mark.parametrize("endpoint", LISTED)
def test_one_more_than_a_page_is_all_there(world: AsanaWorld, connector: Asana, endpoint: str) -> None:
    kind = LISTED[endpoint](world)
    pages = pulled(connector, world, world.ada)
    assert kinds(pages)[kind] == MOST + 1
    world.site.empties = 3
    assert kinds(pulled(connector, world, world.ada))[kind] == MOST + 1


@pytest.mark.parametrize("endpoint", LISTED)
@pytest.mark.parametrize("status", ["401", "403", "404", "410"])
def test_a_refusal_in_the_middle_of_a_list_is_no_end_of_it(
    world: AsanaWorld, connector: Asana, endpoint: str, status: str
) -> None:
    kind = LISTED[endpoint](world)
    world.site.faults.script(endpoint, "", status)
    if status == "404" and endpoint == STORIES:  # then the task is gone
        assert kinds(pulled(connector, world, world.ada))[kind] == 0
    else:
        with pytest.raises(Refused) as caught:
            pulled(connector, world, world.ada)
        assert caught.value.whose == ("account" if status == "404" else "connection")


@pytest.mark.parametrize("endpoint", [TASKS, TIME])
def test_a_list_whose_offset_expired_is_begun_again_and_nothing_is_missing(
    world: AsanaWorld, connector: Asana, endpoint: str
) -> None:
    LISTED[endpoint](world)
    undisturbed = said(pulled(connector, world, world.ada))
    (partition,) = connector.partitions([world.ada])
    pages = [*_until_an_offset(connector, partition, world.window, None)]
    world.clock.now += world.site.offset_life
    pages += walk(connector, partition, world.window, pages[-1].cursor)
    assert said(pages) == undisturbed
    assert pages[-1].whole


def test_R10_what_was_handed_on_is_still_shown_where_an_offset_expired(
    world: AsanaWorld, connector: Asana
) -> None:
    """A walk that knows of nothing would not show it, and what is not shown is taken for gone."""
    LISTED[TASKS](world)
    task = hers(world, "Doing")
    world.site.comment(task, None, world.ada.external, "Ready for review.")
    cursor = pulled(connector, world, world.ada)[-1].cursor
    world.site.assign(task, world.ben.external, at=world.clock(), by=world.ada.external)
    week = timedelta(days=7)
    window = Window(start=world.window.start + week, end=world.window.end + week)
    (partition,) = connector.partitions([world.ada])
    pages = [*_until_an_offset(connector, partition, window, cursor)]
    world.clock.now += world.site.offset_life
    pages += walk(connector, partition, window, pages[-1].cursor)
    assert pages[-1].whole and f"task/{task}" in said(pages)


def test_a_list_that_forgets_every_offset_ends(world: AsanaWorld, connector: Asana) -> None:
    LISTED[TASKS](world)
    world.site.offset_life = timedelta(0)
    with pytest.raises(Endless):
        pulled(connector, world, world.ada)


def _until_an_offset(
    connector: Asana, partition: Partition, window: Window, cursor: str | None
) -> Iterator[Page]:
    """A walk up to where it is in the middle of a list."""
    for page in walk(connector, partition, window, cursor):
        yield page
        if '"offset":null' not in page.cursor:
            return


ENDPOINT = "https://app.asana.com/api/1.0"


def _answering(**bodies: Any) -> Asana:
    """The connector before an Asana whose every list is the one given by the last word of its path."""
    for path, body in {"workspaces": {"data": [{"gid": "9"}], "next_page": None}, **bodies}.items():
        responses.get(f"{ENDPOINT}/{path}", json=body)
    manners = Manners(budget=Budget(1000, 1000))
    return Asana("asana", Settings(token="otto-token"), Terms(tracked=EVERYTHING), manners)


@responses.activate
def test_responses_sees_every_call() -> None:
    connector = _answering(tasks={"data": [], "next_page": None})
    responses.get(f"{ENDPOINT}/time_tracking_entries", json={"data": [], "next_page": None})
    (partition,) = connector.partitions([Account(contributor="ada", external="1")])
    assert [page.sightings for page in walk(connector, partition, AsanaWorld.window, None)] == [()]
    assert [str(call.request.url).split("?")[0].rpartition("/")[2] for call in responses.calls] == [
        "workspaces",
        "tasks",
        "time_tracking_entries",
    ]
    assert {call.request.headers["Authorization"] for call in responses.calls} == {"Bearer otto-token"}


UNTRUSTED: Mapping[str, Any] = {
    "no word on what follows": {"data": []},
    "no list": {"data": None, "next_page": None},
    "an object for a list": {"data": {}, "next_page": None},
    "an array": [],
    "a next page without an offset": {"data": [], "next_page": {}},
    "an offset that is a number": {"data": [], "next_page": {"offset": 100}},
}


@responses.activate
@pytest.mark.parametrize("body", UNTRUSTED.values(), ids=UNTRUSTED)
def test_an_answer_that_does_not_say_whether_it_is_all_is_loud(body: Any) -> None:
    connector = _answering(tasks=body)
    (partition,) = connector.partitions([Account(contributor="ada", external="1")])
    with pytest.raises(Unavailable):
        connector.pull(partition, AsanaWorld.window, None)


def test_P10_what_was_read_before_a_fault_is_kept_and_the_fault_is_told_next(
    world: AsanaWorld, connector: Asana
) -> None:
    tasks = {f"task/{hers(world, 'Doing')}" for _ in range(4)}
    (partition,) = connector.partitions([world.ada])
    world.site.faults.script(STORIES, "", "", "500", "500")
    first = connector.pull(partition, world.window, None)
    assert len(first.sightings) == 2 and first.more
    with pytest.raises(Unavailable):
        connector.pull(partition, world.window, first.cursor)
    rest = list(walk(connector, partition, world.window, first.cursor))
    assert set(said([first, *rest])) == tasks
    assert world.site.counts[STORIES] == 6


@responses.activate
def test_stories_that_lead_to_themselves_are_loud() -> None:
    task = {"gid": "7", "modified_at": "2026-11-20T09:00:00.000Z"}
    connector = _answering(
        tasks={"data": [task], "next_page": None},
        **{"tasks/7/stories": {"data": [], "next_page": {"offset": "again"}}},
    )
    (partition,) = connector.partitions([Account(contributor="ada", external="1")])
    with pytest.raises(Endless):
        connector.pull(partition, AsanaWorld.window, None)


def test_a_list_that_goes_round_in_circles_is_loud() -> None:
    mark = Bookmark(asked="", workspace="9", day=DAY, week=DAY)
    for offset in ("a", "b", "c"):
        mark.on(offset)
    with pytest.raises(Endless):
        mark.on("a")


def test_S12_what_is_malformed_or_told_twice_hides_nothing(
    world: AsanaWorld, connector: Asana, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = hers(world, "Doing")
    world.site.add_time_entry(task, world.ada.external, 30, DAY)
    genuine = world.site.answer
    odd = [None, 7, {}, {"gid": 12, "modified_at": "2026-11-20T09:00:00Z"}, {"gid": "8"}, {"gid": ["9"]}]

    def answer(request: Any) -> Any:
        answer, fault = genuine(request)
        if request.path in LISTS:
            data = answer.body["data"]
            answer = replace(answer, body={**answer.body, "data": [*odd, *data, *data]})
        return answer, fault

    monkeypatch.setattr(world.site, "answer", answer)
    pages = pulled(connector, world, world.ada)
    assert kinds(pages) == {"presence": 1, "logged": 1}
    assert sum(len(page.sightings) for page in pages) == 2
    assert skipped(pages) == {"malformed task": 6, "malformed time entry": 6}


# --- which workspace, and whose word it is ------------------------------------------------------------------


@responses.activate
def test_a_credential_that_reaches_several_workspaces_asks_which() -> None:
    connector = _answering()
    responses.replace(
        "GET", f"{ENDPOINT}/workspaces", json={"data": [{"gid": "9"}, {"gid": "8"}], "next_page": None}
    )
    (partition,) = connector.partitions([Account(contributor="ada", external="1")])
    with pytest.raises(Refused, match="8, 9") as caught:
        connector.pull(partition, AsanaWorld.window, None)
    assert caught.value.whose == "connection"


def test_a_configured_workspace_is_not_asked_for_but_checked(world: AsanaWorld) -> None:
    connector = world.connector(workspace=world.site.workspace.gid)
    pulled(connector, world, world.ada)
    assert not [request for request in world.site.asked if request.path.endswith("/workspaces")]
    connector.check()
    with pytest.raises(Refused) as caught:
        world.connector(workspace="1").check()
    assert caught.value.whose == "connection"


def test_a_bookmark_of_another_workspace_means_the_whole_window(world: AsanaWorld, connector: Asana) -> None:
    cursor = pulled(connector, world, world.ada)[-1].cursor
    with pytest.raises(CursorExpired):
        pulled(world.connector(workspace="1"), world, world.ada, cursor)


def test_a_person_asana_does_not_know_is_told_alone(world: AsanaWorld, connector: Asana) -> None:
    stranger = Account(contributor="eve", external="1")
    with pytest.raises(Refused) as caught:
        pulled(connector, world, stranger)
    assert caught.value.whose == "account"


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"endpoint": "http://app.asana.com/api/1.0"}, "https"),
        ({"endpoint": "https://169.254.169.254"}, "inner address"),
        ({"workspace": "Cast & Co"}, "gid"),
        ({"tokens": "t"}, "tokens"),
    ],
)
def test_P14_a_wrong_setting_is_named(wrong: dict[str, str], word: str) -> None:
    with pytest.raises(ValidationError, match=word) as caught:
        Settings.model_validate({"token": "s3cret", **wrong})
    assert "s3cret" not in str(caught.value)


def test_the_sentence_of_every_setting_reaches_its_reference() -> None:
    described = json.loads(json.dumps(Settings.model_json_schema()))["properties"]
    assert all(field["description"] for field in described.values())


@pytest.mark.parametrize("read", ["people", "projects"])
def test_R10_a_partition_says_when_something_else_is_asked_for(world: AsanaWorld, read: str) -> None:
    def asked(*projects: str) -> set[str]:
        world.mapped = list(projects)
        return {one.asked for one in world.connector(read=read).partitions([world.ada, world.ben])}

    assert asked("1", "2") == asked("2", "1") != asked("1")
