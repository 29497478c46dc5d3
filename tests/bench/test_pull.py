"""The crowd in small: everybody pulls the same things, and who finds nothing new asks for little."""

from __future__ import annotations

import fcntl
import json
import os
from typing import cast

import pytest

from bench import pull
from bench.pull.crowd import Size

SMALL = Size(people=4, issues=30, worklogs=10, tasks=12, entries=6, events=20)


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> pull.Figures:
    """Measured for this session, by whichever worker comes first."""
    folder = tmp_path_factory.getbasetemp()
    file = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "pull.json"
    with file.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not file.exists():
            file.write_text(json.dumps(measured()), "utf-8")
    return cast(pull.Figures, json.loads(file.read_text("utf-8")))


def measured() -> pull.Figures:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pull, "python_with", lambda requirement: None)
        patch.setattr(pull, "FAR", 0.001)
        return pull.measure(SMALL)


def row(rows: list[pull.Figures], who: str) -> pull.Figures:
    return next(one for one in rows if one["who"] == who)


def test_daybook_and_the_bare_libraries_find_all_there_is(figures: pull.Figures):
    jira, asana, stories, calendar = figures["tools"].values()
    assert jira[0]["objects"] == SMALL.issues + SMALL.worklogs
    assert row(jira, "jira library, raw JSON: issues and changelogs")["objects"] == SMALL.issues
    assert asana[0]["objects"] == row(asana, "asana library: time entries")["objects"] == SMALL.entries
    assert stories[0]["objects"] == SMALL.tasks + SMALL.entries
    assert calendar[0]["objects"] == calendar[2]["objects"] == SMALL.events


def test_P9_who_pulls_again_finds_nothing_new_and_asks_less(figures: pull.Figures):
    for rows in (*figures["tools"].values(), figures["far"]):
        first, again = rows[:2]
        assert again["who"].endswith("nothing new")
        assert again["objects"] == 0 < again["requests"] <= first["requests"]


def test_without_histories_asana_is_asked_for_lists_alone(figures: pull.Figures):
    asana, stories = (figures["tools"][tool][0]["requests"] for tool in ("asana", "stories"))
    assert asana < SMALL.tasks < stories


def test_a_peer_that_cannot_be_installed_is_said_to_be_missing(figures: pull.Figures):
    table = pull.table(figures)
    for peer in ("tap-jira", "dlt", "tap-asana"):
        assert any(peer in line and "could not be installed" in line for line in table.splitlines())
