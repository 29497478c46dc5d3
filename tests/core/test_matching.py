"""Accounts are matched by what is said, in the order of who says it; every doubt has its own name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.matching import Candidate, Claim, Doubt, Matched, by_address, settled

ADA = "ada@northwind.example"


def account(external: str, address: str | None = ADA, *, active: bool = True) -> Candidate:
    return Candidate(external=external, address=address, active=active)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ([], "nobody"),
        ([account("1", "ada.smith@northwind.example")], "nobody"),
        ([account("1", None)], "hidden"),
        ([account("1"), account("2")], "several"),
        ([account("1", active=False)], "deactivated"),
    ],
)
def test_a_doubt_says_what_is_missing(found, reason):
    assert by_address(ADA, found) == Doubt(reason=reason)


@pytest.mark.parametrize(
    "found",
    [
        [account("1")],
        [account("1", "Ada@Northwind.Example ")],
        [account("1"), account("2", None)],
        [account("1"), account("2", active=False)],
        [account("1"), account("1")],
    ],
)
def test_one_active_account_with_their_address_is_theirs(found):
    assert by_address(ADA, found) == Matched(external="1")


def decided(**said: object) -> Matched | Doubt:
    return settled([Claim(contributor="ada", **said)])["ada"]


def test_their_own_connection_speaks_before_the_configuration_and_that_before_the_address():
    found = Matched(external="found")
    assert decided(own="own", found=found) == Matched(external="own")
    assert decided(configured="configured", found=found) == Matched(external="configured")
    assert decided(found=found) == found
    assert decided() == Doubt(reason="unasked")


def test_configuration_and_own_connection_that_differ_are_a_doubt():
    assert decided(own="1", configured="2") == Doubt(reason="differ")
    assert decided(own="1", configured="1") == Matched(external="1")


def test_one_account_of_two_contributors_is_neithers():
    claims = [
        Claim(contributor="ada", own="1"),
        Claim(contributor="ben", configured="1"),
        Claim(contributor="mara", found=Matched(external="2")),
    ]
    decided = settled(claims)
    assert decided["ada"] == decided["ben"] == Doubt(reason="shared")
    assert decided["mara"] == Matched(external="2")


accounts = st.one_of(st.none(), st.sampled_from("123"))
claims = st.lists(
    st.builds(
        Claim,
        contributor=st.sampled_from("abcdef"),
        own=accounts,
        configured=accounts,
        found=st.one_of(
            st.sampled_from("123").map(lambda external: Matched(external=external)),
            st.just(Doubt(reason="nobody")),
        ),
    ),
    unique_by=lambda claim: claim.contributor,
)


@given(claims)
def test_no_account_is_ever_two_peoples_whatever_is_said_in_whatever_order(said):
    decided = settled(said)
    matched = [one.external for one in decided.values() if isinstance(one, Matched)]
    assert len(matched) == len(set(matched))
    assert decided == settled(reversed(said))
