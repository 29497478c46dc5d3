"""What a contributor teaches Daybook: by each decision, by rules of their own, and by taking that back.

It is theirs alone (P1). Whatever changes in it is let speak on the days that are still drafted; what they
decided stays as it is (P2).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Literal

from core.memory import NOTHING, Memory, OwnRule, chosen, is_corrected, learn, ruled, unlearn
from core.model import Draft, Verdict
from daybook.house import House, Member
from daybook.store.unit import Unit

NAMELESS = "It has no title, task or series by which Daybook could know it again."
NO_PROJECT = "Choose a project first."


def decided(tx: Unit, who: Member, before: Draft, after: Draft) -> None:
    """Learn from this decision; what the one before it taught is taken back."""
    about = after.suggestion.about
    if not about or (before.decision, before.suggestion) == (after.decision, after.suggestion):
        return
    known = tx.memory.of(who.id)
    now = learn(unlearn(known, before), after, after.suggestion.day)
    if now == known:
        return
    tx.memory.keep(who.id, now, title(after))
    if is_corrected(before) or is_corrected(after):
        tx.days.mark(who.id, tx.drafts.pending(who.id))


def rule(tx: Unit, house: House, who: Member, draft: Draft, says: Literal["always", "never"]) -> Verdict:
    """Make what the draft shows a rule of their own: for its series, else its task, else its title."""
    if not draft.suggestion.about:
        return Verdict(allowed=False, reason=NAMELESS)
    about = draft.suggestion.about[0]
    choice = chosen(draft, about) if says == "always" else None
    if says == "always" and choice is None:
        return Verdict(allowed=False, reason=NO_PROJECT)
    made = who.today(house.clock())
    own = OwnRule(about=about, says=says, choice=choice, shown=title(draft), made=made)
    tx.memory.keep(who.id, ruled(tx.memory.of(who.id), own))
    _again(tx, house, who)
    return Verdict(allowed=True, reason="It is theirs to say.")


def drop_rule(house: House, who: Member, about: str) -> None:
    """Take back a rule of their own."""
    with house.store.writing() as tx:
        known = tx.memory.of(who.id)
        rules = tuple(one for one in known.rules if one.about != about)
        _remember(tx, house, who, Memory(lessons=known.lessons, rules=rules))
    house.work_is_waiting.set()


def forget(house: House, who: Member, about: Collection[str]) -> None:
    """Forget what their decisions taught about these; their own rules stay."""
    with house.store.writing() as tx:
        known = tx.memory.of(who.id)
        lessons = tuple(one for one in known.lessons if one.about not in about)
        _remember(tx, house, who, Memory(lessons=lessons, rules=known.rules))
    house.work_is_waiting.set()


def forget_all(house: House, who: Member) -> None:
    """Forget everything they taught, their own rules included."""
    with house.store.writing() as tx:
        _remember(tx, house, who, NOTHING)
    house.work_is_waiting.set()


def title(draft: Draft) -> str:
    """What its owner knows it by: as the source called it, not as they reworded it for others."""
    said = draft.seen or draft.suggestion
    return said.text or said.task or ""


def _remember(tx: Unit, house: House, who: Member, memory: Memory) -> None:
    tx.memory.keep(who.id, memory)
    _again(tx, house, who)


def _again(tx: Unit, house: House, who: Member) -> None:
    """Look once more at every day that is still drafted: a rule may have left one without any draft."""
    now = house.clock()
    first = house.first_day(who, now)
    days = (who.today(now) - first).days + 1
    tx.days.mark(who.id, [first + timedelta(days=number) for number in range(days)])
