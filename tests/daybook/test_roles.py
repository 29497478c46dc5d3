"""Who gets another role is read no more than before, until they were told, and said yes (P3, P-08, S-20)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from daybook import joining, policies
from daybook.house import House
from daybook.mail.letters import to_be_told
from tests.daybook.conftest import Clock
from tests.daybook.test_policies import Office, acknowledges, ada, clock  # noqa: F401

ROLES = {"roles": {"salaried": {"tracked": {"asana": []}}, "billed": {"tracked": {}}}}


class Roles(Office):
    """An office whose Ada has the role that is asked for."""

    role = "salaried"

    def write(self, **changes: Any) -> None:
        super().write(**ROLES | changes)
        yaml = YAML(typ="safe")
        said = yaml.load(self.file)
        roles = {"ada": self.role, "ben": "billed", "kim": "billed", "nina": "salaried"}
        emails = {name: f"{name}@northwind.example" for name in roles}
        said["people"] = [{"name": name, "email": emails[name], "role": roles[name]} for name in roles]
        said["rollout"] = {"stage": "pilot", "cohorts": {"pilot": [*emails.values()]}}
        yaml.dump(said, self.file)

    def with_role(self, role: str, **changes: Any) -> House:
        self.role = role
        return self.start(**changes)


@pytest.fixture
def office(tmp_path: Path, clock: Clock) -> Iterator[Roles]:  # noqa: F811
    office = Roles(tmp_path, clock)
    yield office
    for house in office.opened:
        house.store.close()


def read(house: House) -> set[str]:
    """What is kept of Ada at Asana."""
    kept = house._lighter(ada(house), "asana")
    return set(house.policy.tracked["asana"] if kept is None else kept)


def tell(house: House) -> None:
    who = ada(house)
    assert to_be_told(house, who)
    with house.store.writing() as tx:
        waiting = policies.waiting(house, tx, who)
        assert waiting is not None
        tx.people.role_told(who.id, waiting.role, waiting.day)
    assert not to_be_told(house, ada(house))


def says_yes(house: House) -> None:
    assert joining.acknowledge(house, ada(house), house.policy_version)


@pytest.fixture
def moved(office: Roles) -> House:
    """Ada acknowledged as salaried, and her role is another after a restart."""
    house = office.start()
    acknowledges(house)
    assert (read(house), to_be_told(house, ada(house))) == (set(), False)
    return office.with_role("billed")


def test_P3_a_word_in_the_file_reads_nothing_more_of_anybody(office: Roles, moved: House) -> None:
    assert ada(moved).consent
    assert read(moved) == set()
    office.clock.wait(days=90)
    assert read(office.start()) == set()


def test_S20_it_is_read_once_she_was_told_in_time_and_said_yes(office: Roles, moved: House) -> None:
    tell(moved)
    says_yes(moved)
    assert read(moved) == set()
    office.clock.wait(days=14)
    assert read(office.start()) == set()
    office.clock.wait(days=1)
    assert read(moved) == read(office.start()) == {"title", "section history"}


def test_S20_a_yes_before_she_was_told_shortens_no_notice(office: Roles, moved: House) -> None:
    says_yes(moved)
    office.clock.wait(days=30)
    house = office.start()
    assert read(house) == set()
    tell(house)
    office.clock.wait(days=14)
    assert read(house) == set()


def test_P3_who_says_nothing_goes_on_as_before(office: Roles, moved: House) -> None:
    tell(moved)
    office.clock.wait(days=60)
    house = office.start()
    assert ada(house).consent
    assert read(house) == set()


def test_P08_back_to_less_holds_at_once_and_is_announced_anew(office: Roles, moved: House) -> None:
    tell(moved)
    says_yes(moved)
    office.with_role("salaried")
    office.clock.wait(days=30)
    house = office.with_role("billed")
    assert read(house) == set()
    assert to_be_told(house, ada(house))


def test_P08_a_role_that_is_read_less_holds_before_the_next_start_ends(office: Roles) -> None:
    office.role = "billed"
    acknowledges(office.start())
    assert read(office.look()) == {"title", "section history"}
    office.role = "salaried"
    assert read(office.look()) == set()
    assert read(office.with_role("billed")) == {"title", "section history"}  # nobody ran with the other


def test_P3_a_new_yes_to_a_looser_policy_carries_no_role_past_its_notice(office: Roles, moved: House) -> None:
    tell(moved)
    looser = {"retention": {"evidence": "90 days"}}
    house = office.start(**looser)
    office.clock.wait(days=13)
    assert read(house) == set()
    says_yes(house)
    assert read(house) == set()


def test_P3_whoever_comes_back_acknowledges_the_role_they_have_then(office: Roles, moved: House) -> None:
    joining.leave(moved, ada(moved))
    says_yes(moved)
    assert read(moved) == {"title", "section history"}
