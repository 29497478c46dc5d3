"""Activities as JSON lines: what each line says, whose it is, and why some cannot be used.

A line is somebody's activity; or it is set aside with its reason, on the day it says; or it
names nobody, and is refused. None of them stops the rest, and none is held whole that is too long.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, BinaryIO

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from config.schema import Configuration, Person
from core.addresses import Address
from core.model import Activity, Parked
from core.reading import read_activity
from daybook.whereabouts import Whereabouts

LONGEST_LINE = 8 << 20
"""Bytes; whatever is longer is passed over in pieces of this size at most."""
LONGEST_ADDRESS = 320
"""Characters, as mail has them: 64 before the @ and 255 behind it."""
FAR = timedelta(days=3_660)
"""Ten years from now, either way: what says so is a mistake."""
MOST_TOLD = 20
"""Refused lines that are told one by one; whoever has more of them sees what is wrong."""
INSTANTS = ("start", "end", "updated")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

STRANGER = "person: is nobody under people in the configuration"
TOO_FAR = "start: lies more than ten years from now"
A_NUMBER = "{}: is a number; write a time like 2026-11-20T10:00:00+01:00"
NO_ADDRESS = 'has a "person" that is no e-mail address'
TOO_LONG = f"is longer than {LONGEST_LINE >> 20} MiB"

_address: TypeAdapter[str] = TypeAdapter(Address)


@dataclass(frozen=True, slots=True)
class Said:
    """What one line says of somebody."""

    person: str
    day: date
    """The local day it begins; for what was set aside and names none, today."""
    what: Activity | Parked


@dataclass
class Refused:
    """The lines that name nobody, so that nobody's day can hold them."""

    count: int = 0
    sentences: list[str] = field(default_factory=list)
    """The first of them."""

    def add(self, number: int, why: object) -> None:
        self.count += 1
        if self.count <= MOST_TOLD:
            self.sentences.append(f"line {number}: {why}. It was left out.")

    def told(self) -> Iterator[str]:
        yield from self.sentences
        if self.count > MOST_TOLD:
            yield f"... and {self.count - MOST_TOLD} lines more."


def read_lines(
    lines: BinaryIO, configuration: Configuration, now: datetime, refused: Refused
) -> Iterator[Said]:
    """What the lines say, in their order; those that name nobody are added to the refused."""
    known = {person.email: Whereabouts(configuration, person) for person in configuration.people}
    stranger = Whereabouts(configuration, Person.model_construct(name="", email=""))
    for number, line in enumerate(_lines(lines), start=1):
        if not line.strip():
            continue
        try:
            said = _object(line)
            person = _person(said.pop("person", None))
        except ValueError as problem:
            refused.add(number, problem)
            continue
        where = known.get(person, stranger)
        what = _activity(said)
        begins = what.start if isinstance(what, Activity) else _begins(said.get("start"), where)
        if begins is None or abs(begins - now) > FAR:
            begins, what = now, _parked(what, TOO_FAR)
        if where is stranger:
            what = _parked(what, STRANGER)
        yield Said(person, where.day(begins), what)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Each line; of one that is too long, only so much that it can be seen to be."""
    whole = True
    while piece := stream.readline(LONGEST_LINE + 1):
        if whole:
            yield piece
        whole = piece.endswith(b"\n") or len(piece) <= LONGEST_LINE


def _object(line: bytes) -> dict[str, Any]:
    """Raises   ValueError, with words for the person who wrote the line"""
    if len(line) > LONGEST_LINE:
        raise ValueError(TOO_LONG)
    try:
        said = from_json(line.removeprefix(BYTE_ORDER_MARK), allow_inf_nan=False)
    except ValueError:
        raise ValueError("is not JSON" if _is_text(line) else "is not UTF-8 text") from None
    if not isinstance(said, dict):
        raise ValueError("is no JSON object")
    return said


def _is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _person(said: object) -> str:
    if said is None:
        raise ValueError('names no "person"')
    if not isinstance(said, str) or len(said) > LONGEST_ADDRESS:
        raise ValueError(NO_ADDRESS)
    return _addressed(said)


@lru_cache(maxsize=10_000)
def _addressed(said: str) -> str:
    try:
        return _address.validate_python(said)
    except ValidationError:
        raise ValueError(NO_ADDRESS) from None


def _activity(said: Mapping[str, object]) -> Activity | Parked:
    for name in INSTANTS:
        if _is_a_number(said.get(name)):
            uid = said.get("uid")
            return Parked(uid=uid if isinstance(uid, str) else None, why=A_NUMBER.format(name))
    return read_activity(said)


def _is_a_number(said: object) -> bool:
    # pydantic would read seconds since 1970 here, from a string of digits too
    return isinstance(said, int | float) or (
        isinstance(said, str) and said.strip().lstrip("+-").replace(".", "", 1).isdecimal()
    )


def _parked(what: Activity | Parked, why: str) -> Parked:
    """Whatever was wrong before stays the reason."""
    return Parked(uid=what.uid, why=why) if isinstance(what, Activity) else what


def _begins(said: object, where: Whereabouts) -> datetime | None:
    """When a line that is no activity says it begins."""
    try:
        begins = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    # a day is all that is wanted of a time without its offset
    return begins.replace(tzinfo=where.at_home) if begins is not None and begins.tzinfo is None else begins
