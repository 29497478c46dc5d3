"""Hours for invoices: for clients alone, to whom the policy names, and in the log of each (P-07, P-22)."""

from __future__ import annotations

import csv
import io
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from config.load import Unfit, load
from config.schema import Configuration
from core import gate
from core.policy import Billing
from daybook import billing, deeds, joining, wiring
from daybook.cli.export import export
from daybook.errors import No, Wrong
from daybook.house import House, Member
from daybook.words import policy as told
from tests.daybook.conftest import BERLIN, Clock, draft, drafted

MARA, OTTO = "mara@northwind.example", "otto@northwind.example"
DAY = date(2026, 11, 19)


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    """Mara gets hours by her address, Otto by his role."""
    assert configuration.policy is not None
    said = Billing(who=(MARA, "finance"))
    people = [
        one.model_copy(update={"role": "finance"}) if one.email == OTTO else one
        for one in configuration.people
    ]
    policy = configuration.policy.model_copy(update={"billing": said})
    return configuration.model_copy(update={"policy": policy, "people": tuple(people)})


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
    policy = november.policy.model_copy(update={"billing": Billing(who=(MARA,), text=True)})
    talking = replace(november, policy=policy)
    with november.store.writing() as tx:
        for row in tx.people.all():
            tx.people.acknowledge(row.id, talking.policy_version, november.clock())
    head, first, *_ = exported(talking)
    assert head[-1] == "text"
    assert first[-1] == '\'=HYPERLINK("http://x")'


def test_P08_the_policy_says_who_gets_hours_by_name_and_how_often(november: House) -> None:
    text = repr(told(november.policy, ()))
    assert "For invoices, mara@northwind.example and finance can get the hours you confirmed" in text
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
    with pytest.raises(No, match="could work out what somebody did beside it"):
        exported(november)
    assert asked == [[False, True]]
    assert len(log(november, ada)) == 1


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


def test_P14_a_reader_who_is_nobody_is_named_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "daybook.yaml"
    file.write_text(
        "version: 1\norganisation: N\ntimezone: Europe/Berlin\n"
        "policy:\n  why: Two invoices were disputed.\n  contact: ops\n  effective: 2026-11-01\n"
        "  tracked: {}\n"
        "  billing:\n    who: [finanse]\n"
        "people:\n  - {name: A, email: a@northwind.example, role: finance}\n"
    )
    with pytest.raises(Unfit, match=r"10:\d+ +policy\.billing\.who.*finanse") as no:
        load(file)
    assert 'Did you mean "finance"?' in str(no.value)
