"""What somebody typed and was refused comes back to them, in every form of the page (W-06)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from unittest.mock import Mock

import pytest

from config.schema import Configuration
from core.policy import Delegates
from daybook import deeds
from daybook.house import House, Member
from daybook.jobs.post import NOT_LENT, RENEWING
from daybook.links import Purpose
from daybook.page import render, words
from daybook.page.app import create
from daybook.page.day import BUTTONS
from daybook.page.shown import name
from daybook.store.errors import StoreUnavailable
from tests.daybook.conftest import YESTERDAY, draft, drafted, member
from tests.daybook.page.browser import Browser, Page
from tests.daybook.page.conftest import Links, comes_to, drafts, everything
from tests.daybook.page.test_rollout import pilot
from tests.daybook.test_languages import BEGINS, OURS_NOWHERE, abroad, english, made_up, third, unmarked

__all__ = ["abroad", "english", "made_up", "pilot", "third"]

FORMS = Path(render.__file__).parent / "templates"
NEVER_SHOWN_AGAIN = {
    "credential": "a secret stands on no page",
    "sure": "what is refused is that it was not ticked",
    "container": "shown again by what is chosen: test_calendars.py",
}


class Refused(NamedTuple):
    """A form, what is typed into it, and why that is refused."""

    purpose: Purpose
    at: str
    button: str
    typed: dict[str, str]
    status: int = 422


LONG = "It is not so. " * 500
DRAFT = {
    "length": "soon", "text": "Two words", "project": "internal", "connection": "memory", "task": "WEB-7",
    "category": "Calls", "billable": "yes",
}  # fmt: skip
REFUSED = [
    Refused("day", "edit?draft={draft}", "Save", DRAFT),
    Refused("day", "add", "Add", DRAFT),
    Refused("day", "cut?draft={draft}", "Split", {"length": "0", "text": "A part", "project": "internal"}),
    Refused("day", "cut?draft={draft}", "Put together", {"with": "{other}.1", "revision": "9"}),
    Refused("day", "cut?draft={draft}", "Move", {"to": "2026-11-18", "revision": "9"}),
    Refused("day", "wrong", "Send", {"sentence": LONG, "signed": "yes"}),
    Refused("day", "rollout", "Not yet", {"sentence": LONG}),
    Refused("own", "delegates", "Let them look", {"address": "nobody@x.example", "until": "2026-11-24"}),
    Refused("own", "mail", "Wait until then", {"after": "2031-01-01"}),
    Refused("own", "", "Connect Memory", {"credential": "", "ends": "2027-03-31"}),
    Refused("own", "mine", "Erase", {"confirmed": "too"}),
]


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    assert configuration.policy is not None
    policy = configuration.policy.model_copy(update={"delegates": Delegates(days=10)})
    return configuration.model_copy(update={"policy": policy})


@pytest.fixture
def opened(house: House, ada: Member, browser: Browser, link: Links) -> Callable[[Purpose, str], Page]:
    """A page below a link of Ada's, whose day has two drafts."""
    drafted(house, ada, draft("a", "10:00"), draft("b", "11:00", text="Address form"))

    def at(purpose: Purpose, below: str) -> Page:
        named = below.format(draft=name("a"), other=name("b"))
        return browser.open(f"{link(ada, purpose)}/{named}".rstrip("/"))

    return at


def test_what_a_browser_keeps_of_a_form_is_of_its_day(opened: Callable[[Purpose, str], Page]) -> None:
    """Its address names no day where that is the one shown anyway: tomorrow it is another."""
    assert f'data-day="{YESTERDAY}"' in opened("day", "add").answer.text


def test_every_field_somebody_types_into_is_walked() -> None:
    walked = {field for one in REFUSED for field in one.typed} | {*NEVER_SHOWN_AGAIN}
    for file in FORMS.glob("*.html"):
        for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", file.read_text("utf-8")):
            field = re.search(r'name="(\w+)"', tag)
            assert not field or 'type="hidden"' in tag or field[1] in walked, f"{file.name}: {tag}"


@pytest.mark.parametrize("one", REFUSED, ids=lambda one: f"{one.at.partition('?')[0]} {one.button}")
def test_W06_what_was_typed_into_a_form_that_is_refused_is_in_it_again(
    one: Refused, pilot: House, opened: Callable[[Purpose, str], Page], browser: Browser
) -> None:
    page = opened(one.purpose, one.at)
    typed = {field: said.format(other=name("b")) for field, said in one.typed.items()}
    stands = everything(pilot, "sessions")
    refused = browser.press(page, one.button, **typed)
    assert refused.status == one.status
    assert refused.forms, refused.text
    shown = {pair for form in refused.forms for pair in form.fields}
    again = {pair for pair in typed.items() if pair[0] not in (*NEVER_SHOWN_AGAIN, "revision")}
    assert again <= shown
    assert everything(pilot, "sessions") == stands


@pytest.mark.parametrize(("at", "button"), [("edit", "Save"), ("cut", "Split")])
def test_W06_what_was_typed_of_a_draft_that_is_gone_meanwhile_can_be_added_by_hand(
    house: House, ada: Member, opened: Callable[[Purpose, str], Page], browser: Browser, at: str, button: str
) -> None:
    page = opened("day", f"{at}?draft={{draft}}")
    with house.store.writing() as tx:
        assert tx.drafts.remove(ada.id, "a", 1)
    refused = browser.press(page, button, length="20", text="Words that took a while", project="internal")
    assert words.GONE_AS_TYPED in refused.text
    added = browser.press(refused, "Add")
    assert "Words that took a while" in added.text
    texts = {one.suggestion.text for one in drafts(house, ada).values()}
    assert texts == {"Address form", "Words that took a while"}


WRITTEN = "Words that <b>took</b> a while"
TEXTS = {"text", "sentence"}
FAILING = {
    "the disk is full": StoreUnavailable("The disk is full."),
    "it broke": ZeroDivisionError(),
}


@pytest.mark.parametrize("why", ["the session is over", "no proof", *FAILING])
@pytest.mark.parametrize("one", [one for one in REFUSED if TEXTS & {*one.typed}], ids=lambda one: one.button)
def test_W06_what_was_written_stands_on_a_page_that_took_nothing_of_it(
    one: Refused,
    why: str,
    pilot: House,
    opened: Callable[[Purpose, str], Page],
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A browser without script may have forgotten it when they go back."""
    session = browser.press(opened("day", "wrong"), "Send", sentence="It begins a session.").url
    page = browser.open(f"{session.partition('/rollout')[0]}/{one.at.format(draft=name('a'))}")
    if why == "the session is over":
        browser.client.cookies.clear()
    elif why in FAILING:
        monkeypatch.setattr(type(pilot.store), "writing", Mock(side_effect=FAILING[why]))
    typed = {field: WRITTEN if field in TEXTS else "20" for field in {"length", *TEXTS} & {*one.typed}}
    refused = browser.press(page, one.button, **typed, **({"proof": "x"} if why == "no proof" else {}))
    assert refused.status in (403, 404, 500, 503)
    assert f"What you wrote: {WRITTEN}" in refused.text


MORE = [
    *(Refused("day", "add", "Add", WRONG | {"length": "20"}) for WRONG in (
        {"project": "nowhere"}, {"text": "x" * 2_000}, {"connection": "memory", "task": ""},
        {"connection": "nobody", "task": "x", "text": "x"}, {"text": "", "project": ""},
        {"connection": "jira", "task": "no key", "text": "x"},
    )),
    Refused("day", "add", "Add", {"length": "99:00", "text": "x"}),
    Refused("day", "edit?draft={draft}", "Save", {"length": "20", "revision": "9"}),
    Refused("day", "cut?draft={draft}", "Split", {"length": "999"}),
    Refused("day", "cut?draft={draft}", "Put together", {}),
    Refused("day", "cut?draft={draft}", "Move", {"to": "2026-11-18"}, 303),
]  # fmt: skip
"""What else a form answers with a sentence."""
THEIRS = {"Address", "form", "pilot"}
"""Words of a draft, and the name of a stage."""


@pytest.mark.parametrize("one", [*REFUSED, *MORE], ids=str)
def test_no_form_is_refused_in_english_to_whoever_is_spoken_to_otherwise(
    one: Refused, abroad: House, pilot: House, link: Links
) -> None:
    """In the made-up language every sentence of ours stands in brackets."""
    ada = member(abroad, "Ada")
    drafted(abroad, ada, draft("a", "10:00"), draft("b", "11:00", text="Address form"))
    browser, at = Browser(create(abroad)), one.at.format(draft=name("a"))
    page = browser.open(f"{link(ada, one.purpose)}/{at}".rstrip("/"))
    typed = {field: said.format(other=name("b")) for field, said in one.typed.items()}
    refused = browser.press(page, f"{BEGINS}{one.button}", **typed)
    assert {*unmarked(refused.answer.text)} - OURS_NOWHERE - THEIRS == set()


def test_no_deed_is_refused_in_english_either(abroad: House, link: Links) -> None:
    ada = member(abroad, "Ada")
    drafted(abroad, ada, draft("a", "10:00"), draft("b", None, project=None))
    browser = Browser(create(abroad))
    page = browser.open(link(ada))
    for deed in BUTTONS:
        for revision in ("1", "9"):
            fields = [("draft", name("a")), ("revision", revision), ("draft", name("b")), ("revision", "7")]
            shown = browser.send(f"{page.url}/{deed}", [*fields, ("side", "take"), ("there", "yes")])
            assert {*unmarked(shown.answer.text)} - OURS_NOWHERE == set(), deed


@pytest.mark.parametrize("reason", [NOT_LENT, RENEWING])
def test_why_an_entry_is_not_posted_is_said_in_no_english_either(
    abroad: House, link: Links, reason: str
) -> None:
    ada = member(abroad, "Ada")
    drafted(abroad, ada, draft("a", "10:00"))
    assert deeds.confirm(abroad, ada, YESTERDAY, {"a": 1}).done
    comes_to(abroad, ada, state="refused", whose="account", reason=reason)
    shown = Browser(create(abroad)).open(link(ada))
    assert "Not posted." in shown.text
    assert {*unmarked(shown.answer.text)} - OURS_NOWHERE == set()
