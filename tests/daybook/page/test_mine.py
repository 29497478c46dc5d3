"""What is held about somebody: they see it, take it along and erase it, and nobody else does (P7, S-08)."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from icalendar import Calendar
from pydantic import SecretStr

from core.posting import Remote
from core.said import Said
from daybook import deeds, delegates, joining
from daybook.house import House, Member
from daybook.languages import speaking
from daybook.looking import THEMSELVES, looked
from daybook.page import words
from daybook.page.app import create
from daybook.page.held import CALLED, sections
from daybook.store import schema
from tests.daybook.conftest import YESTERDAY, Clock, draft, drafted, minted
from tests.daybook.page.browser import Browser, Page
from tests.daybook.page.conftest import Links, comes_to, everything, postings

FORMULA = '=HYPERLINK("https://evil.example","ACME call")'


@pytest.fixture
def busy(house: House, ada: Member, ben: Member, clock: Clock) -> Member:
    """Ada confirmed one draft of a wicked title and another waits; Ben has a day of his own."""
    drafted(house, ada, draft("a", "10:00", text=FORMULA), draft("b", "11:00", text="Offer for BETA"))
    drafted(house, ben, draft("c", "12:00", text="Ben's dentist"))
    assert deeds.confirm(house, ada, YESTERDAY, {"a": 1}).done
    with house.store.writing() as tx:
        tx.grants.save(ada.id, "memory", "ada-at-memory", SecretStr("adas-secret-token"), clock())
    return ada


@pytest.fixture
def opened(busy: Member, browser: Browser, link: Links, ada: Member) -> Page:
    return browser.follow(browser.open(link(ada, "own")), words.MINE)


def looks(house: House, who: Member) -> list[str]:
    with house.store.reading() as tx:
        return [one.what for one in tx.access.of(who.id)]


def took(browser: Browser, page: Page, kind: str) -> bytes:
    _, button = page.button(
        {"json": "Take all", "csv": "Your entries for a spreadsheet", "ics": "Your entries for a cal"}[kind]
    )
    answer = browser.send(button.action, [("x", "")]).answer
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="daybook-2026-11-20.{kind}"'
    return answer.content


def test_P06_every_table_that_has_an_owner_has_a_name_a_person_understands() -> None:
    assert {*CALLED} == {table.name for table in schema.metadata.sorted_tables if table.info["owner"]}


def test_S03_opening_the_page_shows_how_much_there_is_and_nothing_it_says(opened: Page) -> None:
    assert "Your drafts 2" in opened.text
    assert "What you confirmed 1" in opened.text
    assert "Read of you, as far as the policy says: Memory ." in opened.text
    assert "Accounts you lent: Memory , as ada-at-memory" in opened.text
    assert "BETA" not in opened.text


def test_P7_all_it_says_comes_with_a_button_and_is_told_in_the_log(
    house: House, ada: Member, browser: Browser, opened: Page
) -> None:
    page = browser.press(opened, "Show all it says")
    assert "suggestion, text Offer for BETA" in page.text
    assert f"text {FORMULA}" in page.text
    assert "How long: 30 days; the oldest goes after 19 December 2026." in page.text
    assert "dentist" not in page.text
    assert "adas-secret-token" not in page.text
    assert looks(house, ada) == ["everything"]


def test_what_people_named_is_called_as_they_named_it_in_every_language(house: House, ada: Member) -> None:
    """Somebody keyed a project `title`, and another `web_shop`."""
    drafted(house, ada, draft("a", "10:00", project="title", attributed={"title": 20, "web_shop": 10}))
    with house.store.reading() as tx, speaking("de"):
        held = {"drafts": tx.everything_of(ada.id)["drafts"]}
        (section,) = sections(held, house.policy.retention)
    (lines,) = section.rows
    assert ("Vorschlag, Projekt", "title") in lines
    assert [line for line in lines if line[0].endswith((", title", ", web_shop"))][:2] == [
        ("Vorschlag, zugerechnet, title", "20"),
        ("Vorschlag, zugerechnet, web_shop", "10"),
    ]


def test_P7_the_export_is_the_store_as_far_as_it_is_theirs(
    house: House, ada: Member, browser: Browser, opened: Page
) -> None:
    taken = json.loads(took(browser, opened, "json"))
    assert taken["person"] == "ada@northwind.example"
    with house.store.reading() as tx:
        assert taken["tables"] == tx.everything_of(ada.id)
    assert taken["tables"]["entries"][0]["content"]["text"] == FORMULA
    assert "adas-secret-token" not in json.dumps(taken)
    assert looks(house, ada) == ["everything"]


def test_the_export_says_its_sentences_in_their_language_and_names_its_fields_for_machines(
    house: House, busy: Member
) -> None:
    german = replace(house, configuration=house.configuration.model_copy(update={"language": "de"}))
    with house.store.writing() as tx:
        said = Said(delegates.GRANTED, name="Ben", day=YESTERDAY)
        looked(tx, THEMSELVES, busy.id, "draft", "unconfirmed", house.clock(), said)
    browser = Browser(create(german))
    page = browser.follow(browser.open(minted(german, busy, "own")), "Alles, was über Sie gespeichert ist")
    _, button = page.button("Alles mitnehmen")
    tables = json.loads(browser.send(button.action, [("x", "")]).answer.content)["tables"]
    assert [line["content"]["reason"] for line in tables["access"]] == [
        "Ben darf auf eigenen Wunsch die Tage ansehen und vorbereiten, bis 19. November 2026.",
        "Als Datei mitgenommen.",
    ]
    assert tables["grants"][0]["content"] == "versiegelt verwahrt"
    assert {draft["content"]["decision"] for draft in tables["drafts"]} == {"confirmed", "open"}


def test_S08_entries_for_a_spreadsheet_hold_no_formula(
    house: House, ada: Member, browser: Browser, opened: Page
) -> None:
    text = took(browser, opened, "csv").decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    assert row["text"] == f"'{FORMULA}"
    assert (row["day"], row["minutes"], row["project"], row["client"]) == (
        "2026-11-19",
        "30",
        "ACME website",
        "ACME",
    )
    assert (row["where"], row["state"], row["billable"]) == ("memory:WEB-12", "held", "no")
    assert looks(house, ada) == ["entry"]


def test_entries_for_a_calendar_are_read_by_a_calendar(browser: Browser, opened: Page) -> None:
    (event,) = Calendar.from_ical(took(browser, opened, "ics")).walk("VEVENT")
    assert event["SUMMARY"] == FORMULA
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=30)


def test_P7_erasing_needs_a_second_yes(house: House, browser: Browser, opened: Page) -> None:
    stands = everything(house, but="sessions")
    page = browser.press(opened, "Erase")
    assert (page.status, words.NOT_SURE in page.text) == (422, True)
    assert everything(house, but="sessions") == stands


def test_P7_what_was_confirmed_stays_unless_they_say_otherwise(
    house: House, ada: Member, browser: Browser, opened: Page
) -> None:
    page = browser.press(opened, "Erase", sure="yes")
    assert words.LEFT in page.text
    with house.store.reading() as tx:
        held = {table for table, rows in tx.everything_of(ada.id).items() if rows}
    assert held == {"contributors", "keys", "entries", "postings", "access_heads"}
    assert browser.open(opened.url).status == 404


def test_P7_one_button_with_a_second_yes_erases_all_and_names_what_was_posted(
    house: House, ada: Member, ben: Member, browser: Browser, opened: Page
) -> None:
    there = {"remote": Remote(id="record-77", task="WEB-12"), "stands": postings(house, ada)[0].entry}
    comes_to(house, ada, state="posted", **there)
    with house.store.reading() as tx:
        his = tx.everything_of(ben.id)
    page = browser.press(opened, "Erase", sure="yes", confirmed="too")
    assert "Memory, WEB-12 : Thu 19 Nov, 30 min, record record-77" in page.text
    with house.store.reading() as tx:
        assert not any(tx.everything_of(ada.id).values())
        assert tx.everything_of(ben.id) == his
    assert not [table for table, rows in everything(house) if any(ada.id in row for row in rows)]
    assert browser.open(opened.url).status == 404


@pytest.mark.parametrize("confirmed", ["too", ""])
def test_P7_who_leaves_or_erases_all_leaves_nothing_typed_in_their_browser(
    browser: Browser, opened: Page, confirmed: str
) -> None:
    page = browser.press(opened, "Erase", sure="yes", confirmed=confirmed)
    assert page.answer.headers["Clear-Site-Data"] == '"storage"'


def test_who_has_nothing_posted_is_told_so(browser: Browser, opened: Page) -> None:
    page = browser.press(opened, "Erase", sure="yes", confirmed="too")
    assert "Nothing of yours was posted anywhere." in page.text


def test_P7_somebody_new_sees_that_there_is_hardly_anything(
    house: House, browser: Browser, link: Links, ben: Member
) -> None:
    page = browser.follow(browser.open(link(ben, "own")), words.MINE)
    assert "You lent no account." in page.text
    assert "Your drafts 1" not in page.text
    assert "Where that list begins and ends 1" in page.text


def test_P3_without_the_policy_in_force_they_still_see_what_is_held(
    house: House, browser: Browser, link: Links, busy: Member
) -> None:
    with house.store.writing() as tx:
        tx.people.acknowledge(busy.id, "an older one", house.clock())
    page = browser.follow(browser.open(link(busy, "own")), words.MINE)
    assert "Your drafts 2" in page.text


def test_who_left_and_came_back_has_a_log_that_is_whole(house: House, ada: Member, busy: Member) -> None:
    joining.leave(house, busy)
    with house.store.reading() as tx:
        assert tx.access.intact(ada.id)
