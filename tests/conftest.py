"""What every test gets: no way out of this machine, and the material beside the checkout."""

from __future__ import annotations

import gc
import socket
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.postbox import postbox  # noqa: F401
from tests.postgres import cluster, pair, postgresql  # noqa: F401

# A shared machine pauses at any moment; a slow example is no failure. What a commit is judged by is the same
# on each run; other examples are looked for with --hypothesis-profile=searching.
searching = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("searching", searching)
settings.register_profile("shared machine", searching, derandomize=True)
settings.load_profile("shared machine")

# For tests/mutants.py: few, because they are tried on hundreds of mutants; always the same, because a mutant
# that is seen by luck lives again tomorrow, and then the list of those that live is never true.
settings.register_profile("mutants", max_examples=30, derandomize=True)

# Otherwise rich draws all locals of all frames, for seconds, whenever a test lets something break on purpose.
PLAIN = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[*structlog.get_config()["processors"][:-1], PLAIN])


def pytest_collection_finish() -> None:
    """Spare the collector of garbage what lives as long as the session: a fifth of what small tests took."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the fault matrix, as far as it was run: what each endpoint's faults lead to."""
    from tests.connectors.matrix import table

    told = [report for how in ("passed", "failed") for report in terminalreporter.stats.get(how, ())]
    rows = [row for report in told for name, row in report.user_properties if name == "fault matrix"]
    if rows:
        terminalreporter.section("fault matrix")
        for line in table(rows):
            terminalreporter.write_line(line)


SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The facts, official descriptions and recorded payloads beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared beside the checkout")
    return SHARED


def _stays_here(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ip_address(str(name).partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A command that a test runs in this process sets up the log for itself, not for the tests after it."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(autouse=True)
def refused_addresses(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every way out of this machine fails the test, also one tried in a thread that swallows errors.

    Gives    the hosts somebody tried; a test of this guard empties the list
    """
    tried: list[str] = []

    def refuse(host: object) -> None:
        tried.append(str(host))
        # not an Exception: no `except Exception` may hide it
        pytest.fail(f"this test tried to leave the machine: {host}", pytrace=True)

    def guarded(name: str) -> None:
        original = getattr(socket.socket, name)

        def call(self: socket.socket, *args: Any) -> Any:
            address = args[-1]
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _stays_here(address[0]):
                refuse(address[0])
            return original(self, *args)

        monkeypatch.setattr(socket.socket, name, call)

    for name in ("connect", "connect_ex", "sendto"):
        guarded(name)

    resolve = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not _stays_here(host):
            refuse(host)
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield tried
    if tried:
        pytest.fail(f"this test tried to leave the machine: {', '.join(sorted(set(tried)))}", pytrace=False)
