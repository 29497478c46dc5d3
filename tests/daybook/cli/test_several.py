"""`daybook run` and `daybook worker` on one PostgreSQL, whose server is killed: the work is done."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urljoin

import httpx
import psycopg
from pydantic import SecretStr

from daybook.sandbox.outside import Outside
from daybook.sandbox.plant import token
from tests.daybook.cli.conftest import Typed, edited, everybody_agrees
from tests.daybook.cli.test_killed import LONG
from tests.daybook.page.browser import FROM_OUR_PAGE, Page
from tests.ports import free_port
from tests.postgres import Pair

SOON = 60
"""Seconds in which a process that may not write any more ends, on a busy machine."""
WRONG_INPUT = 2
THEIR_TIME_IS_OVER = """DELETE FROM workers;
UPDATE daybook_jobs.procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"""
"""What waiting for a minute comes to, for those who ended without a word to the server."""


def kept_at(file: Path, outside: Outside, url: str) -> str:
    """Keep the store there, where everybody agreed and lent their accounts; gives where the page is."""
    page = f"127.0.0.1:{free_port()}"
    found = re.search(r'url: "(sqlite:[^"]*)"', file.read_text())
    assert found
    edited(file, (found[1], url), ("127.0.0.1:18799", page))
    house = everybody_agrees(file)
    with house.store.writing() as tx:
        for tool, accounts in {"jira": outside.planted.jira, "asana": outside.planted.asana}.items():
            for who in tx.people.all():
                secret = SecretStr(token(tool, who.email))
                tx.grants.save(who.id, tool, accounts[who.email], secret, house.clock())
    house.store.close()
    return page


@contextmanager
def running(daybook: Typed, *commands: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    started = [daybook.begin(command) for command in commands]
    try:
        yield started
    finally:
        for one in started:
            one.kill()
            one.communicate()


def until(holds: Callable[[], object], seconds: float = LONG) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.2)


def test_P10_R09_when_a_standby_takes_over_all_end_in_words_and_start_again_looking(
    daybook: Typed, outside: Outside, file: Path, pair: Pair
) -> None:
    """Who pressed a button meanwhile is told that nothing was saved; afterwards it is, and posted once."""
    url = pair.fresh()
    page = kept_at(file, outside, url)
    pair.waits_for_standby()
    with running(daybook, "run", "worker") as processes:
        until(lambda: len(outside.mail.deliveries) == len(outside.team.members))
        links = re.findall(rf"http://{page}/confirm/\S+", " ".join(m.text for m in outside.mail.deliveries))
        posted, shown, *_ = sorted((Page(httpx.get(link, timeout=LONG)) for link in set(links)), key=many)
        before = written(outside)
        assert confirm(posted).status_code == 200
        until(lambda: written(outside) > before)
        pair.crashes()
        pressed = confirm(shown)
        assert (pressed.status_code, "Not now" in pressed.text) == (503, True)
        pair.takes_over()
        for one in processes:
            _, said = one.communicate(timeout=SOON)
            assert one.returncode == WRONG_INPUT
            assert b"a standby took over" in said and b"Start it again" in said
    with psycopg.connect(url) as connection:
        connection.execute(THEIR_TIME_IS_OVER)
    with running(daybook, "run", "worker") as processes:
        until(lambda: answers(page))
        assert confirm(shown).status_code == 200
        until(lambda: written(outside) - before == many(posted) + many(shown), 4 * LONG)
        until(
            lambda: re.search(r"postings   \d+ posted, of the last week\n", daybook("status").stdout),
            4 * LONG,
        )
        for one in processes:
            one.send_signal(signal.SIGTERM)
            assert one.wait(SOON) == 0
    assert written(outside) - before == many(posted) + many(shown)


def confirm(shown: Page) -> httpx.Response:
    form, button = shown.button("Confirm")
    said = {"Content-Type": "application/x-www-form-urlencoded"} | FROM_OUR_PAGE
    where, filled = urljoin(shown.url, button.action), urlencode(form.fields)
    return httpx.post(where, content=filled, headers=said, timeout=LONG, follow_redirects=True)


def many(shown: Page) -> int:
    """Drafts on a page to confirm."""
    return int(re.sub(r"\D", "", shown.buttons[0].partition("·")[0]) or 1)


def written(outside: Outside) -> int:
    """Records at the tools."""
    return len(outside.jira.world.worklogs) + len(outside.asana.time_entries)


def answers(page: str) -> bool:
    try:
        return httpx.get(f"http://{page}/healthz").status_code == 200
    except httpx.TransportError:
        return False
