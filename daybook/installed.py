"""The connectors installed here, found by entry point: ours and others' alike."""

from __future__ import annotations

from functools import cache
from importlib import metadata
from typing import Any

GROUP = "daybook.connectors"


def connector_types() -> dict[str, Any]:
    """Every connector by its type."""
    return {point.name: point.load() for point in metadata.entry_points(group=GROUP)}


@cache
def called(kind: str) -> str:
    """A kind of tool as people call it; "" where no connector speaks of it any more."""
    return next((str(point.load().called) for point in metadata.entry_points(group=GROUP, name=kind)), "")
