"""Bringing a database to the schema of this program: all the way, in one transaction, or not at all.

Two versions may work on one database while machines are upgraded one after the other. So every migration
names as `works_with` the oldest schema whose programs may go on beside it. One that only adds (tables,
columns that may be empty or have a default of the server's) names one before it. One that takes away or
changes a meaning comes a release later and names the first that can do without: it waits until nobody older
runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, select, text, update

from daybook.store import schema
from daybook.store.errors import StoreRefused, StoreUnavailable

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

SCRIPTS = Path(__file__).parent / "migrations"


def current(connection: Connection) -> str | None:
    """The migration a database of ours stands at."""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def fits(connection: Connection) -> bool:
    """Whether this program works with a database of ours as it stands; False where it lacks migrations.

    Raises   StoreRefused for one that a newer program wrote, and that this one does not understand
    """
    found = current(connection)
    if found == schema.REVISION:
        return True  # Alembic is large, and nobody looking needs it
    known = _in_order(_scripts(connection))
    if found in known:
        return False
    if _works_with(connection) in known:
        return True
    raise StoreRefused(
        f"This store was written by a newer Daybook (it stands at {found}, this one knows "
        f"{schema.REVISION}). Nothing in it was changed. Install the newer Daybook again."
    )


def make(connection: Connection) -> str:
    """The whole schema into an empty database; gives the oldest schema whose programs may work on it."""
    scripts = _scripts(connection)
    _run(connection)
    return _oldest(scripts, _in_order(scripts))


def upgrade(connection: Connection, running: Mapping[str, str]) -> None:
    """Run the migrations that a database of ours lacks.

    Takes    running: who works on it just now, with the schema each knows
    Raises   StoreUnavailable where one of them would not understand it afterwards; StoreRefused as `fits`
    """
    if fits(connection):
        return  # somebody else was first
    scripts = _scripts(connection)
    known = _in_order(scripts)
    there = str(current(connection))
    oldest = _oldest(scripts, known[known.index(there) + 1 :], _works_with(connection))
    if too_old := [name for name, knows in running.items() if known.index(knows) < known.index(oldest)]:
        raise StoreUnavailable(
            "The store cannot be upgraded yet: an older Daybook that would not understand it is still "
            f"running ({', '.join(too_old)}). Nothing was changed. Upgrade that one to the release before "
            "this, or stop it; then start this one again."
        )
    _run(connection)
    connection.execute(update(schema.daybook).values(works_with=oldest))
    # who seemed dead may wake, and must write nothing into a form it does not understand
    older = known[: known.index(oldest)]
    connection.execute(delete(schema.workers).where(schema.workers.c.revision.in_(older)))


def _run(connection: Connection) -> None:
    from alembic import command

    command.upgrade(_settings(connection), "head")


def _oldest(scripts: ScriptDirectory, migrations: Iterable[str], so_far: str = "") -> str:
    """The newest of what these name in `works_with`."""
    named = [scripts.get_revision(one).module.works_with for one in migrations]
    return str(max([*named, *filter(None, [so_far])], key=_in_order(scripts).index))


def _works_with(connection: Connection) -> str:
    return str(connection.execute(select(schema.daybook.c.works_with)).scalar_one())


def _in_order(scripts: ScriptDirectory) -> list[str]:
    """What this program knows, the first first."""
    return [one.revision for one in scripts.walk_revisions()][::-1]


def differences(connection: Connection) -> list[object]:
    """What the migrations left different from the tables in schema.py."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from daybook.store.schema import metadata

    return list(compare_metadata(MigrationContext.configure(connection), metadata))


def _scripts(connection: Connection) -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_settings(connection))


def _settings(connection: Connection):  # type: ignore[no-untyped-def]
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings
