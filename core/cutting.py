"""One draft made two, several made one, one moved to another day: the minutes stay the same, and all of it
can be undone.

What a contributor cut, put together or moved is theirs (P2). A part cut off and what is moved are drafts by
hand, so no sync touches them; what gave its minutes away is dismissed, so that its evidence makes no second
draft of them (P4). It teaches nothing: that two calls were one says nothing about the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from pydantic import AwareDatetime

from core.drafts import LONGEST_DAY, MORE_THAN_A_DAY, of_length
from core.model import Draft, Reason, Suggestion, Verdict
from core.said import Said, worded
from core.sentences import ENGLISH, Sentences

LEAVES_NOTHING = worded("Cut off at least one minute, and less than the {minutes} it has.")
Piece = tuple[AwareDatetime, AwareDatetime]


def cut(
    draft: Draft, minutes: int, random_id: str, by: str | None = None, say: Sentences = ENGLISH
) -> tuple[Draft, Draft] | Verdict:
    """Cut its last minutes off: what is left of it, and the part that was cut off.

    Takes    by: the delegate who does it in their place
    """
    old = draft.suggestion
    if not (verdict := _waits(draft)):
        return verdict
    if not 0 < minutes < old.minutes:
        return _no(Said(LEAVES_NOTHING, minutes=old.minutes))
    stays, goes = _divided(old.pieces, minutes)
    time, what = say.duration(minutes), _called(old)
    took = say("cut in two by", who=by, time=time) if by else say("cut in two", time=time)
    came = say("cut from by", who=by, what=what) if by else say("cut from", what=what)
    part = _by_hand(old, random_id, minutes, goes, came)
    return (
        _restated(draft, _of(old, old.minutes - minutes, stays, took), by),
        Draft(suggestion=part, seen=None, decision="edited", tied=draft.key, prepared_by=by),
    )


def join(
    draft: Draft, others: Sequence[Draft], by: str | None = None, say: Sentences = ENGLISH
) -> tuple[Draft, list[Draft]] | Verdict:
    """Put the minutes of others of its day into it; they are dismissed for that.

    Takes    by: as for `cut`
    """
    if not others:
        return _no("Choose what to put together.")
    for one in (draft, *others):
        if not (verdict := _waits(one)):
            return verdict
    for one in others:
        if one.suggestion.day != draft.suggestion.day:
            return _no("Only drafts of one day can be put together.")
        if draft.key in (one.key, one.tied) or draft.tied == one.key:
            return _no("They were one before. Undo that instead.")
    whole = draft.suggestion
    for one in others:
        more = one.suggestion
        what = _called(more)
        sentence = say("put together by", who=by, what=what) if by else say("put together", what=what)
        placed = whole.pieces and more.pieces
        pieces = _together((*whole.pieces, *more.pieces)) if placed else whole.pieces
        whole = _of(whole, whole.minutes + more.minutes, pieces, sentence)
    if whole.minutes > LONGEST_DAY:
        return _no(Said(MORE_THAN_A_DAY, minutes=whole.minutes))
    return _restated(draft, whole, by), [_gave(one, draft.key, by) for one in others]


def move(
    draft: Draft, day: date, random_id: str, by: str | None = None, say: Sentences = ENGLISH
) -> tuple[Draft, Draft] | Verdict:
    """Give its minutes to another day: the dismissed one here, and the draft by hand there.

    It has no time of day there, for nobody said when it was.

    Takes    by: as for `cut`
    """
    old = draft.suggestion
    if not (verdict := _waits(draft)):
        return verdict
    if day == old.day:
        return _no("It is on that day already.")
    here = say.date(old.day)
    came = say("moved from by", who=by, day=here) if by else say("moved from", day=here)
    there = _by_hand(old, random_id, old.minutes, (), came).model_copy(update={"day": day})
    return (
        _gave(draft, there.key, by),
        Draft(suggestion=there, seen=None, decision="edited", tied=draft.key, prepared_by=by),
    )


def uncut(draft: Draft) -> Draft:
    """As it was before it was cut, or others were put into it."""
    before = draft.before or draft.suggestion
    stands = {"suggestion": before, "before": None, "decision": _decision(before, draft)}
    return draft.model_copy(update=stands | {"prepared_by": None})


def final(draft: Draft) -> Draft:
    """One whose part went further, so that it cannot be made whole again."""
    return draft.model_copy(update={"before": None})


def given_back(draft: Draft) -> Draft:
    """One that gave its minutes away, with them."""
    stands = {"tied": None, "decision": _decision(draft.suggestion, draft), "prepared_by": None}
    return draft.model_copy(update=stands)


def _restated(draft: Draft, suggestion: Suggestion, by: str | None) -> Draft:
    stands = {"suggestion": suggestion, "before": draft.before or draft.suggestion, "decision": "edited"}
    return draft.model_copy(update=stands | {"prepared_by": by})


def _gave(draft: Draft, to: str, by: str | None) -> Draft:
    return draft.model_copy(update={"decision": "dismissed", "tied": to, "prepared_by": by})


def _decision(stands: Suggestion, draft: Draft) -> str:
    return "open" if stands == draft.seen else "edited"


def _waits(draft: Draft) -> Verdict:
    if draft.decision not in ("open", "edited"):
        return _no("You have answered it already. Take that back first.")
    if not draft.noticed:
        return _no("Its source says something else since. Answer that first.")
    return Verdict(allowed=True, reason="It is yours.")


def _no(reason: str) -> Verdict:
    return Verdict(allowed=False, reason=reason)


def _of(old: Suggestion, minutes: int, pieces: tuple[Piece, ...], sentence: str) -> Suggestion:
    """With these minutes and this time, and a line that says so (P6)."""
    line = Reason(kind="decision", minutes=minutes - old.minutes, sentence=sentence)
    start = pieces[0][0] if pieces else old.start
    changes = {"pieces": pieces, "start": start, "because": (*old.because, line)}
    return of_length(old, minutes).model_copy(update=changes)


def _by_hand(
    old: Suggestion, random_id: str, minutes: int, pieces: tuple[Piece, ...], sentence: str
) -> Suggestion:
    return of_length(old, minutes).model_copy(
        update={
            "key": f"hand:{random_id}",
            "pieces": pieces,
            "start": pieces[0][0] if pieces else None,
            "because": (Reason(kind="decision", minutes=minutes, sentence=sentence),),
            "about": (),
            "otherwise": "",
            "confidence": "sure",
        }
    )


def _divided(pieces: tuple[Piece, ...], minutes: int) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """The time before its last minutes, and these."""
    goes: list[Piece] = []
    stays = list(pieces)
    left = timedelta(minutes=minutes)
    while left and len(stays) > 0:
        start, end = stays.pop()
        if end - start > left:
            stays.append((start, end - left))
            start = end - left
        goes.insert(0, (start, end))
        left -= end - start
    # a length that was stated beside its time may be longer than that: then neither has a place
    return (tuple(stays), tuple(goes)) if stays else ((), ())


def _together(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """In order, neighbours as one."""
    found: list[Piece] = []
    for start, end in sorted(pieces):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def _called(one: Suggestion) -> str:
    return one.text or one.task or one.project or "?"
