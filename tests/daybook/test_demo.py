"""The whole loop, real: sockets, SMTP, database and page, with and without things going wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from daybook import demo
from daybook.sandbox.visitor import Page

CONTRIBUTORS = 4
"""As many as it takes for every kind of evidence, so that twelve storms fit into CI."""


def calm() -> demo.Told:
    """A run without faults, of the days a run that begins now looks at."""
    now = datetime.now(UTC)
    return _calm(now.date(), now.astimezone(ZoneInfo("Europe/Berlin")).date())


@cache
def _calm(*_today: date) -> demo.Told:
    return demo.once(CONTRIBUTORS, seed=7, faults=None)


def test_the_loop_ends_with_every_confirmed_entry_at_its_target_once():
    told = calm()
    assert told.problems == ()
    assert told.exactly_once
    assert told.mails == CONTRIBUTORS
    assert told.confirmed > 0
    assert sum(told.posted.values()) == told.confirmed
    assert set(told.activities) == {"asana", "google_calendar", "jira"}


def test_an_idle_cycle_asks_jira_and_asana_three_times_and_the_calendar_once_a_contributor():
    idle = calm().idle_requests
    assert idle["jira"] <= 3
    assert idle["asana"] == 3  # two boards that rules name, and the time of all
    assert idle["calendar"] == CONTRIBUTORS


def test_the_requests_of_a_whole_run_are_counted_by_service_and_endpoint():
    requests = calm().requests
    assert requests["jira"]["POST /rest/api/2/issue/{issue}/worklog"] == calm().posted["jira"]
    assert requests["asana"]["POST /api/1.0/tasks/{task_gid}/time_tracking_entries"] == calm().posted["asana"]
    assert requests["calendar"]["GET /calendar/v3/calendars/{calendarId}/events"] >= CONTRIBUTORS


@pytest.mark.parametrize("faults", range(1, 13))
def test_P10_whatever_goes_wrong_outside_drafts_and_postings_come_out_the_same(faults):
    expected = calm()
    told = demo.once(CONTRIBUTORS, seed=7, faults=faults)
    assert told.problems == ()
    assert (told.drafts, told.confirmed, told.posted) == (
        expected.drafts,
        expected.confirmed,
        expected.posted,
    )
    assert told.activities == expected.activities


def test_the_visitor_presses_the_first_button_of_a_form_wherever_it_leads():
    html = """
        <form method="post" action="/day/x/confirm"><button formaction="/day/x/undo">Back</button></form>
        <form method="post" action="/day/x/confirm"><button name="all" value="yes">Confirm</button>
        <button formaction="/day/x/dismiss">Dismiss</button></form>"""
    page = Page("http://127.0.0.1/day/x", 200, html)
    assert [form.action for form in page.forms] == ["/day/x/undo", "/day/x/confirm"]
    assert page.form("/confirm") == page.forms[1]
    assert page.forms[1].fields == [("all", "yes")]


def test_the_command_prints_one_json_object_of_the_promised_shape():
    daybook = Path(sys.executable).with_name("daybook")
    run = subprocess.run(
        [daybook, "demo", "--once", "--json", "--contributors", "2"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    told = json.loads(run.stdout)
    assert told.keys() >= {
        "contributors", "activities", "drafts", "mails", "confirmed", "posted", "exactly_once", "requests",
        "idle_requests", "seconds", "peak_mb",
    }  # fmt: skip
    assert told["exactly_once"] is True


def test_a_record_too_many_at_a_target_is_noticed(monkeypatch):
    """The check itself can fail: somebody plants a second copy of a posted worklog."""
    idle = demo._Run.idle

    def and_then_copied(run: demo._Run) -> str:
        said = idle(run)
        world = run.outside.jira.world
        first = next(log for log in world.worklogs if "daybook.entry" in log.properties)
        world.add_worklog(
            first.issue.key, first.author, first.started, first.seconds, properties=dict(first.properties)
        )
        return said

    monkeypatch.setattr(demo._Run, "idle", and_then_copied)
    and_then_copied.__name__ = "idle"
    told = demo.once(2, seed=7, faults=None)
    assert not told.exactly_once
    assert any(problem.startswith("P8: jira has too much") for problem in told.problems)
