"""Each layer keeps the contract, and does the one thing it is there for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from structlog.testing import capture_logs

from connectors.contract import (
    Connector,
    CursorExpired,
    Fault,
    Paced,
    Page,
    Refused,
    Terms,
    Unavailable,
    Unclear,
    walk,
)
from connectors.layers import DryRun, Logged, Pacing, PolicyFiltered, Retrying
from connectors.layers.filtered import EMPTY, FIELDS, KINDS, masked, unwanted
from connectors.memory import Memory, Tool
from core.model import Entry, Kind
from daybook.testing import ContractSuite
from tests.connectors.test_memory import MemoryWorld, a_meeting

MEMORY_TERMS = Terms(tracked=frozenset({"title", "time"}))
EVERYTHING = Terms(tracked=frozenset().union(*KINDS.values(), *FIELDS.values()))
ENTRY = Entry(
    id="e-1",
    day=datetime(2026, 11, 20, tzinfo=UTC).date(),
    start=datetime(2026, 11, 20, 9, tzinfo=UTC),
    minutes=45,
    target="memory:T-1",
    text="ACME call",
)


def at_once(_: float) -> bool:
    """A wait that takes no time."""
    return False


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


# --- a layer is a connector, so it passes the same contract


class OnMemory(ContractSuite):
    @pytest.fixture
    def world(self) -> MemoryWorld:
        return MemoryWorld()


class TestRetryingMemory(OnMemory):
    @pytest.fixture
    def connector(self, world: MemoryWorld) -> Connector:
        return Retrying(Memory(world.tool), wait=at_once)


class TestPacingMemory(OnMemory):
    @pytest.fixture
    def connector(self, world: MemoryWorld) -> Connector:
        return Pacing(Memory(world.tool))


class TestFilteredMemory(OnMemory):
    @pytest.fixture
    def connector(self, world: MemoryWorld) -> Connector:
        return PolicyFiltered(Memory(world.tool), MEMORY_TERMS)


class TestLoggedMemory(OnMemory):
    @pytest.fixture
    def connector(self, world: MemoryWorld) -> Connector:
        return Logged(Memory(world.tool))


class TestDryMemory(OnMemory):
    @pytest.fixture
    def connector(self, world: MemoryWorld) -> Connector:
        return DryRun(Memory(world.tool))


class TestAllLayersOnMemory(OnMemory):
    @pytest.fixture
    def connector(self, world: MemoryWorld) -> Connector:
        filtered = PolicyFiltered(Memory(world.tool, marker=False), MEMORY_TERMS)
        return Logged(Retrying(Pacing(filtered), wait=at_once))


# --- what each is there for


@pytest.fixture
def world() -> MemoryWorld:
    return MemoryWorld()


@pytest.fixture
def tool(world: MemoryWorld) -> Tool:
    return world.tool


def pull(connector: Connector, world: MemoryWorld, cursor: str | None = None) -> Page:
    (partition,) = connector.partitions([world.ada])
    return connector.pull(partition, world.window, cursor)


class TestRetrying:
    def test_R07_a_read_is_tried_again_a_few_times_and_then_given_up(
        self, world: MemoryWorld, tool: Tool
    ) -> None:
        connector = Retrying(Memory(tool), attempts=4, wait=at_once)
        tool.mishaps += ["unavailable"] * 3
        pull(connector, world)
        assert tool.requests == 4
        tool.mishaps += ["unavailable"] * 9
        with pytest.raises(Unavailable):
            pull(connector, world)
        assert tool.requests == 8

    def test_R07_pauses_are_spread_and_honour_what_the_tool_asked_for(
        self, world: MemoryWorld, tool: Tool
    ) -> None:
        pauses: list[float] = []

        def noted(seconds: float) -> bool:
            pauses.append(seconds)
            return False

        connector = Retrying(Memory(tool), patience=timedelta(minutes=1), wait=noted)
        for _ in range(20):
            tool.mishaps += ["paced", "unavailable"]
            pull(connector, world)
        asked, jittered = pauses[::2], pauses[1::2]
        assert all(30 <= pause <= 39 for pause in asked)
        assert all(0 <= pause <= 1 for pause in jittered)
        assert len(set(asked)) > 1 and len(set(jittered)) > 1

    def test_R07_more_patience_than_we_have_is_left_to_the_next_round(
        self, world: MemoryWorld, tool: Tool
    ) -> None:
        tool.mishaps += ["paced"]
        with pytest.raises(Paced):
            pull(Retrying(Memory(tool), wait=at_once), world)
        assert tool.requests == 1

    def test_P8_a_write_is_tried_again_only_where_it_certainly_did_not_happen(
        self, world: MemoryWorld, tool: Tool
    ) -> None:
        writer = Retrying(Memory(tool), wait=at_once).writer(world.ada, world.credential(world.ada))
        tool.mishaps += ["unavailable", "lost", "", "", ""]
        with pytest.raises(Unclear):
            writer.post("k1", ENTRY)
        assert tool.requests == 2
        assert len(tool.records) == 1

    def test_R02_no_write_begins_long_after_it_was_asked_for(self, world: MemoryWorld, tool: Tool) -> None:
        writer = Retrying(Memory(tool), patience=timedelta(minutes=5), wait=at_once).writer(
            world.ada, world.credential(world.ada)
        )
        tool.mishaps += ["paced"]
        with pytest.raises(Paced):
            writer.post("k1", ENTRY)
        assert tool.requests == 1 and not tool.records

    @pytest.mark.parametrize("trouble", ["expired", "connection revoked"])
    def test_what_will_not_change_by_itself_is_not_tried_again(
        self, world: MemoryWorld, tool: Tool, trouble: Any
    ) -> None:
        connector = Retrying(Memory(tool), wait=at_once)
        cursor = pull(connector, world).cursor
        world.trouble(trouble)
        with pytest.raises((CursorExpired, Refused)):
            pull(connector, world, cursor)
        assert tool.requests <= 2

    def test_a_pause_ends_when_the_daemon_stops(self, world: MemoryWorld, tool: Tool) -> None:
        stopping = threading.Event()
        stopping.set()
        tool.mishaps += ["unavailable"] * 9
        with pytest.raises(Unavailable, match="stopping"):
            pull(Retrying(Memory(tool), wait=stopping.wait), world)
        assert tool.requests == 1


class TestPacing:
    def test_R07_after_one_was_told_to_wait_all_of_the_connection_wait(
        self, world: MemoryWorld, tool: Tool
    ) -> None:
        clock = Clock()
        connector = Pacing(Memory(tool), clock=clock)
        writer = connector.writer(world.ben, world.credential(world.ben))
        tool.mishaps += ["paced"]
        with pytest.raises(Paced):
            pull(connector, world)
        clock.now += 10
        with pytest.raises(Paced) as waiting:
            writer.post("k1", ENTRY)
        assert waiting.value.wait == timedelta(seconds=20)
        assert tool.requests == 1
        clock.now += 20
        writer.post("k1", ENTRY)
        assert len(tool.records) == 1

    def test_R07_a_tool_that_is_down_is_left_alone_and_one_probe_finds_it_back(
        self, world: MemoryWorld, tool: Tool
    ) -> None:
        clock = Clock()
        connector = Pacing(Memory(tool), failures=3, rest=timedelta(seconds=60), clock=clock)
        tool.mishaps += ["unavailable"] * 4
        self._fail(connector, world, Unavailable, Unavailable, Unavailable, Paced, Paced)
        assert tool.requests == 3
        clock.now += 60
        self._fail(connector, world, Unavailable, Paced)
        assert tool.requests == 4
        clock.now += 60
        pull(connector, world)
        pull(connector, world)
        assert tool.requests == 6

    def test_R07_while_one_call_probes_the_others_wait(self, world: MemoryWorld, tool: Tool) -> None:
        clock = Clock()
        connector = Pacing(Memory(tool), failures=1, rest=timedelta(seconds=60), clock=clock)
        tool.mishaps += ["unavailable"]
        self._fail(connector, world, Unavailable)
        clock.now += 60

        def meanwhile() -> None:
            self._fail(connector, world, Paced)

        connector.reading(meanwhile)
        assert tool.requests == 1
        pull(connector, world)
        assert tool.requests == 2

    def test_R07_a_call_that_began_before_the_circuit_opened_lets_no_second_probe_through(
        self, world: MemoryWorld, tool: Tool
    ) -> None:
        clock, began, ends = Clock(), threading.Event(), threading.Event()
        connector = Pacing(Memory(tool), failures=1, rest=timedelta(seconds=60), clock=clock)

        def slow() -> None:
            began.set()
            ends.wait(60)
            raise Paced("Ada's minute is used up.", timedelta(0), "account")

        def probe() -> None:
            ends.set()
            early.join(60)
            self._fail(connector, world, Paced)

        early = threading.Thread(target=lambda: suppressed(connector.reading, slow))
        early.start()
        began.wait(60)
        tool.mishaps += ["unavailable"]
        self._fail(connector, world, Unavailable)
        clock.now += 60
        connector.reading(probe)
        assert tool.requests == 1

    def test_R07_one_persons_limit_sends_nobody_else_away(self, world: MemoryWorld, tool: Tool) -> None:
        clock = Clock()
        connector = Pacing(Memory(tool), failures=1, clock=clock)

        def limited() -> None:
            raise Paced("Ada's minute is used up.", timedelta(seconds=30), "account")

        with pytest.raises(Paced):
            connector.reading(limited)
        pull(connector, world)
        assert tool.requests == 1

    def test_a_refusal_is_an_answer_and_opens_no_circuit(self, world: MemoryWorld, tool: Tool) -> None:
        connector = Pacing(Memory(tool), failures=2)
        tool.open = False
        self._fail(connector, world, *[Refused] * 5)
        assert tool.requests == 5

    def _fail(self, connector: Connector, world: MemoryWorld, *kinds: type[Fault]) -> None:
        for kind in kinds:
            with pytest.raises(Fault) as caught:
                pull(connector, world)
            assert type(caught.value) is kind


def suppressed(call: Callable[..., object], *args: object) -> None:
    with suppress(Fault):
        call(*args)


class TestLighterRoles:
    """Of who is read less, less passes the edge, whatever was asked for the others (P11)."""

    def test_P11_each_activity_keeps_what_its_own_person_may_be_read_of(
        self, world: MemoryWorld, tool: Tool
    ) -> None:
        for account in (world.ada, world.ben):
            world.add(account, "ACME call")
        connector = PolicyFiltered(Memory(tool), MEMORY_TERMS)
        salaried = replace(world.ben, tracked=frozenset({"time", "labels"}))
        (partition,) = connector.partitions([world.ada, salaried])
        page = connector.pull(partition, world.window, None)
        told = {who: one.title for sighting in page.sightings for who, one in sighting.activities}
        assert told == {"ada": "ACME call", "ben": None}

    def test_P11_nothing_of_who_is_not_read_there_passes(self, world: MemoryWorld, tool: Tool) -> None:
        world.add(world.ben, "ACME call")
        connector = PolicyFiltered(Memory(tool), MEMORY_TERMS)
        (partition,) = connector.partitions([replace(world.ben, tracked=frozenset())])
        page = connector.pull(partition, world.window, None)
        assert [sighting.activities for sighting in page.sightings] == [()]
        assert page.skipped == {"not tracked": 1}

    def test_P11_a_role_that_is_read_less_is_asked_for_otherwise(
        self, world: MemoryWorld, tool: Tool
    ) -> None:
        connector = PolicyFiltered(Memory(tool), MEMORY_TERMS)
        lighter = [replace(world.ben, tracked=frozenset(words)) for words in ((), ("time",))]
        asked = {connector.partitions([account])[0].asked for account in (world.ben, *lighter)}
        assert len(asked) == 3


class TestPolicyFiltered:
    full = a_meeting("m1", datetime(2026, 11, 20, 9, tzinfo=UTC)).model_copy(
        update={
            "response": "accepted",
            "audience": 7,
            "series": "s1",
            "labels": ("Client A",),
            "domains": ("acme.example",),
            "container": "primary",
        }
    )

    def test_P11_every_word_a_connector_may_offer_lets_something_through(self) -> None:
        """The table and configuration.md name the same words."""
        assert EVERYTHING.tracked == {
            "title", "time", "response", "series", "labels", "guests domains",
            "status history", "own comments", "worklogs", "section history", "time entries",
        }  # fmt: skip
        assert set(KINDS) == set(get_args(Kind))
        assert set(FIELDS) < set(EMPTY)

    def test_P11_with_every_word_an_activity_is_left_as_it_is(self) -> None:
        assert masked(self.full, EVERYTHING) == self.full

    @pytest.mark.parametrize("field", FIELDS)
    def test_P11_without_its_words_a_field_is_empty_and_the_others_stay(self, field: str) -> None:
        terms = Terms(tracked=EVERYTHING.tracked - FIELDS[field])
        changed = masked(self.full, terms)
        hidden = {name for name in FIELDS if not FIELDS[name] & terms.tracked}
        assert {name for name in EMPTY if getattr(changed, name) != getattr(self.full, name)} == hidden
        assert all(getattr(changed, name) == EMPTY[name] for name in hidden)

    @pytest.mark.parametrize("kind", KINDS)
    def test_P11_a_kind_of_evidence_nobody_named_does_not_exist(self, kind: Kind) -> None:
        activity = self.full.model_copy(update={"kind": kind})
        assert unwanted(activity, Terms(tracked=EVERYTHING.tracked - KINDS[kind])) == "not tracked"
        for word in KINDS[kind]:
            assert unwanted(activity, Terms(tracked=frozenset({word, "response"}))) == ""

    def test_P11_a_connector_that_gives_too_much_is_cut_at_the_edge_and_what_is_left_out_is_counted(
        self, world: MemoryWorld, tool: Tool
    ) -> None:
        tool.put("u-ada", self.full)
        tool.put("u-ada", self.full.model_copy(update={"uid": "w1", "kind": "logged", "minutes": 5}))
        page = pull(PolicyFiltered(Memory(tool), Terms(tracked=frozenset({"time"}))), world)
        (kept,) = [activity for sighting in page.sightings for _, activity in sighting.activities]
        assert kept == a_meeting("m1", self.full.start).model_copy(
            update={"title": None, "container": "primary"}
        )
        assert [sighting.origin for sighting in page.sightings] == ["m1", "w1"]
        assert page.skipped == {"not tracked": 1}

    @pytest.mark.parametrize(("tracked", "kept"), [({"commits"}, 1), ({"time"}, 0)])
    def test_P11_a_word_of_a_tools_own_lets_through_what_the_common_one_does(
        self, world: MemoryWorld, tool: Tool, tracked: set[str], kept: int
    ) -> None:
        memory = Memory(tool)
        memory.abilities = memory.abilities.model_copy(update={"like": {"commits": "own comments"}})
        tool.put("u-ada", self.full.model_copy(update={"kind": "touch", "end": None}))
        page = pull(PolicyFiltered(memory, Terms(tracked=frozenset(tracked))), world)
        assert sum(len(sighting.activities) for sighting in page.sightings) == kept

    def test_P11_a_private_activity_is_a_block_of_time_or_nothing(self) -> None:
        private = self.full.model_copy(update={"private": True})
        busy = masked(private, EVERYTHING)
        assert (busy.start, busy.end, busy.private) == (private.start, private.end, True)
        assert (busy.title, busy.series, busy.audience, busy.labels, busy.domains) == (
            None,
            None,
            None,
            (),
            (),
        )
        ignoring = Terms(tracked=EVERYTHING.tracked, private="ignore")
        assert unwanted(private, ignoring) == "private"
        assert unwanted(self.full, ignoring) == ""

    def test_a_declined_meeting_does_not_pass_for_an_own_one_when_answers_are_not_tracked(self) -> None:
        declined = self.full.model_copy(update={"response": "declined"})
        assert unwanted(declined, Terms(tracked=frozenset({"time"}))) == "declined"
        assert unwanted(declined, EVERYTHING) == ""

    def test_P3_what_a_connector_gives_about_somebody_else_goes_no_further(
        self, world: MemoryWorld, tool: Tool
    ) -> None:
        class Careless(Memory):
            def pull(self, *args: Any) -> Page:
                page = super().pull(*args)
                told = tuple(
                    sighting.model_copy(
                        update={"activities": (*sighting.activities, ("mara", TestPolicyFiltered.full))}
                    )
                    for sighting in page.sightings
                )
                return page.model_copy(update={"sightings": told})

        tool.put("u-ada", self.full)
        page = pull(PolicyFiltered(Careless(tool), EVERYTHING), world)
        assert {person for sighting in page.sightings for person, _ in sighting.activities} == {"ada"}
        assert page.skipped == {"not enrolled": 1}

    def test_S07_titles_and_labels_are_plain_when_they_come_in(self) -> None:
        odd = self.full.model_copy(
            update={"title": "ACME\r\n\u202eBcc: x" + "y" * 5000, "labels": ("Client\x00A", "\u200f")}
        )
        clean = masked(odd, EVERYTHING)
        assert clean.title is not None and clean.title.startswith("ACME Bcc: xy") and len(clean.title) == 1024
        assert clean.labels == ("Client A",)


class TestDryRun:
    def test_nothing_is_written_whoever_asks(self, world: MemoryWorld, tool: Tool) -> None:
        credential = world.credential(world.ada)
        receipt = Memory(tool).writer(world.ada, credential).post("k1", ENTRY)
        before = dict(tool.records)
        connector = DryRun(Memory(tool))
        writer = connector.writer(world.ada, credential)
        deeds: list[Callable[[], object]] = [
            lambda: writer.post("k2", ENTRY),
            lambda: writer.amend(receipt, "k2", ENTRY),
            lambda: writer.withdraw(receipt),
        ]
        for deed in deeds:
            with pytest.raises(Refused, match="dry run") as caught:
                deed()
            assert caught.value.whose == "connection"
        assert tool.records == before
        assert not connector.abilities.posts

    def test_looking_is_allowed(self, world: MemoryWorld, tool: Tool) -> None:
        writer = DryRun(Memory(tool)).writer(world.ada, world.credential(world.ada))
        assert writer.find("k1", ENTRY, writer.baseline(ENTRY)) is None


class TestLogged:
    def test_a_source_that_goes_away_is_one_line_and_one_when_it_is_back(
        self, world: MemoryWorld, tool: Tool
    ) -> None:
        clock = Clock()
        connector = Logged(Memory(tool), clock=clock)
        tool.mishaps += ["unavailable"] * 3
        with capture_logs() as lines:
            for _ in range(3):
                with pytest.raises(Unavailable):
                    pull(connector, world)
                clock.now += 60
            pull(connector, world)
            pull(connector, world)
        assert lines == [
            {
                "event": "connector.failed", "log_level": "warning", "connection": "memory",
                "partition": "memory", "error": "Unavailable", "reason": "tool",
            },
            {
                "event": "connector.recovered", "log_level": "info", "connection": "memory",
                "partition": "memory", "attempt": 4, "seconds": 180.0,
            },
        ]  # fmt: skip

    def test_a_walk_that_breaks_off_after_its_first_page_is_not_back(
        self, world: MemoryWorld, tool: Tool
    ) -> None:
        for n in range(4):
            world.add(world.ada, f"Meeting {n}")
        (partition,) = (connector := Logged(Memory(tool))).partitions([world.ada])
        with capture_logs() as lines:
            for _ in range(2):
                tool.mishaps = ["", "unavailable"]
                with pytest.raises(Unavailable):
                    list(walk(connector, partition, world.window, None))
            list(walk(connector, partition, world.window, None))
        told = [line["event"] for line in lines if line["event"] != "connector.pulled"]
        assert told == ["connector.failed", "connector.recovered"]

    def test_a_tool_that_asks_for_patience_is_not_away(self, world: MemoryWorld, tool: Tool) -> None:
        tool.mishaps += ["paced"]
        with capture_logs() as lines, pytest.raises(Paced):
            pull(Logged(Memory(tool)), world)
        assert lines == []

    def test_P1_lines_hold_counts_and_ids_and_no_word_of_anybodys_day(
        self, world: MemoryWorld, tool: Tool
    ) -> None:
        from daybook.logs import ALLOWED

        connector = Logged(Memory(tool))
        with capture_logs() as lines:
            world.add(world.ada, "Doctor")
            cursor = pull(connector, world).cursor
            tool.forget()
            with pytest.raises(CursorExpired):
                pull(connector, world, cursor)
            tool.open = False
            with pytest.raises(Refused):
                pull(connector, world)
        assert [line["event"] for line in lines] == ["connector.pulled", "cursor.expired", "connector.failed"]
        assert lines[0]["activities"] == 1
        assert lines[2]["reason"] == "connection"
        assert "Doctor" not in str(lines) and "u-ada" not in str(lines)
        assert {key for line in lines for key in line} - {"log_level"} <= ALLOWED


def test_a_layer_speaks_for_the_connector_inside(tool: Tool) -> None:
    layer = Logged(Retrying(Memory(tool, "crm")))
    assert (layer.source, layer.name, layer.tracks) == ("memory", "crm", Memory.tracks)
    assert layer.Settings is Memory.Settings
