"""The distributed runner: several processes on one PostgreSQL, to whom procrastinate hands the same jobs.

The process that is here longest looks what is due and puts it into the queue by its name; all of them take
from there, and what must be serial has one lock. The queue is a hint, as the plan of the embedded runner is:
it holds ids until they are done, whether something is done stands in the state, and what is lost with it is
due again at the next look. So it stands apart from the store, in a schema of its own that no backup needs.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, get_args

import psycopg
import structlog
from procrastinate import App, JobContext, PsycopgConnector, SyncPsycopgConnector
from procrastinate import __version__ as ENGINE
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from procrastinate.schema import SchemaManager

from core import rounds
from core.rounds import Post, Work
from daybook import jobs, runner, state
from daybook.house import House
from daybook.runner import PATIENCE, REST, TICK
from daybook.store.errors import StoreUnavailable
from daybook.store.workers import BEAT

log = structlog.get_logger()

APART = "daybook_jobs"
"""The schema of the queue."""
MAKING = 0x6461796271
"""Our advisory lock for making it."""
WORK = "work"
"""Procrastinate's names for the one queue and the one task there are."""
LOST = 3 * BEAT
"""A worker that gave no sign of life for so long is dead, and what it was at is due again."""

AGAIN = 1.0
"""Seconds until a queue that is not there, or did not answer, is looked for again."""

KINDS: dict[str, type[Work]] = {kind.__name__: kind for kind in get_args(Work)}


class Runner(runner.Runner):
    """Hands out what is due, if that is on us, and does what is handed to us."""

    def __init__(self, house: House, perform: Callable[[House, Work], None] = jobs.perform) -> None:
        super().__init__(house, perform)
        address = house.store.database.address
        assert address is not None, "a store that one process has alone has no address"
        self._queue = Queue(address)
        self._hands = Hands(address, house.configuration.pulling.workers, self._do, self._again)

    def run(self) -> None:
        self._hands.begin()
        super().run()

    def round(self, now: datetime) -> int:
        """Queue everything that is due and not queued yet, if that is on us; gives how much.

        Raises   whatever our hands broke by: who has none must not go on giving signs of life
        """
        if self._hands.broke_by is not None:
            raise self._hands.broke_by
        if not self._is_on_us():
            return 0
        known = self._queue.jobs()  # before the look: what ends while we look is not begun again
        due = rounds.due(state.snapshot(self._house, now, self._awake(now)), now)
        return self._queue.become(due, known)

    @property
    def idle(self) -> bool:
        return not self._hands.at_work

    def _is_on_us(self) -> bool:
        store = self._house.store
        with store.reading() as tx:
            store.may_write(tx)  # who only finds out by what it writes is at nothing and lives on
            return tx.workers.dispatcher() == store.worker

    def _do(self, work: Work) -> None:
        """Raises   whatever it broke by, so that it rests"""
        try:
            if not self._house.stopping.is_set():
                self._perform(self._house, work)
        except jobs.Moved:
            pass
        except Exception as error:
            self._told(work, error)
            raise
        finally:
            self._house.work_is_waiting.set()

    def _again(self) -> datetime:
        """When work that broke may be done again, by the clock that the queue goes by."""
        return self._house.store.wall() + timedelta(seconds=REST)

    def _end(self) -> None:
        self._queue.close()
        if not self._hands.end(PATIENCE):
            log.warning("runner.left_work")


class Queue:
    """What was handed out and is not done."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._app = App(connector=SyncPsycopgConnector(conninfo=place, min_size=1, max_size=1, **_OURS))
        self._is_open = False

    def jobs(self) -> Sequence[Job]:
        """All that it holds: at hand or not begun."""
        with _in_words():
            if not self._is_open:
                prepare(self._place)
                self._app.open()
                self._is_open = True
            return self._app.job_manager.list_jobs()

    def become(self, due: Sequence[Work], known: Sequence[Job]) -> int:
        """Add what is due and not in it, take out what is no longer due; gives how much was added."""
        names = {job.queueing_lock for job in known}
        wanted = {name(work): work for work in due}
        with _in_words():
            for job in known:
                if job.status == Status.TODO.value and job.queueing_lock not in wanted and job.id:
                    self._app.job_manager.cancel_job_by_id(job.id, delete_job=True)
            fresh = [job_of(work) for said, work in wanted.items() if said not in names]
            return self._add(fresh) if fresh else 0

    def close(self) -> None:
        self._app.close()

    def _add(self, fresh: list[Job]) -> int:
        with suppress(AlreadyEnqueued):  # by one who handed out until a moment ago; which, is not said
            return len(self._app.job_manager.batch_defer_jobs(fresh))
        added = 0
        for job in fresh:
            with suppress(AlreadyEnqueued):
                self._app.job_manager.defer_job(job)
                added += 1
        return added


class Hands:
    """The threads of this process that take from the queue, as long as it goes on."""

    def __init__(
        self, place: str, many: int, do: Callable[[Work], None], again: Callable[[], datetime]
    ) -> None:
        self._place, self._many, self._do, self._again = place, many, do, again
        self._lock = threading.Lock()
        self._at_hand: set[int] = set()
        self._us: int | None = None
        """What procrastinate calls us."""
        self.broke_by: BaseException | None = None
        """What ended them before they were told to end."""
        self._away_since: float | None = None
        """Since when the queue does not answer, by the monotonic clock."""
        self._ending = threading.Event()
        self._stop: Callable[[], object] = lambda: None
        self._thread = threading.Thread(target=self._run, name="hands", daemon=True)

    def begin(self) -> None:
        self._thread.start()

    @property
    def at_work(self) -> bool:
        return self._thread.is_alive()

    def end(self, patience: float) -> bool:
        """Take nothing more and let what is at hand end. False: it did not, within so many seconds."""
        self._ending.set()
        if self._thread.is_alive():
            self._stop()
            self._thread.join(patience)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            asyncio.run(self._go_on())
        except asyncio.CancelledError:
            pass  # told to end
        except BaseException as error:
            self.broke_by = error

    async def _go_on(self) -> None:
        """Through whatever becomes of the database meanwhile."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        self._stop = lambda: loop.call_soon_threadsafe(task.cancel)
        loop.set_default_executor(ThreadPoolExecutor(self._many, thread_name_prefix="work"))
        while not self._ending.is_set():
            try:
                await self._work()
            except (ConnectorException, psycopg.Error) as error:
                self._failed(error)
            await asyncio.sleep(AGAIN)

    def _failed(self, error: Exception) -> None:
        """Said once, however often it is tried again."""
        if self._away_since is None:
            log.warning("queue.failed", error=type(error).__name__)
            self._away_since = time.monotonic()

    def _answered(self) -> None:
        if self._away_since is not None:
            log.info("queue.answered", seconds=round(time.monotonic() - self._away_since))
            self._away_since = None

    async def _work(self) -> None:
        if not await asyncio.to_thread(_is_made, self._place):
            return  # who hands out the work makes the queue, and did not yet
        connector = PsycopgConnector(conninfo=self._place, min_size=1, max_size=4, **_OURS)
        app = App(connector=connector)
        app.task(name=WORK, queue=WORK, pass_context=True, retry=_Rests(self._again))(self._one)
        async with app.open_async():
            self._answered()
            sweeping = asyncio.create_task(self._sweep(app))
            try:
                await app.run_worker_async(
                    concurrency=self._many,
                    delete_jobs="always",  # nothing tells later who did what when
                    install_signal_handlers=False,
                    fetch_job_polling_interval=TICK,
                    update_heartbeat_interval=BEAT.total_seconds(),
                    stalled_worker_timeout=LOST.total_seconds(),
                )
            finally:
                sweeping.cancel()

    def _one(self, context: JobContext, kind: str, ids: dict[str, Any]) -> None:
        """Do one job, in a thread of its own."""
        job = context.job.id or 0
        with self._lock:
            self._us = context.job.worker_id
            self._at_hand.add(job)
        try:
            self._do(KINDS[kind].model_validate(ids))
        finally:
            with self._lock:
                self._at_hand.discard(job)

    async def _sweep(self, app: App) -> None:
        """Take away the jobs nobody will end: of the dead, and ours whose end could not be written down.

        They are due again at the next look, if they still are.
        """
        before: set[int] = set()
        while True:
            await asyncio.sleep(BEAT.total_seconds())
            try:
                dead = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=LOST.total_seconds())
                ours = await app.job_manager.list_jobs_async(status="doing", worker_id=self._us)
                with self._lock:
                    over = {job.id for job in ours if job.id and job.worker_id == self._us} - self._at_hand
                for one in {job.id for job in dead if job.id} | (over & before):
                    await app.job_manager.finish_job_by_id_async(one, Status.FAILED, delete_job=True)
                before = over
                await app.job_manager.prune_stalled_workers(LOST.total_seconds())
            except ConnectorException:
                continue  # another worker was first, or the database is away


class _Rests(BaseRetryStrategy):
    """Work that broke is left alone for a while, behind all else of its lane."""

    def __init__(self, again: Callable[[], datetime]) -> None:
        self._again = again

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        return RetryDecision(retry_at=self._again(), priority=-1)


def job_of(work: Work) -> Job:
    """Ids, never content."""
    ids = work.model_dump(mode="json")
    return Job(
        queue=WORK,
        task_name=WORK,
        task_kwargs={"kind": type(work).__name__, "ids": ids},
        lock=f"lane {work.lane}" if isinstance(work, Post) else name(work),
        queueing_lock=name(work),
    )


def name(work: Work) -> str:
    """Always the same for the same work."""
    return f"{type(work).__name__} {json.dumps(work.model_dump(mode='json'), sort_keys=True)}"


def prepare(place: str) -> None:
    """Make the queue, anew where it is of another version: what it held is due again anyway."""
    with psycopg.connect(place) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (MAKING,))
        if connection.execute(_VERSION).fetchone() == (ENGINE,):
            return
        for statement in (f"DROP SCHEMA IF EXISTS {APART} CASCADE", f"CREATE SCHEMA {APART}", _HERE):
            connection.execute(statement.encode())
        connection.execute(SchemaManager.get_schema())
        connection.execute(f"COMMENT ON SCHEMA {APART} IS '{ENGINE}'".encode())


def _is_made(place: str) -> bool:
    with psycopg.connect(place) as connection:
        return connection.execute(_VERSION).fetchone() == (ENGINE,)


_HERE = f"SET LOCAL search_path = {APART}"
_VERSION = f"SELECT obj_description(to_regnamespace('{APART}'), 'pg_namespace')".encode()
_OURS: dict[str, Any] = {"kwargs": {"options": f"-c search_path={APART}", "application_name": "daybook jobs"}}


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (ConnectorException, psycopg.Error) as error:
        raise StoreUnavailable(
            f"The queue of work did not answer ({type(error.__cause__ or error).__name__}). Nothing is lost: "
            "what is due is due again at the next look. Look at the database."
        ) from error
