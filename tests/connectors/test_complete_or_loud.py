"""Complete or loud: others load a part and say that all is well. Each row of that table is a test here.

Whatever list a connector reads, in whatever variant, is torn where others lose
something: it must come whole, or be told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from connectors.budget import Budget
from connectors.stand_in import Answer, Request
from tests.connectors.matrix import DEEDS, Attempt, Disturbance, Matrix, endless
from tests.connectors.test_fault_matrix import SCENES, small

__all__ = ["small"]

ONE_MORE, EMPTY = "one more than a page", "an empty page that has a token"
STATUSES = ("401", "404", "410")
RECORDS = ("issues", "values", "data", "items", "issueChangeLogs", "comments", "worklogs")
"""What tools call the list in a page."""
LISTING = ("pull", "pull again", "accounts", "containers", "baseline", "find")


class Torn(Disturbance):
    """A list whose first page is torn in two, or whose last is refused."""

    def _answer(self, request: Request) -> tuple[Answer, str]:
        if self.scene.site.find(request.method, request.path)[0] != self.endpoint:
            return self._genuine(request)
        self._asked += 1
        if self.fault in STATUSES:
            answer, _ = self._genuine(request)
            self.happened = endless(answer.body) is not None and self._asked == self._last
            return (self.scene.site.failed(self.fault) if self.happened else answer), ""
        if self._asked == 1:
            self._first = request
            answer, _ = self._genuine(request)
            begins = self._begins(answer.body)
            self.happened = begins is not None
            return replace(answer, body=begins or answer.body), ""
        if self._asked == 2 and self.happened:
            answer, _ = self._genuine(self._first)
            return replace(answer, body=self._goes_on(answer.body)), ""
        return self._genuine(request)

    def _begins(self, body: Any) -> Any:
        """The page without its last record, or without any; None where that cannot be."""
        page = endless(body)
        if page is None or (self.fault == EMPTY and "startAt" in page):  # by position: it has no token
            return None
        name, records = _list_in(page)
        if self.fault == EMPTY:
            return {**page, name: []}
        page = {**page, "total": body["total"]} if "total" in body else page
        return {**page, name: records[:-1]} if len(records) > 1 else None

    def _goes_on(self, body: Any) -> Any:
        """What was held back, and whatever else its page says."""
        if self.fault == EMPTY:
            return body
        name, records = _list_in(body)
        further = {"startAt": body["startAt"] + len(records) - 1} if "startAt" in body else {}
        return {**body, **further, name: records[-1:]}


def _list_in(page: Mapping[str, Any]) -> tuple[str, list[Any]]:
    (name,) = [name for name in RECORDS if name in page]
    return name, page[name]


SAYS_SO = {
    ("GET /api/1.0/tasks/{task_gid}/stories", "404"): "the task is gone, and so is what it said",
    ("GET /api/1.0/timesheet_approval_statuses", "404"): "there are no timesheets, so none is handed in",
}
"""A refusal that is an answer: what is missing is missing there."""


@pytest.mark.parametrize(
    ("name", "deed"),
    [(name, deed) for name, scene in SCENES.items() for deed in scene.deeds if deed in LISTING],
)
def test_no_list_loses_anything_without_a_word(small: None, name: str, deed: str) -> None:
    scene = SCENES[name]()
    try:
        cells = list(Matrix(scene, DEEDS[deed], (ONE_MORE, EMPTY, *STATUSES), Torn).cells())
    finally:
        scene.site.stop()
    torn = [cell for cell in cells if cell.letter and (cell.endpoint, cell.fault) not in SAYS_SO]
    assert not [cell for cell in torn if cell.wrong], "\n".join(map(str, torn))
    assert {cell.letter for cell in torn if cell.fault == ONE_MORE} <= {"."}
    refused = [cell for cell in torn if cell.fault in STATUSES and cell.letter not in "CANX"]
    assert {cell.fault for cell in refused} <= {"401"}, "only a token that ended early may be fetched anew"


FOLLOWS = {
    "POST /rest/api/2/changelog/bulkfetch",
    "POST /rest/api/2/worklog/list",
    "GET /rest/api/2/status",
    "GET /api/1.0/tasks/{task_gid}/stories",
    "GET /api/1.0/time_tracking_entries/{time_tracking_entry_gid}",
    "GET /calendar/v3/calendars/{calendarId}",
}
"""Asked only about what a list has shown, and with the list's own right or one that `check` names."""


@pytest.mark.parametrize("name", [name for name, scene in SCENES.items() if "check" in scene.deeds])
def test_a_check_touches_every_list_that_will_be_read(small: None, name: str) -> None:
    """airbyte-source-jira's check succeeds after one request, of an API that it then hardly reads."""
    scene = SCENES[name]()
    try:
        asked = {}
        for deed in ("pull", "check"):
            scene.site.reset_counts()
            DEEDS[deed].do(Attempt(scene, scene.connector(Budget(10_000, 10_000))))
            asked[deed] = scene.site.reset_counts().keys()
    finally:
        scene.site.stop()
    assert asked["pull"] - FOLLOWS <= asked["check"]


PROVED: Mapping[str, tuple[str, ...]] = {
    "ingestr": (
        "connectors.test_complete_or_loud::test_no_list_loses_anything_without_a_word",
        "connectors.jira.test_connector::test_one_more_than_a_page_of_everything_is_seen",
        "connectors.asana.test_connector::test_one_more_than_a_page_is_all_there",
        "connectors.google_calendar.test_connector::test_one_event_more_than_the_largest_page_is_seen",
    ),
    "google-calendar-to-sqlite": (
        "connectors.google_calendar.test_connector::test_who_chooses_is_shown_every_calendar_of_their_own",
    ),
    "gcalcli": (
        "connectors.test_fault_matrix::test_P8_P10_whatever_goes_wrong_is_told_and_ends_as_if_it_had_not",
        "connectors.google_calendar.test_connector::test_a_list_of_calendars_that_never_ends_is_loud",
    ),
    "airbyte-source-jira": (
        "connectors.jira.test_connector::test_a_no_in_the_middle_of_a_walk_stops_it_and_says_what_to_do",
        "connectors.jira.test_facts::test_fact_1_a_removed_endpoint_is_a_bug_of_ours_and_says_so",
        "connectors.test_complete_or_loud::test_a_check_touches_every_list_that_will_be_read",
    ),
    "toggl2jira": (
        "connectors.test_complete_or_loud::test_no_list_loses_anything_without_a_word",
        "connectors.jira.test_facts::test_fact_1_a_removed_endpoint_is_a_bug_of_ours_and_says_so",
    ),
    "tap-asana": (
        "connectors.test_fault_matrix::test_P8_P10_whatever_goes_wrong_is_told_and_ends_as_if_it_had_not",
    ),
    "ActivityWatch": ("core.test_crowded_days::test_P4_P5_a_crowded_day_is_as_long_as_any_other",),
    "jiraworklog": ("connectors.test_complete_or_loud::test_P8_a_second_run_that_forgot_all_writes_nothing",),
    "jira-clockify-sync": ("core.test_properties::test_P5_never_more_than_evidence",),
    "google-api, gcal_sync": (
        "foreign.test_node::test_jira_js_finds_all_of_a_site_and_logs_an_hour_once",
        "foreign.test_node::test_asanas_client_finds_all_of_a_workspace_and_logs_its_time_once",
        "foreign.test_node::test_googles_client_finds_all_then_only_changes_then_a_410",
        "foreign.test_python::test_the_jira_library_s_bare_answers_are_complete_by_their_tokens",
    ),
}
"""By the peer of each row of "Complete or loud": the tests that would fail if we did the same."""


@pytest.mark.parametrize("test", sorted({test for tests in PROVED.values() for test in tests}))
def test_what_proves_a_row_exists(test: str) -> None:
    module, _, name = test.partition("::")
    assert callable(getattr(import_module(f"tests.{module}"), name))


def test_every_row_of_the_table_is_proved(shared: Path) -> None:
    figures = (shared / "design" / "figures.md").read_text("utf-8")
    _, _, rest = figures.partition("## Complete or loud")
    rows = [line for line in rest.partition("\n## ")[0].splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 10
    assert not [row for row in rows if not any(row.startswith(f"| {peer}") for peer in PROVED)]


@pytest.mark.parametrize("name", ["Jira Cloud", "Jira Data Center", "Asana by people"])
def test_P8_a_second_run_that_forgot_all_writes_nothing(small: None, name: str) -> None:
    """jiraworklog deleted and wrote all of its worklogs anew, when it ran for a second time.

    Of the first run nothing is left but what was written down before it: the key, and the baseline.
    """
    scene = SCENES[name]()
    try:
        first = Attempt(scene, scene.connector(Budget(10_000, 10_000)))
        DEEDS["post"].do(first)
        written = scene.world.posted()
        second = Attempt(scene, scene.connector(Budget(10_000, 10_000)), baseline=first.baseline, sent=True)
        DEEDS["post"].do(second)
        assert scene.world.posted() == written and len(written) == 1
        assert second.receipt is not None and second.receipt.id == written[0].id
    finally:
        scene.site.stop()
