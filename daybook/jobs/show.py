"""Show: hear what a contributor did in their calendar of drafts, then bring it in line with their drafts.

Heard first, so that nothing of theirs is written over (P2). Before anything is
sent it is noted, and what is noted and not answered is looked for by its id
before it is sent again (R-05): so a lost answer is one event, and killed at any
line the next round goes on.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import structlog

from connectors.contract import Changes, CursorExpired, DraftCalendar, Fault, Paced, Refused, Unavailable
from core import draft_calendar
from core.draft_calendar import Block, Dismissed, Edited, Elsewhere, Put, Remove, Seen, Word, Written
from core.sentences import Sentences
from daybook import cutting, deeds, draft_calendars, lending
from daybook.house import House, Member
from daybook.store.draft_calendars import Inside, Kept

log = structlog.get_logger()

LEASE = timedelta(minutes=10)
MOST = 50
"""Events written in one round; the next one goes on."""
A_WRITE = 1.0
"""Seconds between two of them: a calendar that is written to faster may be closed to us for hours."""
AGAIN = timedelta(minutes=5)
UNTIL_REPAIRED = timedelta(hours=1)

MAYBE_MADE = (
    "Nobody knows whether the calendar was made: its tool did not answer. Look for an empty one there, "
    "delete it, and switch this on again."
)


@dataclass(frozen=True)
class Calendar:
    """One contributor's calendar of drafts, while we are at it."""

    house: House
    who: Member
    kept: Kept
    there: DraftCalendar
    say: Sentences

    @property
    def place(self) -> tuple[str, str]:
        return self.who.id, self.kept.connection


def show(house: House, contributor: str, connection: str) -> None:
    """Hear what they did there and show what waits for them."""
    now = house.clock()
    with house.store.reading() as tx:
        member, kept = house.member(tx, contributor), tx.draft_calendars.get(contributor, connection)
        grant = tx.grants.get(contributor, connection)
        away = tx.rests.away(connection, now, reading=False)
    if member is None or not member.consent or kept is None or away:
        return
    until = now + LEASE
    with house.store.writing() as tx:
        if not tx.draft_calendars.claim(contributor, connection, now, until):
            return
    try:
        there, grant = draft_calendars.there(house, member, connection)
        _kept_up(Calendar(house, member, kept, there, house.language(member).sentences))
    except Fault as fault:
        if isinstance(fault, Refused) and fault.whose == "account" and grant is not None:
            lending.turned_down(house, grant, fault.said)
        _put_off(house, kept, fault)
    with house.store.writing() as tx:
        tx.draft_calendars.release(contributor, connection, until)


def _kept_up(own: Calendar) -> None:
    house, place = own.house, own.place
    inside = _made(own)
    if inside is None:
        return
    changes = _changes(own, inside)
    if changes is None:  # they deleted it: that says no word on any draft
        with house.store.writing() as tx:
            if tx.draft_calendars.stands(own.kept):
                draft_calendars.ended(house, tx, *place)
        return
    words = _heard(own, inside, changes)
    with house.store.reading() as tx:
        look = tx.days.looks().get(own.who.id, "")
    through = _written(own, inside)
    shown = look if through else None
    with house.store.writing() as tx:
        if tx.draft_calendars.stands(own.kept):  # they may have switched it off meanwhile
            after = own.kept.model_copy(
                update={"heard_at": house.clock(), "shown": shown, "not_before": None, "problem": None}
            )
            tx.draft_calendars.save(after, inside.model_copy(update={"cursor": changes.cursor}))
    if words:
        house.work_is_waiting.set()
        log.info("drafts.heard", connection=own.kept.connection, changed=words)


def _made(own: Calendar) -> Inside | None:
    """Make the calendar, once: no look can find one whose id we were not told.

    Gives    None where they switched it off meanwhile: then it is taken away again
    """
    house = own.house
    with house.store.reading() as tx:
        inside = tx.draft_calendars.inside(*own.place)
    if inside.calendar:
        return inside
    if inside.asked:
        raise Refused(MAYBE_MADE)
    if not _noted(own, Inside(asked=True)):
        return None
    try:
        calendar = own.there.make(draft_calendar.called(own.say), str(own.who.zone))
    except (Unavailable, Refused):
        _noted(own, Inside())
        raise
    made = Inside(calendar=calendar, asked=True)
    if _noted(own, made):
        return made
    own.there.end(calendar)
    return None


def _noted(own: Calendar, inside: Inside) -> bool:
    """False, and nothing is noted, where they switched it off meanwhile."""
    with own.house.store.writing() as tx:
        stands = tx.draft_calendars.stands(own.kept)
        if stands:
            tx.draft_calendars.save(own.kept, inside)
    return stands


def _changes(own: Calendar, inside: Inside) -> Changes | None:
    try:
        return own.there.changed(inside.calendar, inside.cursor)
    except CursorExpired:
        return own.there.changed(inside.calendar, None)


# --- hearing -----------------------------------------------------------------------------------------------


def _heard(own: Calendar, inside: Inside, changes: Changes) -> int:
    """Take what they said there; gives how many words it were."""
    seen = {one.id: one for one in changes.seen}
    with own.house.store.reading() as tx:
        written = tx.draft_calendars.events(*own.place)
    words = 0
    for name, one in written.items():
        if one.unsure:
            words += _hear(own, one, own.there.look(inside.calendar, name))
        elif name in seen:
            words += _hear(own, one, seen[name])
    return words


def _hear(own: Calendar, before: Written, seen: Seen | None) -> int:
    """What one event says, carried out and noted; nothing of it known there, it was never written."""
    word, after = draft_calendar.heard(before, seen, own.who.zone, own.say) if seen else (None, None)
    if word is not None and not _carried_out(own, word, before) and after is not None:
        after = after.model_copy(update={"block": None})
    if after == before:
        return 0
    with own.house.store.writing() as tx:
        if after is None:
            tx.draft_calendars.unwrite(*own.place, before.key)
        elif tx.draft_calendars.stands(own.kept):
            tx.draft_calendars.write(*own.place, after)
    return int(word is not None)


def _carried_out(own: Calendar, word: Word, before: Written) -> bool:
    """The same deeds as on the page; False where the draft does not take it."""
    house, who = own.house, own.who
    match word:
        case Edited():
            unseen = _has_changed_since(own, before)
            return bool(deeds.edit(house, who, word.key, unseen=unseen, **_stated(word)).done)
        case Dismissed():
            return bool(deeds.dismiss(house, who, word.key).done)
        case Elsewhere():
            once = secrets.token_hex(6)
            return bool(cutting.move(house, who, word.key, None, word.day, once, **_stated(word)).done)


def _has_changed_since(own: Calendar, before: Written) -> bool:
    """Whether the draft says something else by now than what they had before them there."""
    with own.house.store.reading() as tx:
        held = tx.drafts.get(own.who.id, before.key)
    if held is None or held.draft.decision != "open":
        return False
    return draft_calendar.block(held.draft, own.house.configuration.projects, own.say) != before.block


def _stated(word: Edited | Elsewhere) -> dict[str, Any]:
    said = {"start": word.start, "minutes": word.minutes, "text": word.text}
    return {name: value for name, value in said.items() if value is not None}


# --- writing -----------------------------------------------------------------------------------------------


def _written(own: Calendar, inside: Inside) -> bool:
    """Write what they ought to see; False where there is more to do than fits into one round."""
    house = own.house
    wanted = _wanted(own)
    with house.store.reading() as tx:
        written = tx.draft_calendars.events(*own.place)
    blocks = {name: block for name, (_, _, block) in wanted.items()}
    for number, write in enumerate(draft_calendar.writes(blocks, written)):
        if number == MOST or (number and house.stopping.wait(A_WRITE)):
            return False
        before = written.get(write.id)
        if isinstance(write, Put):
            key, day, block = wanted[write.id]
            before = Written(key=key, day=day, block=block, stamp=write.stamp)
        if before is not None:
            _send(own, inside, write, before)
    return True


def _send(own: Calendar, inside: Inside, write: Put | Remove, before: Written) -> None:
    """Note it, send it, and hear what stands there then."""
    intent = before.model_copy(update={"unsure": True, "leaving": isinstance(write, Remove)})
    with own.house.store.writing() as tx:
        if not tx.draft_calendars.stands(own.kept):
            return
        tx.draft_calendars.write(*own.place, intent)
    if isinstance(write, Put):
        there = own.there.put(inside.calendar, write.id, write.block, write.stamp)
    else:
        there = own.there.remove(inside.calendar, write.id, write.stamp)
    _hear(own, intent, there)


def _wanted(own: Calendar) -> dict[str, tuple[str, date, Block]]:
    """(key, day, how it looks) of the drafts that wait, by event id."""
    house, who = own.house, own.who
    first = who.today(house.clock()) - _shown_for(house)
    wanted = {}
    with house.store.reading() as tx:
        for day in tx.drafts.pending(who.id):
            if day < first or not house.may_change(who, day):
                continue
            for draft in (held.draft for held in tx.drafts.of(who.id, day)):
                if draft_calendar.waits(draft):
                    block = draft_calendar.block(draft, house.configuration.projects, own.say)
                    wanted[tx.draft_calendars.event(who.id, draft.key)] = (draft.key, day, block)
    return wanted


def _shown_for(house: House) -> timedelta:
    """Drafts leave the calendar before they are forgotten here: nobody could take them away then (P12)."""
    return timedelta(days=house.policy.retention.drafts * 3 // 4)


def _put_off(house: House, kept: Kept, fault: Fault) -> None:
    """Say what is wrong where a person must act, and when to go on."""
    usual = UNTIL_REPAIRED if isinstance(fault, Refused) else AGAIN
    wait = fault.wait if isinstance(fault, Paced) else usual
    problem = fault.said if isinstance(fault, Refused) else None
    with house.store.writing() as tx:
        tx.rests.note(kept.connection, fault, house.clock())
        if tx.draft_calendars.stands(kept):
            after = kept.model_copy(update={"not_before": house.clock() + wait, "problem": problem})
            tx.draft_calendars.save(after, tx.draft_calendars.inside(kept.contributor, kept.connection))
    log.warning("drafts.unshown", connection=kept.connection, kind=type(fault).__name__)
