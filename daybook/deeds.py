"""What a contributor does, carried out: core says what it means, the store keeps it, the outbox gets it.

Each deed is one transaction and gives an Outcome: what was done, and what was
left alone with the sentence why. A form names the revision its reader saw; a
draft that changed since is left as it is, so two tabs never overwrite each
other (W-06).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from core import drafts, posting
from core.model import Draft, Entry, Noun, Verdict, Why
from core.posting import Posting
from core.said import Sentence
from core.timeline import local, on_the_clock
from daybook import restored, teaching
from daybook.house import House, Member
from daybook.store.drafts import Held
from daybook.store.links import Link
from daybook.store.postings import Filed
from daybook.store.unit import Unit

CHANGED = "It changed since you opened this page. Look at it once more."
GONE = "It is no longer among your drafts."
ADDED = (
    "This form added a draft before, which is not what is typed here now. Nothing was added again. "
    "Add this one as well, or go back and edit the other."
)


class Outcome(Noun):
    """What became of a deed."""

    done: tuple[str, ...] = ()
    """Keys of the drafts it was done to."""
    left: tuple[tuple[str, Sentence], ...] = ()
    """(key, sentence) of those it could not be done to."""
    undo_until: datetime | None = None
    """Until then a confirmation can be taken back."""
    used: bool = False
    """Its link was used up before, so nothing was done."""


def confirm(
    house: House,
    who: Member,
    day: date,
    seen: Mapping[str, int] | None = None,
    link: Link | None = None,
) -> Outcome:
    """Say yes to these drafts, or to all of the day that wait; the outbox row is in the same commit (R-01).

    Takes    seen: key -> revision the reader saw; None for all
             link: a single-use one that this yes uses up
    """
    now, projects = house.clock(), house.configuration.projects
    done, left = [], []
    with house.store.writing() as tx:
        if link is not None and not tx.links.use(link, now):
            return Outcome(used=True)
        for key, revision in (seen if seen is not None else _waiting(tx, who, day)).items():
            match reached(tx, house, who, key, revision, lambda draft: drafts.confirm(draft, projects)):
                case Verdict() as verdict:
                    left.append((key, verdict.reason))
                case held, after:
                    if not (verdict := _passed_on(tx, house, who, after, now)):
                        left.append((key, verdict.reason))
                        continue
                    save(tx, who, held, after)
                    done.append(key)
    house.work_is_waiting.set()
    until = now + timedelta(seconds=house.configuration.posting.hold)
    return Outcome(done=tuple(done), left=tuple(left), undo_until=until if done else None)


def dismiss(
    house: House, who: Member, key: str, revision: int | None = None, by: str | None = None
) -> Outcome:
    """Say that this is no work to record.

    Takes    by: the delegate who does it in their place
    """
    return _do(house, who, key, revision, lambda draft: drafts.dismiss(draft, by))


def explain(house: House, who: Member, key: str, why: Why, revision: int | None = None) -> Outcome:
    """Say why something is no work to record; the pilot counts such words, without whose they are."""
    return _do(house, who, key, revision, lambda draft: drafts.explain(draft, why))


def settle(house: House, who: Member, key: str, take: bool, revision: int | None = None) -> Outcome:
    """Answer a source that says otherwise since: take what it says now, or keep one's own (P2).

    Taken into a confirmed draft it is a new revision, held again; what was posted already follows it.
    """
    now = house.clock()
    with house.store.writing() as tx:
        match reached(tx, house, who, key, revision, lambda draft: drafts.settle(draft, take)):
            case Verdict() as verdict:
                return Outcome(left=((key, verdict.reason),))
            case held, after:
                confirmed = take and held.draft.decision == "confirmed"
                if confirmed and not (verdict := _passed_on(tx, house, who, after, now)):
                    return Outcome(left=((key, verdict.reason),))
                save(tx, who, held, after)
    house.work_is_waiting.set()
    return Outcome(done=(key,))


def edit(house: House, who: Member, key: str, revision: int | None = None, **stated: Any) -> Outcome:
    """Change what the contributor stated: minutes, project, category, billable, target, text."""
    projects, say = house.configuration.projects, house.language(who).sentences
    return _do(
        house, who, key, revision, lambda draft: drafts.edit(draft, projects, house.tools, say=say, **stated)
    )


def correct(house: House, who: Member, key: str, revision: int | None = None, **stated: Any) -> Outcome:
    """Change a confirmed draft that is posted, or that its target refused, and say yes to it anew.

    It is the entry's next revision, held back like every yes: what is posted is amended then, or moved.
    """
    projects, say = house.configuration.projects, house.language(who).sentences
    now = house.clock()

    def anew(draft: Draft) -> Draft | Verdict:
        return drafts.corrected(draft, projects, house.tools, say=say, **stated)

    with house.store.writing() as tx:
        match reached(tx, house, who, key, revision, anew):
            case Verdict() as verdict:
                return Outcome(left=((key, verdict.reason),))
            case held, after:
                if not (verdict := _passed_on(tx, house, who, after, now)):
                    return Outcome(left=((key, verdict.reason),))
                save(tx, who, held, after)
    house.work_is_waiting.set()
    return Outcome(done=(key,), undo_until=now + timedelta(seconds=house.configuration.posting.hold))


def add(
    house: House, who: Member, day: date, minutes: int, once: str | None = None, **stated: Any
) -> Outcome:
    """A draft written by hand.

    Takes    once: random, made with the form, so that a form sent twice adds one draft
    Gives    left with its key where that one stands otherwise than it is typed now
    """
    if not (verdict := house.may_change(who, day)):
        return Outcome(left=(("", verdict.reason),))
    name = once or secrets.token_hex(6)
    projects, say = house.configuration.projects, house.language(who).sentences
    written = drafts.added(name, day, minutes, projects, house.tools, say=say, **stated)
    if isinstance(written, Verdict):
        return Outcome(left=(("", written.reason),))
    with house.store.writing() as tx:
        if not tx.drafts.save(who.id, day, written, 0):
            before = tx.drafts.get(who.id, written.key)
            same = before is not None and before.draft.suggestion == written.suggestion
            return Outcome(done=(written.key,)) if same else Outcome(left=((written.key, ADDED),))
        tx.days.mark(who.id, [day])
    house.work_is_waiting.set()
    return Outcome(done=(written.key,))


def undo(house: House, who: Member, key: str, revision: int | None = None) -> Outcome:
    """Take back the last word: a correction, a confirmation, a dismissal, an edit.

    What is posted is removed there, after a hold like that of every yes.
    """
    now = house.clock()
    with house.store.writing() as tx:
        match reached(tx, house, who, key, revision, drafts.reopen):
            case Verdict() as verdict:
                return Outcome(left=((key, verdict.reason),))
            case held, after:
                filed = _live(tx, who, key) if held.draft.decision == "confirmed" else None
                if filed:
                    after = _without_its_yes(house, who, held.draft, after, filed.posting)
                    if not (verdict := _passed_on(tx, house, who, after, now)):
                        return Outcome(left=((key, verdict.reason),))
                save(tx, who, held, after)
    house.work_is_waiting.set()
    if filed is None or filed.posting.stands is None or after.decision == "confirmed":
        return Outcome(done=(key,))
    return Outcome(done=(key,), undo_until=now + timedelta(seconds=house.configuration.posting.hold))


def keep(house: House, who: Member, key: str, revision: int | None = None) -> Outcome:
    """Leave what is posted as it stands there: neither corrected nor removed."""

    def kept(draft: Draft) -> Draft | Verdict:
        filed = _live(tx, who, key)
        if filed is None or filed.posting.stands is None:
            return Verdict(allowed=False, reason="Daybook knows of nothing that stands at its target.")
        return _as_it_stands(house, who, draft, filed.posting.stands)

    with house.store.writing() as tx:
        match reached(tx, house, who, key, revision, kept):
            case Verdict() as verdict:
                return Outcome(left=((key, verdict.reason),))
            case held, after:
                if not (verdict := _passed_on(tx, house, who, after, house.clock())):
                    return Outcome(left=((key, verdict.reason),))
                save(tx, who, held, after)
    house.work_is_waiting.set()
    return Outcome(done=(key,))


def always(house: House, who: Member, key: str, revision: int | None = None) -> Outcome:
    """From now on its series, else its task, else its title goes where this draft goes."""
    with house.store.writing() as tx:
        held = tx.drafts.get(who.id, key)
        if held is None or revision not in (None, held.revision):
            return Outcome(left=((key, CHANGED if held else GONE),))
        if not (verdict := teaching.rule(tx, house, who, held.draft, "always")):
            return Outcome(left=((key, verdict.reason),))
    house.work_is_waiting.set()
    return Outcome(done=(key,))


def never(house: House, who: Member, key: str, revision: int | None = None) -> Outcome:
    """It is no work, and none of its kind is suggested again; an open draft of it goes at once."""
    with house.store.writing() as tx:
        match reached(tx, house, who, key, revision, _dismissed):
            case Verdict() as verdict:
                return Outcome(left=((key, verdict.reason),))
            case held, after:
                if not (verdict := teaching.rule(tx, house, who, held.draft, "never")):
                    return Outcome(left=((key, verdict.reason),))
                if held.draft.decision == "open":
                    tx.drafts.remove(who.id, key, held.revision)
                elif held.draft != after:
                    save(tx, who, held, after)
    house.work_is_waiting.set()
    return Outcome(done=(key,))


def again(house: House, who: Member, key: str, revision: int | None = None) -> Outcome:
    """Try an entry anew that its target refused, once the cause is repaired."""
    return _move_on(house, who, key, revision, lambda one: posting.again(one, house.clock()))


def found(house: House, who: Member, key: str, there: bool, revision: int | None = None) -> Outcome:
    """Say whether an entry stands at its target, where we could not tell (R-04)."""
    return _move_on(house, who, key, revision, lambda one: posting.answered(one, there, house.clock()))


def answer(house: House, who: Member, day: date, said: bool = True) -> Outcome:
    """Nothing to add: the day is answered, whatever is still open in it stays open."""
    if not (verdict := house.may_change(who, day)):
        return Outcome(left=(("", verdict.reason),))
    with house.store.writing() as tx:
        tx.days.answered(who.id, day, house.clock() if said else None)
    return Outcome()


# --- inside one transaction --------------------------------------------------------------------------------


def _do(
    house: House, who: Member, key: str, revision: int | None, deed: Callable[[Draft], Draft | Verdict]
) -> Outcome:
    with house.store.writing() as tx:
        match reached(tx, house, who, key, revision, deed):
            case Verdict() as verdict:
                return Outcome(left=((key, verdict.reason),))
            case held, after:
                save(tx, who, held, after)
    house.work_is_waiting.set()
    return Outcome(done=(key,))


def _dismissed(draft: Draft) -> Draft | Verdict:
    return draft if draft.decision == "dismissed" else drafts.dismiss(draft)


def _waiting(tx: Unit, who: Member, day: date) -> dict[str, int]:
    """Key -> revision of what one yes may cover: not what the source has changed since (P2)."""
    held = [one for one in tx.drafts.of(who.id, day) if one.draft.decision in ("open", "edited")]
    return {one.draft.key: one.revision for one in held if one.draft.noticed}


def reached(
    tx: Unit,
    house: House,
    who: Member,
    key: str,
    revision: int | None,
    deed: Callable[[Draft], Draft | Verdict],
) -> tuple[Held, Draft] | Verdict:
    """The draft as it stands and as the deed leaves it; not on a closed day, nor if they saw another one."""
    held = tx.drafts.get(who.id, key)
    if held is None:
        return Verdict(allowed=False, reason=GONE)
    if not (verdict := house.may_change(who, held.draft.suggestion.day)):
        return verdict
    after = deed(held.draft)
    if isinstance(after, Verdict):
        return after  # "It is confirmed already" says more to a double click than that something changed
    if revision not in (None, held.revision):
        return Verdict(allowed=False, reason=CHANGED)
    return held, after


def save(tx: Unit, who: Member, held: Held, after: Draft) -> None:
    """Save it, and learn from it; the rest of its day may come out differently now."""
    day = after.suggestion.day
    if not tx.drafts.save(who.id, day, after, held.revision):
        raise RuntimeError("a draft changed inside a writing unit")
    tx.days.mark(who.id, [day])
    teaching.decided(tx, who, held.draft, after)


def _passed_on(tx: Unit, house: House, who: Member, draft: Draft, now: datetime) -> Verdict:
    """Let the outbox follow the last word on a draft; a yes is kept as its entry's next revision (R-01).

    Nothing is posted of what has no yes any more, and what is posted goes or changes after its hold.
    """
    hold = timedelta(seconds=house.configuration.posting.hold)
    entry = _entry(tx, who, draft) if draft.decision == "confirmed" else None
    leaves = entry if entry and entry.target != "none" else None
    filed = _live(tx, who, draft.key)
    stands = filed is not None and filed.posting.stands is not None
    if filed and not (filed.posting.leaving and leaves is None):
        after = (
            posting.corrected(filed.posting, leaves, now, hold)
            if leaves and stands
            else posting.undo(filed.posting, now, hold)
        )
        if isinstance(after, Verdict):
            return after
        _save(tx, after, filed)
    if entry:
        tx.entries.add(who.id, draft.key, entry)
    if leaves and not stands:
        new = posting.hold("p-" + secrets.token_hex(8), leaves, who.id, now, hold)
        tx.postings.add(restored.doubted(house, tx, new))
    return Verdict(allowed=True, reason="Nothing stands in its way.")


def _entry(tx: Unit, who: Member, draft: Draft) -> Entry:
    """The next revision of the entry of a confirmed draft."""
    before = tx.entries.from_draft(who.id, draft.key)
    return drafts.entry(
        draft,
        tx.entries.named(who.id, draft.key),
        before.revision + 1 if before else 1,
        who.zone,
        _first_minute(who, draft.suggestion.day),
    )


def _live(tx: Unit, who: Member, key: str) -> Filed | None:
    """The posting of a draft that has, or may get, a record at its target."""
    entry = tx.entries.from_draft(who.id, key)
    return tx.postings.live(who.id, entry.id) if entry else None


def _without_its_yes(house: House, who: Member, confirmed: Draft, reopened: Draft, one: Posting) -> Draft:
    """A draft whose last yes was taken back: that to a correction, or that to have it posted at all."""
    if one.stands is None:
        return reopened
    if one.stands != one.entry and not one.leaving:
        return _as_it_stands(house, who, confirmed, one.stands)
    return reopened.model_copy(update={"decision": "edited"})  # so that no sync takes away what leads there


def _as_it_stands(house: House, who: Member, draft: Draft, stands: Entry) -> Draft:
    return drafts.as_posted(draft, stands, house.language(who).sentences)


def _save(tx: Unit, after: Posting, filed: Filed) -> None:
    if not tx.postings.save(after, filed.version):
        raise RuntimeError("a posting changed inside a writing unit")


def _move_on(
    house: House, who: Member, key: str, revision: int | None, step: Callable[[Posting], Posting | Verdict]
) -> Outcome:
    with house.store.writing() as tx:
        held = tx.drafts.get(who.id, key)
        if held is None or revision not in (None, held.revision):
            return Outcome(left=((key, CHANGED if held else GONE),))
        filed = _live(tx, who, key)
        after = step(filed.posting) if filed else Verdict(allowed=False, reason=GONE)
        if isinstance(after, Verdict):
            return Outcome(left=((key, after.reason),))
        if filed:
            _save(tx, after, filed)
    house.work_is_waiting.set()
    return Outcome(done=(key,))


def _first_minute(who: Member, day: date) -> datetime:
    hours = who.schedule.hours(day, who.zone)
    first = hours[0][0] if hours else on_the_clock(day, 9 * 60, who.zone)
    return local(first, who.zone)
