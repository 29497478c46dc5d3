"""The policy as people read it, made from the file that the program obeys (P-08).

Before the first start it is what the file says; from then on what holds, with what is announced.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from config.load import Loaded, Unfit
from core.loosening import Difference, Direction, differences
from core.model import Noun
from core.notice import Standing, Version, settled
from core.policy import Policy, version
from daybook import policies
from daybook.errors import Wrong
from daybook.store.store import Store
from daybook.tools import told
from daybook.wiring import connect, read
from daybook.words import Section, full_date, policy

NO_POLICY = "{} has no policy. Write one under `policy`, or in a file of its own under `include`."


class Text(Noun):
    """One version of the policy, in plain words."""

    organisation: str
    version: str
    since: date
    sections: tuple[Section, ...]
    former: str | None
    """The version before."""
    already: tuple[str, ...]
    """What changed since that one."""
    coming: str | None
    day: date | None
    later: tuple[str, ...]
    """What changes on that day."""

    @property
    def named(self) -> str:
        return f"Version {self.version}, valid from {full_date(self.since)}"

    @property
    def changed(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """What is another, and since when or from when."""
        if self.already:
            yield f"Changed since version {self.former}", self.already
        if self.day is not None:
            yield f"From {full_date(self.day)}, as version {self.coming}", self.later

    def lines(self) -> Iterator[str]:
        yield f"How Daybook is used at {self.organisation}"
        yield f"{self.named}."
        for section in self.sections:
            yield from ("", section.heading)
            yield from (f"  {term}: {meaning}" for term, meaning in section.terms)
            yield from (f"  {sentence}" for sentence in section.sentences)
        for heading, sentences in self.changed:
            yield from ("", heading)
            yield from (f"  {sentence}" for sentence in sentences)


class Line(Noun):
    """One difference between a file and the policy in force."""

    what: str
    place: str
    """file:line:column"""
    direction: Direction
    before: str
    after: str
    sentence: str


class Comparison(Noun):
    """What a file would change."""

    in_force: str | None
    """The version; None before the first start."""
    asked: str
    day: date | None
    """From when it would hold; None: at once."""
    differences: tuple[Line, ...]

    def lines(self) -> Iterator[str]:
        if self.in_force is None:
            yield f"Nothing has run yet. The policy of the file, version {self.asked}, will be the first."
            return
        if not self.differences:
            yield f"The file says what version {self.in_force} says, which is in force."
            return
        for one in self.differences:
            yield f"{one.direction:8} {one.place}  {one.what}  {one.sentence}"
        when = f"holds from {full_date(self.day)}" if self.day else "holds with the next start"
        yield f"Against version {self.in_force}, which is in force; version {self.asked} {when}."
        if self.day:
            yield "Until then the stricter of both holds, and everybody who acknowledged it is told by mail."


class Known(NamedTuple):
    """What a file asks for, beside what the store holds."""

    loaded: Loaded
    asked: Policy
    kept: Standing | None
    """What the store holds; None before the first start."""
    standing: Standing
    """What holds for who starts with this file."""
    versions: tuple[Version, ...]
    """Every one that was ever seen, the first first."""


def written(file: Path, now: datetime) -> Text:
    """The policy in force, or before the first start the one of the file.

    Raises   Unfit, Wrong
    """
    said = known(file, now)
    held, former, coming = said.standing.in_force, said.standing.former, said.standing.coming
    before = former.policy if former else held.policy
    tools = told(connect(said.loaded, threading.Event()), held.policy)
    return Text(
        organisation=said.loaded.configuration.organisation,
        version=held.version,
        since=held.since,
        sections=tuple(policy(held.policy, tools)),
        former=former.version if former else None,
        already=tuple(one.sentence for one in differences(before, held.policy)),
        coming=coming.version if coming else None,
        day=coming.since if coming else None,
        later=tuple(one.sentence for one in differences(held.policy, said.asked)) if coming else (),
    )


def compared(file: Path, now: datetime) -> Comparison:
    """What the file says otherwise than the policy in force.

    Raises   Unfit, Wrong
    """
    said = known(file, now)
    held, coming = (said.kept or said.standing).in_force, said.standing.coming
    return Comparison(
        in_force=held.version if said.kept else None,
        asked=version(said.asked),
        day=coming.since if coming else None,
        differences=tuple(_line(said.loaded, one) for one in differences(held.policy, said.asked)),
    )


def _line(loaded: Loaded, one: Difference) -> Line:
    place = loaded.problem(("policy", *one.path), one.sentence).place
    at = f"{place.file}:{place.line}:{place.column}"
    return Line(what=one.what, place=at, **one.model_dump(exclude={"path"}))


def known(file: Path, now: datetime) -> Known:
    """What holds, or would with the first start, and what was before it.

    Raises   Unfit, Wrong
    """
    try:
        loaded, begun = read(file, secrets=True), True
    except Unfit:
        loaded, begun = read(file, secrets=False), False  # a policy is read before there are credentials
    settings, asked = loaded.configuration.store, loaded.configuration.policy
    if asked is None:
        raise Wrong(NO_POLICY.format(file))
    if not begun or settings.key is None or not Store.look(settings.url, settings.key)[1]:
        return Known(loaded, asked, None, settled(None, asked, now.astimezone(UTC).date()), ())
    store = Store.open(settings.url, settings.key)
    try:
        with store.reading() as tx:
            kept, versions = tx.policies.standing(), tx.policies.versions()
        return Known(loaded, asked, kept, policies.look(store, asked, now).standing, tuple(versions))
    finally:
        store.close()
