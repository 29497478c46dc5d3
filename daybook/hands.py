"""The hands of one of several processes: threads that take from the queue what anybody handed out, and do it.

Procrastinate sees to it that each job is taken once, and what must be serial has one lock there. What the
dead were at is taken out of the queue, and due again at the next look.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Any, get_args

import psycopg
import structlog
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from core.rounds import Work
from daybook.queue import OURS, WORK, here, is_made
from daybook.runner import TICK
from daybook.store.workers import BEAT, GIVEN_UP

log = structlog.get_logger()

AGAIN = 1.0
"""Seconds until a queue that is not there, or did not answer, is looked for again."""

KINDS: dict[str, type[Work]] = {kind.__name__: kind for kind in get_args(Work)}


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
            with suppress(RuntimeError):  # they broke just now, and their loop is closed
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
        if not await asyncio.to_thread(is_made, self._place):
            return  # who hands out the work makes the queue, and did not yet
        connector = PsycopgConnector(conninfo=self._place, min_size=1, max_size=4, configure=here, **OURS)
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
                    stalled_worker_timeout=GIVEN_UP.total_seconds(),
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
        before, silent = set[int](), GIVEN_UP.total_seconds()
        while True:
            await asyncio.sleep(BEAT.total_seconds())
            try:
                dead = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent)
                ours = await app.job_manager.list_jobs_async(status="doing", worker_id=self._us)
                with self._lock:
                    over = {job.id for job in ours if job.id and job.worker_id == self._us} - self._at_hand
                for one in {job.id for job in dead if job.id} | (over & before):
                    await app.job_manager.finish_job_by_id_async(one, Status.FAILED, delete_job=True)
                before = over
                await app.job_manager.prune_stalled_workers(silent)
            except ConnectorException:
                continue  # another worker was first, or the database is away


class _Rests(BaseRetryStrategy):
    """Work that broke is left alone for a while, behind all else of its lane."""

    def __init__(self, again: Callable[[], datetime]) -> None:
        self._again = again

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        return RetryDecision(retry_at=self._again(), priority=-1)
