"""A calendar of a contributor's own that shows their drafts: what belongs in it, and what they say there.

Every draft that waits for its contributor is one event, named by us, so that it stands there once however
often it is sent. What we wrote last is kept beside it: an event that says anything else was changed by a
hand, and that is a word on the draft, never written over (P2). Nothing said there confirms anything.

A draft without a time of day is an all-day event with its length before its title: the minutes of a task lie
around the meetings, so a block of them would cover what is not its own. Pulled into the hours, it has a time.
"""

from __future__ import annotations

from base64 import b32hexencode
from collections.abc import Mapping
from datetime import date, tzinfo

from pydantic import AwareDatetime

from core.model import Draft, Instant, Name, Noun
from core.rules import Project
from core.sentences import Sentences


class Block(Noun):
    """How a draft looks in a calendar."""

    title: str
    note: str = ""
    """What stands below the title; ours, and no word of anybody."""
    day: date | None = None
    """For an all-day event; None where it has a time."""
    start: Instant | None = None
    minutes: int = 0
    """How long it is at its time; all-day, how long the draft is."""

    def stands_as(self, other: Block) -> bool:
        """Whether a person would see the same."""
        length = 0 if self.start is None else self.minutes - other.minutes
        return (self.title, self.day, self.start, length) == (other.title, other.day, other.start, 0)


class Seen(Noun):
    """An event as it stands in the calendar."""

    id: str
    stamp: str = ""
    """Changes with every change of it, ours or a person's."""
    gone: bool = False
    block: Block | None = None
    """None where it is gone, or somebody made something of it that no draft is."""


class Written(Noun):
    """What we last wrote of one draft."""

    key: Name
    """Of the draft."""
    day: date
    """Of the draft."""
    block: Block | None
    """None once a person's change could not be taken: theirs, and left alone."""
    stamp: str = ""
    unsure: bool = False
    """It was sent, and no answer came yet."""
    leaving: bool = False
    """We are taking it away: that it goes is no word of anybody."""


class Edited(Noun):
    """They moved it, changed its length or called it otherwise; None for what they left as it was."""

    key: Name
    start: AwareDatetime | None = None
    minutes: int | None = None
    text: str | None = None


class Elsewhere(Noun):
    """They moved it to another day, where it is another draft."""

    key: Name
    day: date
    start: AwareDatetime | None = None
    minutes: int | None = None
    text: str | None = None


class Dismissed(Noun):
    """They deleted it."""

    key: Name


Word = Edited | Elsewhere | Dismissed


class Put(Noun):
    """Write this event; new where nothing was written under its id."""

    id: str
    block: Block
    stamp: str = ""


class Remove(Noun):
    """Take this event away."""

    id: str
    stamp: str = ""


def event_id(name: bytes) -> str:
    """What the event of a draft is called, made from the draft's own opaque name (R-05)."""
    return b32hexencode(name).decode().lower().rstrip("=")


def called(say: Sentences) -> str:
    """What the calendar is called."""
    return say("draft calendar")


def waits(draft: Draft) -> bool:
    """Whether it still waits for its contributor, and so is shown."""
    return draft.decision in ("open", "edited")


def block(draft: Draft, projects: Mapping[str, Project], say: Sentences) -> Block:
    """How a draft looks there."""
    said = draft.suggestion
    project = projects.get(said.project or "")
    whose = project.name if project else say("without project")
    title = said.text or whose
    shown = say("shown draft", project=whose, time=say.duration(said.minutes))
    note = "\n".join((shown, say("changed there"), say("confirmed here")))
    if said.pieces and said.start is not None:
        start = said.start.replace(second=0, microsecond=0)
        return Block(title=title, note=note, start=start, minutes=max(1, said.minutes))
    return Block(title=_timeless(title, said.minutes, say), note=note, day=said.day, minutes=said.minutes)


def writes(wanted: Mapping[str, Block], written: Mapping[str, Written]) -> list[Put | Remove]:
    """What must be sent so that the calendar shows what it ought to; nothing once it does (P9).

    Takes    both by event id; nothing unsure among the written
    """
    return [
        *(Remove(id=name, stamp=one.stamp) for name, one in sorted(written.items()) if name not in wanted),
        *(
            Put(id=name, block=shown, stamp=written[name].stamp if name in written else "")
            for name, shown in sorted(wanted.items())
            if name not in written or written[name].block not in (None, shown)
        ),
    ]


def heard(before: Written, seen: Seen, zone: tzinfo, say: Sentences) -> tuple[Word | None, Written | None]:
    """What an event says that we wrote, and what of it is to be remembered; None once there is nothing.

    Takes    zone: the contributor's
    """
    if seen.gone:
        return None if before.leaving else Dismissed(key=before.key), None
    sure = {"stamp": seen.stamp, "unsure": False, "leaving": False}
    if before.block is None or seen.block is None:
        return None, before.model_copy(update=sure | {"block": None})
    if seen.block.stands_as(before.block):
        return None, before.model_copy(update=sure)
    stands = before.model_copy(update=sure | {"block": seen.block})
    if seen.stamp == before.stamp:
        return None, stands  # what we sent last never arrived
    return _word(before, before.block, seen.block, zone, say), stands


def _word(before: Written, ours: Block, theirs: Block, zone: tzinfo, say: Sentences) -> Word | None:
    """What a person's change means; None where it says nothing about a draft."""
    timed = theirs.start is not None
    text = None if theirs.title == ours.title else _text(ours, theirs.title, say)
    # pulled from all-day into the hours, it gets a length there that nobody stated
    minutes = theirs.minutes if timed and ours.start is not None and theirs.minutes != ours.minutes else None
    day = theirs.start.astimezone(zone).date() if theirs.start is not None else theirs.day
    if day is not None and day != before.day:
        return Elsewhere(key=before.key, day=day, start=theirs.start, minutes=minutes, text=text)
    start = theirs.start if timed and theirs.start != ours.start else None
    if (start, minutes, text) == (None, None, None):
        return None
    return Edited(key=before.key, start=start, minutes=minutes, text=text)


def _timeless(title: str, minutes: int, say: Sentences) -> str:
    return f"{say.duration(minutes)}: {title}"


def _text(ours: Block, title: str, say: Sentences) -> str | None:
    """What they call it, without the length that stood before it; None where they left nothing."""
    length = _timeless("", ours.minutes, say) if ours.start is None else ""
    return title.removeprefix(length).strip() or None
