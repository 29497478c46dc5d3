"""Many writers, a killed process, a full disk: what was acknowledged stands, and nothing is half there."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from core import posting
from daybook.store import Store, StoreUnavailable
from daybook.store.people import Contributor
from tests.daybook.store.conftest import KEY, NOW, TODAY, apply, draft, entry, meeting, only, seen, zones


def test_twenty_threads_write_and_none_is_told_the_database_is_locked(store: Store, ada: Contributor) -> None:
    def work(thread: int) -> int:
        won = 0
        for n in range(10):
            with store.writing() as tx:
                tx.days.mark(ada.id, [TODAY])
                won += tx.drafts.save(ada.id, TODAY, draft(f"d{n}"), 0)
            with store.reading() as tx:
                assert len(tx.drafts.of(ada.id, TODAY)) > n
        return won

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(work, range(20))) == 10
    with store.reading() as tx:
        assert tx.days.version(ada.id, TODAY) == 200


_CONFIRM = """
import sys
from datetime import timedelta
from core import posting
from tests.daybook.store.conftest import KEY, NOW, TODAY, draft, entry
from daybook.store import Store

store, who = Store.open(sys.argv[1], KEY), sys.argv[2]
for n in range(100_000):
    with store.writing() as tx:
        tx.drafts.save(who, TODAY, draft(f"d{n}", decision="confirmed"), 0)
        tx.entries.add(who, f"d{n}", entry(f"e{n}"))
        tx.postings.add(posting.hold(f"p{n}", entry(f"e{n}"), who, NOW, timedelta(minutes=15)))
    print(n, flush=True)
"""


@pytest.mark.parametrize("after", [1, 7, 20])
def test_R01_kill_9_between_any_two_lines_leaves_no_half_confirmation(
    store: Store, ada: Contributor, url: str, after: int
) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", _CONFIRM, url, ada.id], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout
    acknowledged = [int(writer.stdout.readline()) for _ in range(after)]
    writer.kill()
    acknowledged += [int(line) for line in writer.communicate()[0].splitlines()]

    with store.reading() as tx:
        made = {e.id.removeprefix("e") for e in tx.entries.of(ada.id, TODAY)}
        sent = {filed.posting.id.removeprefix("p") for filed in tx.postings.of(ada.id, TODAY)}
        said = {held.draft.key.removeprefix("d") for held in tx.drafts.of(ada.id, TODAY)}
        if store.path:
            assert tx.connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert made == sent == said
    assert made >= {str(n) for n in acknowledged}


@only("sqlite")
def test_R12_a_full_disk_is_said_in_words_and_loses_nothing(store: Store, ada: Contributor) -> None:
    with store.writing() as tx:
        tx.drafts.save(ada.id, TODAY, draft("kept"), 0)
        pages = tx.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    many = [seen(f"e{n}", (ada, meeting(f"m{n}"))) for n in range(2000)]
    with (
        pytest.raises(StoreUnavailable, match=r"full.*Nothing of this step was saved"),
        store.writing() as tx,
    ):
        tx.connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 10}")
        tx.evidence.apply("calendar", many, zones(ada), NOW)
    with store.reading() as tx:
        assert [held.draft.key for held in tx.drafts.of(ada.id, TODAY)] == ["kept"]
        assert tx.evidence.tally() == {}
    with store.writing() as tx:
        tx.connection.exec_driver_sql("PRAGMA max_page_count=1073741823")
    apply(store, many, ada)
    with store.reading() as tx:
        assert tx.evidence.tally() == {"google_calendar": {"meeting": 2000}}


@only("sqlite")
def test_R12_a_database_another_program_locks_is_said_in_words(
    url: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daybook.store.sqlite.BUSY_SECONDS", 0.1)
    impatient = Store.open(url, KEY)
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"), impatient.writing():
        pass
    other.execute("ROLLBACK")
    with impatient.writing() as tx:
        tx.people.enrol("ada@northwind.example", NOW)
    other.close()
    impatient.close()


def test_R12_who_waits_behind_others_for_a_locked_database_is_told_in_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve that each wait half a minute kept the runner from its sign of life, and systemd ended it."""
    monkeypatch.setattr("daybook.store.store.TURN_SECONDS", 0.01)
    with (
        ThreadPoolExecutor(1) as other,
        store.writing(),
        pytest.raises(StoreUnavailable, match="had no turn"),
    ):
        other.submit(store.prove).result(60)
    store.prove()


def test_S13_an_error_does_not_say_what_it_could_not_write(store: Store, ada: Contributor) -> None:
    made = posting.hold("p", entry("e"), ada.id, NOW, timedelta(minutes=15))
    with pytest.raises(DBAPIError) as error, store.writing() as tx:
        tx.postings.add(made)
        tx.postings.add(made)
    assert ada.id not in str(error.value)
    assert "jira" not in str(error.value)
