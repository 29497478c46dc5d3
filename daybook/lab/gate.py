"""Which sums over people may be told, so that none of them tells of one person (P1, P13).

Behind what is told stand as many people as the policy wants behind any figure. What moves for fewer is told
as if it had not moved, and few are never told apart from none. Sums are rounded to a step no smaller than
the largest part that one person has in them, so that two runs subtracted do not show whom they differ by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count

OPEN = 0
"""The minimum for material that is the asker's own: its sums are told as they are."""

Parts = Mapping[str, int]
"""What each person adds to a sum."""


class Gate:
    """Lets a sum pass where at least a minimum of people is behind it."""

    def __init__(self, minimum: int) -> None:
        self.minimum = minimum

    def passes(self, parts: Parts) -> bool:
        return _people(parts) >= self.minimum

    def tells(self, parts: Parts) -> bool:
        """Whether it may be told that there is anything at all."""
        return _people(parts) >= max(1, self.minimum)

    def sum(self, parts: Parts, unit: int = 1) -> int | None:
        """The sum, or None where too few people are behind it.

        Takes    unit: steps are 1, 2, 5, 10 ... of it
        """
        return _rounded(parts, self._step(parts.values(), unit)) if self.passes(parts) else None

    def change(self, before: Parts, after: Parts, unit: int = 1) -> tuple[int | None, int | None]:
        """A sum before and after a change, in the same steps."""
        moved = {name: after.get(name, 0) - before.get(name, 0) for name in before.keys() | after.keys()}
        if not self.passes(moved):
            after = before
        step = self._step([*before.values(), *after.values()], unit)
        was, becomes = (_rounded(parts, step) if self.passes(parts) else None for parts in (before, after))
        return was, becomes

    def _step(self, parts: Iterable[int], unit: int) -> int:
        largest = max(parts, default=0)
        return 1 if self.minimum == OPEN else next(step for step in _steps(unit) if step >= largest)


def _people(parts: Parts) -> int:
    return sum(part != 0 for part in parts.values())


def _steps(unit: int) -> Iterator[int]:
    return (unit * digit * 10**power for power in count() for digit in (1, 2, 5))


def _rounded(parts: Parts, step: int) -> int:
    return (2 * sum(parts.values()) + step) // (2 * step) * step
