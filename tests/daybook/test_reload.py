"""A file read again while Daybook runs: as a whole, or not at all (P14; issue: bad input at reload)."""

from __future__ import annotations

import gc
import os
import signal
import socket
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from ruamel.yaml import YAML
from structlog.testing import capture_logs

from config.load import Loaded
from core.rounds import Work
from daybook import daemon, embedded, reload, runner, supervised, wiring
from daybook.daemon import serve
from daybook.house import House
from daybook.store import store
from daybook.store.configurations import Running
from daybook.store.errors import StoreUnavailable
from daybook.store.store import Store
from tests.daybook.conftest import Clock
from tests.daybook.test_policies import LOOSER, Office

ENOUGH = 60.0
"""Seconds after which something that was to come does not come."""
SECRET = "a-token-of-asana"


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 12, 10, 9, 0, tzinfo=UTC))


@pytest.fixture
def office(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr(reload, "SETTLED", 0)
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "asana").write_text(SECRET)
    office = Office(tmp_path, clock)
    yield office
    for house in office.opened:
        house.store.close()


def written(office: Office, change: Callable[[dict[str, Any]], Any] | None = None, **policy: Any) -> None:
    """The office's file, with something else in it."""
    said = YAML(typ="safe").load(office.file) if office.file.exists() else {}
    listen = said.get("page")
    office.write(**policy)
    said = YAML(typ="safe").load(office.file)
    said["connections"]["asana"]["token"] = "${credential:asana}"
    said["page"] = listen or said["page"]
    if change:
        change(said)
    YAML(typ="safe").dump(said, office.file)


class AtWork:
    """A daemon at work, as whoever stands beside it sees it."""

    def __init__(self, office: Office, house: House) -> None:
        self.office, self.store = office, house.store
        self.page = f"http://{house.configuration.page.listen}" if house.configuration.page else ""

    def now(self) -> Running:
        with self.store.reading() as tx:
            (one,) = tx.configurations.all()
        return one

    def reloads(self) -> Running:
        """Tell it that its file is another, and wait for what it makes of that."""
        before = self.now()
        self.office.clock.wait(minutes=1)
        os.kill(os.getpid(), signal.SIGHUP)
        return self.waits(lambda: (now := self.now()) != before and now)

    def waits(self, for_: Callable[[], Any]) -> Any:
        until = time.monotonic() + ENOUGH
        while time.monotonic() < until:
            if found := for_():
                return found
            time.sleep(0.01)
        raise AssertionError("it did not come")


def running(office: Office, does: Callable[[AtWork], Any]) -> list[Any]:
    """Let a daemon run in this thread while `does` stands beside it; gives the log."""
    written(office)
    from daybook.wiring import open_house

    house = open_house(office.file, office.clock)
    office.opened.append(house)
    beside, failed = AtWork(office, house), list[BaseException]()

    def stands_by() -> None:
        try:
            beside.waits(lambda: _begun(house.store))
            does(beside)
        except BaseException as error:
            failed.append(error)
        finally:
            house.stopping.set()
            house.work_is_waiting.set()

    thread = threading.Thread(target=stands_by)
    with capture_logs() as logged:
        thread.start()
        serve(house)
        thread.join()
    if failed:
        raise failed[0]
    return logged


def _begun(store: Store) -> bool:
    with store.reading() as tx:
        return bool(tx.configurations.all())


def told(logged: list[Any], event: str) -> list[Any]:
    return [one for one in logged if one["event"] == event]


def test_a_changed_file_holds_from_the_next_look_and_is_logged_by_place(office: Office) -> None:
    seen: list[Running] = []

    def change(said: dict[str, Any]) -> None:
        said["posting"] = {"hold": "20m"}
        said["people"].append({"name": "Cleo Example", "email": "cleo@northwind.example"})

    def beside(daemon: AtWork) -> None:
        seen.append(daemon.now())
        written(office, change)
        seen.append(daemon.reloads())
        with daemon.store.reading() as tx:
            assert tx.people.by_email("cleo@northwind.example")

    logged = running(office, beside)
    first, second = seen
    assert (second.refused_at, second.refusal) == (None, "")
    assert second.taken_at > first.taken_at
    assert second.form["said"]["posting"]["hold"] == 1200
    (changed,) = told(logged, "configuration.changed")
    hold, cleo = changed["changed"]
    assert hold.endswith(" posting.hold") and cleo.endswith(" people")
    assert all(place.startswith(f"{office.file}:") for place in changed["changed"])
    assert "leo" not in str(changed["changed"]).replace(str(office.file), "")


BAD: dict[str, tuple[Callable[[Office], Any], str]] = {
    "a typo": (
        lambda office: written(office, lambda said: said.update(organisatoin="Northwind")),
        'is not a word Daybook knows. Did you mean "organisation"?',
    ),
    "half-written": (
        lambda office: office.file.write_text(office.file.read_text()[:-40] + " 'half"),
        "ends in the middle of a setting. Is the file whole?",
    ),
    "emptied": (lambda office: office.file.write_text(""), "the file  holds no settings at all."),
    "gone": (lambda office: office.file.unlink(), "There is no "),
    "unreadable": (
        lambda office: (office.file.unlink(), office.file.symlink_to(office.file)),
        "cannot be read (Too many levels of symbolic links)",
    ),
    "its include is gone": (
        lambda office: written(office, lambda said: said.update(include=["rules.yaml"])),
        "names rules.yaml, which cannot be read (No such file or directory).",
    ),
    "its secret is gone": (
        lambda office: written(
            office, lambda said: said["connections"]["asana"].update(token="${credential:asena}")
        ),
        "names the credential asena, which is not there.",
    ),
    "a bomb": (lambda office: office.file.write_text("[" * 1_000_000), "holds too much"),
    "no text": (lambda office: office.file.write_bytes(b"\xff\xfe\0\0"), "is not UTF-8 text"),
    "half of what is needed": (
        lambda office: written(office, lambda said: said.pop("mail")),
        "is not enough to run on. mail is missing",
    ),
    "another store": (
        lambda office: written(office, lambda said: said["store"].update(url="sqlite:////tmp/other.db")),
        "store  cannot change while Daybook runs. Start it again",
    ),
    "another port": (
        lambda office: written(office, lambda said: said["page"].update(listen="127.0.0.1:18700")),
        "page.listen  cannot change while Daybook runs.",
    ),
}


def test_P14_whatever_becomes_of_the_file_the_last_good_one_goes_on_and_says_why(office: Office) -> None:
    def beside(daemon: AtWork) -> None:
        first = daemon.now()
        good = office.file.read_text()
        for harm, says in BAD.values():
            harm(office)
            found = daemon.reloads()
            assert says in found.refusal
            assert found.refused_at == office.clock.now
            assert (found.form, found.taken_at) == (first.form, first.taken_at)
            assert urlopen(f"{daemon.page}/healthz").status == 200
            office.file.unlink(missing_ok=True)
            office.file.write_text(good)
        back = daemon.reloads()
        assert (back.refused_at, back.refusal) == (None, "")

    logged = running(office, beside)
    refused = told(logged, "configuration.refused")
    assert len(refused) == len(BAD)
    assert SECRET not in str(refused) and "@" not in str(refused)
    assert told(logged, "configuration.unchanged")
    assert not told(logged, "configuration.broke")


def test_S20_a_looser_policy_and_a_later_stage_wait_at_a_reload_as_at_a_start(office: Office) -> None:
    def beside(daemon: AtWork) -> None:
        written(office, lambda said: said["rollout"].update(stage="expand"), **LOOSER)
        daemon.reloads()
        with daemon.store.reading() as tx:
            standing, stage = tx.policies.standing(), tx.rollout.stage()
        assert standing is not None and standing.coming is not None and stage is not None
        assert standing.in_force.policy.retention.evidence == 45
        assert standing.coming.since == date(2026, 12, 25)
        assert stage.stage == "expand", "an earlier one is taken at once"
        written(office, lambda said: said["rollout"].update(stage="normal"), **LOOSER)
        daemon.reloads()
        with daemon.store.reading() as tx:
            stage = tx.rollout.stage()
        assert stage is not None and stage.stage == "expand"

    logged = running(office, beside)
    assert told(logged, "policy.waits")
    (refused,) = told(logged, "rollout.refused")
    assert "rollout.stage" in refused["reason"]


def test_no_request_is_lost_while_configurations_change(office: Office) -> None:
    """One connection is in the middle of its request, others come and go."""
    answers: list[int] = []
    ends = threading.Event()

    def asks(page: str) -> None:
        while not ends.is_set():
            try:
                answers.append(urlopen(f"{page}/healthz", timeout=60).status)
            except URLError as error:
                answers.append(getattr(error, "code", 0))

    def beside(daemon: AtWork) -> None:
        host, _, port = daemon.page.removeprefix("http://").rpartition(":")
        thread = threading.Thread(target=asks, args=[daemon.page])
        thread.start()
        try:
            with socket.create_connection((host, int(port))) as slow:
                slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n")
                for minutes in (21, 22, 23):
                    written(office, lambda said, m=minutes: said.update(posting={"hold": f"{m}m"}))
                    daemon.reloads()
                slow.sendall(b"Connection: close\r\n\r\n")
                answer = b""
                while part := slow.recv(4096):
                    answer += part
                assert answer.startswith(b"HTTP/1.1 200")
        finally:
            ends.set()
            thread.join()

    running(office, beside)
    assert len(answers) > 3
    assert set(answers) == {200}


def test_no_job_is_broken_in_its_middle(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends as it began, in the house it began in, while the next house is lived in already."""
    begun, goes_on, ended = threading.Event(), threading.Event(), list[House]()

    def performs(house: House, work: Work) -> None:
        begun.set()
        goes_on.wait(ENOUGH)
        ended.append(house)

    monkeypatch.setattr(daemon, "runner", lambda house: embedded.Runner(house, performs))
    monkeypatch.setattr(embedded, "PATIENCE", 0.05)

    def beside(daemon: AtWork) -> None:
        assert begun.wait(ENOUGH)
        written(office, lambda said: said.update(posting={"hold": "20m"}))
        daemon.reloads()
        assert not ended
        goes_on.set()
        daemon.waits(lambda: any(one.configuration.posting.hold == 15 * 60 for one in ended))

    running(office, beside)


def test_R07_a_tool_has_one_budget_whatever_configuration_its_jobs_began_under(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    houses: list[House] = []
    runner = daemon.runner
    monkeypatch.setattr(daemon, "runner", lambda house: houses.append(house) or runner(house))

    def beside(daemon: AtWork) -> None:
        written(office, lambda said: said.update(posting={"hold": "20m"}))
        daemon.reloads()

    running(office, beside)
    before, after = (house.connectors["asana"].budget for house in houses[:2])
    assert before is after


def test_systemd_hears_that_a_reload_begins_and_is_over_taken_or_not(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = str(tmp_path / "n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ours:
        ours.bind(place)
        ours.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", place)

        def heard() -> list[str]:
            said = []
            while True:
                try:
                    said.append(ours.recv(4096).decode())
                except BlockingIOError:
                    return [word for word in said if word.startswith(("READY", "RELOADING"))]

        def beside(daemon: AtWork) -> None:
            daemon.waits(heard)
            for change in ({"posting": {"hold": "20m"}}, {"organisatoin": "x"}):
                written(office, lambda said, c=change: said.update(c))
                daemon.reloads()
                said = list[str]()
                daemon.waits(lambda said=said: said.extend(heard()) or said[-1:] == ["READY=1"])
                assert said[0].startswith("RELOADING=1\nMONOTONIC_USEC=")

        running(office, beside)


def test_a_file_that_is_still_being_written_is_waited_for(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off after a whole line it looks like a shorter configuration: without Ben."""
    monkeypatch.setattr(reload, "SETTLED", 0.2)

    def beside(daemon: AtWork) -> None:
        good = office.file.read_text().replace("18797", "18796")
        cut = YAML(typ="safe").load(good)
        cut["people"].pop()
        YAML(typ="safe").dump(cut, office.file)
        os.kill(os.getpid(), signal.SIGHUP)
        office.file.write_text(good)
        daemon.waits(lambda: daemon.now().form["said"]["page"]["url"].endswith("18796"))

    logged = running(office, beside)
    (changed,) = told(logged, "configuration.changed")
    assert len(changed["changed"]) == 1


@pytest.mark.parametrize("known", [True, False], ids=["of before", "new"])
def test_a_secret_that_is_still_being_written_is_waited_for_too(
    office: Office, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    """Half of a token is a token, and the tool would refuse it until the next reload."""
    monkeypatch.setattr(reload, "SETTLED", 0.2)
    secret = office.file.parent / "credentials" / ("asana" if known else "later")
    connected: list[str] = []
    connects = wiring.connect

    def connecting(loaded: Loaded, *rest: Any) -> Any:
        connected.append(loaded.settings["asana"].token.get_secret_value())  # type: ignore[attr-defined]
        return connects(loaded, *rest)

    monkeypatch.setattr(wiring, "connect", connecting)

    def beside(daemon: AtWork) -> None:
        secret.write_text("a-to")
        written(
            office, lambda said: said["connections"]["asana"].update(token=f"${{credential:{secret.name}}}")
        )
        reads = reload._complete

        def writes_on(file: Path) -> Loaded:
            found = reads(file)
            monkeypatch.setattr(reload, "_complete", reads)
            secret.write_text("a-token-that-is-new")
            return found

        monkeypatch.setattr(reload, "_complete", writes_on)
        daemon.reloads()
        assert connected[-1] == "a-token-that-is-new"
        assert "a-to" not in connected

    running(office, beside)


@pytest.mark.parametrize("name", ["daybook.yaml", "credentials/asana"])
def test_what_is_written_on_and_on_is_refused_by_its_own_name(
    office: Office, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    file, looks = office.file.parent / name, reload._stamps

    def writes_on(*files: Any) -> Any:
        file.write_text(file.read_text() + "\n")
        return looks(*files)

    monkeypatch.setattr(reload, "_stamps", writes_on)

    def beside(daemon: AtWork) -> None:
        assert daemon.reloads().refusal == f"{file} is still being written."

    running(office, beside)


def test_of_a_configuration_that_no_longer_holds_nothing_is_kept(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A daemon that reads its file again every day would hold 700 of them after two years."""
    furnished, made = reload._furnished, list[weakref.ref[House]]()

    def noted(house: House, loaded: Loaded) -> House:
        made.append(weakref.ref(another := furnished(house, loaded)))
        return another

    def beside(daemon: AtWork) -> None:
        for number in range(4):
            written(office, lambda said, n=number: said.update(organisation=f"Northwind {n}"))
            daemon.reloads()
        daemon.waits(only_the_last_is_left)

    def only_the_last_is_left() -> bool:
        gc.collect()
        return [house() is None for house in made] == [True, True, True, False]

    monkeypatch.setattr(reload, "_furnished", noted)
    running(office, beside)


def test_who_is_told_to_stop_while_a_file_settles_refuses_nothing_and_ends(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(supervised, "_tell", said.append)
    monkeypatch.setattr(reload, "SETTLED", ENOUGH)

    def beside(daemon: AtWork) -> None:
        before = daemon.now()
        os.kill(os.getpid(), signal.SIGHUP)
        daemon.waits(lambda: [word for word in said if word.startswith("RELOADING")])
        os.kill(os.getpid(), signal.SIGTERM)
        daemon.waits(lambda: not [one for one in threading.enumerate() if one.name == "page"])
        assert daemon.now() == before

    logged = running(office, beside)
    assert not told(logged, "configuration.refused")
    assert "READY=1" not in said[said.index("STOPPING=1") :]


def test_an_include_that_is_new_and_still_being_written_is_waited_for_too(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reload, "SETTLED", 0.2)
    more = office.file.parent / "more.yaml"
    one, two = ({"name": name, "email": f"{name}@northwind.example"} for name in ("cleo", "dora"))

    def beside(daemon: AtWork) -> None:
        YAML(typ="safe").dump({"people": [one]}, more)
        written(office, lambda said: said.update(include=["more.yaml"]))
        reads = reload._complete

        def writes_on(file: Path) -> Loaded:
            found = reads(file)
            monkeypatch.setattr(reload, "_complete", reads)
            YAML(typ="safe").dump({"people": [one, two]}, more)
            return found

        monkeypatch.setattr(reload, "_complete", writes_on)
        assert len(daemon.reloads().form["said"]["people"]) == 4

    running(office, beside)


def test_P10_on_a_disk_that_takes_nothing_a_reload_waits_and_what_runs_goes_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, refused = threading.Event(), threading.Event()
    writing = Store.writing

    def takes_nothing(store: Store) -> Any:
        if full.is_set():
            refused.set()
            raise StoreUnavailable("The disk is full.")
        return writing(store)

    monkeypatch.setattr(Store, "writing", takes_nothing)
    monkeypatch.setattr(runner, "TICK", 0.05)

    def beside(daemon: AtWork) -> None:
        for change, came in (
            ({"posting": {"hold": "20m"}}, lambda now: now.form["said"]["posting"]["hold"] == 1200),
            ({"organisatoin": "x"}, lambda now: now.refused_at),
        ):
            written(office, lambda said, c=change: said.update(c))
            full.set(), refused.clear()
            os.kill(os.getpid(), signal.SIGHUP)
            assert refused.wait(ENOUGH)
            time.sleep(0.2)
            assert urlopen(f"{daemon.page}/healthz").status == 200
            full.clear()
            daemon.waits(lambda came=came: came(daemon.now()))

    logged = running(office, beside)
    assert len(told(logged, "configuration.refused")) == 1


@pytest.mark.parametrize("step", ["renewed", "keep"])
def test_P10_a_store_that_is_busy_when_another_configuration_begins_is_waited_for(
    office: Office, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Cleaning a large database after the nightly forgetting takes minutes, and nobody writes meanwhile."""
    patience = store.TURN_SECONDS
    monkeypatch.setattr(daemon, "TICK", 0.01)

    def beside(daemon: AtWork) -> None:
        does, turn = getattr(reload, step), daemon.store._turn
        tries, signs = list[House](), list[int]()

        def tries_to(house: House) -> Any:
            tries.append(house)
            if len(tries) == 1:
                assert turn.acquire(timeout=ENOUGH)
                monkeypatch.setattr(store, "TURN_SECONDS", 0.01)
            house.store.prove()
            return does(house)

        def alive() -> None:
            if tries:
                signs.append(len(tries))
            if len(signs) == 3:
                monkeypatch.setattr(store, "TURN_SECONDS", patience)
                turn.release()

        monkeypatch.setattr(reload, step, tries_to)
        monkeypatch.setattr(supervised, "alive", alive)
        written(office, lambda said: said.update(posting={"hold": "20m"}))
        assert daemon.reloads().form["said"]["posting"]["hold"] == 1200
        assert signs[:3] == [1, 1, 1], "systemd hears meanwhile that it lives"
        assert urlopen(f"{daemon.page}/healthz").status == 200

    logged = running(office, beside)
    assert all("the next round tries again" in one["reason"] for one in told(logged, "store.failed"))
    assert told(logged, "store.failed") and told(logged, "store.answered")
