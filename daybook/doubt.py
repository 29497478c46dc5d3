"""No work while the clock cannot be believed: nothing is read, mailed, posted or forgotten meanwhile.

The page stays open and the state as it was. Once the clock is right, or its administrator says that it is,
all goes on; what came due meanwhile is due then.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from core import clock
from core.model import Verdict
from daybook import supervised
from daybook.errors import Wrong
from daybook.house import House

log = structlog.get_logger()

TICK = 5.0
"""Seconds between two looks at a clock that is not believed."""


def believed(house: House) -> Verdict:
    """May anything be done by this clock, as it has gone since this process began?"""
    return _believed(house, house.evenly().since)


def believed_by_hand(house: House) -> Verdict:
    """The same for what is told by hand: nobody waits until the clock has gone evenly."""
    return _believed(house, clock.SETTLED)


def insist(house: House, *, throws_away: bool = False) -> None:
    """For what is told by hand. Raises Wrong where the clock cannot be believed.

    Takes    throws_away: not of what was told, but of what the clock says is over; cron may have told it
    """
    if not (verdict := believed(house) if throws_away else believed_by_hand(house)):
        raise Wrong(f"Nothing was changed. {verdict.reason}")


def leapt_away(house: House) -> bool:
    """Is the clock not believed, and was perhaps when we last looked?"""
    return house.evenly().since < clock.SETTLED and not believed(house)


def wait(house: House) -> bool:
    """Until the clock can be believed; says once why, and once that it is over. False: told to stop.

    A configuration that is to be read again meanwhile waits as well, for its change is dated; that is said.
    """
    said, waits = "", False
    while not house.stopping.is_set() and not (verdict := believed(house)):
        if not said:
            said = verdict.reason
            log.error("clock.doubted", reason=said)
        if house.rereading.asked.is_set() and not waits:
            waits = True
            log.warning("configuration.waits", reason=said)
        supervised.alive()
        house.stopping.wait(TICK)
    if said and not house.stopping.is_set():
        log.warning("clock.believed")
    return not house.stopping.is_set()


def _believed(house: House, evenly: timedelta) -> Verdict:
    now = house.clock()
    with house.store.reading() as tx:
        return clock.believed(now, tx.last_worked(), evenly)
