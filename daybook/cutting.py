"""A draft cut in two, several put together, one moved to another day, and each of that undone: carried out.

Like deeds.py: one transaction each, a form names the revision its reader saw, and what is done twice is done
once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core import cutting, drafts
from core.model import Draft, Verdict
from daybook.deeds import Outcome, reached, save
from daybook.house import House, Member
from daybook.store.drafts import Held
from daybook.store.unit import Unit

PART_HAS_A_WORD = "You have answered a part of it already. Take that back first."
HAS_ITS_MINUTES = "Another draft has its minutes for good. Change or move that one."


def cut(
    house: House,
    who: Member,
    key: str,
    revision: int | None,
    minutes: int,
    once: str,
    by: str | None = None,
    **stated: Any,
) -> Outcome:
    """Cut its last minutes off, and say of that part what is stated; the rest is as it was.

    Takes    once: random, made with the form, so that a form sent twice cuts once
             by: the delegate who does it in their place; stated: as for `drafts.edit`
    """
    say, projects = house.language(who).sentences, house.configuration.projects
    with house.store.writing() as tx:
        match reached(tx, house, who, key, revision, _as_it_is):
            case Verdict() as verdict:
                return _left(key, verdict)
            case held, _:
                parts = cutting.cut(held.draft, minutes, once, by, say)
                if isinstance(parts, Verdict):
                    return _left(key, parts)
                rest, part = parts
                told = drafts.edit(part, projects, house.tools, by=by, say=say, **stated)
                if isinstance(told, Verdict):
                    return _left(key, told)
                save(tx, who, held, rest)
                _new(tx, who, told)
    house.work_is_waiting.set()
    return Outcome(done=(key, told.key))


def join(
    house: House,
    who: Member,
    key: str,
    revision: int | None,
    others: Mapping[str, int],
    by: str | None = None,
) -> Outcome:
    """Put others of its day into it.

    Takes    others: key -> revision the reader saw; by: as for `cut`
    """
    say = house.language(who).sentences
    with house.store.writing() as tx:
        parts: list[Held] = []
        for other, seen in others.items():
            match reached(tx, house, who, other, seen, _as_it_is):
                case Verdict() as verdict:
                    return _left(other, verdict)
                case held, _:
                    parts.append(held)
        match reached(tx, house, who, key, revision, _as_it_is):
            case Verdict() as verdict:
                return _left(key, verdict)
            case held, _:
                joined = cutting.join(held.draft, [one.draft for one in parts], by, say)
                if isinstance(joined, Verdict):
                    return _left(key, joined)
                whole, gave = joined
                save(tx, who, held, whole)
                for part, after in zip(parts, gave, strict=True):
                    _went_further(tx, who, part.draft)
                    save(tx, who, part, after)
    house.work_is_waiting.set()
    return Outcome(done=(key, *others))


def move(
    house: House,
    who: Member,
    key: str,
    revision: int | None,
    day: date,
    once: str,
    by: str | None = None,
    **stated: Any,
) -> Outcome:
    """Give its minutes to another day, and say of it there what is stated.

    Takes    once, by, stated: as for `cut`
    """
    say, projects = house.language(who).sentences, house.configuration.projects
    if not (verdict := house.may_change(who, day)):
        return _left(key, verdict)
    with house.store.writing() as tx:
        match reached(tx, house, who, key, revision, _as_it_is):
            case Verdict() as verdict:
                return _left(key, verdict)
            case held, _:
                moved = cutting.move(held.draft, day, once, by, say)
                if isinstance(moved, Verdict):
                    return _left(key, moved)
                here, there = moved
                told = drafts.edit(there, projects, house.tools, by=by, say=say, **stated)
                if isinstance(told, Verdict):
                    return _left(key, told)
                _went_further(tx, who, held.draft)
                save(tx, who, held, here)
                _new(tx, who, told)
    house.work_is_waiting.set()
    return Outcome(done=(key,))


def undo(house: House, who: Member, key: str, revision: int | None = None) -> Outcome | None:
    """Make it as it was before it was cut, put together or moved, on both sides; None: it was not."""
    with house.store.writing() as tx:
        held = tx.drafts.get(who.id, key)
        group = _group(tx, who, held) if held else None
        if group is None:
            return None
        if isinstance(found := reached(tx, house, who, key, revision, _as_it_is), Verdict):
            return _left(key, found)
        if isinstance(group, Verdict):
            return _left(key, group)
        for one, _ in group:
            if not (verdict := house.may_change(who, one.draft.suggestion.day)):
                return _left(key, verdict)
        for one, after in group:
            if after is None:
                tx.drafts.remove(who.id, one.draft.key, one.revision)
                tx.days.mark(who.id, [one.draft.suggestion.day])
            else:
                save(tx, who, one, after)
    house.work_is_waiting.set()
    return Outcome(done=(key,))


Undone = list[tuple[Held, Draft | None]]
"""Each draft with what is to stand instead; None: it goes."""


def _group(tx: Unit, who: Member, held: Held) -> Undone | Verdict | None:
    """What undoing it undoes; None where it was not cut, put together or moved."""
    draft = held.draft
    if draft.decision == "confirmed":
        return None
    if draft.before and draft.decision == "edited":
        return _made_whole(tx, who, held)
    other = tx.drafts.get(who.id, draft.tied) if draft.tied else None
    if other is None:
        return [(held, cutting.given_back(draft))] if draft.tied and draft.decision == "dismissed" else None
    if other.draft.tied == draft.key:
        here, there = (held, other) if draft.decision == "dismissed" else (other, held)
        if there.draft.decision != "edited":
            return _no()
        return [(here, cutting.given_back(here.draft)), (there, None)]
    if other.draft.before:
        return _made_whole(tx, who, other) if other.draft.decision == "edited" else _no()
    return Verdict(allowed=False, reason=HAS_ITS_MINUTES) if draft.decision == "dismissed" else None


def _made_whole(tx: Unit, who: Member, held: Held) -> Undone | Verdict:
    whole: Undone = [(held, cutting.uncut(held.draft))]
    for one in tx.drafts.of(who.id, held.draft.suggestion.day):
        if one.draft.tied != held.draft.key:
            continue
        if one.draft.decision == "dismissed":
            whole.append((one, cutting.given_back(one.draft)))
        elif one.draft.decision == "edited":
            whole.append((one, None))
        else:
            return _no()
    return whole


def _went_further(tx: Unit, who: Member, draft: Draft) -> None:
    """What it was cut from cannot be made whole any more."""
    head = tx.drafts.get(who.id, draft.tied) if draft.tied else None
    if head and head.draft.before:
        save(tx, who, head, cutting.final(head.draft))


def _new(tx: Unit, who: Member, draft: Draft) -> None:
    if not tx.drafts.save(who.id, draft.suggestion.day, draft, 0):
        raise RuntimeError("a part was there before it was cut off")
    tx.days.mark(who.id, [draft.suggestion.day])


def _as_it_is(draft: Draft) -> Draft:
    return draft


def _no() -> Verdict:
    return Verdict(allowed=False, reason=PART_HAS_A_WORD)


def _left(key: str, verdict: Verdict) -> Outcome:
    return Outcome(left=((key, verdict.reason),))
