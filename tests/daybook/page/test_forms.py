"""Every address that acts, taken from the page itself: a form that is not of our own page changes nothing."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from daybook.house import House, Member
from daybook.links import ME, SESSION, SIGNED_IN
from daybook.page.proofs import KEPT, proof
from daybook.page.render import PROOF
from daybook.page.shown import name
from tests.daybook.conftest import YESTERDAY, draft, drafted, minted
from tests.daybook.page.browser import Browser
from tests.daybook.page.conftest import everything, token
from tests.daybook.page.test_sign_in import house, site
from tests.daybook.test_visibility import Address, every

__all__ = ["every", "house", "site"]

ELSEWHERE = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "", "Origin": "https://elsewhere.example"},
    {
        "Sec-Fetch-Site": "",
        "Origin": "https://testserver.elsewhere.example",
        "X-Forwarded-Host": "elsewhere.example",
    },
)
LIMIT = 5
"""Fields that signing out reads, and no more."""
NO_FORM_OF_OURS = {
    "less": "a mail program sends a form of its own (RFC 8058)",
    "delegate": "its token goes on to another one, and is proof enough",
    None: "begins nothing but the way to the provider",
}
"""By what opens it, where a form needs no proof, and why."""


@pytest.fixture
def acting(every: Any, house: House, ada: Member) -> tuple[list[Address], Browser]:
    """All addresses that act, and a browser before a day on which each of them has something to do."""
    drafted(house, ada, draft("a", "10:00"), draft("b", "11:00"))
    addresses, browser = every()
    found = [one for one in addresses if one.method == "POST"]
    assert len(found) > 60
    return found, browser


def fields(*proofs: str) -> list[tuple[str, str]]:
    """A form that every address has a use for."""
    said = {"on": f"{YESTERDAY}", "draft": name("a"), "revision": "1", "sure": "yes", "said": "nothing"}
    return [*said.items(), *((PROOF, one) for one in proofs)]


def test_S05_no_address_takes_a_form_of_another_site(
    acting: tuple[list[Address], Browser], house: House, ada: Member
) -> None:
    addresses, browser = acting
    paths = [
        one.path.replace("{token}", token(minted(house, ada, one.purpose or "day"))) for one in addresses
    ]
    stands = everything(house)
    for path in paths:
        for headers in ELSEWHERE:
            answer = browser.sent(path, fields(), **headers)
            assert answer.status_code == 403, path
            assert "set-cookie" not in answer.headers
    assert everything(house) == stands


def test_S05_no_address_takes_a_form_without_its_proof_or_with_that_of_another_link(
    acting: tuple[list[Address], Browser], house: House, ada: Member, ben: Member
) -> None:
    addresses, browser = acting
    links = {one: token(minted(house, ada, one.purpose or "day")) for one in addresses}
    others = {one: token(minted(house, ben, one.purpose or "day")) for one in addresses}
    stands = everything(house)
    for one in addresses:
        if one.purpose in NO_FORM_OF_OURS and one.path != "/sign-out":
            continue
        path = one.path.replace("{token}", links[one])
        for proofs in ([""], [others[one]], ["x"]):
            assert browser.sent(path, fields(*proofs)[-LIMIT:]).status_code == 403, path
    assert everything(house) == stands


def test_S05_no_address_of_a_session_takes_a_form_without_its_proof_or_with_that_of_another_session(
    acting: tuple[list[Address], Browser], house: House, ada: Member, ben: Member
) -> None:
    addresses, browser = acting
    opened = [*sessions(house, ada, addresses)]
    others = {one: begun(house, ben, token(minted(house, ben, one.purpose or "day"))) for one in addresses}
    stands = everything(house)
    for one, named, secret in opened:
        browser.client.cookies.set(f"__Host-daybook-{named}", secret, domain="localhost.local")
        path = one.path.replace("{token}", named)
        for proofs in ([], [""], [proof(others[one])], [proof("")], [others[one]]):
            assert browser.sent(path, fields(*proofs)).status_code == 403, path
        assert browser.sent(path, fields(proof(secret)), **ELSEWHERE[0]).status_code == 403
    assert everything(house) == stands
    one, named, secret = next(each for each in opened if each[0].path.endswith("/dismiss"))
    path = one.path.replace("{token}", named)
    assert browser.sent(path, fields(proof(secret))).status_code == 303


def sessions(house: House, who: Member, addresses: list[Address]) -> Iterator[tuple[Address, str, str]]:
    """Each of these addresses with the name and the secret of a session that opens it."""
    for one in addresses:
        if one.purpose in KEPT:
            yield one, secrets.token_hex(4), begun(house, who, token(minted(house, who, one.purpose)))
        if one.purpose in SIGNED_IN and "erase" not in one.matters:
            yield one, ME, begun(house, who, None)


def begun(house: House, who: Member, link: str | None) -> str:
    with house.store.writing() as tx:
        return tx.sessions.begin(who.id, house.clock(), house.clock() + SESSION, link)
