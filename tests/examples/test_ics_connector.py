"""A connector in a package of its own is in no way second class: installed, found, checked, drafted from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from daybook.house import House
from daybook.init import new_master_key
from daybook.tools import tools
from daybook.wiring import open_house
from daybook.words import policy
from tests.daybook.cli.conftest import Typed, edited, everybody_agrees

EXAMPLE = Path(__file__).parents[2] / "examples" / "ics_connector"
BERLIN = ZoneInfo("Europe/Berlin")
CONFIGURATION = """\
version: 1
organisation: Northwind Studio
timezone: Europe/Berlin
policy:
  why: Two invoices were disputed this quarter.
  contact: ops@northwind.example
  effective: 2026-01-01
  tracked: {ics: [time, title, series, response]}
  back_fill: 7 days
connections:
  shifts: {type: ics, calendars: {ada@northwind.example: ["${credential:ada-calendar}"]}}
people: [{name: Ada Example, email: ada@northwind.example}]
rollout: {stage: normal, skip_pilot_because: Ada is alone here.}
projects: {acme: {name: ACME website, billable: true, target: {none: task}}}
rules:
  - {name: ACME calls, when: {source: ics, title: acme}, then: {project: acme}}
mail: {from: Daybook <daybook@northwind.example>, smtp: "127.0.0.1:9", tls: none}
page: {url: "http://127.0.0.1:18799", listen: "127.0.0.1:18799"}
store: {url: "sqlite:///FOLDER/daybook.db", key: "${credential:master-key}"}
"""
CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:call@northwind.example
SUMMARY:ACME call
DTSTART;TZID=Europe/Berlin:20200101T100000
DURATION:PT45M
RRULE:FREQ=DAILY
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package is installed, beside Daybook and without any network."""
    target = tmp_path_factory.mktemp("site")
    offline = "--no-index --no-deps --no-build-isolation --disable-pip-version-check --quiet".split()
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *offline, "--target", target, EXAMPLE], check=True
    )
    return target


@pytest.fixture
def daybook(tmp_path: Path, site: Path) -> Typed:
    typed = Typed(tmp_path)
    typed.environment["PYTHONPATH"] = str(site)
    return typed


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration that reads Ada's calendar, which is a file; nothing has run yet."""
    (tmp_path / "ada.ics").write_text(CALENDAR)
    (tmp_path / "credentials").mkdir(mode=0o700)
    for name, secret in (("master-key", new_master_key()), ("ada-calendar", f"{tmp_path}/ada.ics")):
        (tmp_path / "credentials" / name).write_text(secret)
        (tmp_path / "credentials" / name).chmod(0o600)
    written = tmp_path / "daybook.yaml"
    written.write_text(CONFIGURATION.replace("FOLDER", str(tmp_path)))
    return written


def test_its_own_tests_pass_where_it_is_installed(site: Path, tmp_path: Path) -> None:
    """The contract suite, the recorded calendars and the fuzzers among them."""
    environment = {**os.environ, "PYTHONPATH": str(site), "HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path)}
    # -P: the package that is found is the installed one, not the folder beside the tests
    command = [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", EXAMPLE]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout
    assert (site / "daybook_ics" / "connector.py").is_file()


def test_check_finds_it_and_knocks_at_its_calendars(daybook: Typed, file: Path) -> None:
    found = {line["what"]: line for line in json.loads(daybook("check", "--online", "--json").stdout)}
    assert found["configuration"]["well"]
    assert found["shifts"]["well"]
    assert found["shifts"]["sentence"].startswith("Knows us as whoever knows where each calendar is (1).")


def test_P14_its_mistakes_are_told_like_those_of_any_other(daybook: Typed, file: Path) -> None:
    edited(file, ("calendars:", "calendar:"), ("series,", "serials,"))
    said = daybook("check").stderr
    assert "connections.shifts.calendar" in said and 'Did you mean "calendars"?' in said
    assert "ics can track time, title, response, series, labels or guests domains" in said


def test_a_calendar_file_becomes_drafts_and_a_second_look_changes_nothing(
    daybook: Typed, file: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(site))
    house = everybody_agrees(file)
    told = json.loads(daybook("sync", "--json").stdout)
    assert (told["people"], told["failing"], told["activities"].keys()) == (1, [], {"ics"})
    assert told["drafts"] >= 5
    day = next(
        day for ago in range(1, 8) if (day := datetime.now(BERLIN).date() - timedelta(ago)).weekday() < 5
    )
    assert _drafted(house, day) == [("acme", "ACME call", 45, datetime.combine(day, time(10), BERLIN))]
    again = json.loads(daybook("sync", "--json").stdout)
    assert (again["drafts"], again["activities"]) == (told["drafts"], told["activities"])


def test_the_policy_says_of_it_what_it_says_of_the_tools_that_come_with_daybook(
    file: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(site))
    house = open_house(file)
    said = {section.heading: section.terms for section in policy(house.policy, tools(house))}
    terms = said["What is read in Calendar feeds"]
    assert [word for word, _ in terms] == ["Time", "Title", "Series", "Response"]
    assert all(meaning.endswith(".") for _, meaning in terms)


def _drafted(house: House, day: date) -> list[tuple[str | None, str, int, datetime | None]]:
    with house.store.reading() as tx:
        (row,) = tx.people.all()
        held = tx.drafts.of(row.id, day)
    said = [one.draft.suggestion for one in held]
    return [(one.project, one.text, one.minutes, one.start) for one in said]
