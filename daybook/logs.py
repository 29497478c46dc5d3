"""Logs for the administrator at night: constant event names, facts as keys.

Only keys on the list below come through, and only as short plain values, so a
title, an address or a token cannot reach a log by mistake (S-13). An exception
is written as its kind and where it happened; its message may hold content and
stays out.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import Any, TextIO

import structlog

from connectors.text import plain

ALLOWED = frozenset(
    (
        "event level timestamp "
        "activities asked attempt changed connection connector contributor created days doubts due endpoint "
        "behind error flagged "
        "fresh held id job kind listen mails partition people period pid posting pulled purpose reason "
        "report revised seconds sightings since skipped source stage state status store suspicious "
        "target trace until version wait whole withdrawn worker workers"
    ).split()
)
LONGEST = 200

Event = MutableMapping[str, Any]


def only_allowed(_: Any, __: str, event: Event) -> Event:
    """Drops what is not on the list; what is left is plain, and cut where it is too long to be a fact."""
    return {key: _short(value) for key, value in event.items() if key in ALLOWED}


def _short(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {plain(str(key), LONGEST): _short(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_short(part) for part in value]
    return plain(str(value), LONGEST)


def where_it_happened(_: Any, __: str, event: Event) -> Event:
    """Turns an exception into its kind and its lines of ours, without message and without locals."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["trace"] = places(error.__traceback__)
    return event


def places(trace: TracebackType | None) -> list[str]:
    """The innermost lines of a trace: file, line and function, and nothing that they held."""
    frames = [(Path(frame.f_code.co_filename), line, frame.f_code.co_name) for frame, line in walk_tb(trace)]
    return [f"{file.parent.name}/{file.name}:{line} {name}" for file, line, name in frames][-12:]


def configure(*, human: bool, quiet: bool = False, stream: TextIO | None = None) -> None:
    """Once at start: JSON lines for the journal, or colourless words for a terminal; quiet: errors only."""
    stream = stream or sys.stderr
    last: Any = (
        structlog.dev.ConsoleRenderer(colors=False)
        if human
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            where_it_happened,
            only_allowed,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR if quiet else logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    _hush_libraries()


def _hush_libraries() -> None:
    """Vendor libraries log addresses and bodies; what matters of them, we say ourselves.

    Those named bring handlers of their own; of all others, such as a guest's connector uses, only what nobody
    handles would be shown.
    """
    logging.lastResort = logging.NullHandler()
    for name in (
        "googleapiclient",
        "google",
        "jira",
        "asana",
        "urllib3",
        "uvicorn",
        "uvicorn.access",
        "alembic",
        "procrastinate",
        "psycopg.pool",
        "asyncio",
        "mail.log",
        "opentelemetry",
    ):
        logger = logging.getLogger(name)
        logger.handlers = [logging.NullHandler()]
        logger.propagate = False
