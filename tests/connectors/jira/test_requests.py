"""How many requests a walk through Jira takes: by the formula, whatever the number of people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.contract import Account, Page, Refused, Window, walk
from connectors.jira import bookmark, cloud
from connectors.jira.finding import MOST_ISSUES
from connectors.jira.jql import Changed
from connectors.jira.shapes import milliseconds
from connectors.stand_in import Answer
from daybook.testing import said
from tests.connectors.jira.world import FRIDAY, IssuesWorld, JiraWorld, number, running

SEARCH, HISTORIES = "GET /search/jql", "POST /changelog/bulkfetch"
A_DAY = timedelta(days=1)


@pytest.fixture
def world() -> Iterator[IssuesWorld]:
    with running(IssuesWorld) as world:
        yield world


def counts(world: JiraWorld) -> dict[str, int]:
    """Requests since the last time, by endpoint."""
    return {name.replace("/rest/api/2", ""): n for name, n in world.site.reset_counts().items()}


def formula(changed: int, granted: int, logged: int, deleted: int, changes: int, most: int) -> dict[str, int]:
    """Section 11 of facts/jira.md; with E entries nothing is asked here, posting has its own test.

    We ask for fewer issues at a time than Jira gives, and for the histories of those together: a thousand
    with all their changes are more than we care to hold.

    Takes    M, the page size the server grants, W, D, H a block, and how many changes a bulk answer holds
    """
    page = min(granted, MOST_ISSUES)
    block = page * ceil(MOST_ISSUES / page)
    blocks = [min(block, changed - start) for start in range(0, changed, block)]
    wanted = {
        SEARCH: max(1, ceil(changed / page)),
        HISTORIES: sum(max(1, ceil(block * changes / most)) for block in blocks),
        "GET /worklog/updated": max(1, ceil(logged / 1000)),
        "POST /worklog/list": ceil(logged / 1000),
        "GET /worklog/deleted": max(1, ceil(deleted / 1000)),
    }
    return {name: n for name, n in wanted.items() if n}


@pytest.mark.parametrize(
    ("changed", "granted", "logged", "deleted", "changes"),
    [
        (0, 1000, 0, 0, 1),
        (100, 1000, 0, 0, 1),
        (1000, 500, 800, 0, 1),
        (1000, 100, 0, 0, 1),
        (1000, 50, 0, 1200, 1),
        (2500, 500, 2500, 0, 1),
        (1500, 250, 10, 10, 2),
    ],
)
def test_fact_15_a_walk_takes_the_requests_of_the_formula_and_no_more(
    monkeypatch: pytest.MonkeyPatch, changed: int, granted: int, logged: int, deleted: int, changes: int
) -> None:
    """Fact 15 and section 11 of facts/jira.md, with the site's own counters beside the formula."""
    monkeypatch.setattr(cloud, "MOST_HISTORIES", 1500)
    with running(IssuesWorld, largest_page=granted) as world:
        connector = world.connector()
        home = world.there.add_issue("ACME", "Old", created=FRIDAY - timedelta(days=9))
        before = FRIDAY - 9 * A_DAY
        gone = [
            world.there.add_worklog(home, world.mara, before + timedelta(seconds=n), 60)
            for n in range(deleted)
        ]
        start = world.walk(connector)[-1].cursor
        world.pass_by(hours=1)
        known = min(1, changed) + bool(
            deleted
        )  # the last one of the walk before, and the home of the deleted
        for n in range(changed - known):
            at = world.now + timedelta(seconds=n)
            key = world.there.add_issue("ACME", "Draw", assignee=world.ada.external, created=at)
            for _ in range(changes):
                world.there.change(key, at, world.mara, status="In Progress")
        for n in range(logged):
            at = FRIDAY + timedelta(seconds=n)
            world.there.add_worklog(key, world.ada.external, FRIDAY - A_DAY, 600, at=at)
        for n, worklog in enumerate(gone):
            world.there.delete_worklog(worklog, at=FRIDAY + timedelta(seconds=n))
        world.pass_by(hours=1)
        counts(world)
        crowd = [world.ada, world.ben, *(Account(contributor=f"c{n}", external=f"x{n}") for n in range(500))]
        (partition,) = connector.partitions(crowd)
        shown = said(walk(connector, partition, world.window, start))
        assert counts(world) == formula(changed, granted, logged, deleted, changes, 1500)
        assert len(shown) == max(0, changed - known) + logged


# --- the first import --------------------------------------------------------------------------------------


def months(world: IssuesWorld) -> list[str]:
    """One issue in progress in each of the last four months, oldest first."""
    return [_aged(world, days) for days in (100, 70, 40, 10)]


def _aged(world: IssuesWorld, days: int) -> str:
    born = FRIDAY - timedelta(days=days)
    key = world.there.add_issue("ACME", f"{days} days old", assignee=world.ada.external, created=born)
    world.there.change(key, born, world.ada.external, status="In Progress")
    return f"issue/{world.there.issue(key).id}"


LONG_AGO = FRIDAY - timedelta(days=110)


def imported(world: IssuesWorld) -> list[Page]:
    """Up to a day and a half ahead, as whoever runs the program asks."""
    ahead = FRIDAY + timedelta(hours=36)
    return world.walk(world.connector(("status history",)), start=LONG_AGO, end=ahead)


def test_a_first_import_goes_back_month_by_month_the_newest_first(world: IssuesWorld) -> None:
    made = months(world)
    pages = imported(world)
    shown = [one.origin for page in pages for one in page.sightings if one.origin in made]
    assert shown == made[::-1]
    assert counts(world)[SEARCH] == 5, "four months, and what changed meanwhile"
    assert all(page.whole for page in pages)


def test_a_first_import_broken_off_goes_on_where_it_was(world: IssuesWorld) -> None:
    made = months(world)
    tracked = ("status history",)
    (partition,) = world.connector(tracked).partitions([world.ada])
    window = Window(start=LONG_AGO, end=FRIDAY)
    pages: list[Page] = []
    for page in walk(world.connector(tracked), partition, window, None):
        pages.append(page)
        if len(pages) == 2:
            break
    world.site.heard.clear()
    rest = list(walk(world.connector(tracked), partition, window, pages[-1].cursor))
    assert set(said([*pages, *rest])) >= set(made)
    first = int(world.site.heard[1][1].param("jql").split("updated < ")[1].split()[0])
    assert first <= milliseconds(FRIDAY - timedelta(days=60)), "no newer month is asked for again"


def test_what_changes_while_older_months_are_read_is_not_taken_for_gone(world: IssuesWorld) -> None:
    *_, old, _ = months(world)

    def meanwhile(request: Any, body: Any) -> Any:
        if "updated <" not in request.param("jql") and old not in changed:
            changed.append(old)
            world.there.change(str(number(old)), FRIDAY, world.ada.external, priority="High")
        return body

    changed: list[str] = []
    world.site.twists[SEARCH] = meanwhile
    assert old in said(imported(world))


def test_a_month_or_less_is_one_search(world: IssuesWorld) -> None:
    world.walk(world.connector())
    assert counts(world)[SEARCH] == 1


def test_the_way_back_ends_at_its_oldest_day() -> None:
    mark = bookmark.first("asked", "issues", 0, 70 * bookmark.A_DAY)
    seen = mark.issues.moved({}, 69 * bookmark.A_DAY, bookmark.SEARCH_LAG)
    mark = mark.model_copy(update={"issues": seen})
    floors = []
    following: bookmark.Bookmark | None = mark
    while following is not None:
        floors.append((following.floor // bookmark.A_DAY, following.before))
        following = following.further_back()
    assert floors == [(40, None), (10, 40 * bookmark.A_DAY), (0, 10 * bookmark.A_DAY), (68, None)]


# --- dates -------------------------------------------------------------------------------------------------


def test_fact_8_dates_are_absolute_milliseconds_without_quotes(world: IssuesWorld) -> None:
    """Fact 8 of facts/jira.md: a quoted date would be in the zone of whoever asks."""
    world.walk(world.connector(projects=("ACME",)))
    (request,) = [request for name, request in world.site.heard if name == SEARCH]
    start = milliseconds(world.window.start)
    assert request.param("jql") == f'project in ("ACME") AND updated >= {start} ORDER BY updated ASC'


def test_a_server_that_takes_no_milliseconds_is_asked_in_minutes_of_our_own_zone(world: IssuesWorld) -> None:
    """Section 3 of facts/jira.md: 400, then a quoted minute in the time zone of /myself."""
    world.there.takes_milliseconds = False
    world.there.people[world.there.tokens["reader"]].zone = "America/New_York"
    connector = world.connector()
    first = world.add(world.ada, "Draw")
    pages = world.walk(connector)
    assert first in said(pages)
    jqls = [request.param("jql") for name, request in world.site.heard if name == SEARCH]
    assert jqls[1:] == ['updated >= "2026-10-31 20:00" ORDER BY updated ASC']
    counts(world)
    later = world.add(world.ada, "Fold")
    world.there.change(str(number(later)), world.now, world.ada.external, priority="High")
    assert later in said(world.walk(connector, pages[-1].cursor))
    assert counts(world)[SEARCH] == 1, "it is not asked in milliseconds again"


def test_what_fits_neither_way_is_refused(world: IssuesWorld) -> None:
    world.site.refusals[SEARCH] = Answer(400, {"errorMessages": ["The value 'X' does not exist."]})
    with pytest.raises(Refused):
        world.walk(world.connector())


BERLIN, HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize("zone", [BERLIN, HOWE, ZoneInfo("UTC"), None], ids=str)
def test_minutes_never_ask_for_less_than_the_time_meant(zone: ZoneInfo | None) -> None:
    """Around the hour that comes twice either reading of a local minute must lie at or beyond the bound."""
    changes = [
        datetime(2026, 10, 25, tzinfo=UTC),
        datetime(2026, 3, 29, tzinfo=UTC),
        datetime(2026, 4, 4, 12, tzinfo=UTC),
    ]
    for change in changes:
        for minutes in range(0, 36 * 60, 7):
            at = change + timedelta(minutes=minutes, seconds=31)
            text = Changed("", milliseconds(at), milliseconds(at)).to_the_minute(zone, "updated ASC")
            since, before = (datetime.fromisoformat(word) for word in text.split('"')[1::2])
            for fold in (0, 1):
                bounds = [one.replace(tzinfo=zone or UTC, fold=fold) for one in (since, before)]
                assert bounds[0].astimezone(UTC) <= at < bounds[1].astimezone(UTC)


def test_where_our_own_zone_is_not_told_any_zone_is_allowed_for() -> None:
    asked = Changed("", milliseconds(FRIDAY)).to_the_minute(None, "updated ASC")
    assert asked == 'updated >= "2026-11-19 18:00" ORDER BY updated ASC', "as early as anywhere"
