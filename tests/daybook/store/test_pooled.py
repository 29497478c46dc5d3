"""PgBouncer before the server: by session all works as without it, by transaction nothing is started."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from core.rounds import Forget
from daybook.queue import Queue
from daybook.store import Store, StoreRefused
from tests.daybook.store.conftest import KEY, agreed
from tests.ports import free_port
from tests.postgres import ACCOUNT, OWNER, PASSWORD, Cluster, database_of

SECONDS = 30
Pooled = Callable[[str], str]


@pytest.fixture
def pooled(cluster: Cluster, postgresql: str) -> Iterator[Pooled]:
    """Gives the URL of an empty database as it is reached through a pooler of this mode."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("needs PgBouncer; on Debian: apt-get install pgbouncer")
    started: list[subprocess.Popen[bytes]] = []
    with tempfile.TemporaryDirectory() as folder:

        def behind(mode: str) -> str:
            port, file = free_port(), Path(folder) / "pgbouncer.ini"
            file.write_text(
                f"[databases]\n* = host=127.0.0.1 port={cluster.port} user={OWNER} password={PASSWORD}\n"
                f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\n"
                f"unix_socket_dir =\npool_mode = {mode}\n"
            )
            started.append(subprocess.Popen(_as_nobody([program, "-q", str(file)], Path(folder)), cwd=folder))
            url = cluster.url(database_of(postgresql), port)
            until = time.monotonic() + SECONDS
            while not _answers(url):
                assert time.monotonic() < until and started[-1].poll() is None
                time.sleep(0.02)
            return url

        yield behind
        for one in started:
            one.terminate()
            one.wait(SECONDS)


def _as_nobody(command: list[str], folder: Path) -> list[str]:
    """It refuses to run as root."""
    if os.geteuid():
        return command
    shutil.chown(folder, ACCOUNT)
    for file in folder.iterdir():
        shutil.chown(file, ACCOUNT)
    return ["setpriv", f"--reuid={ACCOUNT}", "--clear-groups", "--pdeathsig=TERM", *command]


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_by_session_everything_works_through_it(pooled: Pooled) -> None:
    with closing(Store.open(pooled("session"), KEY)) as store, store.hold(dispatches=True):
        agreed(store, "ada@northwind.example")
        with store.reading() as tx:
            assert len(tx.people.all()) == len(tx.workers.all()) == 1
        place = store.database.address
        assert place is not None
        with closing(Queue(place)) as queue:
            assert queue.become([Forget()], queue.jobs()) == 1
            assert [job.task_kwargs["kind"] for job in queue.jobs()] == ["Forget"]


def test_by_transaction_it_is_refused_in_words(pooled: Pooled) -> None:
    url = pooled("transaction")
    for look in (Store.open, Store.look):
        with pytest.raises(
            StoreRefused, match=r"gives each transaction another session .*pool_mode = session"
        ):
            look(url, KEY)
