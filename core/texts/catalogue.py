"""What a language has to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple


class Catalogue(NamedTuple):
    """The sentences of one language."""

    texts: Mapping[str, str]
    """By name; what stands in braces is filled in."""
    counted: Mapping[str, tuple[str, ...]]
    """By name, the forms a `{number}` asks for."""
    form: Callable[[int], int]
    """Which of the forms a number takes."""
    months: tuple[str, ...]
    """From January on, as they stand in a date."""


def one_or_many(number: int) -> int:
    """The form of languages that tell one from all else."""
    return 0 if number == 1 else 1
