"""What a contributor typed about a draft, read into what they stated; what they left alone is not said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from connectors.text import plain
from core.durations import Minutes
from core.model import Suggestion
from daybook.page import words

FIELDS = ("length", "project", "category", "billable", "connection", "task", "text")
_MINUTES: TypeAdapter[int] = TypeAdapter(Minutes)
_HOURS_AND_MINUTES = re.compile(r"(\d{1,2}):([0-5]\d)")
_PART_OF_HOURS = re.compile(r"(\d{1,2})[.,](\d{1,2})\s*h")
_UNIT = re.compile(r"([^\W\d_]+)\.?")


@dataclass(frozen=True)
class Typed:
    """The fields of the form as they were typed or shown."""

    length: str = ""
    project: str = ""
    category: str = ""
    billable: str = ""
    connection: str = ""
    """Empty: not chosen; `none`: stays in Daybook."""
    task: str = ""
    text: str = ""

    @classmethod
    def of(cls, suggestion: Suggestion) -> Typed:
        """As the form shows a draft."""
        connection, _, task = (suggestion.target or "").partition(":")
        return cls(
            length=words.typed(suggestion.minutes),
            project=suggestion.project or "",
            category=suggestion.category or "",
            billable="yes" if suggestion.billable else "",
            connection=connection,
            # the task it is about is the likely one, wherever it will be posted
            task=task or suggestion.task or "",
            text=suggestion.text,
        )

    @classmethod
    def sent(cls, form: Mapping[str, str]) -> Typed:
        said = cls(**{name: form[name] for name in FIELDS})
        return replace(
            said,
            length=plain(said.length),
            category=plain(said.category),
            task=plain(said.task),
        )

    @property
    def target(self) -> str:
        if self.connection in ("", "none"):
            return self.connection
        return f"{self.connection}:{self.task}"


def stated(typed: Typed, before: Typed) -> dict[str, object]:
    """What they changed, for `deeds.edit` and `deeds.add`.

    Raises   ValueError with a sentence for a length nobody can read
    """
    changed: dict[str, object] = {}
    if typed.length != before.length:
        changed["minutes"] = minutes(typed.length)
    if typed.billable != before.billable:
        changed["billable"] = bool(typed.billable)
    if typed.target != before.target and typed.connection:
        changed["target"] = typed.target
    if typed.text != before.text:
        changed["text"] = "\n".join(plain(line, len(line)) for line in typed.text.splitlines())
    for name in ("project", "category"):
        if (now := getattr(typed, name)) != getattr(before, name):
            changed[name] = now
    return changed


def minutes(typed: str) -> int:
    """A length as people type it: 45, 1:15, 1h 15m, 1.25 h; in the units of their language, with its comma.

    Raises   ValueError with a sentence
    """
    if typed.isascii() and typed.isdecimal():
        return int(typed[:6])
    if clock := _HOURS_AND_MINUTES.fullmatch(typed):
        return int(clock[1]) * 60 + int(clock[2])
    units = words.units()
    plain_units = _UNIT.sub(lambda unit: units.get(unit[1], unit[0]), typed.lower().strip())
    if hours := _PART_OF_HOURS.fullmatch(plain_units):
        return round(float(f"{hours[1]}.{hours[2]}") * 60)
    try:
        return _MINUTES.validate_python(plain_units)
    except ValidationError:
        raise ValueError(words.NO_LENGTH) from None
