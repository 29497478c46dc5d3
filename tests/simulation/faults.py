"""What goes wrong, and where: the program dies or stands still at a seam, a request meets a mishap.

Seams are where the outside can tell a difference: before and after each commit, before, in and after each
call of a tool. The seed decides at every one of them.
"""

from __future__ import annotations

from dataclasses import dataclass


class Crash(BaseException):
    """The program died: everything in memory is gone, everything committed stands."""


@dataclass(frozen=True)
class Weather:
    """How often what goes wrong."""

    crash: float = 0.0
    """At a seam."""
    pause: float = 0.0
    """At a seam: a worker stands still while others go on."""
    mishap: float = 0.0
    """To a request."""


CALM = Weather()
WEATHERS = (
    CALM,
    Weather(crash=0.03, pause=0.05, mishap=0.2),
    Weather(crash=0.08, mishap=0.3),
    Weather(pause=0.20, mishap=0.3),
    Weather(crash=0.05, pause=0.10, mishap=0.5),
)

READING = ("unavailable", "paced")
"""What can happen to a request that changes nothing."""
WRITING = (*READING, "lost", "lost", "vanished", "late")
"""lost: it was done and nobody hears of it; vanished: nobody hears and it was not done; late: it is done, and
shows up long after."""
