"""The page of a day says what was not seen of it, and asks its contributor what only they know."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import SecretStr

from core.day import Sheet
from daybook.house import House, Member
from tests.daybook.conftest import TODAY, YESTERDAY, member


def doubted(house: House, key: str, vanished: int = 34, held: int = 34) -> None:
    """A partition was seen two days ago, and since then shows hardly anything."""
    now = house.clock()
    with house.store.writing() as tx:
        assert tx.partitions.claim("memory", key, "run", now, timedelta(minutes=1))
        tx.partitions.finish("memory", key, "run", "c", [], now - timedelta(days=2), whole=True)
        assert tx.partitions.claim("memory", key, "run", now, timedelta(minutes=1))
        tx.partitions.doubted("memory", key, "run", held, vanished, "why", now + timedelta(hours=1), now)


def standing(house: House, key: str):
    with house.store.reading() as tx:
        return tx.partitions.get("memory", key)


def test_a_day_that_was_not_seen_is_not_called_empty(house: House, ada: Member, browser, link):
    with house.store.writing() as tx:
        tx.grants.save(ada.id, "memory", "ada@tool", _token(), house.clock())
    doubted(house, "memory")
    text = browser.open(link(ada, day=TODAY)).text
    assert "Memory not seen since Wednesday 08:30" in text
    assert "No evidence of this day" not in text


def test_a_day_that_was_seen_to_its_end_may_be_called_empty(house: House, ada: Member, browser, link):
    now = house.clock()
    with house.store.writing() as tx:
        tx.grants.save(ada.id, "memory", "ada@tool", _token(), now)
        version = tx.days.version(ada.id, YESTERDAY)
        sheet = Sheet(
            attributed={},
            **dict.fromkeys(("capacity", "gaps"), 480),
            **dict.fromkeys(("away", "logged", "outside", "attended"), 0),
        )
        tx.days.reconciled(ada.id, YESTERDAY, sheet.model_dump_json(), house.mappings_hash, version, now)
        assert tx.partitions.claim("memory", "memory", "run", now, timedelta(minutes=1))
        tx.partitions.finish("memory", "memory", "run", "c", [ada.id], now, whole=True)
    text = browser.open(link(ada)).text
    assert "No evidence of this day could be made into a draft." in text
    assert "not seen" not in text


def test_R08_an_account_that_has_to_be_connected_again_can_be_from_where_that_is_said(
    house: House, ada: Member, browser, link
):
    now, memory = house.clock(), house.connectors["memory"]
    memory.abilities = memory.abilities.model_copy(update={"lent": True})
    with house.store.writing() as tx:
        tx.grants.save(ada.id, "memory", "ada@tool", _token(), now)
        assert tx.partitions.claim("memory", "memory", "run", now, timedelta(minutes=1))
        tx.partitions.failed("memory", "memory", "run", "no", now + timedelta(hours=1), now, "account")
    page = browser.open(link(ada, day=TODAY))
    assert "it no longer accepts your account; please connect it again." in page.text
    assert browser.follow(page, "Your connections").status == 200


def test_who_has_nothing_to_connect_is_not_asked_to(house: House, ada: Member, browser, link):
    now = house.clock()
    with house.store.writing() as tx:
        tx.grants.save(ada.id, "memory", "ada@tool", _token(), now)
        assert tx.partitions.claim("memory", "memory", "run", now, timedelta(minutes=1))
        tx.partitions.failed("memory", "memory", "run", "no", now + timedelta(hours=1), now, "account")
    page = browser.open(link(ada, day=TODAY))
    assert "an administrator has to repair the connection (ops@northwind.example)" in page.text
    assert "connect it again" not in page.text


def test_an_account_in_doubt_is_said_on_the_day(house: House, ada: Member, browser, link):
    assert "Memory is not read: nobody can say" in browser.open(link(ada)).text


def test_S17_what_only_they_can_let_be_read_is_theirs_to_connect(house: House, ada: Member, browser, link):
    memory = house.connectors["memory"]
    memory.abilities = memory.abilities.model_copy(update={"lent": True})
    page = browser.open(link(ada))
    assert "Memory is not read: connect it first." in page.text
    assert browser.follow(page, "Your connections").status == 200


def test_R10_a_source_of_their_own_asks_them_and_a_yes_is_kept(house: House, ada: Member, browser, link):
    doubted(house, ada.id)
    page = browser.open(link(ada))
    assert "suddenly shows nothing where 34 things were. Were they deleted?" in page.text
    browser.press(page, "Yes, they are gone")
    pull = standing(house, ada.id)
    assert (pull.believed, pull.not_before) == (34, None)
    assert "Were they deleted?" not in browser.open(link(ada)).text


def test_R10_a_no_keeps_what_was_there(house: House, ada: Member, browser, link):
    doubted(house, ada.id, vanished=30)
    page = browser.open(link(ada))
    assert "no longer shows 30 of the 34 things it showed" in page.text
    browser.press(page, "No, keep them")
    assert standing(house, ada.id).believed == 0


def test_R10_an_answer_to_an_older_question_changes_nothing(house: House, ada: Member, browser, link):
    doubted(house, ada.id)
    page = browser.open(link(ada))
    doubted(house, ada.id, vanished=33)
    shown = browser.press(page, "Yes, they are gone")
    assert "Meanwhile the source shows something else" in shown.text
    assert standing(house, ada.id).believed is None


@pytest.mark.parametrize("name", ["Ben", "Mara", "Otto"])
def test_P1_nobody_else_is_asked_or_may_answer(house: House, ada: Member, browser, link, name):
    doubted(house, ada.id)
    other = member(house, name)
    page = browser.open(link(other))
    assert "Were they deleted?" not in page.text
    browser.send(
        link(other) + "/believe",
        [("on", str(YESTERDAY)), ("connection", "memory"), ("vanished", "34"), ("said", "gone")],
    )
    assert standing(house, ada.id).believed is None


def _token() -> SecretStr:
    return SecretStr("token")
