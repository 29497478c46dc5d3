"""The page of the house, a browser before it, and the links of the mails."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import pytest

from config.schema import Mail
from core.model import Draft
from core.posting import Posting
from daybook.house import House, Member
from daybook.links import Purpose
from daybook.page.app import create
from daybook.sandbox.post_office import PostOffice
from tests.daybook.conftest import YESTERDAY, minted
from tests.daybook.page.browser import Browser

Links = Callable[..., str]


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    office = PostOffice()
    office.start()
    yield office
    office.stop()


@pytest.fixture
def mailing(house: House, post_office: PostOffice) -> House:
    """The same, with a mail server."""
    mail = Mail(sender="Daybook <daybook@northwind.example>", smtp=post_office.smtp, tls="none")
    return replace(house, configuration=house.configuration.model_copy(update={"mail": mail}))


@pytest.fixture
def browser(house: House) -> Browser:
    return Browser(create(house))


@pytest.fixture
def link(house: House) -> Links:
    """The address in somebody's mail."""

    def address(who: Member, purpose: Purpose = "day", day: date = YESTERDAY) -> str:
        return minted(house, who, purpose, day)

    return address


def token(address: str) -> str:
    return address.rpartition("/")[2]


def drafts(house: House, who: Member, day: date = YESTERDAY) -> dict[str, Draft]:
    with house.store.reading() as tx:
        return {held.draft.key: held.draft for held in tx.drafts.of(who.id, day)}


def postings(house: House, who: Member, day: date = YESTERDAY) -> list[Posting]:
    with house.store.reading() as tx:
        return [filed.posting for filed in tx.postings.of(who.id, day)]


def entries(house: House, who: Member, day: date = YESTERDAY) -> int:
    with house.store.reading() as tx:
        return len(tx.entries.of(who.id, day))


def comes_to(house: House, who: Member, **changes: object) -> None:
    """What the outbox made of somebody's only posting meanwhile."""
    with house.store.writing() as tx:
        (filed,) = tx.postings.of(who.id, YESTERDAY)
        assert tx.postings.save(filed.posting.model_copy(update=changes), filed.version)


def everything(house: House, but: str = "") -> list[tuple[str, list[str]]]:
    """All rows of all tables.

    Takes    but: the table of what a form may change that is refused: it may begin a session
    """
    with sqlite3.connect(house.store.path) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type='table'")]
        return [
            (name, sorted(map(repr, connection.execute(f"select * from {name}"))))
            for name in sorted({*tables} - {but})
        ]
