"""Traces: off until asked for, of the clock's work alone, and no word of anybody's day in any span."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
import responses
import structlog
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from config.schema import Configuration
from connectors import session
from connectors.contract import Unavailable
from connectors.session import Session
from core.rounds import Post, Pull, Reconcile, Work
from daybook import traces
from daybook.embedded import Runner
from daybook.house import House
from tests.daybook.conftest import TODAY
from tests.daybook.metrics.test_figures import people

CANARY = "Quittenmarmelade"
TOOL = "https://tool.example"
PULL = Pull(connection="memory", partition=CANARY)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    monkeypatch.setattr(traces, "_tracer", None)
    monkeypatch.setattr(session, "watch", session.watch)
    exporter = InMemorySpanExporter()
    traces.send_to(SimpleSpanProcessor(exporter))
    yield exporter
    exporter.shutdown()


@pytest.fixture
def many(house: House, configuration: Configuration) -> House:
    return replace(house, configuration=people(configuration, house.policy.groups.minimum))


def does(house: House, work: Work, status: int = 200) -> None:
    """Do it as a runner does; it sends one request that is full of what must not get out."""

    def asks(_house: House, _work: Work) -> None:
        with responses.RequestsMock() as outside:
            outside.get(f"{TOOL}/{CANARY}", json={"title": CANARY}, status=status)
            Session("Jira", TOOL).call("GET", f"/{CANARY}", params={"q": CANARY}, headers={"X-It": CANARY})

    runner = Runner(house, asks)
    try:
        runner._does(work)
    finally:
        runner._end()


def test_a_pull_is_a_span_with_its_requests_inside(many: House, spans: InMemorySpanExporter) -> None:
    does(many, PULL)
    asked, job = spans.get_finished_spans()
    assert (asked.name, job.name) == ("GET Jira", "job Pull")
    assert asked.parent is not None and asked.parent.span_id == job.context.span_id
    assert dict(job.attributes or {}) == {"daybook.kind": "Pull", "daybook.connection": "memory"}
    said = {"daybook.tool": "Jira", "http.request.method": "GET", "http.response.status_code": 200}
    assert dict(asked.attributes or {}) == said


def test_S13_no_span_holds_an_address_a_title_or_the_message_of_an_error(
    many: House, spans: InMemorySpanExporter
) -> None:
    does(many, PULL)
    with pytest.raises(Unavailable):
        does(many, PULL, status=500)
    found = spans.get_finished_spans()
    assert len(found) == 4
    assert {"error.type": "Unavailable"}.items() <= dict(found[-1].attributes or {}).items()
    assert CANARY not in "".join(span.to_json() for span in found)
    assert {name for span in found for name in span.attributes or {}} <= traces.ATTRIBUTES
    assert not any(span.events for span in found)


def test_P13_what_somebodys_click_sets_off_has_no_span(many: House, spans: InMemorySpanExporter) -> None:
    for work in (Post(posting="p-1", lane="x"), Reconcile(contributor="c", days=(TODAY,))):
        does(many, work)
    assert spans.get_finished_spans() == ()


def test_P13_a_small_team_has_no_spans(house: House, spans: InMemorySpanExporter) -> None:
    does(house, PULL)
    assert spans.get_finished_spans() == ()


def test_nothing_of_it_is_imported_until_somebody_asks() -> None:
    """Takes half a second of an idle process, and its memory."""
    asked = """
import os, sys
from daybook import runner, traces
off = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
for said in ({}, off | {"OTEL_SDK_DISABLED": "true"}, off | {"OTEL_TRACES_EXPORTER": "none"}):
    os.environ.update(said)
    traces.begin()
    for name in said:
        del os.environ[name]
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, env={})
    assert done.stdout.strip() == "[]", done.stderr


def test_where_it_lacks_it_says_how_to_install_it_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with structlog.testing.capture_logs() as said:
        traces.begin()
    (line,) = said
    assert line["event"] == "traces.unsent"
    assert "daybook-time[opentelemetry]" in line["reason"]
    assert traces._tracer is None
