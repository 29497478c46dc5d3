"""What contributors say about Daybook itself, who reads it, and what they see of the rollout."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from core.exits import Exit, Measured, Terms
from core.rollout import Stage
from daybook import remarks
from daybook.errors import Wrong
from daybook.house import House, Member
from daybook.looking import Viewer
from daybook.mail import letters
from daybook.page.app import create
from daybook.sandbox.post_office import PostOffice
from tests.daybook.conftest import TODAY, YESTERDAY, Clock, draft, drafted
from tests.daybook.mail.conftest import configuration, mail, post_office
from tests.daybook.page.browser import Browser
from tests.daybook.page.conftest import Links, everything

__all__ = ["configuration", "mail", "post_office"]
"""The house of these tests can mail."""

OTTO = Viewer("administrator", "otto")
WORDS = "The dentist was no work, and my Friday was shorter."


@pytest.fixture
def pilot(house: House, clock: Clock) -> House:
    """A pilot that is in its last third."""
    began = clock() - timedelta(days=25)
    with house.store.writing() as tx:
        tx.rollout.add(
            began, "stage", "pilot", "A rollout begins with it.", Terms(exit=Exit(lasts=30)).model_dump_json()
        )
        stage = tx.rollout.stage()
        assert stage is not None
        tx.rollout.keep(clock(), stage.serial, Measured(elapsed=25).model_dump_json())
    return house


def said_wrong(browser: Browser, address: str, **more: str) -> None:
    form = browser.follow(browser.follow(browser.open(address), "how the rollout goes"), "Say that")
    assert "Nothing else goes with it: no draft, no title, no day." in form.text
    after = browser.press(form, "Send", sentence=WORDS, **more)
    assert WORDS in after.text and "No answer yet." in after.text


def test_every_draft_can_be_answered_with_this_looks_wrong(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    drafted(house, ada, draft("a", "10:00"))
    form = browser.follow(browser.open(link(ada)), "This looks wrong")
    browser.press(form, "Send", sentence=WORDS)
    (item,) = remarks.items(house, OTTO)
    assert (item.about, item.sentence, item.who) == ("draft", WORDS, "")


def test_P1_the_administrator_reads_the_sentence_and_nothing_beside_it(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    drafted(house, ada, draft("a", "10:00", text="Works council"))
    said_wrong(browser, link(ada))
    (item,) = remarks.items(house, OTTO)
    told = item.model_dump_json()
    for secret in ("Ada", ada.id, "Works council", str(YESTERDAY), str(TODAY), "Friday, 20"):
        assert secret not in told.replace(WORDS, "")
    assert item.said == "this week"


def test_P07_that_it_was_read_stands_in_her_access_log_and_in_nobody_elses(
    house: House, ada: Member, ben: Member, browser: Browser, link: Links
) -> None:
    said_wrong(browser, link(ada))
    remarks.items(house, OTTO)
    with house.store.reading() as tx:
        (line,) = tx.access.of(ada.id)
        assert (line.who, line.what) == ("administrator otto", "remark") and tx.access.of(ben.id) == []


def test_who_signs_is_named(house: House, ada: Member, browser: Browser, link: Links) -> None:
    said_wrong(browser, link(ada), signed="yes")
    assert remarks.items(house, OTTO)[0].who == "Ada Example"


def test_S14_what_she_said_is_sealed(house: House, ada: Member, browser: Browser, link: Links) -> None:
    said_wrong(browser, link(ada))
    assert "dentist" not in repr(everything(house))


def test_an_answer_stands_on_her_page_and_in_her_next_mail_once(
    house: House, ada: Member, browser: Browser, link: Links, clock: Clock, post_office: PostOffice
) -> None:
    said_wrong(browser, link(ada))
    (item,) = remarks.items(house, OTTO)
    remarks.answer(house, item.id, "We took private events out.")
    for days in (0, 1):
        drafted(house, ada, draft(f"d{days}", day=TODAY + timedelta(days=days - 1)))
        letters.send_digest(house, ada.id, TODAY + timedelta(days=days))
        clock.wait(days=1)
    first, second = post_office.deliveries
    assert "What you said has an answer." in first.part("plain") and "has an answer" in first.part("html")
    assert "has an answer" not in second.part("plain")
    (address,) = re.findall(r"https://\S+/rollout", first.part("plain"))
    assert "We took private events out." in browser.open(address).text


def test_P1_ben_sees_neither_her_sentence_nor_her_answer(
    house: House, ada: Member, ben: Member, browser: Browser, link: Links
) -> None:
    said_wrong(browser, link(ada))
    remarks.answer(house, remarks.items(house, OTTO)[0].id, "We took private events out.")
    seen = browser.follow(browser.open(link(ben)), "how the rollout goes").text
    assert WORDS not in seen and "private events" not in seen


def test_nothing_said_under_that_name_is_answered(house: House) -> None:
    with pytest.raises(Wrong, match="Nothing was said under abc"):
        remarks.answer(house, "abc", "Yes.")


@pytest.mark.parametrize(("sentence", "problem"), [(" ", "Write a sentence first."), ("x" * 501, "too long")])
def test_a_remark_is_a_sentence(
    house: House, ada: Member, browser: Browser, link: Links, sentence: str, problem: str
) -> None:
    form = browser.follow(browser.follow(browser.open(link(ada)), "how the rollout goes"), "Say that")
    answer = browser.press(form, "Send", sentence=sentence)
    assert answer.status == 422 and problem in answer.text
    assert remarks.items(house, OTTO) == []


def test_every_mail_leads_there(house: House, ada: Member, browser: Browser, post_office: PostOffice) -> None:
    drafted(house, ada, draft("a"))
    letters.send_digest(house, ada.id, TODAY)
    with house.store.writing() as tx:
        tx.people.invited(ada.id, "an earlier one", house.clock())
        tx.people.acknowledge(ada.id, "an earlier one", house.clock())
    letters.send_invitation(house, ada.id)
    for one in post_office.deliveries:
        (address,) = re.findall(r"https://\S+/wrong", one.part("plain"))
        assert address in one.part("html")
        assert browser.press(browser.open(address), "Send", sentence=WORDS).status == 200
    assert len(remarks.items(house, OTTO)) == 2


# --- ready? ------------------------------------------------------------------------------------------------


def test_in_the_last_third_she_is_asked_whether_it_is_ready(
    pilot: House, ada: Member, browser: Browser, link: Links
) -> None:
    page = browser.follow(browser.open(link(ada)), "Say so, and what must change first")
    after = browser.press(page, "Not yet", sentence="Meetings of others must go.")
    assert "Thank you. That is noted" in after.text
    assert "Say so" not in browser.open(link(ada)).text, "she is not asked again on her day"
    (item,) = remarks.items(pilot, OTTO)
    assert (item.about, item.sentence, item.who) == ("ready", "Meetings of others must go.", "")
    assert "ready" not in item.model_dump_json(exclude={"about"}), "whether she said yes is not beside it"


def test_nobody_is_asked_before(house: House, ada: Member, browser: Browser, link: Links) -> None:
    assert "ready for the rest" not in browser.open(link(ada)).text


def test_her_page_shows_what_was_set_and_what_it_is(
    pilot: House, ada: Member, browser: Browser, link: Links
) -> None:
    page = browser.follow(browser.open(link(ada)), "how the rollout goes")
    assert "A pilot with a few of you, since 26 October 2026." in page.text
    assert "Days answered within a week At least 85 %. Not reached: nothing to say yet." in page.text


def test_P09_her_page_says_which_numbers_limit_nothing(
    house: House, ada: Member, browser: Browser, link: Links, clock: Clock
) -> None:
    wide = Terms(exit=Exit(opt_outs=99)).model_dump_json()
    with house.store.writing() as tx:
        tx.rollout.add(clock(), "stage", "pilot", "A rollout begins with it.", wide)
    page = browser.follow(browser.open(link(ada)), "how the rollout goes")
    assert "Set so wide that it says little: no limit for people who leave." in page.text


def test_a_stop_is_said_on_her_day_and_what_is_there_can_be_answered(
    pilot: House, ada: Member, browser: Browser, link: Links
) -> None:
    with pilot.store.writing() as tx:
        tx.rollout.add(pilot.clock(), "stopped", "pilot", "Three people left.", "{}")
    drafted(pilot, ada, draft("a", "10:00"))
    page = browser.open(link(ada))
    assert "Daybook has stopped: Three people left." in page.text
    assert "Confirmed." in browser.press(page, "Confirm the one").text


def test_P12_looking_at_a_day_leaves_no_trace_and_answering_it_does(
    pilot: House, ada: Member, browser: Browser, link: Links, clock: Clock
) -> None:
    drafted(pilot, ada, draft("a", "10:00"))
    address = link(ada)
    before = everything(pilot)
    page = browser.open(address)
    assert everything(pilot) == before
    clock.wait(seconds=30)
    browser.press(page, "Confirm the one")
    with pilot.store.reading() as tx:
        (row,) = tx.days.uncounted(ada.id, YESTERDAY)
    assert (
        row.opened_at and row.said_at and (row.said_at - row.opened_at).total_seconds() == 30 and row.on_page
    )


@pytest.mark.parametrize("opened", ["", "soon", "-5", "99999999999", "1", "9" * 5000])
def test_a_form_that_says_nonsense_of_when_it_was_made_is_taken_without_it(
    pilot: House, ada: Member, browser: Browser, link: Links, opened: str
) -> None:
    drafted(pilot, ada, draft("a", "10:00"))
    browser.press(browser.open(link(ada)), "Confirm the one", opened=opened)
    with pilot.store.reading() as tx:
        (row,) = tx.days.uncounted(ada.id, YESTERDAY)
    assert row.opened_at is None and row.said_at is not None


# --- a shadow run, and none --------------------------------------------------------------------------------


def at_stage(house: House, stage: Stage, because: str = "") -> Browser:
    wished = house.configuration.rollout.model_copy(update={"skip_pilot_because": because})
    said = house.configuration.model_copy(update={"rollout": wished})
    cohorts = replace(house, configuration=said, stage_in_force=stage)
    cohorts.__dict__["named"] = house.named
    return Browser(create(cohorts))


def test_in_a_shadow_run_nobody_is_mailed_and_anyone_of_it_may_look(
    house: House, ada: Member, link: Links
) -> None:
    drafted(house, ada, draft("a", "10:00"))
    page = at_stage(house, "shadow").open(link(ada, "invite"))
    assert "In a shadow run no mail leads there." in page.text
    seen = at_stage(house, "shadow").press(page, "Look at my drafts")
    assert "ACME call" in seen.text and "Thursday, 19 November" in seen.text


def test_P3_who_has_not_agreed_has_nothing_to_look_at(house: House, ada: Member, link: Links) -> None:
    with house.store.writing() as tx:
        tx.people.acknowledge(ada.id, "an earlier one", house.clock())
    browser = at_stage(house, "shadow")
    answer = browser.send(link(ada, "invite") + "/look", [])
    assert answer.status == 409 and "read and acknowledge the policy first" in answer.text


def test_S03_in_a_pilot_an_invitation_opens_no_day(house: House, ada: Member, link: Links) -> None:
    assert at_stage(house, "pilot").send(link(ada, "invite") + "/look", []).status == 404


def test_why_there_was_no_pilot_stands_beside_the_policy(
    house: House, ada: Member, link: Links, post_office: PostOffice
) -> None:
    browser = at_stage(house, "normal", "Two people work here.")
    for address in (link(ada) + "/policy", link(ada, "invite")):
        assert "Why there was no pilot Two people work here." in browser.open(address).text
    assert (
        "no pilot" not in at_stage(house, "pilot", "Two people work here.").open(link(ada) + "/policy").text
    )
