"""What a daemon on one machine does without, until it is asked for: its memory is what others lack."""

from __future__ import annotations

import linecache
import subprocess
import sys

from daybook import daemon
from daybook.house import House
from tests.supply import licences

UNASKED = """alembic asana jira googleapiclient google procrastinate psycopg sqlalchemy.dialects.postgresql
    opentelemetry.sdk joserfc click"""
"""Work of an upgrade, connections that nobody named, a database that nobody shares, a sign-in of others."""

ONLY_LOOKED_FOR = "rich pygments"
"""structlog imports them wherever they are installed, for traces that we never draw: 5 MiB."""


def test_what_a_daemon_imports_is_neither_a_vendor_library_nor_a_stand_in() -> None:
    script = (
        "import sys\n"
        "import daybook.daemon, daybook.wiring\n"
        f"unasked = set({UNASKED!r}.split()) & set(sys.modules)\n"
        "print(sorted(unasked), [name for name in sys.modules if 'sandbox' in name])"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[] []"


def test_a_daemon_that_runs_holds_no_source_of_its_models(house: House) -> None:
    linecache.getlines(__file__)
    house.stopping.set()
    daemon.serve(house)
    assert __file__ not in linecache.cache


def test_nothing_is_installed_that_is_imported_only_because_it_is_there() -> None:
    installed = {name.lower() for name in licences.locked(licences.LOCK)}
    assert installed.isdisjoint(ONLY_LOOKED_FOR.split())
