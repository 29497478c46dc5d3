"""The judges, as npm's lock and Debian name them, and a house whose page a real browser can open.

One browser a worker, for as long as it is among these tests. Chromium gets nothing but this machine.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from daybook.daemon import listening
from daybook.house import House, Member
from daybook.page.render import CONTENT_TYPES, ICON, STYLE
from tests.checks.gathered import Saved
from tests.daybook.conftest import (
    a_store_in_a_file,
    ada,
    ben,
    clock,
    configuration,
    house,
    mara,
    minted,
    otto,
    store_url,
    tool,
)

__all__ = [
    "a_store_in_a_file",
    "ada",
    "ben",
    "clock",
    "configuration",
    "house",
    "mara",
    "otto",
    "store_url",
    "tool",
]

FILES = {path: (CONTENT_TYPES[path.rpartition(".")[2]], content) for path, content in (STYLE, ICON)}
"""All a page may need beside itself."""
HERE = Path(__file__).parent
LOCK = HERE / "package-lock.json"
MODULES = HERE / "node_modules"
INSTALLED = MODULES / ".installed"
"""The lock that was installed, so that the next session need not ask the registry again."""
CHROMIUM = [
    "--no-sandbox",  # chromium refuses to sandbox itself under root
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
PATIENCE = 90_000
"""Milliseconds until what the browser waits for is a fault; a busy machine may need some."""

Judge = Callable[..., Any]
Open = Callable[..., Page]


def absent(reason: str) -> NoReturn:
    """No judge: a test that is skipped, but not in CI, where nobody would see that it was."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def needed(program: str, package: str) -> str:
    return shutil.which(program) or absent(f"needs {program}; on Debian: apt-get install {package}")


def _install() -> None:
    if INSTALLED.exists() and INSTALLED.read_bytes() == LOCK.read_bytes():
        return
    done = subprocess.run(["npm", "ci"], cwd=HERE, capture_output=True, text=True, timeout=300)
    if done.returncode:
        why = next((line for line in done.stderr.splitlines() if "error" in line), "it said nothing")
        absent(f"npm could not install the judges: {why}")
    shutil.copyfile(LOCK, INSTALLED)


@pytest.fixture(scope="session")
def modules() -> Path:
    """Where npm put the judges."""
    needed("node", "nodejs"), needed("npm", "npm")
    with LOCK.open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # the workers of one session share the folder
        _install()
    return MODULES


@pytest.fixture(scope="session")
def node(modules: Path) -> Judge:
    """Asks the judges of judges.mjs."""

    def ask(**asked: Any) -> Any:
        given = json.dumps({"policies": [], "mails": [], "clients": []} | asked)
        done = subprocess.run(
            ["node", HERE / "judges.mjs"], input=given, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask


# Not a session's: playwright's loop runs in this thread, and other tests run their own.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    program = needed("chromium", "chromium")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        yield browser
        browser.close()


@dataclass(frozen=True)
class Site:
    """The page of a house on loopback."""

    house: House
    url: str

    def link(self, who: Member, *of: Any) -> str:
        return minted(self.house, who, *of)


@pytest.fixture
def site(house: House) -> Iterator[Site]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    page = house.configuration.page
    assert page is not None
    here = page.model_copy(update={"url": f"http://{address}", "listen": address})
    configuration = house.configuration.model_copy(update={"page": here})
    served = replace(house, configuration=configuration)
    with listening(served):
        yield Site(served, here.url)


@pytest.fixture
def context(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A browser with an empty profile: by playwright's words for it."""
    opened: list[BrowserContext] = []

    def fresh(**how: Any) -> BrowserContext:
        made = chromium.new_context(**({"viewport": {"width": 1280, "height": 800}} | how))
        made.set_default_timeout(PATIENCE)
        opened.append(made)
        return made

    yield fresh
    for one in opened:
        one.close()


@pytest.fixture
def tab(context: Callable[..., BrowserContext]) -> Open:
    """A page of ours in a browser of its own."""

    def shown(address: str, **how: Any) -> Page:
        page = context(**how).new_page()
        page.goto(address)
        return page

    return shown


@pytest.fixture
def saved(context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """A page as it was answered, in a real browser, with the files it asks for."""

    def shown(answer: Saved, **how: Any) -> Page:
        page = context(**how).new_page()
        opened: list[str] = []

        def answered(route: Route) -> None:
            path = urlsplit(route.request.url).path
            if path in FILES:
                kind, content = FILES[path]
                route.fulfill(body=content, content_type=kind)
            elif route.request.is_navigation_request() and not opened:
                opened.append(path)
                route.fulfill(status=answer.status, headers=answer.headers, body=answer.text)
            else:
                route.fulfill(status=204)  # wherever it goes on to, it stays

        page.route("**", answered)
        return page

    return shown
