"""Which local day of somebody an instant belongs to, also around a move from zone to zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from config.schema import Configuration, Person
from core.timeline import minute, on_the_clock

A_DAY = timedelta(days=1)


class Whereabouts:
    """The zones of one person."""

    def __init__(self, configuration: Configuration, person: Person) -> None:
        self._configuration = configuration
        self._person = person
        self.at_home = ZoneInfo(configuration.zone_of(person))

    def zone(self, day: date) -> str:
        """Where their day begins."""
        return self._configuration.zone_of(self._person.on(day)) if self._person.before else self.at_home.key

    def day(self, instant: datetime) -> date:
        """Their local day at that moment."""
        day = instant.astimezone(self.at_home).date()
        if self._person.before:
            while minute(instant) < self._begins(day):
                day -= A_DAY
            while minute(instant) >= self._begins(day + A_DAY):
                day += A_DAY
        return day

    def _begins(self, day: date) -> int:
        return on_the_clock(day, 0, ZoneInfo(self.zone(day)))
