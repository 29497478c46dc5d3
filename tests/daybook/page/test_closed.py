"""A closed day: its drafts stand as they are, its confirmed time still goes out, and it says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from config.schema import Configuration
from core.closing import Closing
from core.posting import Remote
from daybook import deeds, jobs, state
from daybook.house import House, Member
from daybook.mail import letters
from daybook.mail.send import Carrier
from daybook.page.app import create
from tests.daybook.conftest import TODAY, YESTERDAY, Clock, draft, drafted, minted
from tests.daybook.page.browser import Browser
from tests.daybook.page.conftest import Links, drafts, entries, everything, postings

WHY = "The week from 16 November 2026 could be changed until 24 November 2026 and is closed."


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    """Weeks close two days after their Sunday; it is Friday."""
    return configuration.model_copy(update={"closing": Closing(weeks=2)})


@pytest.fixture
def day(house: House, ada: Member) -> None:
    """One open draft, one confirmed, one dismissed, one whose source says otherwise since."""
    other = draft("f", "14:00", 45, "Checkout review", decision="edited", noticed=False)
    drafted(
        house,
        ada,
        draft("a", "10:00", 30, "ACME call"),
        draft("b", "11:00", 30, "Address form"),
        draft("x", "12:00", 30, "Lunch", decision="dismissed"),
        other.model_copy(update={"seen": None}),
    )
    assert deeds.confirm(house, ada, YESTERDAY, {"b": 1}).done == ("b",)


def test_an_open_day_says_until_when_it_can_be_changed(
    day: None, browser: Browser, link: Links, ada: Member
) -> None:
    page = browser.open(link(ada))
    assert "You can change it until Tuesday, 24 November; then it is closed." in page.text


def test_a_closed_day_says_why_and_offers_nothing_that_cannot_be_done(
    day: None, browser: Browser, link: Links, ada: Member, clock: Clock
) -> None:
    address = link(ada)
    clock.wait(days=5)
    page = browser.open(address)
    assert page.status == 200
    assert WHY in page.text
    assert page.buttons == []
    assert not [label for label, _ in page.links if label.strip().startswith(("Edit", "Add"))]
    assert "It had no yes when its day closed, so it is recorded nowhere." in page.text
    assert "To Memory" not in page.text


@pytest.mark.parametrize(
    "label", ["Confirm ACME call", "Confirm all 1", "Dismiss ACME call", "Take it back Address form"]
)
def test_a_form_that_was_open_when_the_day_closed_changes_nothing(
    day: None, house: House, browser: Browser, link: Links, ada: Member, clock: Clock, label: str
) -> None:
    page = browser.open(link(ada))
    before = drafts(house, ada)
    clock.wait(days=5)
    label = "Confirm the one" if label == "Confirm all 1" else label
    after = browser.press(page, label)
    assert after.status == 409
    assert WHY in after.text
    assert (drafts(house, ada), entries(house, ada)) == (before, 1)


@pytest.mark.parametrize("label", ["Keep mine", "Remove it", "Take it back Lunch", "Nothing to add"])
def test_nor_does_any_other_word(
    day: None, house: House, browser: Browser, link: Links, ada: Member, clock: Clock, label: str
) -> None:
    page = browser.open(link(ada))
    clock.wait(days=5)
    before = everything(house, but="sessions")
    after = browser.press(page, label)
    assert (after.status, WHY in after.text) == (409, True)
    assert everything(house, but="sessions") == before


def test_an_edit_or_a_draft_by_hand_that_comes_too_late_is_explained(
    day: None, house: House, browser: Browser, link: Links, ada: Member, clock: Clock
) -> None:
    page = browser.open(link(ada))
    forms = {"Save": browser.follow(page, "Edit ACME call"), "Add": browser.follow(page, "Add by hand")}
    clock.wait(days=5)
    before = everything(house, but="sessions")
    for button, form in forms.items():
        refused = browser.press(form, button, length="20m", text="what I typed")
        assert (refused.status, WHY in refused.text) == (422, True)
    assert everything(house, but="sessions") == before


def test_what_was_confirmed_before_is_still_posted(
    day: None, house: House, ada: Member, clock: Clock, browser: Browser, link: Links
) -> None:
    clock.wait(days=5)
    (posting,) = postings(house, ada)
    jobs.post(house, posting.id)
    (after,) = postings(house, ada)
    assert after.state == "refused"  # Ada has not connected her account: that, and not the closing
    assert after.whose == "account"
    page = browser.open(link(ada))
    assert page.buttons == ["Try again Address form"]


def test_a_posted_entry_stays_as_it_is(
    day: None, house: House, ada: Member, clock: Clock, browser: Browser, link: Links
) -> None:
    with house.store.writing() as tx:
        (filed,) = tx.postings.of(ada.id, YESTERDAY)
        remote = Remote(id="r-1", task="WEB-12")
        posted = filed.posting.model_copy(
            update={"state": "posted", "remote": remote, "stands": filed.posting.entry}
        )
        assert tx.postings.save(posted, filed.version)
    clock.wait(days=5)
    assert browser.open(link(ada)).buttons == []


def test_the_next_look_at_the_evidence_changes_nothing(
    day: None, house: House, ada: Member, clock: Clock
) -> None:
    """The evidence of every draft is gone: on an open day one would be withdrawn and another flagged."""
    clock.wait(days=5)
    before = drafts(house, ada)
    with house.store.writing() as tx:
        sheet = tx.days.sheet(ada.id, YESTERDAY)
        tx.days.mark(ada.id, [YESTERDAY])
    jobs.reconsider(house, ada.id, [YESTERDAY])
    assert drafts(house, ada) == before
    with house.store.reading() as tx:
        row = tx.days.get(ada.id, YESTERDAY)
    assert row and (row.sheet, row.reconciled) == (sheet, row.version)


def test_no_mail_lists_a_closed_day(
    day: None, house: House, ada: Member, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []
    monkeypatch.setattr(Carrier, "send", lambda _, mail, *__: sent.append(mail.decode()))

    def pending() -> int:
        people = state.snapshot(house, clock()).people
        with house.store.writing() as tx:  # as if every source had been seen
            tx.partitions.claim("memory", "memory", "run", clock(), timedelta(minutes=1))
            tx.partitions.finish("memory", "memory", "run", "c", [], clock(), whole=True)
        people = state.snapshot(house, clock()).people
        return next(person.pending for person in people if person.contributor == ada.id)

    assert pending() == 2
    clock.wait(days=5)
    assert pending() == 0
    letters.send_digest(house, ada.id, TODAY + timedelta(days=5))
    assert sent == []
    later = draft("new", "10:00", 30, "Monday's call", day=TODAY + timedelta(days=4))
    drafted(house, ada, later)
    letters.send_digest(house, ada.id, TODAY + timedelta(days=5))
    (mail,) = sent
    assert "Monday's call" in mail
    assert "ACME call" not in mail


def test_the_one_button_of_an_old_mail_covers_no_closed_day(
    day: None, house: House, browser: Browser, link: Links, ada: Member, clock: Clock
) -> None:
    address = link(ada, "confirm")
    page = browser.open(address)
    clock.wait(days=5)
    browser.press(page, "Confirm")
    assert drafts(house, ada)["a"].decision == "open"
    assert entries(house, ada) == 1


def test_P1_that_a_day_is_closed_opens_it_to_nobody_else(
    day: None, house: House, browser: Browser, link: Links, ben: Member, clock: Clock
) -> None:
    clock.wait(days=5)
    page = browser.open(link(ben))
    assert "ACME call" not in page.text


def test_W07_a_closed_day_says_why_in_the_language_of_its_reader(
    day: None, house: House, ada: Member, clock: Clock
) -> None:
    german = replace(house, configuration=house.configuration.model_copy(update={"language": "de"}))
    clock.wait(days=5)
    page = Browser(create(german)).open(minted(german, ada))
    assert "Die Woche ab 16. November 2026 konnte bis 24. November 2026 geändert werden" in page.text
