"""Traces for who keeps a collector: a span around each job that the clock sets off, and around its requests.

Off unless OpenTelemetry's own environment names where they go, and OpenTelemetry is imported only then. Work
that somebody's click sets off has no span, for its time would tell when they clicked, and none has any where
fewer people take part than the policy's smallest group has (P13). Only attributes on a list come through, and
no address, no partition and no message of an error is among them (S-13).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import structlog

from connectors import session
from core.rounds import Work
from daybook import VERSION
from daybook.doing import RHYTHM, is_crowd
from daybook.house import House

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import Span, Tracer

log = structlog.get_logger()

WHERE = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
"""Either of them switches it on."""
ATTRIBUTES = frozenset(
    (
        "daybook.connection daybook.kind daybook.tool "
        "error.type http.request.method http.response.status_code"
    ).split()
)
LACKING = "OpenTelemetry is not installed: pip install 'daybook-time[opentelemetry]'"

_tracer: Tracer | None = None


def begin() -> None:
    """Send traces from now on, if the environment asks for that; once, at the start of a process."""
    if not any(os.environ.get(name) for name in WHERE) or _is_off():
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning("traces.unsent", reason=LACKING)
        return
    send_to(BatchSpanProcessor(OTLPSpanExporter()))


def send_to(processor: SpanProcessor) -> None:
    """Hand every span to this processor."""
    global _tracer
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": "daybook"}
    provider = TracerProvider(resource=Resource.create({**named, "service.version": VERSION}))
    provider.add_span_processor(processor)
    _tracer = provider.get_tracer("daybook")
    session.watch = request


def job(house: House, work: Work) -> AbstractContextManager[object]:
    """Around one piece of work."""
    kind = type(work).__name__
    if _tracer is None or kind not in RHYTHM or not is_crowd(house, len(house.named)):
        return nullcontext()
    said = {"daybook.kind": kind, "daybook.connection": getattr(work, "connection", None)}
    return _span(_tracer, f"job {kind}", said)


@contextmanager
def request(tool: str, method: str) -> Iterator[Callable[[int], None]]:
    """Around one request of a connector, where it belongs to a job that has a span; told the status."""
    from opentelemetry.trace import get_current_span

    if _tracer is None or not get_current_span().is_recording():
        yield lambda _status: None
        return
    with _span(_tracer, f"{method} {tool}", {"daybook.tool": tool, "http.request.method": method}) as span:
        yield lambda status: _say(span, {"http.response.status_code": status})


@contextmanager
def _span(tracer: Tracer, name: str, said: dict[str, Any]) -> Iterator[Span]:
    # what it breaks by would be recorded with its message, which may quote somebody's day
    with tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as span:
        _say(span, said)
        try:
            yield span
        except BaseException as error:
            _say(span, {"error.type": type(error).__name__})
            raise


def _say(span: Span, said: dict[str, Any]) -> None:
    for name, value in said.items():
        if name in ATTRIBUTES and value is not None:
            span.set_attribute(name, value)


def _is_off() -> bool:
    return (
        os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
        or os.environ.get("OTEL_TRACES_EXPORTER", "").lower() == "none"
    )
