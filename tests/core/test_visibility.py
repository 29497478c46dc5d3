"""Who sees and does what of whom: the whole product of roles, things and states, written out once more."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from core.visibility import (
    DEEDS,
    LENT,
    ROLES,
    STATES,
    THINGS,
    Deed,
    Role,
    State,
    Thing,
    may_do,
    may_see,
    opens,
)

STRANGERS = ("colleague", "manager", "administrator")

FOR_OTHERS = {
    *product(("delegate",), ("draft", "entry", "posting", "reading"), STATES),
    *product(("administrator",), ("enrolment", "reading", "figures", "rollout", "remark"), STATES),
    ("administrator", "posting", "confirmed"),
    ("billing", "entry", "confirmed"),
    *product((*STRANGERS, "delegate", "billing"), ("report",), ("released",)),
    *product((*STRANGERS, "delegate", "billing"), ("policy",), STATES),
}


def test_P01_every_role_thing_state_and_deed_has_its_words():
    for words, of in ((ROLES, Role), (THINGS, Thing), (STATES, State), (DEEDS, Deed)):
        assert {*words} == {*get_args(of)}


def test_P01_others_see_what_is_written_here_and_nothing_else():
    everything = list(product(ROLES, THINGS, STATES))
    assert {one for one in everything if one[0] != "owner" and may_see(*one)} == FOR_OTHERS
    assert len(everything) == 6 * 17 * 3


@pytest.mark.parametrize("role", STRANGERS)
def test_P1_neither_ben_nor_mara_nor_otto_sees_what_is_adas(role):
    hers = ("evidence", "draft", "memory", "entry", "connection", "token", "access_log", "everything")
    for thing, state in product(hers, STATES):
        assert not may_see(role, thing, state)
    assert may_see(role, "draft", "confirmed").reason == "A day belongs to its contributor."


def test_P7_ada_sees_all_that_is_hers_but_no_credential():
    for thing, state in product(THINGS, STATES):
        hidden = thing in ("token", "figures") or (thing == "report" and state != "released")
        assert bool(may_see("owner", thing, state)) is not hidden


@pytest.mark.parametrize("role", ROLES)
def test_S15_a_credential_is_shown_to_nobody(role):
    assert not any(may_see(role, "token", state) for state in STATES)


def test_P13_nobody_sees_a_report_that_was_not_released():
    for role, state in product(ROLES, ("unconfirmed", "confirmed")):
        assert not may_see(role, "report", state)


def test_P1_only_ada_acts_in_her_name_and_a_delegate_prepares():
    assert {(role, deed) for role, deed in product(ROLES, DEEDS) if may_do(role, deed)} == {
        *product(("owner",), DEEDS),
        ("delegate", "edit"),
    }


@pytest.mark.parametrize("verdict", [may_see("manager", "draft", "confirmed"), may_do("delegate", "erase")])
def test_a_no_says_why(verdict):
    assert not verdict
    assert verdict.reason.endswith(".")


def test_P1_a_page_opens_only_to_who_may_all_of_it():
    assert opens("delegate", [*LENT, "edit"])
    assert not opens("delegate", [*LENT, "access_log"])
    assert not opens("delegate", [*LENT, "confirm"])
    assert opens("colleague", ["policy"])
    assert opens("manager", ["report"])


def test_P01_a_page_that_does_not_say_what_is_on_it_opens_to_nobody():
    assert not any(opens(role, []) for role in ROLES)
