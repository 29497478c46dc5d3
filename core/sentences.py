"""How a sentence of the catalogue is filled in: times, lengths and names as its language writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from functools import cache, lru_cache

from core.memory import Choice, Recollection
from core.model import Response
from core.texts import ENGLISH as IN_ENGLISH
from core.texts import Catalogue

MOST_TIMES = 6
"""More times of day than this in one sentence are counted, not listed."""

REMEMBERED = 1 << 14
"""Sentences of one kind that are kept; the longest unused go first."""

LONGEST_TITLE = 80
"""Letters of another meeting's title in a sentence."""

_ANSWERS: dict[Response | None, str] = {
    "organizer": "organizer",
    "accepted": "accepted",
    "tentative": "tentative",
    "needs_action": "needs action",
    "declined": "declined",
    None: "nobody asked",
}
_CHOSEN = {
    "series": "chosen for series",
    "task": "chosen for task",
    "title": "chosen for title",
}


class Sentences:
    """What Daybook says in one language: `say("less logged", time=say.duration(30))`."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._texts = {name: text.format for name, text in catalogue.texts.items()}
        self._counted = catalogue.counted
        self._clock = [catalogue.clock(time(hour, minute)) for hour in range(24) for minute in range(60)]
        # What is said again and again is put together once.
        self.date = cache(catalogue.date)
        self.duration = cache(self._duration)
        self.shared = cache(self._shared)
        self._meeting = lru_cache(REMEMBERED)(self._in_calendar)
        self._present = lru_cache(REMEMBERED)(self._in_progress)

    def __call__(self, name: str, /, **words: str | int) -> str:
        return self._texts[name](**words)

    def count(self, name: str, number: int, /, **words: str | int) -> str:
        """A sentence in the form its number asks for."""
        return self._counted(name, number).format(number=number, **words)

    # --- times, lengths and names --------------------------------------------------------------------------

    def clock(self, time: datetime) -> str:
        return self._clock[time.hour * 60 + time.minute]

    def span(self, start: datetime, end: datetime) -> str:
        return self("span", start=self.clock(start), end=self.clock(end))

    def _duration(self, minutes: int) -> str:
        """In hours and minutes."""
        hours, rest = divmod(minutes, 60)
        if not hours:
            return self.count("minutes", rest)
        if not rest:
            return self.count("hours", hours)
        return self(
            "hours and minutes", hours=self.count("hours", hours), minutes=self.count("minutes", rest)
        )

    def listed(self, words: Sequence[str]) -> str:
        *most, last = words
        return self("list", most=", ".join(most), last=last) if most else last

    def title(self, title: str) -> str:
        short = title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE].rstrip()}..."
        return self("title", title=short)

    def rule(self, name: str, file: str | None, line: int | None) -> str:
        """A rule of the configuration, with its place."""
        if line is None:
            return self("rule", name=name)
        if file is None:
            return self("rule at line", name=name, line=line)
        return self("rule in file", name=name, file=file, line=line)

    # --- evidence ------------------------------------------------------------------------------------------

    def answer(self, response: Response | None) -> str:
        return self(_ANSWERS[response])

    def meeting(self, start: datetime, end: datetime, response: Response | None) -> str:
        return self._meeting(self.clock(start), self.clock(end), response)

    def _in_calendar(self, start: str, end: str, response: Response | None) -> str:
        return self("meeting", span=self("span", start=start, end=end), answer=self.answer(response))

    def present(self, start: datetime | None, end: datetime | None) -> str:
        """When a task was in progress; None for an end that lies outside the day."""
        return self._present(start and self.clock(start), end and self.clock(end))

    def _in_progress(self, start: str | None, end: str | None) -> str:
        match start, end:
            case str(), str():
                return self("in progress", span=self("span", start=start, end=end))
            case str(), None:
                return self("in progress since", start=start)
            case None, str():
                return self("in progress until", end=end)
        return self("in progress all day")

    def worked_on(self, times: Sequence[datetime]) -> str:
        said = [self.clock(time) for time in times[:MOST_TIMES]]
        if len(times) > MOST_TIMES:
            said.append(self.count("more times", len(times) - MOST_TIMES))
        return self("worked on", times=self.listed(said))

    def _shared(self, others: int, reach: int | None) -> str:
        """Where the minutes of a task come from.

        Takes    reach: minutes around each sign of work, for a task that was not in progress
        """
        if reach is None:
            return self.count("shared", others) if others else self("alone")
        around = self.duration(reach)
        return self.count("around, shared", others, reach=around) if others else self("around", reach=around)

    def by_rule(self, project: str | None, name: str, file: str | None, line: int | None) -> str:
        """What a rule decided."""
        rule = self.rule(name, file, line)
        if project is None:
            return self("by rule", rule=rule)
        return self("project by rule", project=project, rule=rule)

    def chosen(self, said: Recollection) -> str:
        """What its contributor said about such a thing before."""
        on = self.date(said.last) if said.last else ""
        match said:
            case Recollection(by="never" | "always", choice=None):
                return self("never")
            case Recollection(by="always", choice=Choice(project=project)):
                return self("always", project=project, date=on)
            case Recollection(by="like", choice=Choice(project=project)):
                title = self.title(said.title)
                return self.count(
                    "chosen for titles like it", said.times, project=project, title=title, date=on
                )
            case Recollection(choice=Choice(project=project)):
                return self.count(_CHOSEN[said.by], said.times, project=project, date=on)
        return self.count("dismissed before", said.times, date=on)

    def doubt(self, said: Recollection) -> str:
        """What its contributor said before that speaks against a rule, but not yet often enough."""
        if said.choice is None or said.last is None:
            return self.chosen(said)
        return self("chosen otherwise", project=said.choice.project, date=self.date(said.last))


ENGLISH = Sentences(IN_ENGLISH)
