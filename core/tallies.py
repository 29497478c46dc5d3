"""Counts of a stage of the rollout, without anybody in them, and what they say together.

A day is counted once, a week after it, as it then stands: so what was taken back is taken back,
and who answers on Friday for Monday has answered. What leaves the day are counts, added to those
of everybody else in its week; how long somebody took is a step of a scale there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from core.exits import LONGEST, Measured
from core.model import Draft, Noun
from core.rollout import FEWEST

LAG = timedelta(days=7)
"""A day has so long for its answer."""
SCALE = (15, 30, 45, 60, 90, 120, 180, 300, 600, 1_200, LONGEST)
"""Seconds; what took longer than the last was not one sitting."""

Counts = Mapping[str, int]


class Answer(Noun):
    """How one day stands a week later, as far as that is counted."""

    answered: bool
    seconds: int | None = None
    """From the first look to the last word."""
    on_page: bool = False
    """They had the day before them, not only the button of the mail."""
    late: int | None = None
    """Days between it and the last word."""


def counted(answer: Answer, drafts: Iterable[Draft]) -> Counter[str]:
    """What one day adds to its week; nothing where there was nothing to answer."""
    drafts = list(drafts)
    counts = Counter[str](days=int(bool(drafts) or answer.answered))
    if answer.answered:
        counts.update(["answered"])
        counts.update(["on_page"] * answer.on_page)
        if answer.seconds is not None and answer.seconds <= SCALE[-1]:
            counts.update([f"seconds:{SCALE[bisect_left(SCALE, answer.seconds)]}"])
        if answer.late is not None:
            counts.update([f"late:{answer.late}"])
    for draft in drafts:
        counts.update(_of_draft(draft))
    return +counts


def is_answered(drafts: Iterable[Draft], said: bool) -> bool:
    """Has the day its contributor's word?

    Takes    said: they said that there is nothing to add
    """
    decisions = [draft.decision for draft in drafts]
    return said or (bool(decisions) and not {"open", "edited"} & {*decisions})


def _of_draft(draft: Draft) -> Iterator[str]:
    if draft.key.startswith("hand:") or draft.decision not in ("confirmed", "dismissed"):
        return
    yield "decided"
    if draft.decision == "dismissed":
        if draft.why:
            yield f"why:{draft.why}"
        return
    edited = any(reason.kind == "decision" for reason in draft.suggestion.because)
    if not edited:
        yield "untouched"
    if draft.seen is not None and draft.seen.minutes % 15:
        yield "uneven"
        if not draft.suggestion.minutes % 15:
            yield "made_even"


def share(counts: Counts, part: str, whole: str) -> int | None:
    """Per cent, rounded down; None of nothing."""
    return 100 * counts.get(part, 0) // counts[whole] if counts.get(whole) else None


def median(counts: Counts, scale: str) -> int | None:
    """The step of a scale within which half of what was counted lies."""
    found = (what.partition(":") for what in counts)
    steps = sorted(int(step) for name, _, step in found if name == scale)
    half, so_far = sum(counts[f"{scale}:{step}"] for step in steps) / 2, 0
    for step in steps:
        so_far += counts[f"{scale}:{step}"]
        if so_far >= half:
            return step
    return None


def measured(
    weeks: Mapping[str, Counts],
    *,
    elapsed: int = 0,
    not_over: str = "",
    waiting: Sequence[int] = (),
    people: int = 0,
    ready: int | None = None,
) -> Measured:
    """What a stage has come to.

    Takes    weeks: its counts by ISO week; not_over: the first of which not every day is counted yet
             waiting: days that each remark without an answer has waited
             people: who take part; of fewer than a pilot has no share is told, for it would be somebody's
             ready: how many of them said yes; None while nobody spoke
    """
    sums = Counter[str]()
    for counts in weeks.values():
        sums.update(counts)
    whole = sorted((week for week in weeks if not not_over or week < not_over), reverse=True)
    enough = people >= FEWEST
    shares = (share(weeks[week], "answered", "days") for week in whole)
    return Measured(
        elapsed=elapsed,
        people=people,
        answered=sums["answered"],
        confirmed_untouched=share(sums, "untouched", "decided") if enough else None,
        median_seconds=median(sums, "seconds") if enough else None,
        answered_days=share(sums, "answered", "days") if enough else None,
        own_page=share(sums, "on_page", "answered") if enough else None,
        open_friction=len(waiting),
        oldest_friction=max(waiting, default=0),
        opt_outs=sums["opt_outs"],
        ready=100 * ready // people if enough and ready is not None else None,
        last_weeks=tuple(one for one in shares if one is not None)[:2],
    )


def answer(
    drafts: Sequence[Draft],
    day: date,
    *,
    nothing_to_add: bool,
    opened: datetime | None,
    said: datetime | None,
    on_page: bool,
) -> Answer:
    """How a day stands; times on its contributor's own clock."""
    seconds = int((said - opened).total_seconds()) if opened and said and opened <= said else None
    return Answer(
        answered=is_answered(drafts, nothing_to_add),
        seconds=seconds,
        on_page=on_page,
        late=max(0, (said.date() - day).days) if said else None,
    )
