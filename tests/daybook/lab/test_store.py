"""A store under trial: sums of many, nobody's day, and a line in everybody's access log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from config.schema import Configuration
from connectors.contract import Sighting
from core.model import Activity
from core.policy import Groups
from daybook import deeds
from daybook.house import House, Member
from daybook.jobs.reconsider import reconsider
from daybook.lab.evidence import TooFew
from daybook.lab.report import Report
from daybook.lab.trying import on_store
from tests.daybook.conftest import BERLIN, YESTERDAY

CANARY = "Quittenmarmelade"
MINIMUM = 5
CALLS = {"name": "ACME calls", "when": {"title": "acme"}, "then": {"project": "acme-web"}}


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    """Eleven people, and one rule."""
    said = configuration.model_dump(mode="json", by_alias=True, exclude_unset=True)
    said["people"] = [{"name": f"P{n} Example", "email": f"p{n}@northwind.example"} for n in range(11)]
    said["policy"]["groups"] = {"minimum": MINIMUM}
    return Configuration.model_validate(said | {"rules": [CALLS]})


@pytest.fixture
def people(house: House) -> list[Member]:
    """Everybody has an hour with ACME, and an hour that no rule knows."""
    with house.store.reading() as tx:
        members = house.members(tx)
    for who in members:
        said(house, who, ("ACME call", 10), ("Design", 14))
    return members


def said(house: House, who: Member, *meetings: tuple[str, int], day: date = YESTERDAY) -> None:
    sightings = []
    for title, hour in meetings:
        start = datetime(day.year, day.month, day.day, hour, tzinfo=BERLIN)
        uid = f"{who.id}{title}{hour}{day}"
        meeting = Activity(
            source="memory",
            uid=uid,
            kind="meeting",
            title=title,
            start=start,
            end=start + timedelta(hours=1),
            response="accepted",
        )
        sightings.append(Sighting(origin=uid, activities=((who.id, meeting),)))
    with house.store.writing() as tx:
        tx.evidence.apply("memory", sightings, {who.id: BERLIN}, house.clock())


def changed(configuration: Configuration, *rules: dict[str, Any]) -> Configuration:
    """With these rules above the others."""
    said = configuration.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return Configuration.model_validate(said | {"rules": [*rules, *said["rules"]]})


def rule(when: dict[str, Any], project: str = "internal") -> dict[str, Any]:
    return {"name": "Under trial", "when": when, "then": {"project": project}}


def tried(house: House, configuration: Configuration) -> Report:
    return on_store(configuration, house, 4, lambda what, done, whole: None, compared=True)


def hours(report: Report) -> dict[str | None, tuple[int | None, int | None]]:
    return {
        cell.project: (cell.before and cell.before // 60, cell.after and cell.after // 60)
        for cell in report.projects
    }


def logs(house: House, people: Iterable[Member]) -> list[list[str]]:
    with house.store.reading() as tx:
        return [[line.reason for line in tx.access.of(who.id)] for who in people]


def test_a_change_for_everybody_is_told_in_hours_and_drafts(house, people, configuration):
    report = tried(house, changed(configuration, rule({"title": "design"})))
    assert hours(report) == {"acme-web": (11, 11), "internal": (None, 11), None: (11, None)}
    assert report.drafts == 22
    assert report.changes["moved"] == 11
    assert report.changes["gone"] is None, "few and none are not told apart"
    assert (report.unused, report.shadowed) == ((), ())


@pytest.mark.parametrize("few", range(1, MINIMUM))
def test_P1_a_rule_that_asks_for_the_words_of_a_few_tells_nothing(house, people, configuration, few):
    probe = changed(configuration, rule({"title": CANARY}))
    before = tried(house, probe)
    for who in people[:few]:
        said(house, who, (CANARY, 16))
        said(house, who, (f"ACME {CANARY}", 12))
    known = tried(house, changed(configuration, rule({"title": "Something nobody has"})))
    assert tried(house, probe) == known
    assert [one.rule for one in before.unused] == ["Under trial"]


def test_P13_as_many_as_the_policy_wants_are_told(house, people, configuration):
    for who in people[:MINIMUM]:
        said(house, who, (CANARY, 16))
    report = tried(house, changed(configuration, rule({"title": CANARY})))
    assert report.changes["moved"] == MINIMUM
    assert report.unused == ()


def test_P13_a_rule_is_not_called_shadowed_because_of_a_few(house, people, configuration):
    for who in people[:MINIMUM]:
        said(house, who, ("Guild", 16))
    guild = rule({"title": "guild"}, "acme-web") | {"name": "Guild"}
    with_probe = changed(configuration, rule({"title": "guild", "who": people[0].person.email}), guild)
    assert tried(house, with_probe).shadowed == ()
    over_it = changed(configuration, rule({"title": {"regex": "^g"}}), guild)
    (shadowed,) = tried(house, over_it).shadowed
    assert (shadowed.rule.rule, shadowed.by and shadowed.by.rule) == ("Guild", "Under trial")


def test_P1_no_word_of_anybody_is_in_what_is_told(house, people, configuration):
    for who in people:
        said(house, who, (CANARY, 16))
    report = tried(house, changed(configuration, rule({"title": {"regex": "^Q"}})))
    told = report.model_dump_json() + "\n".join(report.lines())
    assert report.changes["moved"] == 11
    assert CANARY not in told
    assert not [who for who in people if who.person.email in told or who.id in told]


def test_P3_only_who_agreed_to_the_policy_in_force_is_looked_at(house, people, configuration):
    with house.store.writing() as tx:
        tx.people.leave(people[0].id, house.clock())
    report = tried(house, configuration)
    assert report.drafts == 20
    assert logs(house, people[:2])[0] == []
    assert len(logs(house, people[:2])[1]) == 1


def test_P7_everybody_who_was_looked_at_finds_it_in_their_access_log(house, people, configuration):
    tried(house, configuration)
    assert logs(house, people) == [
        ["daybook lab tried other rules on your evidence; only sums over at least 5 people were shown"]
    ] * len(people)


def test_P13_a_smaller_group_in_a_copy_of_the_policy_finds_nobody(house, people, configuration):
    loose = house.policy.model_copy(update={"groups": Groups(minimum=7)})
    other = House(configuration, loose, house.connectors, house.store, house.clock)
    with pytest.raises(TooFew):
        tried(other, configuration)
    assert logs(house, people) == [[]] * len(people)


def test_P13_fewer_people_than_the_smallest_group_are_not_even_looked_at(house, people, configuration):
    with house.store.writing() as tx:
        for who in people[MINIMUM - 1 :]:
            tx.people.leave(who.id, house.clock())
    with pytest.raises(TooFew, match="Fewer than 5 people take part"):
        tried(house, configuration)
    assert logs(house, people[: MINIMUM - 1]) == [[]] * (MINIMUM - 1)


def test_agreement_is_with_what_people_confirmed_and_not_with_what_they_taught(house, people, configuration):
    for who in people[:10]:
        reconsider(house, who.id, [YESTERDAY])
        with house.store.reading() as tx:
            keys = {one.draft.suggestion.text: one.draft.key for one in tx.drafts.of(who.id, YESTERDAY)}
        deeds.edit(house, who, keys["Design"], project="internal", target="none")
        deeds.edit(house, who, keys["ACME call"], target="none")
        deeds.confirm(house, who, YESTERDAY)
    report = tried(house, changed(configuration, rule({"title": "design"})))
    assert report.agreement == (50, 100)


def test_days_before_the_weeks_do_not_count(house, people, configuration):
    for who in people:
        said(house, who, ("ACME call", 10), day=YESTERDAY - timedelta(days=29))
    assert tried(house, configuration).drafts == 22


def test_the_lab_changes_nothing_but_the_access_logs(house, people, configuration):
    for who in people:
        reconsider(house, who.id, [YESTERDAY])

    def state() -> list[Any]:
        with house.store.reading() as tx:
            return [
                (tx.drafts.of(who.id, YESTERDAY), tx.days.get(who.id, YESTERDAY), tx.memory.of(who.id))
                for who in people
            ]

    before = state()
    tried(house, changed(configuration, rule({"title": "design"})))
    assert state() == before
