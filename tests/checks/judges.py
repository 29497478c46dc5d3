"""What each judge says of one page, as a list of complaints: empty where there is none."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Dialog, Page, Request

LOOKS = (Path(__file__).parent / "looks.js").read_text("utf-8")
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SEVEREST = 30
"""What csp_evaluator counts higher is advice: about JSONP, which nobody here serves."""
SAVED = "https://daybook.example/page"
"""Where a page that was saved is shown: no such host is there."""
IN_A_DATE = 4
"""Tabs: day, month, year, and the button for the calendar."""
WIDTHS = {"at 320 px": 320, "at 200 %": 640}
"""CSS pixels: of a small phone, and of 1280 pixels at twice their size."""


class Watch:
    """What a page asks for and complains of while it is open."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        self.asked: list[Request] = []
        self.host = ""
        page.on("request", self._asked)
        page.on("console", self._told)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("dialog", self._asked_back)

    def _asked(self, request: Request) -> None:
        self.asked.append(request)
        host = urlsplit(request.url).netloc
        self.host = self.host or host
        if host != self.host and not request.is_navigation_request():
            self.complaints.append(f"asks another host: {request.url}")

    def _asked_back(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _told(self, message: ConsoleMessage) -> None:
        # an answer that refuses a form is told there too; that it is one the tests of the form say
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(f"console: {message.text}")


def look(page: Page, called: str, *of: Any) -> Any:
    """One of looks.js; told by the debugger, so that no policy of the page has to allow it."""
    return page.evaluate(f"(of) => {LOOKS.strip()}.{called}(...of)", list(of))


def axe(page: Page, modules: Path, *rules: str) -> list[str]:
    """Takes    rules: those alone; otherwise all of WCAG 2.2 AA, and axe's own advice"""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate((modules / "axe-core" / "axe.min.js").read_text("utf-8"))
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": STANDARDS}
    found = page.evaluate("(only) => axe.run(document, { runOnly: only, resultTypes: ['violations'] })", only)
    return [
        f"axe {each['id']}: {each['help']}: {node['html'][:160]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


def laid_out(page: Page) -> list[str]:
    """At every width nothing is cut and nothing lies on anything, also with letters twice as tall."""
    found = []
    size = page.viewport_size
    assert size is not None
    for how, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 800})
        found += [
            f"{how}: {said}" for called in ("cut", "overlapping", "small") for said in look(page, called)
        ]
    page.set_viewport_size(size)
    page.evaluate("() => document.documentElement.style.fontSize = '200%'")
    found += [f"letters at 200 %: {said}" for called in ("cut", "overlapping") for said in look(page, called)]
    page.evaluate("() => document.documentElement.style.fontSize = ''")
    return found


def walked(page: Page) -> list[str]:
    """Tab reaches every control, from above to below, each is seen while it has the focus, none keeps it."""
    found: list[str] = []
    controls = look(page, "controls")
    reached: list[int] = []
    lowest = 0.0
    for _ in range(len(controls) + IN_A_DATE * page.locator("[type=date]").count() + 1):
        page.keyboard.press("Tab")
        at = look(page, "focused")
        if at is None:
            break
        if reached and at["at"] == reached[-1]:
            continue  # the next part of a date
        found += at["complaints"]
        if at["bottom"] < lowest - 1:
            found.append(f"goes back up: {at['named']}")
        lowest = at["top"]
        reached.append(at["at"])
    else:
        found.append("the focus never leaves the page")
    missed = {*range(len(controls))} - {*reached}
    return found + [f"no Tab reaches {controls[one]}" for one in sorted(missed)]


def nu(folder: Path, modules: Path) -> list[str]:
    """What the Nu HTML checker calls an error, in every file of a folder."""
    jar = modules / "vnu-jar" / "build" / "dist" / "vnu.jar"
    done = subprocess.run(
        ["java", "-jar", jar, "--errors-only", "--format", "json", folder],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    said = json.loads(done.stderr)["messages"]
    return [f"{Path(one['url']).name}: {one['message']}: {one.get('extract', '')[:160]!r}" for one in said]


def complaints(page: Page, modules: Path) -> list[str]:
    """All that a judge in the browser says of it."""
    watch = Watch(page)
    page.goto(SAVED)
    found = axe(page, modules) + laid_out(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += [f"dark: {said}" for said in axe(page, modules, "color-contrast")]
    return found + walked(page) + look(page, "moving") + watch.complaints
