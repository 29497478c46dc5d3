"""What a language brings along: its sentences, and how it writes times and days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time
from typing import NamedTuple


class Catalogue(NamedTuple):
    """The sentences of one language."""

    texts: Mapping[str, str]
    """By name; what stands in braces is filled in."""
    counted: Callable[[str, int], str]
    """A sentence by name, in the form its number asks for."""
    clock: Callable[[time], str]
    date: Callable[[date], str]
