"""How far a long command is: a bar on a terminal, a plain line now and then in a pipe, both on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

NOW_AND_THEN = 2.0
"""Seconds between two lines in a pipe; what ends sooner says nothing."""

Step = Callable[[str, int, int], None]
"""(what is done, how much of it is, of how much)."""


@contextmanager
def shown() -> Iterator[Step]:
    """Until the end of the block, whatever is stepped is shown."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    with ExitStack() as line:
        bars: dict[str, ProgressBar[int]] = {}

        def step(what: str, done: int, whole: int) -> None:
            if what not in bars:
                line.close()
                bars[what] = line.enter_context(click.progressbar(length=whole, label=what, file=sys.stderr))
            bars[what].length = whole
            bars[what].update(done - bars[what].pos)

        yield step


def _lines() -> Step:
    said = time.monotonic()

    def step(what: str, done: int, whole: int) -> None:
        nonlocal said
        if time.monotonic() - said >= NOW_AND_THEN:
            said = time.monotonic()
            click.echo(f"{what}: {done} of {whole}", err=True)

    return step
