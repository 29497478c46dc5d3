"""daybook status in a bad night: the verdict first, then what to do, then sums; on eighty columns."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from core import posting
from core.model import Entry
from daybook import reload
from daybook.daemon import enrol
from daybook.house import House
from daybook.status import WIDTH, Need, Standing, look, somebody_runs
from daybook.store.hold import held, is_held
from daybook.wiring import open_house
from tests.daybook.conftest import TODAY, Clock, member
from tests.daybook.test_policies import Office, office

__all__ = ["office"]


def broken(house: House, state: posting.State = "refused") -> None:
    """An entry of Ada's that its target turned down."""
    entry = Entry(id="e-1", day=TODAY, start=house.clock(), minutes=30, target="memory:WEB-1")
    filed = posting.hold("p-1", entry, member(house, "Ada").id, house.clock(), timedelta())
    with house.store.writing() as tx:
        tx.postings.add(filed.model_copy(update={"state": state, "due_at": None}))


def needs(standing: Standing) -> dict[str, Need]:
    return {need.about: need for need in standing.needs()}


def test_the_first_line_is_the_verdict(house: House) -> None:
    assert next(look(house).lines()) == "All is well."
    broken(house)
    assert next(look(house).lines()) == "One thing needs a person:"
    assert next(look(house, runs=False).lines()) == "2 things need a person:"


def test_what_needs_a_person_comes_before_all_sums_and_says_what_to_do(house: House) -> None:
    broken(house)
    said = list(look(house, runs=False).lines())
    after = said.index(next(line for line in said if line.startswith("people")))
    steps = [number for number, line in enumerate(said) if line.strip().startswith("-> ")]
    assert len(steps) == 2
    assert max(steps) < after
    assert "systemctl status daybook" in said[steps[0]]


def test_nobody_needs_more_than_eighty_columns(house: House) -> None:
    broken(house, "unclear")
    bad = look(house, runs=False).model_copy(
        update={
            "clock": "The clock says 2066-11-20, and we worked last on 2026-11-20. " * 3,
            "disk": "The disk lacks 9.3 MiB to have enough free. " * 4,
            "unsent": ("The mail server was not found by name.",),
            "policy": "Version 2026-11-01 holds since 1 November 2026. " * 4,
        }
    )
    assert max(map(len, bad.lines())) <= WIDTH
    assert len(list(bad.needs())) == 5


def test_every_need_says_what_to_do(house: House) -> None:
    source = look(house).sources[0]
    ill = source.model_copy(
        update={"failing": 1, "failing_since": house.clock(), "stopped": 1, "ends": date(2026, 12, 1)}
    )
    bad = look(house, runs=False).model_copy(
        update={
            "silent": ("pid 7 on b",),
            "sources": (ill, ill.model_copy(update={"doubted": 1})),
            "clock": "It says 2066.",
            "disk": "Full.",
            "unsent": ("The mail server did not answer.",),
            "mails": {"given_up": 1},
            "postings": {"refused": 1, "unclear": 2},
            "mailbox": "It is away.",
            "broken_logs": 1,
            "rests": "Three people left.",
        }
    )
    found = list(bad.needs())
    assert len(found) == 17
    assert all(need.about and need.says and need.do for need in found)


def test_the_sums_of_mails_say_what_becomes_of_them(house: House) -> None:
    """Five that were to go out again in a quarter of an hour were called failed."""
    mails = {"sent": 6, "sending": 1, "failed": 5, "unsure": 1, "given_up": 2}
    standing = look(house).model_copy(update={"mails": mails})
    said = " ".join(" ".join(standing.lines()).split())
    assert "mails 6 sent, 1 sending, 5 to be tried again, 1 to be sent again, 2 given up" in said


def saved(house: House) -> None:
    with house.store.writing() as tx:
        tx.backed_up(house.clock())


def test_the_last_backup_is_said_and_two_nights_without_one_need_a_person(house: House, clock: Clock) -> None:
    """The timer fails, and nobody looks at `systemctl --failed`."""
    enrol(house)
    saved(house)
    clock.wait(hours=48)
    standing = look(house)
    assert "backup     the last is as of 2026-11-20 07:30 UTC" in standing.lines()
    assert standing.well
    clock.wait(minutes=1)
    need = needs(look(house))["backup"]
    assert "The backup is old: the last is as of 2026-11-20 07:30 UTC." in need.says
    assert "daybook-backup" in need.do
    saved(house)
    assert look(house).well


def test_a_store_that_was_never_backed_up_needs_a_person_after_two_days(house: House, clock: Clock) -> None:
    enrol(house)
    standing = look(house)
    assert standing.well and "backup     none yet" in standing.lines()
    clock.wait(days=2)
    need = needs(look(house))["backup"]
    assert "No backup was ever made." in need.says
    assert "store.backups: elsewhere" in need.says


def test_who_backs_up_by_other_means_says_so_once_and_hears_no_more_of_it(house: House, clock: Clock) -> None:
    """Also where `deploy/install` made a backup before an upgrade."""
    enrol(house)
    saved(house)
    clock.wait(days=30)
    store = house.configuration.store.model_copy(update={"backups": "elsewhere"})
    theirs = replace(house, configuration=house.configuration.model_copy(update={"store": store}))
    assert "backup" not in needs(look(theirs))
    assert not any(line.startswith("backup") for line in look(theirs).lines())


def test_R13_no_backup_is_called_old_by_a_clock_that_is_not_believed(house: House, clock: Clock) -> None:
    enrol(house)
    house.store.forget(house.policy.retention.model_dump(), clock())
    saved(house)
    clock.wait(days=3650)
    assert needs(look(house)).keys() == {"clock"}


def test_a_store_in_a_file_says_whether_a_daemon_holds_it(house: House) -> None:
    assert not somebody_runs(house)
    with house.store.hold():
        assert somebody_runs(house)
    assert not somebody_runs(house)


def test_who_asks_whether_a_daemon_runs_is_in_no_daemons_way(tmp_path: Path) -> None:
    """The moment in which it is asked ends before the daemon has tried again."""
    lock = tmp_path / "lock"
    assert not is_held(lock), "and makes no file"
    lock.touch()
    with lock.open() as asks:
        fcntl.flock(asks, fcntl.LOCK_SH)
        lets_go = pytest.MonkeyPatch()
        lets_go.setattr("daybook.store.hold.time.sleep", lambda _: fcntl.flock(asks, fcntl.LOCK_UN))
        with lets_go.context(), held(lock):
            assert is_held(lock)
        lets_go.undo()


def test_a_file_that_was_refused_at_a_reload_needs_a_person_until_it_is_right(house: House) -> None:
    with house.store.hold():
        with house.store.writing() as tx:
            tx.configurations.take({}, house.clock())
            tx.configurations.refuse("daybook.yaml:9:16 policy is not a word.", house.clock())
        (need,) = look(house).needs()
        assert "goes on with that of 2026-11-20 07:30 UTC: daybook.yaml:9:16" in need.says
        assert "daybook check" in need.do
        with house.store.writing() as tx:
            tx.configurations.refuse("", house.clock())
        assert look(house).well


def test_machines_that_go_by_different_files_need_a_person(office: Office, made_on_postgresql: str) -> None:
    """One would reckon anew what the other reckoned, for ever."""

    def machine(zone: str) -> House:
        office.write()  # each listens where it likes
        text = office.file.read_text().replace(
            f"sqlite:///{office.file.parent}/daybook.db", made_on_postgresql
        )
        office.file.write_text(f"{text}\ntimezone: {zone}\n")
        office.opened.append(open_house(office.file, office.clock))
        return office.opened[-1]

    with ExitStack() as running:
        for zone, apart in {"Europe/Berlin": 0, "Europe/Vienna": 1}.items():
            for _ in range(2 - apart):
                house = machine(zone)
                running.enter_context(house.store.hold())
                reload.keep(house)
            assert len(look(house).apart) == apart, "also where the file is none of theirs"
        (need,) = [one for one in look(office.opened[0]).needs() if one.about == "file"]
        assert "goes by other settings than pid" in need.says


def test_P1_no_need_names_whose_it_is(house: House) -> None:
    broken(house)
    said = "\n".join(look(house, runs=False).lines())
    assert not any(word in said for word in ("Ada", "ada@", "e-1", "p-1", "WEB-1"))


Told = Callable[..., dict[str, object]]


@pytest.fixture
def told(house: House, monkeypatch: pytest.MonkeyPatch) -> Told:
    """What the command prints as JSON."""
    from daybook.cli.status import status

    def tells(error: Exception | None = None) -> dict[str, object]:
        def opened(*_: object, **__: object) -> House:
            if error is not None:
                raise error
            return house

        monkeypatch.setattr("daybook.wiring.open_house", opened)
        ran = CliRunner().invoke(status, ["--json"])
        return {"code": ran.exit_code, "error": ran.exception, **json.loads(ran.output)}

    return tells


STEADY = {
    "well", "needs", "people", "sources", "drafts", "mails", "postings", "unsent", "clock", "runs", "workers",
    "silent", "refusals", "apart", "disk", "mailbox", "broken_logs", "policy", "waits", "rests",
    "backup",
}  # fmt: skip
"""Scripts read these by name; one that goes breaks them."""


def test_its_json_has_steady_names(told: Told, house: House) -> None:
    stands = told()
    assert stands.keys() >= STEADY
    assert (stands["well"], stands["code"]) == (False, 1), "nobody runs"
    with house.store.hold():
        assert (told()["well"], told()["code"]) == (True, 0)


def test_a_store_that_cannot_be_opened_is_a_need_too(told: Told) -> None:
    from daybook.store.errors import StoreRefused

    stands = told(StoreRefused("It was written by a newer Daybook."))
    assert (stands["well"], isinstance(stands["error"], StoreRefused)) == (False, True)
    (need,) = stands["needs"]  # type: ignore[misc]
    assert "newer Daybook" in need["says"]
