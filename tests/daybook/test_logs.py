"""What reaches a log: facts under known keys, and no word of a day (S-13)."""

from __future__ import annotations

import ast
import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import structlog

from daybook import logs

CANARY = "Quittenmarmelade"


@pytest.fixture
def log():
    stream = io.StringIO()
    logs.configure(human=False, stream=stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_S13_a_key_that_is_not_on_the_list_is_left_out(log):
    structlog.get_logger().info("round.finished", connection="jira", title=CANARY, email="ada@x.example")
    (line,) = log()
    assert line.keys() == {"event", "level", "timestamp", "connection"}


def test_whatever_is_said_to_a_log_is_said_under_a_key_that_comes_through():
    said = [call for path in sources() for call in ast.walk(ast.parse(path.read_text())) if is_log(call)]
    assert len(said) > 20
    keys = {key.arg for call in said for key in call.keywords if key.arg}
    assert keys <= logs.ALLOWED | {"exc_info"}, "an exception becomes its kind and its place"


def sources() -> Iterator[Path]:
    for room in ("core", "config", "connectors", "daybook"):
        yield from (Path(logs.__file__).parents[1] / room).rglob("*.py")


def is_log(call: ast.AST) -> bool:
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=level)):
            return level in ("debug", "info", "warning", "error", "exception", "critical")
    return False


def test_S13_an_exception_is_its_kind_and_its_place(log):
    try:
        raise ValueError(CANARY)
    except ValueError:
        structlog.get_logger().exception("job.broke")
    (line,) = log()
    assert line["error"] == "ValueError"
    assert line["trace"][-1].startswith("daybook/test_logs.py:")
    assert CANARY not in json.dumps(line)


def test_a_value_too_long_to_be_a_fact_is_cut(log):
    structlog.get_logger().info("round.finished", reason="x" * 10_000)
    assert len(log()[0]["reason"]) == logs.LONGEST


@pytest.mark.parametrize("human", [False, True])
def test_S13_no_value_begins_a_line_of_its_own_or_says_something_to_a_terminal(human):
    stream = io.StringIO()
    logs.configure(human=human, stream=stream)
    structlog.get_logger().info("round.finished", reason="a\n2026", source="a\x1b[2Jb", kind={"a\nb": "c\r"})
    (line,) = stream.getvalue().splitlines()
    assert line.isprintable() and "\\" not in line


def test_a_line_says_when_in_UTC(log):
    structlog.get_logger().info("round.finished")
    assert datetime.fromisoformat(log()[0]["timestamp"]).utcoffset() == timedelta(0)


def test_S13_a_library_of_a_guests_connector_says_nothing_on_its_own(log, capfd, monkeypatch):
    library = logging.Logger("a guest's library")
    library.warning("GET /ada@northwind.example.ics %s", CANARY)
    assert capfd.readouterr().err == ""
    monkeypatch.setattr(logging, "lastResort", logging.StreamHandler())
    library.warning(CANARY)
    assert CANARY in capfd.readouterr().err, "without us it would have"
