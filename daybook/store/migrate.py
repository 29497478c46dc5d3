"""Bringing a database to the schema of this program: all the way, in one transaction, or not at all."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from daybook.store.errors import StoreRefused
from daybook.store.schema import REVISION

SCRIPTS = Path(__file__).parent / "migrations"


def current(connection: Connection) -> str | None:
    """The migration a database of ours stands at."""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def known(connection: Connection) -> None:
    """Refuse a database that a newer program wrote."""
    found = current(connection)
    if found == REVISION:
        return  # Alembic is large, and nobody looking needs it
    from alembic.script import ScriptDirectory
    from alembic.util.exc import CommandError

    try:
        ScriptDirectory.from_config(_settings(connection)).get_revision(found or "base")
    except CommandError as error:
        raise _newer(error) from None


def upgrade(connection: Connection) -> None:
    """Run the migrations this database lacks."""
    from alembic import command
    from alembic.util.exc import CommandError

    try:
        command.upgrade(_settings(connection), "head")
    except CommandError as error:
        raise _newer(error) from None


def _newer(error: Exception) -> StoreRefused:
    return StoreRefused(
        f"This store was written by a newer Daybook (this one knows {REVISION}: {error}). "
        "Nothing in it was changed. Install the newer Daybook again."
    )


def differences(connection: Connection) -> list[object]:
    """What the migrations left different from the tables in schema.py."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from daybook.store.schema import metadata

    return list(compare_metadata(MigrationContext.configure(connection), metadata))


def _settings(connection: Connection):  # type: ignore[no-untyped-def]
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings
