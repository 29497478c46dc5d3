"""Intervals go by the time that passed, schedules by the wall clock, and neither harms the other (R-13)."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr
from sqlalchemy import delete, update

from connectors.memory import Pen, Tool
from core import posting, rounds
from core.model import Entry
from core.rounds import Forget, Post, Tend
from daybook import daemon, doubt, forget, jobs, state, status, sync
from daybook.clocks import Clock
from daybook.embedded import Runner
from daybook.errors import Wrong
from daybook.house import House, Member
from daybook.store import schema
from tests.daybook.conftest import BERLIN, TODAY

ROOT = Path(__file__).parents[2]
MORNING = datetime(2026, 11, 20, 8, 30, tzinfo=BERLIN)
HOURS = timedelta(hours=3)
HOLD, LOOK_AFTER = timedelta(minutes=15), timedelta(minutes=2)


class Machine:
    """Its wall clock can be set; the time that passes cannot."""

    def __init__(self, tool: Tool) -> None:
        self.wall, self.seconds, self.tool = MORNING, 1000.0, tool

    def goes_on(self, span: timedelta) -> None:
        self.wall += span
        self.tool.now += span
        self.seconds += span.total_seconds()

    def is_set(self, by: timedelta) -> None:
        self.wall += by

    def clock(self) -> Clock:
        return Clock(lambda: self.wall, lambda: self.seconds)


@pytest.fixture
def machine(tool: Tool) -> Machine:
    return Machine(tool)


@pytest.fixture
def house(house: House, machine: Machine) -> House:
    """A house whose daemon has run for a day."""
    built = replace(house, clock=machine.clock())
    machine.goes_on(timedelta(days=-1))
    with built.store.writing() as tx:
        tx.tended(built.clock())
    machine.goes_on(timedelta(days=1))
    return built


@pytest.fixture
def confirmed(house: House, ada: Member, tool: Tool) -> str:
    """Ada just said yes to half an hour on a task of hers."""
    tool.tokens["token"] = "ada@tool"
    entry = Entry(id="e-1", day=TODAY, start=house.clock(), minutes=30, target="memory:WEB-1")
    with house.store.writing() as tx:
        tx.grants.save(ada.id, "memory", "ada@tool", SecretStr("token"), house.clock())
        tx.postings.add(posting.hold("p-1", entry, ada.id, house.clock(), HOLD))
    return "p-1"


def posts(house: House) -> bool:
    """Everything the outbox has due is done; whether there was anything, and nothing that is done in vain."""
    seen = state.snapshot(house, house.clock())
    due = [work for work in rounds.due(seen, house.clock()) if isinstance(work, Post)]
    jobs.perform(house, Post(posting="p-1", lane=""))  # whoever asks for it at any other time, it is the same
    return bool(due)


def stands(house: House) -> str:
    with house.store.reading() as tx:
        filed = tx.postings.get("p-1")
    assert filed is not None
    return filed.posting.state


# --- the clock ---------------------------------------------------------------------------------------------


def test_a_clock_that_is_set_shows_since_when_it_goes_evenly(machine: Machine) -> None:
    clock = machine.clock()
    machine.goes_on(timedelta(hours=1))
    assert clock.evenly() == (timedelta(hours=1), None)
    machine.is_set(HOURS)
    assert clock() == MORNING + timedelta(hours=4)
    machine.goes_on(timedelta(minutes=5))
    assert clock.evenly() == (timedelta(minutes=5), HOURS)
    machine.is_set(-HOURS)
    assert clock.evenly() == (timedelta(0), HOURS - timedelta(minutes=5))


def test_what_a_time_server_corrects_all_the_time_is_no_leap(machine: Machine) -> None:
    clock = machine.clock()
    for _ in range(100):
        machine.goes_on(timedelta(minutes=1))
        machine.is_set(timedelta(seconds=1))
        clock()
    assert clock.evenly() == (timedelta(minutes=100), None)


def test_a_suspended_machine_that_counts_its_sleep_has_not_leapt(machine: Machine) -> None:
    clock = machine.clock()
    machine.goes_on(timedelta(days=40))
    assert clock.evenly().gained is None


def test_the_machine_itself_goes_evenly() -> None:
    clock = Clock()
    assert abs(clock().timestamp() - Clock()().timestamp()) < 5
    assert clock.evenly().gained is None


# --- postings ----------------------------------------------------------------------------------------------


def test_R13_a_clock_put_ahead_takes_nothing_from_the_time_to_think_again(
    house: House, machine: Machine, confirmed: str, tool: Tool
) -> None:
    """Fifteen minutes to undo are fifteen minutes, whatever the wall clock says."""
    machine.goes_on(timedelta(minutes=1))
    machine.is_set(HOURS)
    assert not posts(house)
    machine.goes_on(HOLD - timedelta(minutes=1))
    assert not posts(house)
    assert not tool.records
    machine.goes_on(timedelta(minutes=1))
    assert posts(house)
    assert len(tool.records) == 1


def test_R13_a_hold_that_ends_later_than_the_wall_clock_says_is_not_slept_through(
    house: House, machine: Machine, confirmed: str
) -> None:
    """In the calm of a night with many people it was looked at up to four minutes later still."""
    machine.goes_on(timedelta(minutes=1))
    runner = Runner(house)
    runner._calm.after(lambda: ())
    machine.is_set(HOURS)
    for minutes, is_calm in ((1, False), (12, False), (3, True)):
        machine.goes_on(timedelta(minutes=minutes))
        runner._calm._until = inf
        assert runner._calm.lasts()
        runner._until_the_next(house.clock())
        assert runner._calm.lasts() == is_calm


def test_after_a_start_or_a_leap_nobody_is_kept_awake_where_nothing_is_to_be_posted(
    house: House, machine: Machine
) -> None:
    """In the evening it looked every five seconds for the first two minutes."""
    started = replace(house, clock=machine.clock())
    runner = Runner(started)
    runner._calm.after(lambda: ())
    for leap in (timedelta(0), HOURS):
        machine.is_set(leap)
        assert any(started.waits_for_clock)
        runner._calm._until = inf
        runner._until_the_next(started.clock())
        assert runner._calm.lasts()


def test_R13_a_clock_that_leaps_all_day_long_holds_nothing_up(
    house: House, machine: Machine, tool: Tool, confirmed: str
) -> None:
    """A machine whose host sets it right by eleven seconds every ten minutes."""
    for _ in range(9):
        machine.goes_on(timedelta(minutes=9))
        posts(house)
        machine.goes_on(timedelta(minutes=1))
        machine.is_set(timedelta(seconds=11))
        posts(house)
    assert stands(house) == "posted"


def test_R13_a_clock_put_ahead_does_not_look_before_the_record_can_show_up(
    house: House, machine: Machine, confirmed: str, tool: Tool
) -> None:
    """The answer was lost, and the tool lists the record a minute later: an early look would miss it."""
    machine.goes_on(HOLD)
    tool.mishaps.append("lost")
    assert posts(house)
    for ahead in (HOURS, HOURS):
        machine.is_set(ahead)
        assert not posts(house)
        assert stands(house) == "sending"
    machine.goes_on(LOOK_AFTER)
    assert posts(house)
    assert stands(house) == "posted"
    assert len(tool.records) == 1


def test_R13_a_machine_whose_other_clock_stood_still_in_its_sleep_looks_late_and_not_early(
    house: House, machine: Machine, confirmed: str, tool: Tool
) -> None:
    machine.goes_on(HOLD)
    tool.mishaps.append("lost")
    assert posts(house)
    machine.is_set(timedelta(hours=9))  # asleep over night
    assert not posts(house)
    machine.goes_on(LOOK_AFTER)
    assert posts(house)
    assert stands(house) == "posted"


def test_R13_after_a_start_nothing_unknown_is_looked_at_before_its_record_can_show_up(
    house: House, machine: Machine, confirmed: str, tool: Tool
) -> None:
    machine.goes_on(HOLD)
    tool.mishaps.append("lost")
    assert posts(house)
    machine.is_set(HOURS)  # while it was down
    begun = replace(house, clock=machine.clock())
    assert not posts(begun)
    machine.goes_on(LOOK_AFTER)
    assert posts(begun)
    assert stands(begun) == "posted"


def test_a_start_holds_up_nothing_that_nobody_sent_yet(
    house: House, machine: Machine, confirmed: str
) -> None:
    machine.goes_on(HOLD)
    assert posts(replace(house, clock=machine.clock()))
    assert stands(house) == "posted"


@pytest.mark.parametrize("back", [timedelta(0), HOURS], ids=["the clock goes on", "the clock is put back"])
def test_R11_R13_who_stood_still_before_sending_does_not_send_whatever_the_clock_says(
    house: House, machine: Machine, confirmed: str, tool: Tool, monkeypatch, back: timedelta
) -> None:
    machine.goes_on(HOLD)
    note = house.store.sends.note

    def stands_still(number: int) -> None:
        note(number)
        machine.goes_on(LOOK_AFTER)
        machine.is_set(-back)

    monkeypatch.setattr(house.store.sends, "note", stands_still)
    posts(house)
    assert not tool.records
    assert stands(house) == "sending"


def test_P8_a_clock_put_back_makes_a_posting_late_and_loses_nothing(
    house: House, machine: Machine, confirmed: str, tool: Tool
) -> None:
    machine.is_set(-HOURS)
    machine.goes_on(HOURS)
    assert not posts(house)
    machine.goes_on(HOLD)
    assert posts(house)
    assert len(tool.records) == 1


def test_R13_a_clock_put_back_while_a_task_is_read_leaves_its_posting_for_later(
    house: House, machine: Machine, confirmed: str, tool: Tool, monkeypatch
) -> None:
    """Before the first attempt the task is read (R-04), and that takes a while. Simulated world 215."""
    machine.goes_on(HOLD)
    read = Pen.baseline

    def meanwhile(pen: Pen, entry: Entry) -> str:
        machine.is_set(-HOURS)
        return read(pen, entry)

    with monkeypatch.context() as patch:
        patch.setattr(Pen, "baseline", meanwhile)
        posts(house)
    assert (stands(house), len(tool.records)) == ("held", 0)
    machine.goes_on(HOURS)
    assert posts(house)
    assert (stands(house), len(tool.records)) == ("posted", 1)


# --- a clock that cannot be believed -----------------------------------------------------------------------


def due(house: House) -> set[type]:
    return {type(work) for work in rounds.due(state.snapshot(house, house.clock()), house.clock())}


def everything(house: House) -> list[tuple]:
    with house.store.reading() as tx:
        tables = [row[0] for row in tx.connection.exec_driver_sql("SELECT name FROM sqlite_master")]
        return [
            (table, *row)
            for table in sorted(tables)
            if not table.startswith(("sqlite", "ix", "pk", "uq"))
            for row in tx.connection.exec_driver_sql(f"SELECT * FROM {table}")
        ]


@pytest.mark.parametrize(
    "off", [timedelta(days=40 * 365), timedelta(days=-50 * 365), timedelta(days=40)], ids=str
)
def test_P12_a_clock_that_is_wrong_for_a_minute_forgets_mails_and_posts_nothing(
    house: House, machine: Machine, confirmed: str, off: timedelta
) -> None:
    """What was planned before it leapt is not done either."""
    planned = rounds.due(state.snapshot(house, house.clock()), house.clock())
    assert Forget() in planned
    before = everything(house)
    machine.is_set(off)
    for work in [*planned, *rounds.due(state.snapshot(house, house.clock()), house.clock())]:
        jobs.perform(house, work)
    assert everything(house) == before
    machine.goes_on(timedelta(minutes=1))
    machine.is_set(-off)
    jobs.perform(house, Forget())
    assert everything(house) != before


@pytest.fixture
def waited(
    house: House, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Mapping[int, Callable[[], object]]], list[str]]:
    """Waits for a clock that is wrong, while by number of the look something happens; gives what was said."""

    def wait(happens: Mapping[int, Callable[[], object]]) -> list[str]:
        looks = itertools.count(1)

        def look(_seconds: float) -> bool:
            if (then := happens.get(next(looks))) is not None:
                then()
            return False

        monkeypatch.setattr(house.stopping, "wait", look)
        machine.is_set(timedelta(days=40 * 365))
        with structlog.testing.capture_logs() as said:
            doubt.wait(house)
        assert next(looks) == max(happens) + 1, "it ends once the clock is right, and not before"
        return [line["event"] for line in said]

    return wait


def test_the_daemon_waits_for_a_clock_that_is_wrong_and_goes_on_by_itself(machine: Machine, waited) -> None:
    """Its page stays open meanwhile; one line says why nothing is done, one that it goes on."""
    said = waited({3: lambda: machine.is_set(timedelta(days=-40 * 365))})
    assert said == ["clock.doubted", "clock.believed"]


def test_who_asks_for_another_configuration_by_a_wrong_clock_is_told_once_that_it_waits(
    house: House, machine: Machine, waited
) -> None:
    """`systemctl reload` came back long ago, and nothing else would say why nothing changed."""
    said = waited({2: house.rereading.asked.set, 5: lambda: machine.is_set(timedelta(days=-40 * 365))})
    assert said == ["clock.doubted", "configuration.waits", "clock.believed"]
    assert house.rereading.asked.is_set(), "it is read once the clock is believed"


def test_a_round_is_not_begun_by_a_clock_that_is_wrong(house: House, machine: Machine, monkeypatch) -> None:
    looked: list[object] = []
    monkeypatch.setattr(state, "snapshot", lambda *asked: looked.append(asked))
    monkeypatch.setattr(house.stopping, "wait", lambda _: house.stopping.set())
    machine.is_set(timedelta(days=40 * 365))
    Runner(house).run()
    assert not looked


def test_R13_a_sleep_of_forty_days_goes_on_by_itself(house: House, machine: Machine) -> None:
    """A holiday shutdown, of a machine that counts its sleep, and of one that does not or begins anew."""
    asleep = timedelta(days=40)
    machine.goes_on(asleep)
    assert doubt.believed(house)
    begun = replace(house, clock=machine.clock())
    assert not doubt.believed(begun)
    machine.goes_on(timedelta(hours=1))
    assert doubt.believed(begun)


def test_a_daemon_that_began_by_a_wrong_clock_ends_no_notice_and_begins_once_it_is_set(
    house: House, machine: Machine, monkeypatch
) -> None:
    machine.is_set(timedelta(days=40 * 365))
    monkeypatch.setattr(house.stopping, "wait", lambda _: house.stopping.set())
    before = everything(house)
    assert daemon.serve(house)
    changed = [row for row in everything(house) if row not in before]
    assert {row[0] for row in changed} <= {"daybook", "workers"}, "it held the store, and did nothing with it"


def test_an_administrator_can_say_that_the_clock_is_right(
    house: House, machine: Machine, monkeypatch
) -> None:
    machine.goes_on(timedelta(days=400))
    assert not doubt.believed(house)
    seen: list[str] = []
    monkeypatch.setattr(daemon, "enrol", lambda house: (seen.append("enrolled"), house.stopping.set()))
    assert daemon.serve(house, clock_is_right=True)
    assert seen == ["enrolled"]
    assert doubt.believed(house)


def test_R13_a_store_that_was_read_into_and_never_tended_believes_not_any_clock(
    house: House, machine: Machine
) -> None:
    """Only ever filled by `daybook sync`, it believed 2066, and the first round forgot all that was there."""
    with house.store.writing() as tx:
        tx.connection.execute(update(schema.daybook).values(forgotten_at=None, tended_at=None))
    assert doubt.believed(house)
    machine.is_set(timedelta(days=40 * 365))
    with pytest.raises(Wrong, match=r"Nothing was changed\. The clock says 2066"):
        list(forget.expire(house))
    machine.is_set(timedelta(days=-40 * 365))
    assert doubt.believed(house)


def test_R13_a_store_with_nobody_in_it_believes_the_clock_it_begins_by(
    house: House, machine: Machine
) -> None:
    with house.store.writing() as tx:
        tx.connection.execute(update(schema.daybook).values(forgotten_at=None, tended_at=None))
        tx.connection.execute(delete(schema.contributors))
    machine.is_set(timedelta(days=400))
    assert doubt.believed(house)


def test_R13_a_clock_that_an_administrator_believed_makes_the_work_of_a_day_due(
    house: House, machine: Machine
) -> None:
    machine.goes_on(timedelta(days=400))
    with house.store.writing() as tx:
        tx.clock_is_right(house.clock())
    assert doubt.believed(house)
    assert {Forget, Tend} <= due(house)
    machine.is_set(timedelta(days=-400))
    assert not doubt.believed(house), "and it is what the next one is held against"


def test_forgetting_by_hand_refuses_by_a_clock_that_is_wrong(house: House, machine: Machine) -> None:
    machine.is_set(timedelta(days=40 * 365))
    with pytest.raises(Wrong, match=r"Nothing was changed\. The clock says 2066"):
        list(forget.expire(house))


def test_a_cycle_by_hand_refuses_by_a_clock_that_is_wrong(house: House, machine: Machine) -> None:
    machine.is_set(timedelta(days=40 * 365))
    before = everything(house)
    with pytest.raises(Wrong, match=r"Nothing was changed\. The clock says 2066"):
        sync.cycle(house)
    assert everything(house) == before


def test_the_status_says_that_the_clock_is_not_believed(house: House, machine: Machine) -> None:
    assert not any(need.about == "clock" for need in status.look(house).needs())
    machine.is_set(timedelta(days=40 * 365))
    standing = status.look(house)
    assert not standing.well
    assert any(line.startswith("clock      The clock says 2066") for line in standing.lines())


# --- who asks which clock ----------------------------------------------------------------------------------

WALL = {"now", "today", "utcnow", "fromtimestamp", "time", "time_ns", "localtime", "gmtime"}
PASSING = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "clock_gettime", "process_time"}
SCHEDULES = {"daybook/clocks.py": "the one place that asks what time it is"}
OF_THEIR_OWN = {"connectors/limits.py": "when an answer came that does not say itself when it was given"}
INTERVALS = {
    "daybook/clocks.py": "how much time passed, held against the wall clock",
    "daybook/disk.py": "how long the disk failed",
    "daybook/doing.py": "how long work takes, and how long what is due waits",
    "daybook/metrics/collect.py": "how old a look at the store is",
    "daybook/embedded.py": "how long broken work rests",
    "daybook/hands.py": "how long the queue did not answer",
    "daybook/runner.py": "how long a look took",
    "daybook/calm.py": "for how long nothing was due, and how much of the processor a look took",
    "daybook/demo.py": "how long a phase took, and when to give up",
    "daybook/cli/progress.py": "when to say again how far it is",
    "connectors/deadline.py": "how long an answer may take altogether",
    "connectors/budget.py": "how many requests a second",
    "connectors/layers/pacing.py": "how long a connection rests",
    "connectors/layers/logged.py": "how long a call took",
}


def asked(wanted: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    """Which module asks which of these: `datetime.now`, `time.monotonic`, or a name imported from there."""
    for path in sorted(
        path for room in ("core", "config", "connectors", "daybook") for path in (ROOT / room).rglob("*.py")
    ):
        name = str(path.relative_to(ROOT))
        if path.stem.startswith(("sandbox", "stand_in")) or "/sandbox/" in name:
            continue  # stand-ins are the outside, and have a clock of their own
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Attribute(value=ast.Name(id=of), attr=attr) if attr in wanted.get(of, ()):
                    yield name, attr
                case ast.ImportFrom(module="time", names=names):
                    for alias in names:
                        if alias.name in wanted["time"]:
                            yield name, alias.name


def test_R13_one_place_asks_what_time_it_is() -> None:
    wall = {"datetime": {"now", "utcnow", "today"}, "date": {"today"}, "time": WALL}
    found = {name for name, _ in asked(wall)}
    assert found == SCHEDULES.keys() | OF_THEIR_OWN.keys()


def test_R13_few_places_measure_how_much_time_passed() -> None:
    assert {name for name, _ in asked({"time": PASSING})} == INTERVALS.keys()
