"""The annex and the assessment say all that the program does, nothing secret, and nothing it does not."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr
from ruamel.yaml import YAML

from connectors.contract import Account, Credential, Terms, Window
from core.visibility import ROLES, STATES, THINGS, may_see
from daybook.__main__ import daybook
from daybook.annex import annex
from daybook.daemon import enrol
from daybook.dpia import QUESTION, assessment
from daybook.installed import connector_types
from daybook.inventory import PROOFS, host
from daybook.page.render import on_paper
from daybook.papers import Paper
from daybook.store.schema import metadata
from daybook.wiring import open_house, read
from daybook.words import capital
from tests.daybook.conftest import Clock
from tests.daybook.test_policies import LOOSER, Office, clock, office
from tests.test_docs import written_tests

__all__ = ["clock", "office"]

NOW = datetime(2026, 12, 10, 9, tzinfo=UTC)
NORTHWIND = Path(__file__).parent / "cli" / "northwind.yaml"
SECRETS = ("google-key", "jira-token", "asana-token", "smtp")
PAPERS = {"annex": annex, "dpia": assessment}
WRITTEN = {
    "policy.private_events": ("private_events: busy", "private_events: ignore"),
    "45 days": ("evidence: 45 days", "evidence: 44 days"),
    "northwind.atlassian.net": ("https://northwind.atlassian.net", "https://elsewhere.example"),
    "smtp.northwind.example": ("smtp: smtp.northwind", "smtp: post.northwind"),
    "at 08:30": ('digest_at: "08:30"', 'digest_at: "09:10"'),
    "Series": ("[title, time, response, series]", "[title, time, response]"),
    "8 people": ("groups: {minimum: 8}", "groups: {minimum: 9}"),
    "stage": ("stage: pilot ", "stage: shadow "),
    "hold": ("posting: {hold: 15m", "posting: {hold: 16m"),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The whole example of the design, with credentials that nobody may read in what is made of it."""
    (tmp_path / "credentials").mkdir()
    for name in SECRETS:
        (tmp_path / "credentials" / name).write_text(f"kanarie-{name}")
    file = tmp_path / "daybook.yaml"
    file.write_text(NORTHWIND.read_text("utf-8"))
    return file


def text(paper: Paper) -> str:
    return "\n".join(paper.lines())


@pytest.mark.parametrize("made", PAPERS.values(), ids=PAPERS)
def test_every_field_class_table_and_connection_stands_in_both(file: Path, made) -> None:
    said = text(made(file, NOW))
    configuration = read(file, secrets=False).configuration
    assert configuration.policy is not None
    for source, connector in connector_types().items():
        assert connector.called in said
        for word, meaning in connector.tracks.items():
            tracked = word in configuration.policy.tracked[source]
            assert f"{word.capitalize()}: {meaning} {'Tracked.' if tracked else 'NOT TRACKED'}" in said
    for kept in type(configuration.policy.retention).model_fields:
        assert f"\n  {kept.replace('_', ' ').capitalize()}: " in said
    for table in metadata.tables:
        assert f" {table} (" in said


def test_every_reader_and_all_they_see_stands_in_the_annex(file: Path) -> None:
    lines = [line.strip() for line in annex(file, NOW).lines()]
    for role, name in ROLES.items():
        (line,) = (line for line in lines if line.startswith(f"{capital(name)}: "))
        for thing, words in THINGS.items():
            sees = any(may_see(role, thing, state) for state in STATES)
            assert (words in line) == sees, (role, thing)


def test_what_a_manager_sees_is_what_the_matrix_says(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "All that a manager sees beside released reports: {}."
    assert said.format(THINGS["policy"]) in text(annex(file, NOW))
    monkeypatch.setattr("daybook.inventory.may_see", lambda role, thing, state: thing in ("draft", "memory"))
    assert said.format(f"{THINGS['draft']} and {THINGS['memory']}") in text(annex(file, NOW))


@pytest.mark.parametrize("made", PAPERS.values(), ids=PAPERS)
def test_no_credential_and_nobody_of_the_people_stands_in_either(file: Path, made) -> None:
    paper = made(file, NOW)
    said = text(paper) + on_paper(paper) + json.dumps(paper.model_dump(mode="json"))
    secrets = ["kanarie", "credential:", "Ada", "ada@", "Ben Example", "5b10a2844c20165700ede21g"]
    assert [secret for secret in secrets if secret in said] == []


@pytest.mark.parametrize("what", WRITTEN)
def test_another_configuration_makes_another_annex(file: Path, what: str) -> None:
    before = text(annex(file, NOW))
    old, new = WRITTEN[what]
    changed = file.read_text("utf-8").replace(old, new)
    assert changed != file.read_text("utf-8")
    file.write_text(changed)
    lines = set(before.splitlines()) ^ set(text(annex(file, NOW)).splitlines())
    assert any(what in line for line in lines)


def test_all_versions_that_were_seen_stand_in_it_with_their_days(office: Office) -> None:
    house = office.start()
    office.start(**LOOSER)
    said = text(annex(office.file, office.clock()))
    assert f"In force: version {house.policy_version}, since 1 December 2026" in said
    assert "Announced: version " in said and ", from 25 December 2026" in said
    assert said.count("first seen 10 December 2026") == 2
    assert "policy.notice: 14 days" in said


SWITCHED_ON = {
    "private_events": "ignore",
    "delegates": {"days": "10 days"},
    "billing": {"who": ["ada@northwind.example"], "projects": ["acme-web"]},
    "roles": {"client_billed": {"tracked": {"asana": ["title"]}, "digest": "weekly"}},
    "reports": [{"who": "managers", "what": ["client"], "cadence": "weekly", "on": "thursday"}],
}


def test_what_the_policy_switches_on_stands_in_both(file: Path) -> None:
    whole = YAML(typ="safe").load(file)
    whole["policy"] |= SWITCHED_ON
    YAML(typ="safe").dump(whole, file)
    said, assessed = (text(made(file, NOW)) for made in (annex, assessment))
    for words in (
        "Hours by name for invoices: ada@northwind.example, of acme-web; each time stands in the access log",
        "only by the contributor's own grant, for 10 days at most, logged",
        "Tracked, but not of the role client_billed.",
        "Mail to the role client_billed: weekly",
        "Weekly by team: client, to managers and to everybody in it at the same moment, on Thursday",
        "policy.private_events: ignore",
        "policy.billing: on",
    ):
        assert words in said, words
    for words in (
        "they go to ada@northwind.example",
        "for 10 days at most",
        "the role client_billed",
        "weekly by team",
    ):
        assert words in assessed, words


def test_what_only_people_can_answer_is_asked_in_each_part_of_the_assessment(file: Path) -> None:
    parts = [part for part in assessment(file, NOW).sections if part.heading[0].isdigit()]
    assert [part.heading[0] for part in parts] == list("0123456")
    for part in parts:
        assert any(term == QUESTION for term, _ in part.terms), part.heading
    for letter in "abcd":
        assert any(f"35(7)({letter})" in part.heading for part in parts)
    assert "Three clients ask for billable-hour reports" in text(assessment(file, NOW))


def test_every_proof_that_is_named_exists() -> None:
    assert {name for names in PROOFS.values() for name in names} - written_tests() == set()


def test_P11_a_connector_asks_for_no_more_where_less_is_tracked() -> None:
    settings = {
        "google_calendar": {"key": "{}"},
        "jira": {"site": "https://northwind.atlassian.net", "email": "d@northwind.example", "token": "t"},
        "asana": {"token": "t"},
    }
    for kind, connector in connector_types().items():
        if kind not in settings:
            continue  # one that somebody else installed here
        configured = connector.Settings.model_validate(settings[kind])
        asks = {
            tracked: set(connector("c", configured, Terms(tracked=tracked)).abilities.asks)
            for tracked in (frozenset(connector.tracks), frozenset({"title"}), frozenset())
        }
        everything, title, nothing = asks.values()
        assert nothing == set(), kind
        assert title <= everything, kind
        assert everything, kind


JIRA = {"site": "https://northwind.atlassian.net", "email": "d@northwind.example", "token": "t"}
APP = {"client": "daybook", "secret": "s"}
SPOKEN_TO = [
    ("google_calendar", {"oauth": APP}, {"www.googleapis.com"}),
    ("jira", JIRA, {"northwind.atlassian.net"}),
    ("jira", JIRA | {"scoped": True}, {"northwind.atlassian.net", "api.atlassian.com"}),
    ("jira", {"site": "https://jira.example", "token": "t", "deployment": "data_center"}, {"jira.example"}),
    ("asana", {"token": "t"}, {"app.asana.com"}),
]


@pytest.mark.parametrize(("kind", "settings", "hosts"), SPOKEN_TO)
def test_a_connector_tries_no_address_but_those_it_names(
    kind: str, settings: dict[str, Any], hosts: set[str], refused_addresses: list[str]
) -> None:
    """The guard of the tests lets nothing out and remembers who was tried."""
    connector = connector_types()[kind]
    terms = Terms(tracked=frozenset(connector.tracks))
    tool = connector("c", connector.Settings.model_validate(settings), terms)
    lent = Credential(secret=SecretStr("t"), kind="oauth" if "oauth" in settings else "token")
    ada = Account(contributor="c-1", external="ada", email="ada@northwind.example", credential=lent)
    window = Window(start=NOW - timedelta(days=3), end=NOW)
    for call in (
        tool.check,
        lambda: tool.pull(tool.partitions([ada])[0], window, None),
        lambda: tool.accounts(["ada@northwind.example"]),
        lambda: tool.identify(lent, ada.email),
    ):
        with suppress(BaseException):
            call()
    assert {host(address) for address in tool.abilities.speaks_to} == hosts
    lending = {host(tool.authorization.token)} if tool.authorization else set()
    assert refused_addresses and set(refused_addresses) <= hosts | lending
    refused_addresses.clear()


def test_the_commands_print_write_and_give_data(file: Path, tmp_path: Path) -> None:
    def said(*words: str) -> Result:
        return CliRunner().invoke(daybook, ["policy", *words, "-c", str(file)])

    for name, title in (("annex", "Technical annex"), ("dpia", "Data protection impact assessment")):
        assert said(name).output.startswith(title)
        assert json.loads(said(name, "--json").output)["title"].startswith(title)
        page = tmp_path / f"{name}.html"
        assert "is written" in said(name, "--output", str(page)).output
        assert title in page.read_text("utf-8")


def test_it_is_of_the_house_that_runs(office: Office, clock: Clock) -> None:
    """Also once the file is looser: what holds is said, and what is announced stays announced."""
    office.start()
    office.write(**LOOSER)
    house = open_house(office.file, clock)
    office.opened.append(house)
    enrol(house)
    said = text(annex(office.file, clock()))
    assert "Evidence: 45 days." in said
    assert date(2026, 12, 25) == house.standing.coming.since  # type: ignore[union-attr]
