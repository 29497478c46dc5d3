"""Links open one thing, for one person, for a while."""

from __future__ import annotations

from datetime import date

import pytest

from core.model import Draft
from daybook import links
from daybook.house import House, Member
from daybook.links import PURPOSES, Purpose
from tests.daybook.conftest import TODAY, YESTERDAY, Clock, draft, drafted, minted


def token(url: str) -> str:
    return url.rpartition("/")[2]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_S03_a_link_opens_its_own_purpose_day_and_person_and_no_other(
    house: House, ada: Member, purpose: Purpose
) -> None:
    url = minted(house, ada, purpose)
    assert url.startswith(f"https://daybook.northwind.example/{purpose}/")
    with house.store.reading() as tx:
        opens = {other: links.behind(tx, other, token(url), house.clock()) for other in PURPOSES}
    found = opens.pop(purpose)
    assert found is not None and (found.contributor, found.day) == (ada.id, YESTERDAY)
    assert set(opens.values()) == {None}


def test_E04_every_purpose_person_and_day_has_a_token_of_its_own(
    house: House, ada: Member, ben: Member
) -> None:
    urls = [
        minted(house, who, purpose, day)
        for who in (ada, ben)
        for purpose in PURPOSES
        for day in (TODAY, YESTERDAY)
    ]
    assert len({token(url) for url in urls}) == 2 * len(PURPOSES) * 2


def test_the_same_link_is_written_the_same_while_it_works(house: House, ada: Member, clock: Clock) -> None:
    first = minted(house, ada, "day")
    clock.wait(days=6)
    assert minted(house, ada, "day") == first
    clock.wait(days=2)
    assert minted(house, ada, "day") != first


@pytest.mark.parametrize(
    ("purpose", "days"),
    [("day", 7), ("confirm", 7), ("less", 30), ("invite", 30), ("own", 1 / 24), ("prepare", 1 / 24)],
)
def test_S03_a_link_ends(house: House, ada: Member, clock: Clock, purpose: Purpose, days: float) -> None:
    url = minted(house, ada, purpose)
    clock.wait(days=days, seconds=-1)
    with house.store.reading() as tx:
        assert links.behind(tx, purpose, token(url), clock())
    clock.wait(seconds=1)
    with house.store.reading() as tx:
        assert links.behind(tx, purpose, token(url), clock()) is None


def test_a_day_link_opens_the_week_that_ends_with_it() -> None:
    assert links.opened(date(2026, 11, 20)) == (date(2026, 11, 14), date(2026, 11, 20))


def test_the_house_of_the_tests_stands(house: House, ada: Member) -> None:
    written: list[Draft] = [draft("a", "10:00"), draft("b", "11:00", day=TODAY)]
    drafted(house, ada, *written, gaps=15)
    with house.store.reading() as tx:
        assert [held.draft.key for held in tx.drafts.of(ada.id, YESTERDAY)] == ["a"]
        assert '"gaps":15' in (tx.days.sheet(ada.id, TODAY) or "")
    assert ada.consent
