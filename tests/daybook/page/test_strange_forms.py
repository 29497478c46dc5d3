"""Forms nobody's browser sends: whatever their fields hold, an answer has words and the day stays sound.

make forms ARGS=5000        so many of them, where the suite sends a few
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from core.model import Draft
from daybook import deeds, links
from daybook.house import House, Member
from daybook.page.app import create
from daybook.page.proofs import KEPT
from daybook.page.render import PROOF
from daybook.page.shown import name
from daybook.store import Store
from tests.daybook.conftest import KEY, YESTERDAY, draft, drafted, minted
from tests.daybook.page.browser import Browser, Page
from tests.daybook.page.conftest import token
from tests.daybook.test_visibility import AT, Address, configuration, every, form, house, post

__all__ = ["configuration", "every", "house", "post"]

FORMS = int(os.environ.get("FORMS", "20"))
AT_ONCE = 4
"""Forms sent to one house, each as what came of those before has it."""
STRANGE = (
    "", " ", "0", "-1", "1", "9" * 5_000, "1e400", "NaN", "٣", "²", "1.5", "25:61", "0001-01-01",
    "9999-12-31", "2026-02-30", "2026-11-19T10:00", "2026-11-18", "\0", "\r\n\r\n", "\ufeff\u202e\u200b",
    "\ud800", "e\u0301" * 300, "<script>", "{{ 7 }}", "%", "../..", "none", "memory:", ":", ".", "yes",
    "x" * 70_000, "x" * (1 << 20), name("open"), name("edited"), name("dismissed"), name("confirmed"),
    f"{name('edited')}.1", "acme-web", "internal", "memory", "ben@northwind.example",
)  # fmt: skip
KEEP_THEIR_SUM = ("/cut", "/join", "/move")
"""Ends of addresses that share minutes out anew, and make none."""

Fields = list[tuple[str, str]]


class Sent(NamedTuple):
    """A form as a page shows it, and where it goes."""

    path: str
    fields: Fields


@pytest.fixture
def planted(house: House, ada: Member) -> Member:
    """Ada, with a draft in each state."""
    drafted(house, ada, *(draft(key, at) for key, at in AT.items()))
    assert deeds.edit(house, ada, "edited", 1, minutes=15).done
    assert deeds.dismiss(house, ada, "dismissed", 1).done
    assert deeds.confirm(house, ada, YESTERDAY, {"confirmed": 1}).done
    return ada


@pytest.fixture
def shown(planted: Member, house: House, every: Any) -> list[Sent]:
    """Each form on a page of Ada's, and for an address that no form leads to, one with every field."""
    addresses, browser = every()
    found = [one for address in addresses for one in forms(house, planted, address, browser)]
    reached = {shape(one.path) for one in found}
    acting = [one for one in addresses if one.method == "POST"]
    found += [Sent(opened(house, planted, one), form()) for one in acting if shape(one.path) not in reached]
    return found


def forms(house: House, who: Member, address: Address, browser: Browser) -> Iterator[Sent]:
    if address.method != "GET":
        return
    for key in ("open", "confirmed"):
        page = browser.open(f"{opened(house, who, address)}?on={YESTERDAY}&draft={name(key)}")
        for one in page.forms:
            for button in one.buttons if one.method == "post" else ():
                pressed = [(button.name, button.value)] if button.name else []
                path = urlsplit(urljoin(page.url, button.action)).path
                yield Sent(path, [pair for pair in one.fields if pair[0] != PROOF] + pressed)


def opened(house: House, who: Member, address: Address) -> str:
    """Its path, with a link of theirs in it that works."""
    there = token(minted(house, who, address.purpose or "day"))
    return address.path.replace("{token}", there).replace("{connection}", "memory")


def shape(path: str) -> tuple[str, str]:
    """Which address it is, whoever's link opens it."""
    _, purpose, _, *rest = [*path.split("/"), "", ""]
    return purpose, "/".join(rest).rstrip("/")


@some.composite
def bent(draw: Any, shown: list[Sent]) -> Sent:
    """One of them with some fields left out, repeated, exchanged or filled with what no page offers."""
    path, fields = draw(some.sampled_from(shown))
    others = [*fields, *form()]
    sent: Fields = []
    for field, value in fields + draw(some.lists(some.sampled_from(others), max_size=2)):
        match draw(some.sampled_from(("same", "same", "same", "gone", "twice", "strange", "other", "text"))):
            case "same":
                sent.append((field, value))
            case "twice":
                sent += [(field, value)] * draw(some.sampled_from((2, 3, 200)))
            case "strange":
                sent.append((field, draw(some.sampled_from(STRANGE))))
            case "other":
                sent.append((field, draw(some.sampled_from(others))[1]))
            case "text":
                sent.append((field, draw(some.text(max_size=20))))
    return Sent(path, sent)


@contextmanager
def copied(house: House, file: Path) -> Iterator[House]:
    """The same house with a store of its own: what is done there stays there."""
    with closing(sqlite3.connect(str(house.store.path))) as here, closing(sqlite3.connect(file)) as there:
        here.backup(there)
    store = Store.open(f"sqlite:///{file}", KEY)
    try:
        yield replace(house, store=store)
    finally:
        store.close()
        file.unlink()


def days(house: House, who: Member) -> dict[str, Draft]:
    """All drafts on the days that a link opens; what is stored wrongly raises."""
    first, last = links.opened(YESTERDAY)
    between = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    with house.store.reading() as tx:
        return {one.draft.key: one.draft for day in between for one in tx.drafts.of(who.id, day)}


def test_W06_whatever_a_form_says_it_is_answered_in_words_and_confirms_nothing_it_does_not_name(
    shown: list[Sent], planted: Member, house: House, tmp_path: Path
) -> None:
    number = count()

    # a house for each example: to make a failing one smaller would take minutes
    @settings(
        max_examples=FORMS,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
        database=None,
        derandomize=True,
    )
    @given(some.lists(bent(shown), min_size=1, max_size=AT_ONCE))
    def sends(said: list[Sent]) -> None:
        with copied(house, tmp_path / f"{next(number)}.db") as own:
            browser = Browser(create(own))
            for one in said:
                before = days(own, planted)
                page = send(browser, one)
                assert page.status < 500, page.text
                assert page.status < 400 or ("h1" in page.tags and len(page.text) > 20), page.text
                still_sound(one, before, days(own, planted))
            assert browser.open(minted(own, planted)).status == 200

    sends()


def send(browser: Browser, one: Sent) -> Page:
    _, purpose, there, *_ = [*one.path.split("/"), "", ""]
    proof = [(PROOF, there)] if purpose in KEPT else []
    fields = [(field, value.encode("utf-8", "surrogatepass")) for field, value in one.fields]
    return browser.send(one.path, fields + proof)  # type: ignore[arg-type]


def still_sound(one: Sent, before: dict[str, Draft], after: dict[str, Draft]) -> None:
    named = {value for field, value in one.fields if field == "draft"}
    for key, now in after.items():
        was = before.get(key)
        if now.decision == "confirmed" and (was is None or was.decision != "confirmed"):
            assert name(key) in named, key
        assert 0 < now.suggestion.minutes <= 24 * 60
    if one.path.endswith(KEEP_THEIR_SUM):
        assert standing(before) == standing(after)


def standing(drafts: dict[str, Draft]) -> int:
    """The minutes of all that nobody turned down."""
    return sum(one.suggestion.minutes for one in drafts.values() if one.decision != "dismissed")
