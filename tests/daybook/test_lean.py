"""What a daemon on one machine does without, until it is asked for: its memory is what others lack."""

from __future__ import annotations

import linecache
import subprocess
import sys

import pytest

from daybook import attending, embedded, runner
from daybook.house import House
from tests.supply import licences

UNASKED = """alembic asana jira googleapiclient google procrastinate psycopg sqlalchemy.dialects.postgresql
    opentelemetry.sdk joserfc click babel.messages imaplib"""
"""Work of an upgrade, connections that nobody named, a database that nobody shares, a sign-in of others, a
language that nobody speaks, a mailbox that nobody has."""

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


@pytest.mark.parametrize("kind", [embedded.Runner, attending.Runner])
def test_a_daemon_that_has_nothing_to_do_holds_no_source(
    house: House, kind: type[runner.Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    linecache.getlines(__file__)
    monkeypatch.setattr(kind, "round", lambda *_: 0)
    monkeypatch.setattr(house.work_is_waiting, "wait", lambda _: house.stopping.set())
    kind(house).run()
    assert __file__ not in linecache.cache


def test_nothing_is_installed_that_is_imported_only_because_it_is_there() -> None:
    installed = {name.lower() for name in licences.locked(licences.LOCK)}
    assert installed.isdisjoint(ONLY_LOOKED_FOR.split())
