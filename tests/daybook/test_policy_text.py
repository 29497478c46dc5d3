"""The policy as people read it: the text, the sheet of paper, and what a file would change."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.policy import Policy
from daybook.house import House, Member
from daybook.page.app import create
from daybook.page.render import STATIC, on_one_sheet
from daybook.policy_text import compared, written
from docs.browser import PROGRAM, is_there
from tests.daybook.cli.conftest import Typed
from tests.daybook.page.browser import Browser
from tests.daybook.page.conftest import Links, link
from tests.daybook.test_policies import AFTER, LOOSER, TIGHTER, TODAY, Office, clock, line_of, office

__all__ = ["clock", "link", "office"]

FULL: dict[str, Any] = {
    "not_tracked": ["descriptions", "guests", "attachments", "locations", "screen", "keyboard", "idle time"],
    "reports": [
        {"who": "managers", "what": ["project", "category", "billable", "meeting load"], "cadence": "weekly"},
        {"who": "managers", "what": ["meeting load", "focus time"], "cadence": "monthly", "by": "role"},
    ],
    "tracked": {"asana": ["title", "section history", "own comments", "time entries"]},
}


def test_before_the_first_start_it_is_what_the_file_says(office: Office) -> None:
    office.write()
    text = written(office.file, office.clock())
    said = "\n".join(text.lines())
    assert (text.since, text.coming, list(text.changed)) == (date(2026, 12, 1), None, [])
    assert f"Version {text.version}, valid from 1 December 2026." in said
    assert "Two invoices were disputed this quarter." in said
    assert "What would allow more is announced to you 14 days before it holds" in said
    found = compared(office.file, office.clock())
    assert (found.in_force, found.differences, found.day) == (None, (), None)


def test_P08_once_it_runs_the_text_is_what_holds_with_what_is_announced(office: Office) -> None:
    house = office.start()
    office.start(**(LOOSER | TIGHTER))
    text = written(office.file, office.clock())
    said = "\n".join(text.lines())
    assert text.former == house.policy_version
    assert text.version != text.coming
    assert "What your calendar and tools said, for 45 days." in said
    assert f"Changed since version {house.policy_version}\n  In Asana, this is no longer read: title." in said
    assert f"From 25 December 2026, as version {text.coming}\n  What calendars and tools said is kept" in said


def test_P08_a_diff_names_each_line_its_direction_and_the_day(office: Office) -> None:
    house = office.start()
    office.write(**(LOOSER | TIGHTER))
    found = compared(office.file, office.clock())
    assert (found.in_force, found.day) == (house.policy_version, AFTER)
    assert [(one.direction, one.what) for one in found.differences] == [
        ("tighter", "policy.tracked.asana"),
        ("looser", "policy.retention.evidence"),
    ]
    assert found.differences[1].place.startswith(line_of(office, "90 days"))
    assert (found.differences[1].before, found.differences[1].after) == ("45 days", "90 days")
    office.write(**TIGHTER)
    assert compared(office.file, office.clock()).day is None


def test_the_commands_say_so_with_exit_codes_and_as_data(office: Office, tmp_path: Path) -> None:
    daybook = Typed(tmp_path)
    office.clock.now = office.clock.now.replace(year=2025, month=12)
    office.start(effective="2025-12-01")
    office.write(effective="2025-12-01", **LOOSER)
    refused = daybook("policy", "diff")
    assert refused.returncode == 1
    assert "looser" in refused.stdout
    assert "policy.retention.evidence" in refused.stdout
    assert "Until then the stricter of both holds" in refused.stdout
    shown = json.loads(daybook("policy", "show", "--json").stdout)
    assert shown["later"] == ["What calendars and tools said is kept for 90 days, not for 45 days."]
    assert daybook("policy", "page", "--output", "policy.html").returncode == 0
    assert "Two invoices were disputed" in (tmp_path / "policy.html").read_text()


def test_what_an_organisation_writes_is_text_on_the_sheet_and_no_markup(office: Office) -> None:
    office.write(why="<script>alert(1)</script> we ask")
    made = on_one_sheet(written(office.file, office.clock()))
    assert "<script>" not in made
    assert "&lt;script&gt;" in made


A4 = (595, 842)


def pages(html: str, tmp_path: Path) -> list[tuple[int, int]]:
    """The sheets of paper that a browser prints it on, by their size."""
    page, printed = tmp_path / "policy.html", tmp_path / "policy.pdf"
    page.write_text(html, "utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/chromium"]
    to = [f"--print-to-pdf={printed}", "--no-pdf-header-footer", page.as_uri()]
    subprocess.run([PROGRAM, *options, *to], check=True, capture_output=True, timeout=60)
    sizes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed.read_bytes())
    return [(round(float(width)), round(float(height))) for width, height in sizes]


@pytest.mark.skipif(not is_there(), reason="chromium is not installed")
def test_P08_the_policy_with_all_its_parts_prints_on_one_sheet_of_a4(office: Office, tmp_path: Path) -> None:
    office.start(**FULL)
    office.write(**(FULL | LOOSER))
    assert pages(on_one_sheet(written(office.file, office.clock())), tmp_path) == [A4]


@pytest.mark.skipif(not is_there(), reason="chromium is not installed")
def test_P08_on_a_contributors_page_it_prints_on_one_sheet_too(
    house: House, ada: Member, link: Links, tmp_path: Path
) -> None:
    full = house.policy.model_dump() | {"reports": FULL["reports"], "not_tracked": FULL["not_tracked"]}
    opened = Browser(create(replace(house, policy=Policy.model_validate(full))))
    html = opened.client.get(f"{link(ada)}/policy").text
    style = (STATIC / "style.css").read_text("utf-8")
    assert pages(html.replace("</head>", f"<style>{style}</style></head>"), tmp_path) == [A4]


def test_the_first_day_shown_is_that_of_the_version(office: Office) -> None:
    office.start()
    office.start(**TIGHTER)
    assert written(office.file, office.clock()).since == TODAY
