"""One seed for everything that is drawn at random: by the simulation, and by the program (I8)."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager


class Chance(random.Random):
    """What a simulation draws from."""

    def happens(self, share: float) -> bool:
        """True in this share of all cases; draws nothing where it never does."""
        return share > 0 and self.random() < share


@contextmanager
def drawn_from(seed: object) -> Iterator[None]:
    """Ids, nonces and pauses of the program come of this seed meanwhile.

    Keys of the store are made in C and stay random: nothing that is decided, ordered or shown depends on
    them.
    """
    source = random.Random(f"program {seed}")
    true = os.urandom, random._urandom
    os.urandom = random._urandom = source.randbytes
    before = random.getstate()
    random.seed(f"pauses {seed}")
    try:
        yield
    finally:
        os.urandom, random._urandom = true
        random.setstate(before)
