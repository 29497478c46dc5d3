"""Each judge sees the fault it is there for, and is silent on a clean page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from tests.checks import judges
from tests.checks.conftest import Judge, needed
from tests.checks.judges import SEVEREST
from tests.checks.test_layouts import TURN

CLEAN = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A clean page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:focus-visible {outline: 3px solid #036}
button, a {min-height: 44px; display: inline-block}</style></head>
<body><header>Daybook</header><main><h1>A day</h1><p>Some words <bdi>of a stranger</bdi>.</p>
<p><a href="/one">One link</a></p><p><button type="button">A button</button></p>
<!--here--></main></body></html>"""


@pytest.fixture
def written(context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """A page that says CLEAN with something more in it."""

    def shown(more: str = "", **how: Any) -> Page:
        page = context(**how).new_page()
        judges.Watch(page)

        def answer(route: Route) -> None:
            html = CLEAN.replace("<!--here-->", more)
            route.fulfill(body=html, content_type="text/html; charset=utf-8")

        page.route("**", answer)
        page.goto("https://page.example/")
        return page

    return shown


def test_a_clean_page_has_no_complaint(written: Callable[..., Page], modules: Path) -> None:
    page = written(reduced_motion="reduce")
    assert judges.axe(page, modules) + judges.laid_out(page) + judges.walked(page) == []
    assert judges.look(page, "moving") + judges.look(page, "loose", "of a stranger") == []


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ('<p style="color: #bbb">Too pale to be read.</p>', "color-contrast"),
        ('<input name="a">', "label"),
        ("<h4>Deep</h4>", "heading-order"),
        ('<a href="/a" style="min-height: 0">.</a><a href="/b" style="min-height: 0">.</a>', "target-size"),
    ],
)
def test_axe_sees(written: Callable[..., Page], modules: Path, fault: str, rule: str) -> None:
    assert [one for one in judges.axe(written(fault), modules) if one.startswith(f"axe {rule}:")]


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("<p style='width: 400px'>wide</p>", "wide in a window of 320"),
        ("<p style='position: absolute; left: -30px'>outside</p>", "reaches out of the window"),
        ("<p style='width: 700px'>wide</p>", "at 200 %: 7"),
        ("<p style='width: 50px; overflow: hidden; white-space: nowrap'>much too long</p>", "is cut"),
        ("<p style='height: 24px; overflow: hidden; line-height: 1.5'>tall</p>", "letters at 200 %: is cut"),
        ("<p>under</p><p style='margin-top: -36px'>over</p>", "lies on"),
        ("<button type='button' style='min-height: 0; height: 12px; font-size: 8px'>x</button>", "24 px"),
    ],
)
def test_a_broken_layout_is_seen(written: Callable[..., Page], fault: str, complaint: str) -> None:
    assert complaint in "\n".join(judges.laid_out(written(fault)))


def test_what_is_pale_in_the_dark_alone_is_seen(written: Callable[..., Page], modules: Path) -> None:
    page = written("<style>@media (prefers-color-scheme: dark) {p {color: #ddd}}</style>")
    assert judges.axe(page, modules, "color-contrast") == []
    page.emulate_media(color_scheme="dark")
    assert judges.axe(page, modules, "color-contrast")


def test_what_goes_wrong_from_right_to_left_alone_is_seen(written: Callable[..., Page]) -> None:
    page = written("<p style='position: relative; left: 90px; width: 200px'>pushed aside</p>")
    assert judges.laid_out(page) == []
    page.evaluate(TURN)
    assert "reaches out of the window" in "\n".join(judges.laid_out(page))


@pytest.mark.parametrize("runs", [True, False])
def test_a_button_that_is_nothing_without_script_is_seen_where_none_runs(
    written: Callable[..., Page], runs: bool
) -> None:
    page = written("<button onclick='this.remove()'>Confirm all</button>", java_script_enabled=runs)
    button = page.get_by_role("button", name="Confirm all")
    button.click()
    assert button.count() == (not runs)


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("<style>a:focus-visible {outline: none}</style>", "its focus is not seen"),
        ("<button type='button' tabindex='-1'>Never</button>", "no Tab reaches"),
        ("<button type='button' tabindex='1'>First, but last</button>", "goes back up"),
        (
            "<p style='position: fixed; inset: 0; background: #fff; margin: 0'>A curtain</p>",
            "is hidden while focused",
        ),
        (
            "<button type='button' id='trap'>Trap</button>"
            "<script>trap.onkeydown = (event) => event.preventDefault()</script>",
            "the focus never leaves",
        ),
    ],
)
def test_a_keyboard_that_gets_lost_is_seen(written: Callable[..., Page], fault: str, complaint: str) -> None:
    assert complaint in "\n".join(judges.walked(written(fault, reduced_motion="reduce")))


@pytest.mark.parametrize(
    "fault",
    [
        "<style>@keyframes k {from {opacity: 0}} h1 {animation: k 9s infinite}</style>",
        "<style>a {transition: color 1s}</style>",
        "<style>html {scroll-behavior: smooth}</style>",
    ],
)
def test_what_moves_is_seen(written: Callable[..., Page], fault: str) -> None:
    assert judges.look(written(fault, reduced_motion="reduce"), "moving")


def test_strangers_words_that_can_turn_ours_are_seen(written: Callable[..., Page]) -> None:
    assert judges.look(written("<p>Confirm their words now</p>"), "loose", "their words")


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("<img src='https://elsewhere.example/dot.gif' alt=''>", "asks another host"),
        ("<script>console.error('broken')</script>", "console: broken"),
        ("<script>null.x</script>", "script: "),
        ("<script>alert(1)</script>", "dialog: 1"),
    ],
)
def test_what_a_page_does_beside_being_shown_is_seen(
    written: Callable[..., Page], fault: str, complaint: str
) -> None:
    page = written()
    watch = judges.Watch(page)
    page.unroute_all()
    page.route("**", lambda route: route.fulfill(body=f"{CLEAN}{fault}", content_type="text/html"))
    page.goto("https://page.example/other")
    assert complaint in "\n".join(watch.complaints)


def test_Nu_sees_a_fault_and_only_that(modules: Path, tmp_path: Path) -> None:
    needed("java", "default-jre-headless")
    (tmp_path / "clean.html").write_text(CLEAN, "utf-8")
    (tmp_path / "wrong.html").write_text(CLEAN.replace("<!--here-->", "<p><div></p>"), "utf-8")
    found = judges.nu(tmp_path, modules)
    assert found and {one.partition(":")[0] for one in found} == {"wrong.html"}


@pytest.mark.parametrize("hole", ["script-src 'unsafe-inline'", "script-src *", "script-src 'nonce-abc'"])
def test_csp_evaluator_sees_a_policy_with_a_hole(node: Judge, hole: str) -> None:
    (found,) = node(policies=[hole])["policies"]
    assert min(one["severity"] for one in found) <= SEVEREST
