"""Links that open nothing and projects that closed: each has its words, and nothing is lost (issue 7)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event

from daybook import joining
from daybook.house import House, Member
from daybook.links import Purpose
from daybook.page import words
from daybook.page.app import create
from tests.daybook.conftest import Clock, draft, drafted
from tests.daybook.page.browser import Browser
from tests.daybook.page.conftest import Links, drafts, entries, everything, token

OPENS_NOTHING = str(words.CLOSED[1]), str(words.CLOSED[2])


@contextmanager
def asked(house: House) -> Iterator[list[str]]:
    """All that the store is asked meanwhile."""
    said: list[str] = []

    def heard(_: object, __: object, statement: str, *more: object) -> None:
        said.append(statement)

    with house.store.reading() as tx:
        engine = tx.connection.engine
    event.listen(engine, "before_cursor_execute", heard)
    yield said
    event.remove(engine, "before_cursor_execute", heard)


@pytest.mark.parametrize("purpose", ["day", "confirm", "less", "invite", "own", "report", "rollout"])
def test_S04_a_link_that_opens_nothing_says_what_to_do_and_by_no_step_more_why_it_does(
    house: House, ada: Member, ben: Member, link: Links, browser: Browser, clock: Clock, purpose: Purpose
) -> None:
    """Timing on a shared machine tells nothing; that the same is asked of the store each time does."""
    expired, left = token(link(ada, purpose)), token(link(ben, purpose))
    joining.leave(house, ben)
    clock.wait(days=31)
    forged = {
        "unknown": f"{expired[:-4]}aaaa",
        "foreign": f"ffff{expired[4:]}",
        "no token": "x",
        "empty": "0-0",
    }
    answers, steps = [], []
    for shown in (expired, left, *forged.values()):
        for method in ("GET", "HEAD"):
            with asked(house) as said:
                answer = browser.client.request(method, f"/{purpose}/{shown}")
            answers.append((answer.status_code, answer.content if method != "HEAD" else answers[0][1]))
            steps.append(tuple(said))
    assert {*answers} == {(404, answers[0][1])}
    assert len({*steps}) == 1
    assert all(sentence in answers[0][1].decode() for sentence in OPENS_NOTHING)


def test_S03_a_used_link_says_so_and_where_the_day_is_and_another_link_of_theirs_opens_no_other_page(
    house: House, ada: Member, link: Links, browser: Browser
) -> None:
    drafted(house, ada, draft("a", "10:00"))
    address = link(ada, "confirm")
    browser.press(browser.open(address), "Confirm it")
    stands = everything(house, but="sessions")
    used = browser.open(address)
    assert used.status == 200 and "open it with the other link in your mail" in used.text
    for purpose in ("day", "own", "less"):
        misplaced = browser.open(f"/{purpose}/{token(address)}")
        assert (misplaced.status, OPENS_NOTHING[0] in misplaced.text) == (404, True)
    assert everything(house, but="sessions") == stands


def test_a_project_that_closed_while_the_page_was_open_takes_nothing_and_the_draft_stays(
    house: House, ada: Member, link: Links
) -> None:
    drafted(house, ada, draft("a", "10:00"), draft("b", "11:00", project="internal", target="none"))
    page = Browser(create(house)).open(link(ada))
    fewer = {"internal": house.configuration.projects["internal"]}
    without = replace(house, configuration=house.configuration.model_copy(update={"projects": fewer}))
    browser = Browser(create(without))
    left = browser.press(page, "Confirm all 2")
    assert (left.status, "Its project is closed by now. Choose another one." in left.text) == (409, True)
    assert (entries(house, ada), drafts(house, ada)["a"].decision) == (1, "open")
    form = browser.follow(left, "Complete it ACME call")
    saved = browser.press(form, "Save", project="internal")
    browser.press(saved, "Confirm the one")
    assert (entries(house, ada), drafts(house, ada)["a"].suggestion.project) == (2, "internal")
