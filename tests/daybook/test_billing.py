"""Hours for invoices: for clients alone, to whom the policy names, and in the log of each (P-07, P-22)."""

from __future__ import annotations

import csv
import io
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete

from config.load import Unfit, load
from config.schema import Configuration
from core import gate, periods
from core.figures import Piece
from core.gate import Group, Release
from core.notice import Standing, Version
from core.patterns import Part, Pattern, Row, Table
from core.policy import Billing, version
from daybook import billing, deeds, joining, wiring
from daybook.cli.export import export
from daybook.errors import No, Wrong
from daybook.house import House, Member
from daybook.store.schema import releases
from daybook.store.unit import Unit
from daybook.words import policy as told
from tests.daybook.conftest import BERLIN, Clock, draft, drafted

MARA, OTTO = "mara@northwind.example", "otto@northwind.example"
DAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 25, 9, tzinfo=BERLIN)
WEEK = "2026-W47"
BILLING = Billing(who=(MARA, OTTO), projects=("acme-web",))


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    """Mara and Otto get the hours of one project."""
    assert configuration.policy is not None
    policy = configuration.policy.model_copy(update={"billing": BILLING})
    return configuration.model_copy(update={"policy": policy})


@pytest.fixture
def november(house: House, ada: Member, ben: Member, clock: Clock) -> House:
    """Ada worked for ACME and for the house, Ben for ACME; one draft of his waits. It is December now."""
    drafted(
        house, ada,
        draft("a", "10:00", 45, text="=HYPERLINK(\"http://x\")", day=DAY),
        draft("i", "12:00", 60, text="kanarie-internal", project="internal", attributed={"internal": 60},
              target="none", day=DAY),
    )  # fmt: skip
    drafted(house, ben, draft("b", "11:00", 30, day=DAY), draft("w", "15:00", 90, text="kanarie", day=DAY))
    assert deeds.confirm(house, ada, DAY, {"a": 1, "i": 1}).done
    assert deeds.confirm(house, ben, DAY, {"b": 1}).done
    clock.now = datetime(2026, 12, 2, 9, tzinfo=BERLIN)
    return house


def exported(house: House, reader: str = MARA, **more: Any) -> list[list[str]]:
    made = billing.export(house, reader, "administrator otto", more.pop("month", "2026-11"), **more)
    return list(csv.reader(io.StringIO(made.file.decode("utf-8-sig"))))


def log(house: House, who: Member) -> list[tuple[str, str, str]]:
    with house.store.reading() as tx:
        assert tx.access.intact(who.id)
        return [(one.who, one.what, one.reason) for one in tx.access.of(who.id)]


def test_the_export_holds_confirmed_time_for_clients_and_nothing_else(november: House) -> None:
    head, *lines = exported(november)
    assert head == ["person", "day", "client", "project", "billable", "minutes"]
    assert lines == [
        ["Ada Example", "2026-11-19", "ACME", "ACME website", "no", "45"],
        ["Ben Example", "2026-11-19", "ACME", "ACME website", "no", "30"],
    ]
    assert "kanarie" not in repr(lines)


def test_P07_everybody_in_it_finds_who_got_it_and_nobody_else_does(
    november: House, ada: Member, ben: Member, mara: Member
) -> None:
    exported(november, OTTO, client="ACME")
    line = ("billing otto@northwind.example", "entry")
    said = "Hours of ACME for 2026-11 were exported for invoices, by administrator otto."
    assert log(november, ada) == log(november, ben) == [(*line, said)]
    assert log(november, mara) == []


@pytest.mark.parametrize(
    ("reader", "more", "error", "why"),
    [
        ("ben@northwind.example", {}, No, "does not name ben@northwind.example"),
        (MARA, {"month": "2026-12"}, No, "2026-12 is not over"),
        (MARA, {"month": "November"}, Wrong, "is no month"),
        (MARA, {"client": "Nobody"}, Wrong, "The clients are: ACME."),
    ],
)
def test_what_the_policy_does_not_name_is_refused_and_no_log_has_it(
    november: House, ada: Member, reader: str, more: dict[str, str], error: type[Exception], why: str
) -> None:
    with pytest.raises(error, match=why) as no:
        exported(november, reader, **more)
    assert "Nothing was exported." in str(no.value)
    assert log(november, ada) == []


def test_without_a_word_in_the_policy_there_is_no_export(november: House, ada: Member) -> None:
    silent = replace(november, policy=november.policy.model_copy(update={"billing": None}))
    with pytest.raises(No, match="names nobody"):
        exported(silent)
    assert log(november, ada) == []


# --- nothing reaches back, and nothing loosens it but the policy --------------------------------------------


def under(house: House, *held: tuple[int, Billing | None]) -> House:
    """The house after these policies, each in force since a day of November; all acknowledged the last."""
    versions = []
    for day, said in held:
        policy, since = house.policy.model_copy(update={"billing": said}), date(2026, 11, day)
        versions.append(Version(version=version(policy), policy=policy, seen=since, since=since))
        with house.store.writing() as tx:
            tx.policies.keep(Standing(in_force=versions[-1], former=versions[-2] if versions[1:] else None))
            for row in tx.people.all():
                tx.people.acknowledge(row.id, versions[-1].version, house.clock())
    return replace(house, policy=versions[-1].policy, ledger=Standing(in_force=versions[-1]))


def billing_of(*projects: str, text: bool = False) -> Billing:
    return Billing(who=(MARA,), projects=projects, text=text)


@pytest.mark.parametrize(
    "held",
    [
        [(2, billing_of("acme-web"))],
        [(1, None), (2, billing_of("acme-web"))],
        [(1, billing_of("acme-web")), (9, None), (20, billing_of("acme-web"))],
        [(1, BILLING.model_copy(update={"who": (OTTO,)})), (2, billing_of("acme-web"))],
    ],
)
def test_P08_no_month_is_exported_that_began_before_the_policy_named_it(
    november: House, ada: Member, held: list[tuple[int, Billing | None]]
) -> None:
    with pytest.raises(No, match="2026-11 began before the policy named mara@"):
        exported(under(november, *held))
    assert log(november, ada) == []


def test_P08_what_the_policy_named_later_than_a_month_began_is_not_in_it_and_that_is_said(
    november: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    later = under(november, (1, billing_of("acme-web")), (2, billing_of("acme-web", "internal", text=True)))
    assert [len(line) for line in exported(later)] == [6, 6, 6], "and no text either"
    said = run(later, monkeypatch, "--to", str(tmp_path / "acme.csv")).output
    assert "Nothing of internal: the policy names it since a day after this month began." in said


def test_P08_a_policy_that_became_stricter_since_takes_no_month_away(november: House) -> None:
    stricter = under(november, (1, billing_of("acme-web", "internal")), (20, billing_of("acme-web")))
    assert len(exported(stricter)) == 3


def test_P08_neither_a_role_nor_a_client_given_outside_the_policy_opens_anything(november: House) -> None:
    said = november.configuration
    people = [one.model_copy(update={"role": MARA, "manages": ("studio",)}) for one in said.people]
    projects = {key: one.model_copy(update={"client": "ACME"}) for key, one in said.projects.items()}
    other = replace(
        november, configuration=said.model_copy(update={"people": tuple(people), "projects": projects})
    )
    assert exported(other) == exported(november)
    with pytest.raises(No, match="does not name ben@"):
        exported(other, "ben@northwind.example")


# --- what it leaves out -------------------------------------------------------------------------------------


def test_a_month_is_over_when_it_is_over_for_everybody(november: House, clock: Clock) -> None:
    clock.now = datetime(2026, 12, 1, 23, 59, tzinfo=BERLIN)
    with pytest.raises(No, match="not over"):
        exported(november)


def test_what_was_taken_back_is_not_in_it(november: House, ada: Member, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 20, 8, 35, tzinfo=BERLIN)
    assert deeds.undo(november, ada, "a").done
    clock.now = datetime(2026, 12, 2, 9, tzinfo=BERLIN)
    assert [line[0] for line in exported(november)[1:]] == ["Ben Example"]


@pytest.mark.parametrize("goes", [joining.leave, joining.erase])
def test_P3_who_left_is_not_in_it(november: House, ada: Member, goes: Callable[[House, Member], Any]) -> None:
    goes(november, ada)
    assert [line[0] for line in exported(november)[1:]] == ["Ben Example"]


def test_P3_who_read_a_policy_without_it_is_not_in_it(november: House, ada: Member, clock: Clock) -> None:
    before = november.policy.model_copy(update={"billing": None})
    earlier = replace(november, policy=before).policy_version
    with november.store.writing() as tx:
        tx.people.acknowledge(ada.id, earlier, clock())
    assert [line[0] for line in exported(replace(november, texts={earlier: before}))[1:]] == ["Ben Example"]


def test_S08_what_people_wrote_comes_only_if_the_policy_says_so_and_is_no_formula(november: House) -> None:
    policy = november.policy.model_copy(update={"billing": BILLING.model_copy(update={"text": True})})
    talking = replace(november, policy=policy)
    with november.store.writing() as tx:
        for row in tx.people.all():
            tx.people.acknowledge(row.id, talking.policy_version, november.clock())
    head, first, *_ = exported(talking)
    assert head[-1] == "text"
    assert first[-1] == '\'=HYPERLINK("http://x")'


def test_P08_the_policy_says_who_gets_hours_by_name_and_how_often(november: House) -> None:
    text = repr(told(november.policy, ()))
    assert (
        "For invoices, mara@northwind.example and otto@northwind.example can get the hours you confirmed for "
        "acme-web, with your name"
    ) in text
    assert "a month once it is over" in text
    assert "For invoices" not in repr(told(november.policy.model_copy(update={"billing": None}), ()))


def test_P22_it_is_refused_where_published_reports_would_then_tell_of_somebody(
    november: House, ada: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the gate says of it is tested with the gate; here, that it is asked, and obeyed."""
    asked = []

    def refusal(releases: Any, pieces: Any, least: int) -> str:
        asked.append([one.by_name for one in releases])
        return "one or two people have most of it"

    monkeypatch.setattr(gate, "refusal", refusal)
    assert exported(november)[1:], "nothing was published yet"
    monkeypatch.setattr("daybook.store.reports.Reports.all", lambda _: [_Published()])
    monkeypatch.setattr(
        "daybook.store.reports.Reports.released",
        lambda *_: gate.Release(report="r", weeks=("2026-W47",), groups=()),
    )
    with pytest.raises(No, match="could work out what somebody did beside it") as no:
        exported(november)
    assert asked == [[False, True]]
    assert "most of it" not in str(no.value), "why would tell of few people, too"
    assert [reason for *_, reason in log(november, ada)] == [
        "Hours of all clients for 2026-11 were exported for invoices, by administrator otto.",
        "Hours of all clients for 2026-11 were asked for, for invoices, by administrator otto, and refused.",
    ]


def test_P13_one_client_is_not_exported_where_all_of_them_would_leave_one_persons_time(
    november: House, ada: Member, configuration: Configuration
) -> None:
    """Nine worked for two clients, Ada alone for the house besides; a report counts all of it together."""
    november = replace(
        under(november, (1, billing_of("acme-web", "beta"))), configuration=_with_beta(configuration)
    )
    minutes = {"ACME website": 600, "Beta": 600}
    with november.store.writing() as tx:
        people = [
            ada.id,
            *(tx.people.enrol(f"p{number}@northwind.example", november.clock()).id for number in range(8)),
        ]
        for who in people:
            own = minutes | ({"Internal": 300} if who == ada.id else {})
            said = [
                Piece(tx.counted.mark(who), WEEK, (project, "", "", "", "other", "other"), spent)
                for project, spent in own.items()
            ]
            tx.counted.count(who, WEEK, said, [])
        _publish(tx, [tx.counted.mark(who) for who in people])
    with pytest.raises(No, match="could work out"):
        exported(november, client="ACME")
    with november.store.writing() as tx:
        tx.connection.execute(delete(releases))
    assert exported(november, client="ACME")[1:], "it was for the report that it was refused"


def _with_beta(configuration: Configuration) -> Configuration:
    beta = configuration.projects["acme-web"].model_copy(update={"name": "Beta", "client": "Beta"})
    return configuration.model_copy(update={"projects": configuration.projects | {"beta": beta}})


def _publish(tx: Unit, members: list[str]) -> None:
    """A report of one group's week, which says how much of it was in meetings."""
    table = Table(what="meeting load", rows=(Row(label="other", hours=185),))
    monday = periods.monday(WEEK)
    pattern = Pattern(
        report="weekly by team", cadence="weekly", by="team", roles=(), period=WEEK, weeks=(WEEK,),
        first_day=monday, last_day=monday + timedelta(days=6), minimum=8,
        parts=(Part(group="studio", tables=(table,)),),
    )  # fmt: skip
    group = Group(name="studio", members=frozenset(members), tables={"meeting load": ("other",)})
    tx.reports.publish(pattern, Release(report=pattern.report, weeks=(WEEK,), groups=(group,)), DAY, NOW)


class _Published:
    class pattern:  # noqa: N801
        weeks = ("2026-W47",)


def run(house: House, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    monkeypatch.setattr(wiring, "open_house", lambda *_, **__: house)
    return CliRunner().invoke(export, ["--month", "2026-11", "--for", MARA, *arguments])


def test_the_command_writes_a_file_for_its_reader_alone(
    november: House, ada: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "acme.csv"
    said = run(november, monkeypatch, "--to", str(there))
    assert said.exit_code == 0, said.output
    assert "2 lines, 2 people" in said.output
    assert stat.S_IMODE(there.stat().st_mode) == 0o600
    assert b"Ada Example" in there.read_bytes()
    stands = there.read_bytes()
    again = run(november, monkeypatch, "--to", str(there))
    assert isinstance(again.exception, Wrong)
    assert there.read_bytes() == stands
    assert len(log(november, ada)) == 1


def test_P07_there_is_no_file_where_the_log_could_not_be_written(
    november: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError("no space")

    monkeypatch.setattr("daybook.store.access.AccessLog.log", full)
    said = run(november, monkeypatch, "--to", str(tmp_path / "acme.csv"))
    assert isinstance(said.exception, OSError)
    assert list(tmp_path.glob("*.csv")) == []


@pytest.mark.parametrize(
    ("who", "project", "said"),
    [
        ("finance", "acme-web", "10:11 policy.billing.who[0] is not an e-mail address"),
        (
            "a@b.de",
            "acme-wep",
            "11:16 policy.billing.projects[0] is 'acme-wep', which is not under projects. Did",
        ),
        ("a@b.de", "internal", "11:16 policy.billing.projects[0] is 'internal', which has no client"),
    ],
)
def test_P14_who_and_what_the_policy_cannot_hold_is_refused_with_the_line(
    tmp_path: Path, who: str, project: str, said: str
) -> None:
    file = tmp_path / "daybook.yaml"
    file.write_text(
        "version: 1\norganisation: N\ntimezone: Europe/Berlin\n"
        "policy:\n  why: Two invoices were disputed.\n  contact: ops\n  effective: 2026-11-01\n"
        "  tracked: {}\n"
        f"  billing:\n    who: [{who}]\n    projects: [{project}]\n"
        "people:\n  - {name: A, email: a@northwind.example, role: finance}\n"
        "projects:\n"
        "  acme-web: {name: A, client: ACME, target: {none: here}}\n"
        "  internal: {name: I, target: {none: here}}\n"
    )
    with pytest.raises(Unfit) as no:
        load(file)
    (line,) = (line for line in str(no.value).splitlines() if "policy.billing" in line)
    assert said in " ".join(line.split())
