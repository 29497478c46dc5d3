"""Who looks at somebody else's things leaves a line; who may not sees nothing (P1, P-07)."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import get_args

import pytest
from sqlalchemy import delete

from core.visibility import THINGS, Role, State, may_see
from daybook import status
from daybook.errors import No
from daybook.house import House, Member
from daybook.looking import Viewer, administrator, looked
from daybook.mail import gathered
from daybook.people import LISTED, roster
from daybook.store import schema
from daybook.store.access import Access
from tests.daybook.conftest import Clock, draft, drafted

OTTO = Viewer("administrator", "otto")


def log(house: House, who: Member) -> list[Access]:
    with house.store.reading() as tx:
        return tx.access.of(who.id)


@pytest.mark.parametrize("role", [role for role in get_args(Role) if role != "owner"])
def test_P1_what_the_table_denies_is_not_looked_at_and_what_it_allows_is_told(
    house: House, ada: Member, clock: Clock, role: Role
) -> None:
    allowed = 0
    for thing, state in product(THINGS, get_args(State)):
        with house.store.writing() as tx:
            if may_see(role, thing, state):
                looked(tx, Viewer(role, "otto"), ada.id, thing, state, clock(), "the mail bounced")
                allowed += 1
            else:
                with pytest.raises(No, match="Nothing was shown"):
                    looked(tx, Viewer(role, "otto"), ada.id, thing, state, clock(), "curious")
    lines = log(house, ada)
    assert len(lines) == allowed
    assert {(line.who, line.reason, line.at) for line in lines} == {
        (f"{role} otto", "the mail bounced", clock())
    }


def test_P7_who_lists_the_people_stands_in_the_log_of_each(
    house: House, ada: Member, ben: Member, clock: Clock
) -> None:
    roster(house, OTTO)
    for who in (ada, ben):
        (line,) = log(house, who)
        assert (line.who, line.what, line.reason) == ("administrator otto", "enrolment", LISTED)


def test_P1_nobody_but_an_administrator_lists_the_people(house: House, ada: Member) -> None:
    with pytest.raises(No):
        roster(house, Viewer("manager", "mara"))
    assert log(house, ada) == []


def test_the_administrator_has_a_role_and_a_name() -> None:
    assert str(administrator()).startswith("administrator ")


def test_P07_status_says_that_a_log_was_tampered_with_and_not_whose(house: House, ada: Member) -> None:
    roster(house, OTTO)
    assert status.look(house).broken_logs == 0
    with house.store.writing() as tx:
        tx.connection.execute(delete(schema.access).where(schema.access.c.contributor == ada.id))
    standing = status.look(house)
    assert not standing.well
    told = " ".join(" ".join(standing.lines()).split())
    assert "access The access logs of 1 contributor were changed by hand, or lack a line." in told
    assert ada.person.email not in told
    assert ada.id not in told


def test_P1_no_mail_about_ada_is_written_to_another_address(house: House, ada: Member, ben: Member) -> None:
    drafted(house, ada, draft("a"))
    wrong = replace(ada, person=ben.person)
    with pytest.raises(No, match="The mail was not sent"):
        gathered._their_own(wrong)
    assert gathered._their_own(ada) == "ada@northwind.example"
