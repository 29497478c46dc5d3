"""Hints for those who write the rules: numbers of many people, and nothing of any one of them."""

from __future__ import annotations

import json

import pytest
from ruamel.yaml import YAML

from config.schema import Configuration
from core.hints import move_of
from core.rules import Rule
from daybook import deeds, hints
from daybook.house import House, Member
from tests.core.says import says
from tests.daybook.conftest import draft, drafted

CANARY = "Quittenmarmelade"
MINIMUM = 5
ON_CALLS = (
    {"kind": "meeting", "rule": "ACME calls", "minutes": 30, "sentence": "In your calendar."},
    {"kind": "rule", "rule": "ACME calls", "sentence": "By the rule."},
)


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    """Eleven people, one more than twice the smallest group, and a rule that not all of them like."""
    said = configuration.model_dump(mode="json", by_alias=True, exclude_unset=True)
    said["people"] = [{"name": f"P{n} Example", "email": f"p{n}@northwind.example"} for n in range(11)]
    said["policy"]["groups"] = {"minimum": MINIMUM}
    said["rules"] = [
        {
            "name": "ACME calls",
            "when": {"title": ["ACME", {"regex": "^A-[0-9]"}]},
            "then": {"project": "acme-web", "text": "{title}", "category": "meeting"},
        }
    ]
    return Configuration.model_validate(said)


@pytest.fixture
def people(house: House) -> list[Member]:
    with house.store.reading() as tx:
        return house.members(tx)


def corrected(house: House, who: Member, confirmed: bool = True) -> None:
    drafted(house, who, draft("a", "10:00", text=CANARY, because=ON_CALLS, about=(f"title:m::{CANARY}",)))
    deeds.edit(house, who, "a", project="internal")
    if confirmed:
        deeds.confirm(house, who, draft("a").suggestion.day)


@says("for N of at least the policy's minimum group size")
def test_P13_one_person_fewer_than_the_smallest_group_is_no_hint(house: House, people: list[Member]) -> None:
    for who in people[: MINIMUM - 1]:
        corrected(house, who)
    assert hints.look(house) == []


@says(
    'Administrators see only a hint of the form "N people move X from A to B; here is the rule", '
    "for N of at least the policy's minimum group size"
)
def test_as_many_as_the_smallest_group_are_a_hint_with_a_rule_to_paste(
    house: House, people: list[Member]
) -> None:
    for who in people[:MINIMUM]:
        corrected(house, who)
    (told,) = hints.look(house)
    assert told.people == MINIMUM
    assert told.says == (
        'At least 5 people move what the rule "ACME calls" books from acme-web to internal. '
        "Write in its place:"
    )
    (pasted,) = YAML(typ="safe").load(told.paste)
    rule = Rule.model_validate(pasted)
    (old,) = house.configuration.rules
    assert (rule.name, rule.when, rule.then.project, rule.then.text) == (
        old.name, old.when, "internal", "{title}",
    )  # fmt: skip
    assert rule.then.category is None, "it comes with the project"


def test_P13_people_are_counted_in_steps_so_that_no_two_hints_show_one_person(
    house: House, people: list[Member]
) -> None:
    seen = []
    for who in people:
        corrected(house, who)
        seen.append([hint.people for hint in hints.look(house)])
    assert seen == [[]] * 4 + [[5]] * 5 + [[10]] * 2


def test_P1_what_is_not_confirmed_counts_for_nothing(house: House, people: list[Member]) -> None:
    for who in people:
        corrected(house, who, confirmed=False)
    assert hints.look(house) == []


def test_P1_an_edited_draft_makes_no_move_before_its_yes(house: House, people: list[Member]) -> None:
    corrected(house, people[0], confirmed=False)
    with house.store.reading() as tx:
        held = tx.drafts.get(people[0].id, "a")
    assert held is not None
    rules = {rule.name: rule for rule in house.configuration.rules}
    assert move_of(held.draft, rules) is None
    assert move_of(held.draft.model_copy(update={"decision": "confirmed"}), rules) is not None


def test_P3_who_has_not_acknowledged_the_policy_in_force_does_not_count(
    house: House, people: list[Member]
) -> None:
    for who in people[:MINIMUM]:
        corrected(house, who)
    with house.store.writing() as tx:
        tx.people.acknowledge(people[0].id, "an earlier version", house.clock())
    assert hints.look(house) == []


def test_who_left_does_not_count(house: House, people: list[Member]) -> None:
    for who in people[:MINIMUM]:
        corrected(house, who)
    with house.store.writing() as tx:
        tx.people.leave(people[0].id, house.clock())
    assert hints.look(house) == []


def test_P1_a_hint_holds_no_title_and_no_person(house: House, people: list[Member]) -> None:
    for who in people:
        corrected(house, who)
    told = json.dumps([hint.model_dump(mode="json") for hint in hints.look(house)])
    assert "ACME calls" in told
    assert CANARY not in told
    assert not [
        who for who in people if who.id in told or who.person.email in told or who.person.name in told
    ]


@pytest.mark.parametrize("container", ["WEB", "mara@northwind.example"])
def test_where_no_rule_speaks_the_container_is_named_unless_it_is_called_after_a_person(
    house: House, people: list[Member], container: str
) -> None:
    why = {"kind": "meeting", "minutes": 30, "sentence": "In your calendar."}
    for who in people[:MINIMUM]:
        about = (f"title:jira:{container}:{CANARY}",)
        drafted(house, who, draft("a", "10:00", project=None, because=(why,), about=about, attributed={}))
        deeds.edit(house, who, "a", project="internal")
        deeds.confirm(house, who, draft("a").suggestion.day)
    told = [hint.says + hint.paste for hint in hints.look(house)]
    if "@" in container:
        assert told == []
    else:
        (said,) = told
        assert "At least 5 people book what is in WEB on internal; no rule speaks about it." in said
        assert CANARY not in said
