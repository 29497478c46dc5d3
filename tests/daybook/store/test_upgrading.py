"""Two versions of the program on one database: which may go on, which waits, which is refused.

The next version is made up: it knows one migration more, and the one after it another that takes away.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from daybook.store import Store, StoreRefused, StoreUnavailable, migrate, schema
from tests.daybook.store.conftest import KEY, NOW, agreed

ADDS = """
revision, down_revision, works_with = "0002", "0001", "0001"
def upgrade():
    op.add_column("contributors", sa.Column("nickname", sa.String(64)))
    op.add_column("told", sa.Column("loud", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table("wishes", sa.Column("id", sa.Integer(), primary_key=True))
"""
TAKES_AWAY = """
revision, down_revision, works_with = "0003", "0002", "0002"
def upgrade():
    op.drop_column("told", "loud")
"""

Release = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Release]:
    """Until the end of its block, what is opened is opened by a program that knows these migrations too."""
    folders = iter(range(10))

    @contextmanager
    def knowing(*migrations: str) -> Iterator[None]:
        scripts = tmp_path / f"release {next(folders)}"
        shutil.copytree(migrate.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
        for number, text in enumerate(migrations):
            header = "import sqlalchemy as sa\nfrom alembic import op\n"
            (scripts / "versions" / f"next_{number}.py").write_text(header + text)
        with monkeypatch.context() as patch:
            patch.setattr(migrate, "SCRIPTS", scripts)
            patch.setattr(schema, "REVISION", f"{len(migrations) + 1:04}")
            yield

    yield knowing


def stands(store: Store) -> str | None:
    with store.reading() as tx:
        return migrate.current(tx.connection)


def works(store: Store, email: str) -> None:
    """Reads and writes, also what the next version added something to."""
    with store.writing() as tx:
        tx.people.enrol(email, NOW)
        assert tx.told.once(email, NOW)
    with store.reading() as tx:
        assert tx.people.by_email(email) is not None


def test_every_migration_says_beside_whom_it_may_run() -> None:
    scripts = ScriptDirectory(str(migrate.SCRIPTS))
    known = [one.revision for one in scripts.walk_revisions()]
    for one in scripts.walk_revisions():
        assert one.module.works_with in known


def test_an_old_worker_goes_on_while_a_new_one_adds_to_the_schema_and_old_ones_may_still_start(
    store: Store, url: str, release: Release
) -> None:
    with store.hold():
        works(store, "before@northwind.example")
        with release(ADDS):
            new = Store.open(url, KEY)
            assert stands(new) == "0002"
            works(new, "new@northwind.example")
            works(store, "old@northwind.example")
        with store.reading() as tx:
            assert migrate.fits(tx.connection), "its page is ready still"
    again = Store.open(url, KEY)
    assert Store.look(url, KEY)[1] is not None
    works(again, "again@northwind.example")
    for one in (new, again):
        one.close()


def test_what_takes_away_waits_for_the_last_who_needs_it_and_is_then_refused_to_them(
    store: Store, url: str, release: Release
) -> None:
    with store.hold(), release(ADDS, TAKES_AWAY):
        with pytest.raises(
            StoreUnavailable, match=r"an older Daybook .* is still running \(pid \d+ on .*Nothing was"
        ):
            Store.open(url, KEY)
        works(store, "old@northwind.example")
        assert stands(store) == "0001", "all the way, or not at all"
    with release(ADDS):
        between = Store.open(url, KEY)
    with release(ADDS), between.hold(), release(ADDS, TAKES_AWAY):
        new = Store.open(url, KEY)
        assert stands(new) == "0003", "the release before does without"
        works(between, "between@northwind.example")
    with pytest.raises(StoreRefused, match=r"newer Daybook \(it stands at 0003, this one knows 0001\)"):
        Store.open(url, KEY)
    for one in (between, new):
        one.close()


def test_who_died_without_a_word_holds_up_no_upgrade(store: Store, url: str, release: Release) -> None:
    with store.writing() as tx:
        tx.workers.join(NOW)  # long ago, and it never left
    agreed(store, "ada@northwind.example")
    with release(ADDS, TAKES_AWAY):
        Store.open(url, KEY).close()
    assert stands(store) == "0003"


def test_R11_who_stood_still_during_an_upgrade_writes_nothing_into_a_form_it_does_not_know(
    store: Store, url: str, release: Release
) -> None:
    """It seemed dead, wakes, and nobody who runs has missed it yet."""
    with store.writing() as tx:
        store._worker = tx.workers.join(NOW)
    with release(ADDS):
        Store.open(url, KEY).close()
        works(store, "old@northwind.example")
    with release(ADDS, TAKES_AWAY):
        Store.open(url, KEY).close()
    with pytest.raises(StoreRefused, match="took over from this one"):
        works(store, "late@northwind.example")


def test_R11_who_opened_a_store_that_is_then_upgraded_does_not_begin_on_it(
    store: Store, url: str, release: Release
) -> None:
    with release(ADDS, TAKES_AWAY):
        Store.open(url, KEY).close()
    with pytest.raises(StoreRefused, match="written by a newer Daybook"), store.hold():
        pass
