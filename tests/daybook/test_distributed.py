"""Several processes on a PostgreSQL: one hands out, all work, nothing twice; who froze does no harm."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import time_machine
from pydantic import SecretStr
from sqlalchemy import delete
from structlog.testing import capture_logs

from config.schema import Configuration, Mail
from connectors.budget import Budget
from connectors.contract import Terms
from connectors.jira.connector import Jira
from connectors.jira.sandbox import JiraSite
from connectors.jira.settings import Settings
from connectors.manners import Manners
from connectors.memory import Tool
from core import posting, rounds
from core.model import Entry
from core.rounds import Digest, Forget, Post, Work
from daybook import clocks, distributed, hands, jobs, runner, state, status
from daybook.daemon import serve
from daybook.errors import Wrong
from daybook.house import House
from daybook.queue import Queue, is_made
from daybook.sandbox.post_office import PostOffice
from daybook.store import Store, StoreRefused, beats, schema, wall
from daybook.store.beats import Beats
from daybook.store.postgresql import PostgreSQL
from daybook.store.workers import BEAT, GIVEN_UP
from tests.daybook.conftest import KEY, TODAY, draft, drafted, member
from tests.daybook.mail.conftest import post_office
from tests.daybook.test_jobs import meeting
from tests.postgres import Cluster, database_of

__all__ = ["post_office"]
ROOT = Path(__file__).parents[2]
LONG = 60
"""Seconds on a busy machine."""
FAR = timedelta(hours=3)
NEAR = timedelta(seconds=90)
SLOW = timedelta(seconds=30)
"""The longest that a busy machine stands still between two looks at a clock."""


class Meanwhile:
    """Time as it passes, and what is said to have passed besides."""

    def __init__(self, begins: datetime) -> None:
        self._begins, self._began = begins.astimezone(UTC), clocks.passed()
        self._besides = self._leapt = 0.0

    def passed(self) -> float:
        return clocks.passed() + self._besides

    def at_the_database(self, *_: object) -> datetime:
        return self._begins + timedelta(seconds=self.passed() - self._began + self._leapt)

    def wait(self, **span: float) -> None:
        self._besides += timedelta(**span).total_seconds()

    def leap(self, span: timedelta) -> None:
        """Somebody set the clock of the database."""
        self._leapt += span.total_seconds()


@pytest.fixture
def meanwhile(house: House, monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """By the database it is ten minutes to the digests of that Friday."""
    time = Meanwhile(house.clock() - timedelta(minutes=10))
    monkeypatch.setattr(PostgreSQL, "now", time.at_the_database)
    for module in (wall, beats):
        monkeypatch.setattr(module, "passed", time.passed)
    return time


@pytest.fixture
def joins(house: House, postgresql: str, meanwhile: Meanwhile) -> Iterator[Callable[[], House]]:
    """Gives the house of one more process on the same database, where all the cast agreed."""
    stores: list[Store] = []

    def one_more() -> House:
        store = Store.open(postgresql, KEY)
        stores.append(store)
        there = replace(
            house,
            store=store,
            clock=clocks.Clock(store.wall, meanwhile.passed),
            stopping=threading.Event(),
            work_is_waiting=threading.Event(),
        )
        if len(stores) == 1:
            with store.writing() as tx:
                for person in house.configuration.people:
                    who = tx.people.enrol(person.email, there.clock())
                    tx.people.invited(who.id, house.policy_version, there.clock())
                    tx.people.acknowledge(who.id, house.policy_version, there.clock())
        return there

    yield one_more
    for store in stores:
        store.close()


@contextmanager
def running(house: House, perform: Callable[[House, Work], None]) -> Iterator[distributed.Runner]:
    """A runner at work, until the end of the block."""
    one = distributed.Runner(house, perform)
    thread = threading.Thread(target=one.run, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        house.stopping.set()
        house.work_is_waiting.set()
        thread.join(LONG)


def until(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + LONG
    while not done():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.01)


def asked(place: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(place) as connection:
        return connection.execute(query.encode()).fetchall()


def told(place: str, *statements: str) -> None:
    with psycopg.connect(place) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def held(house: House, number: int, wait: timedelta = timedelta(), task: str = "WEB-1") -> None:
    """A confirmed entry of Ada's, whose hold ends then."""
    now = house.clock()
    entry = Entry(id=f"e-{number}", day=TODAY, start=now, minutes=30, target=f"memory:{task}")
    with house.store.writing() as tx:
        tx.postings.add(posting.hold(f"p-{number}", entry, member(house, "Ada").id, now, wait))


# --- who hands out -----------------------------------------------------------------------------------------


def test_one_hands_out_the_work_and_the_next_does_when_it_ends(joins: Callable[[], House]) -> None:
    first, second = joins(), joins()
    with second.store.hold(dispatches=True):
        with first.store.hold(dispatches=False):
            assert distributed.Runner(first).round(first.clock()) == 0, "a worker only works"
        with first.store.hold(dispatches=True):
            assert distributed.Runner(first).round(first.clock()) == 0, "the other is here longer"
        assert distributed.Runner(second).round(second.clock()) > 0
    with first.store.hold(dispatches=True):
        assert distributed.Runner(first).round(first.clock()) == 0, "all of it is queued already"
        held(first, 1)
        assert distributed.Runner(first).round(first.clock()) == 1


def test_work_is_shared_by_all_and_nothing_is_done_twice(joins: Callable[[], House]) -> None:
    houses = [joins() for _ in range(3)]
    begun, done = set[int](), list[tuple[int, Work]]()
    for number in range(20):
        held(houses[0], number, task=f"WEB-{number}")
    by = {id(house): number for number, house in enumerate(houses)}

    def works(house: House, work: Work) -> None:
        begun.add(by[id(house)])
        until(lambda: len(begun) == 3)  # or two were through with it before the third began to look
        done.append((by[id(house)], work))
        if isinstance(work, Post):  # else it is due again at the next look, on a machine that is slow
            with house.store.writing() as tx:
                tx.connection.execute(delete(schema.postings).where(schema.postings.c.id == work.posting))

    with (
        houses[0].store.hold(dispatches=True),
        houses[1].store.hold(),
        houses[2].store.hold(dispatches=True),
        running(houses[0], works),
        running(houses[1], works),
        running(houses[2], works),
    ):
        until(lambda: sum(isinstance(work, Post) for _, work in done) >= 20)
    posted = [work for _, work in done if isinstance(work, Post)]
    assert len(posted) == len(set(posted)) == 20
    assert {who for who, _ in done} == {0, 1, 2}


def test_P1_the_queue_holds_ids_and_nothing_of_it_stays(joins: Callable[[], House], postgresql: str) -> None:
    house = joins()
    drafted(house, member(house, "Ada"), draft("k1", "10:00", 45, "Kanarie call"))
    held(house, 1)
    with house.store.hold(dispatches=True):
        one = distributed.Runner(house)
        one.round(house.clock())
        said = str(asked(postgresql, "SELECT * FROM daybook_jobs.procrastinate_jobs"))
        assert "Post" in said and "Reconcile" in said, "days and what is confirmed are in it"
        for word in ("@northwind", "Kanarie", "Ada", "WEB-1"):
            assert word not in said
        done: list[Work] = []
        with running(house, lambda _, work: done.append(work)):
            until(lambda: any(isinstance(work, Post) for work in done))
            house.stopping.set()
    over = "SELECT count(*) FROM daybook_jobs.procrastinate_{}"
    events = "SELECT count(*) FROM daybook_jobs.procrastinate_events WHERE type = 'succeeded'"
    assert asked(postgresql, events) == [(0,)], "who did what when is nowhere"
    assert asked(postgresql, over.format("jobs WHERE status NOT IN ('todo')")) == [(0,)]


def test_what_is_no_longer_due_leaves_the_queue(joins: Callable[[], House], postgresql: str) -> None:
    house = joins()
    held(house, 1)
    with house.store.hold(dispatches=True):
        one = distributed.Runner(house)
        one.round(house.clock())
        with house.store.writing() as tx:
            filed = tx.postings.get("p-1")
            assert filed is not None
            undone = posting.undo(filed.posting, house.clock(), timedelta())
            assert isinstance(undone, posting.Posting)
            assert tx.postings.save(undone, filed.version)
        one.round(house.clock())
    assert (
        asked(postgresql, "SELECT 1 FROM daybook_jobs.procrastinate_jobs WHERE queueing_lock LIKE 'Post %'")
        == []
    )


def test_what_another_queued_in_the_same_moment_is_left_and_the_rest_is_added(
    joins: Callable[[], House],
) -> None:
    """One who stood still while it handed out wakes beside one who does so by now."""
    place = joins().store.database.address or ""
    one, other = Queue(place), Queue(place)
    before, then = one.jobs(), other.jobs()
    assert one.become([Forget()], before) == 1
    assert other.become([Forget(), rounds.Tend()], then) == 1
    assert {job.task_kwargs["kind"] for job in one.jobs()} == {"Forget", "Tend"}
    one.close()
    other.close()


def test_a_queue_of_another_version_is_made_anew(joins: Callable[[], House], postgresql: str) -> None:
    house = joins()
    with house.store.hold(dispatches=True):
        assert (many := distributed.Runner(house).round(house.clock())) > 0
        told(postgresql, "COMMENT ON SCHEMA daybook_jobs IS '0.1'")
        assert distributed.Runner(house).round(house.clock()) == many


def test_the_queue_is_found_however_the_url_is_written(cluster: Cluster, house: House) -> None:
    there = database_of(cluster.fresh())
    cluster.as_admin(
        "CREATE ROLE \"day book\" LOGIN PASSWORD 'a b+c'", f'ALTER DATABASE {there} OWNER TO "day book"'
    )
    url = cluster.url(there, password="a%20b+c").replace("daybook:", "day%20book:")
    store = Store.open(f"{url}?options=-c%20work_mem%3D7777kB", KEY)
    house = replace(house, store=store)
    with store.hold(dispatches=True):
        assert distributed.Runner(house).round(house.clock()) > 0
        done: list[Work] = []
        with running(house, lambda _, work: done.append(work)):
            until(lambda: done)
            place = store.database.address
            assert place is not None
            assert asked(place, "SHOW work_mem") == [("7777kB",)]
    store.close()


# --- who dies ----------------------------------------------------------------------------------------------

_HANGS = """
import sys, threading
from tests.daybook import test_distributed
test_distributed.hanging(*sys.argv[1:])
"""


def hanging(place: str) -> None:
    """A worker that takes a job and never ends it."""

    def hangs(work: Work) -> None:
        print(type(work).__name__, flush=True)
        threading.Event().wait()

    hands.Hands(place, 1, hangs, clocks.utc_now).begin()
    threading.Event().wait()


def test_P10_a_killed_worker_is_missed_and_the_living_do_what_it_was_at(
    joins: Callable[[], House], postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = joins()
    monkeypatch.setattr(hands, "BEAT", timedelta(seconds=0.2))
    done: list[Work] = []

    def did(kind: type) -> bool:
        return any(isinstance(work, kind) for work in done)

    with house.store.hold(dispatches=True):
        assert distributed.Runner(house).round(house.clock()) > 0
        dying = subprocess.Popen(
            [sys.executable, "-c", _HANGS, postgresql], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        try:
            assert dying.stdout is not None
            assert dying.stdout.readline() == "Forget\n"
            with running(house, lambda _, work: done.append(work)):
                until(lambda: did(rounds.Reconcile))
                assert not did(Forget), "it is at hand elsewhere"
                dying.kill()
                told(postgresql, _SILENT)
                until(lambda: house.work_is_waiting.set() or did(Forget))
        finally:
            dying.kill()
            dying.communicate()


_SILENT = """
UPDATE daybook_jobs.procrastinate_workers SET last_heartbeat = now() - interval '40 s'
WHERE id = (SELECT min(id) FROM daybook_jobs.procrastinate_workers)
"""


def test_P10_a_server_that_crashes_in_the_middle_ends_no_work(
    joins: Callable[[], House], cluster: Cluster
) -> None:
    house = joins()
    done: list[Work] = []
    with house.store.hold(dispatches=True), running(house, lambda _, work: done.append(work)) as one:
        until(lambda: done)
        cluster.stop("immediate")
        cluster.start()
        held(house, 1)
        until(lambda: house.work_is_waiting.set() or any(isinstance(work, Post) for work in done))
        assert not one.idle, "its hands are there still"


def test_P10_a_daemon_whose_hands_broke_ends_and_leaves_the_work_to_others(
    joins: Callable[[], House], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_place: str) -> bool:
        raise OSError(24, "Too many open files")

    house = joins()
    monkeypatch.setattr(hands, "is_made", breaks)
    monkeypatch.setattr(runner, "TICK", 0.01)
    with pytest.raises(OSError, match="Too many open files"), house.store.hold(dispatches=True):
        distributed.Runner(house, lambda *_: None).run()
    with house.store.reading() as tx:
        assert tx.workers.all() == []


def test_hands_that_break_while_they_are_told_to_end_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop was closed between the look at its thread and the word to it."""
    ours = hands.Hands("", 1, lambda _: None, clocks.utc_now)
    ending = threading.Event()

    def closed() -> None:
        ending.set()
        raise RuntimeError("Event loop is closed")

    monkeypatch.setattr(ours, "_thread", threading.Thread(target=ending.wait))
    monkeypatch.setattr(ours, "_stop", closed)
    ours.begin()
    assert ours.end(LONG)


def test_a_queue_that_does_not_answer_is_told_of_once_and_once_when_it_does(
    joins: Callable[[], House], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, tries, made = joins(), [], is_made

    def away(place: str) -> bool:
        tries.append(place)
        if len(tries) < 4:
            raise psycopg.OperationalError("gone")
        return made(place)

    monkeypatch.setattr(hands, "is_made", away)
    monkeypatch.setattr(hands, "AGAIN", 0.01)
    done: list[Work] = []
    with (
        capture_logs() as said,
        house.store.hold(dispatches=True),
        running(house, lambda _, work: done.append(work)),
    ):
        until(lambda: done)
    events = [line["event"] for line in said if line["event"].startswith("queue.")]
    assert events == ["queue.failed", "queue.answered"]


def test_a_store_in_a_file_has_no_workers(house: House) -> None:
    with pytest.raises(
        Wrong, match=r"has one daemon, and no workers or pages beside it\. Nothing was started"
    ):
        serve(house, works_only=True)


def test_R11_who_was_given_up_writes_nothing_and_ends(joins: Callable[[], House]) -> None:
    frozen, living = joins(), joins()
    with living.store.hold(), frozen.store.hold(dispatches=True):
        assert frozen.store.worker is not None
        with living.store.writing() as tx:
            tx.workers.end(frozen.store.worker)
        with pytest.raises(StoreRefused, match="took over"), frozen.store.writing() as tx:
            tx.people.enrol("eve@northwind.example", frozen.clock())
        with pytest.raises(StoreRefused, match="took over"):
            distributed.Runner(frozen, lambda *_: None).run()
        with living.store.reading() as tx:
            assert len(tx.people.all()) == 4


def test_R11_who_is_about_to_leave_and_was_given_up_writes_nothing_either(joins: Callable[[], House]) -> None:
    """A thread of it is left over, and writes while its process leaves."""
    house = joins()
    leave = house.store._leave

    def leaves(worker: int) -> None:
        leave(worker)
        with pytest.raises(StoreRefused, match="took over"), house.store.writing() as tx:
            tx.people.enrol("eve@northwind.example", house.clock())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house.store, "_leave", leaves)
        with house.store.hold():
            pass
    with house.store.reading() as tx:
        assert tx.people.by_email("eve@northwind.example") is None


def beating(house: House) -> Beats:
    return Beats(house.store, house.store.worker or 0, house.store.wall)  # type: ignore[arg-type]


def lives(house: House) -> bool:
    with house.store.reading() as tx:
        return tx.workers.lives(house.store.worker or 0)


def goes_on(meanwhile: Meanwhile, *living: Beats) -> None:
    """These give their signs of life, for as long as who gives none is given up."""
    for _ in range(GIVEN_UP // BEAT + 1):
        meanwhile.wait(seconds=BEAT.total_seconds())
        for one in living:
            one.beat()


def test_nobody_is_given_up_by_who_was_away_too(joins: Callable[[], House], meanwhile: Meanwhile) -> None:
    """The database was away for minutes: both come back, and each is heard before it is judged."""
    one, other = joins(), joins()
    with one.store.hold(), other.store.hold():
        ours = beating(one)
        ours.beat()
        meanwhile.wait(minutes=2)
        ours.beat()
        assert lives(other)
        with capture_logs() as said:
            goes_on(meanwhile, ours)
        assert not lives(other), "it had its time"
    assert [line["event"] for line in said] == ["worker.lost"]


def test_R13_nobody_is_given_up_because_the_clock_of_the_database_leapt(
    joins: Callable[[], House], meanwhile: Meanwhile
) -> None:
    """The other has a mail on its way, which must not go out again."""
    one, other = joins(), joins()
    ada = member(other, "Ada").id
    with one.store.hold(), other.store.hold():
        ours, theirs = beating(one), beating(other)
        ours.beat()
        theirs.beat()
        with other.store.writing() as tx:
            assert tx.mails.claim(ada, TODAY, "digest", "<1@northwind.example>", other.clock())
        for leap in (NEAR, -FAR, FAR):
            meanwhile.leap(leap)
            goes_on(meanwhile, ours, theirs)
            assert lives(other)
        with one.store.writing() as tx:
            assert not tx.mails.claim(ada, TODAY, "digest", "<2@northwind.example>", one.clock())


def test_R11_R13_who_died_is_given_up_although_the_clock_of_the_database_was_set_back(
    joins: Callable[[], House], meanwhile: Meanwhile
) -> None:
    dead, living = joins(), joins()
    with dead.store.hold(dispatches=True), living.store.hold(dispatches=True):
        beating(dead).beat()
        ours = beating(living)
        ours.beat()
        meanwhile.leap(-FAR)
        goes_on(meanwhile, ours)
        assert not lives(dead)
        assert distributed.Runner(living).round(living.clock()) > 0, "another one hands out"


_FREEZES = """
import sys
from tests.daybook import test_distributed
test_distributed.freezing(*sys.argv[1:])
"""


def freezing(place: str, site: str) -> None:
    """A worker that stands still between its intent and its send."""

    posts = sys.modules["daybook.jobs.post"]  # `jobs.post` is the job
    intended = posts._intended

    def and_stops(*asked: object) -> bool:
        wrote = intended(*asked)  # type: ignore[arg-type]
        os.kill(os.getpid(), signal.SIGSTOP)
        return wrote

    posts._intended = and_stops  # type: ignore[attr-defined]
    house = at_jira(place, site)
    with house.store.hold():
        jobs.post(house, "p-1")


def at_jira(place: str, site: str) -> House:
    """A house whose one connection is a Jira site on loopback; it looks two seconds after a lost answer."""

    told = {
        "version": 1,
        "organisation": "Northwind Studio",
        "timezone": "Europe/Berlin",
        "policy": {
            "why": "Three clients ask for reports, and two invoices were disputed this quarter.",
            "contact": "ops@northwind.example",
            "effective": "2020-01-01",
            "tracked": {"jira": ["title", "worklogs"]},
            "not_tracked": ["screen"],
        },
        "connections": {"jira": {"type": "jira"}},
        "people": [{"name": "Ada Example", "email": "ada@northwind.example"}],
        "rollout": {"stage": "normal"},
        "pulling": {"patience": "1s", "timeout": "1s"},
        "posting": {"hold": "1s", "look_after": "3s", "pauses": ["1s"]},
    }
    configuration = Configuration.model_validate(told)
    assert configuration.policy is not None
    settings = Settings(site=site, email="daybook@northwind.example", token=SecretStr("reader"))
    terms = Terms(tracked=frozenset(("title", "worklogs")))
    jira = Jira("jira", settings, terms, Manners(budget=Budget(10_000, 10_000), timeout=(3.05, 5.0)))
    store = Store.open(place, KEY)
    return House(configuration, configuration.policy, {"jira": jira}, store, clocks.Clock(store.wall))


def test_R11_P8_a_worker_frozen_between_intent_and_send_posts_nothing_when_it_wakes(postgresql: str) -> None:
    """A real process, really stopped; another one looks, finds nothing, posts, and then the first wakes."""

    site = JiraSite()
    site.world.add_user("daybook@northwind.example", "reader", "Daybook")
    site.world.add_user("ada@northwind.example", "ada-token", "Ada", "Europe/Berlin")
    site.world.add_project("WEB", "Website")
    site.world.add_issue("WEB", "Address form", created=datetime.now(UTC) - timedelta(days=3))
    site.start()
    house = at_jira(postgresql, site.url)
    now = house.clock()
    with house.store.writing() as tx:
        ada = tx.people.enrol("ada@northwind.example", now)
        tx.people.acknowledge(ada.id, house.policy_version, now)
        tx.grants.save(ada.id, "jira", site.world.tokens["ada-token"], SecretStr("ada-token"), now)
        entry = Entry(id="e-1", day=now.date(), start=now, minutes=30, target="jira:WEB-1", text="Form")
        tx.postings.add(posting.hold("p-1", entry, ada.id, now, timedelta()))
    frozen = subprocess.Popen([sys.executable, "-c", _FREEZES, postgresql, site.url], cwd=ROOT)
    try:
        _, how = os.waitpid(frozen.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(how)
        with house.store.hold():
            with house.store.writing() as tx:
                for other in tx.workers.all():
                    if other.id != house.store.worker:
                        tx.workers.end(other.id)  # its time is over
            until(lambda: jobs.post(house, "p-1") or stands(house) == "posted")
        before = dict(site.world.logged)
        os.kill(frozen.pid, signal.SIGCONT)
        frozen.wait(LONG)
    finally:
        frozen.kill()
        frozen.wait()
        site.stop()
        house.store.close()
    assert len(before) == 1
    assert site.world.logged == before


def stands(house: House) -> str:
    with house.store.reading() as tx:
        filed = tx.postings.get("p-1")
    assert filed is not None
    return filed.posting.state


# --- what time it is ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("off", [FAR, -FAR, NEAR, -NEAR], ids=str)
def test_R13_a_worker_goes_by_the_clock_of_the_database_however_wrong_its_own_is(
    joins: Callable[[], House], meanwhile: Meanwhile, off: timedelta
) -> None:
    with time_machine.travel(datetime.now(UTC) + off, tick=True):
        house = joins()
        assert abs(house.clock() - meanwhile.at_the_database()) < SLOW  # type: ignore[arg-type]
        with house.store.hold(), capture_logs() as said:
            ours = beating(house)
            ours.beat()
            ours.beat()
            standing = status.look(house)
            (worker,) = standing.workers
    days = worker.off - (clocks.utc_now() - house.clock()).total_seconds()
    assert abs(days - off.total_seconds()) < SLOW.total_seconds()
    assert [line["event"] for line in said] == ["clock.wrong"], "once"
    assert not standing.well
    assert any("Set it right" in line for line in standing.lines())


def test_R13_with_clocks_hours_apart_nobody_looks_too_early_and_each_gets_one_digest(
    joins: Callable[[], House],
    tool: Tool,
    post_office: PostOffice,
    meanwhile: Meanwhile,
) -> None:
    """Four machines take turns at the work; the digest is due in a while, and a lost answer too."""
    mail = Mail(sender="Daybook <daybook@northwind.example>", smtp=post_office.smtp, tls="none")
    houses = [(joins(), off) for off in (FAR, -FAR, NEAR, -NEAR)]
    configuration = houses[0][0].configuration.model_copy(update={"mail": mail})
    houses = [(replace(one, configuration=configuration), off) for one, off in houses]
    first = houses[0][0]
    ada = member(first, "Ada")
    tool.tokens["token-Ada"] = "ada@tool"
    with first.store.writing() as tx:
        tx.grants.save(ada.id, "memory", "ada@tool", SecretStr("token-Ada"), first.clock())
    tool.put("ada@tool", meeting("e1", "10:00", "11:00"))
    held(first, 1, timedelta(minutes=2))

    def all_take_turns() -> None:
        for house, off in houses * 2:
            with time_machine.travel(datetime.now(UTC) + off, tick=True):
                house.store.wall.look()  # type: ignore[attr-defined]
                now = house.clock()
                for work in rounds.due(state.snapshot(house, now), now):
                    if isinstance(work, rounds.Pull | rounds.Reconcile | Digest | Post):
                        jobs.perform(house, work)

    for _ in range(3):
        all_take_turns()
        meanwhile.wait(seconds=35)
    assert (len(tool.records), len(post_office.deliveries)) == (0, 0), "a quarter of a minute is left"
    for _ in range(3):
        meanwhile.wait(minutes=20)
        all_take_turns()
    assert (len(tool.records), len(post_office.deliveries)) == (1, 1)
