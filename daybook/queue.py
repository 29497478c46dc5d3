"""The queue of several processes on one PostgreSQL: what was handed out and is not done, by procrastinate.

It is a hint, as the plan of the embedded runner is: it holds ids until they are done, whether something is
done stands in the state, and what is lost with it is due again at the next look. So it stands apart from the
store, in a schema of its own that no backup needs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from procrastinate import App, SyncPsycopgConnector
from procrastinate import __version__ as ENGINE
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.schema import SchemaManager

from core.rounds import Work, lane
from daybook.store.errors import StoreUnavailable

APART = "daybook_jobs"
"""The schema of the queue."""
MAKING = 0x6461796271
"""Our advisory lock for making it."""
WORK = "work"
"""Procrastinate's names for the one queue and the one task there are."""
OURS: dict[str, Any] = {"kwargs": {"application_name": "daybook jobs"}}
"""How its connections are made."""

_ALWAYS = f"SET search_path = {APART}".encode()
_HERE = f"SET LOCAL search_path = {APART}"
_VERSION = f"SELECT obj_description(to_regnamespace('{APART}'), 'pg_namespace')".encode()


class Queue:
    """What was handed out and is not done."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._app = App(
            connector=SyncPsycopgConnector(conninfo=place, min_size=1, max_size=1, configure=_here, **OURS)
        )
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


def job_of(work: Work) -> Job:
    """Ids, never content."""
    ids = work.model_dump(mode="json")
    return Job(
        queue=WORK,
        task_name=WORK,
        task_kwargs={"kind": type(work).__name__, "ids": ids},
        lock=lane(work) or name(work),
        queueing_lock=name(work),
    )


def name(work: Work) -> str:
    """Always the same for the same work."""
    return f"{type(work).__name__} {json.dumps(work.model_dump(mode='json'), sort_keys=True)}"


def _here(connection: psycopg.Connection) -> None:
    """Not by an option of the connection: PgBouncer lets none through."""
    connection.execute(_ALWAYS)
    connection.commit()


async def here(connection: psycopg.AsyncConnection) -> None:
    """The same, of one that nobody waits for."""
    await connection.execute(_ALWAYS)
    await connection.commit()


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


def is_made(place: str) -> bool:
    with psycopg.connect(place) as connection:
        return connection.execute(_VERSION).fetchone() == (ENGINE,)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (ConnectorException, psycopg.Error) as error:
        raise StoreUnavailable(
            f"The queue of work did not answer ({type(error.__cause__ or error).__name__}). Nothing is lost: "
            "what is due is due again at the next look. Look at the database."
        ) from error
