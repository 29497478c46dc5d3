"""A thread that answers others: should it end unasked, the process ends with it, and says so.

Its rounds tell systemd that it lives, and would go on doing so while nobody can confirm any more. One that
stands still without an end is missed by systemd itself: the page's loop passes on each sign of life.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from daybook.errors import Outside
from daybook.house import House

log = structlog.get_logger()


@contextmanager
def answering(
    house: House, what: str, serve: Callable[[], None], end: Callable[[], None], patience: float
) -> Iterator[None]:
    """Until the end of the block `serve` runs in a thread; then `end` ends it.

    Takes    patience: seconds it gets for that
    Raises   Outside at the end of the block where it ended before
    """
    told, why = threading.Event(), list[str]()

    def runs() -> None:
        error: BaseException | None = None
        try:
            serve()
        except BaseException as broken:  # uvicorn leaves by SystemExit
            error = broken
        if not told.is_set():
            log.error("listener.ended", kind=what, exc_info=error)
            why.append(type(error).__name__ if error else "no error")
            house.stopping.set()
            house.work_is_waiting.set()

    thread = threading.Thread(target=runs, name=what, daemon=True)
    thread.start()
    try:
        yield
    finally:
        told.set()
        end()
        thread.join(patience)
    if why:
        raise Outside(
            f"What answers for the {what} ended by itself ({why[0]}), so Daybook ended too. Nothing is lost: "
            "what was at hand is due at the next start. Start it again, as systemd does; the log says where."
        )
