"""The stage in force: the configuration wishes, the store remembers, and only what was reached goes on.

The YAML is the only word that changes a stage; there is no command beside it. So what holds can be
read and reviewed in one place, and who puts an old file back goes back in the rollout, never ahead.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import structlog
from pydantic import AwareDatetime

from config.load import Loaded, Unfit
from config.schema import Rollout
from core.exits import Line, Measured, Terms, lines, missing, stricter
from core.model import Noun, Verdict
from core.rollout import Stage, following, may_begin, may_follow, too_few
from daybook.errors import No, Wrong
from daybook.house import House
from daybook.store.store import Store
from daybook.store.unit import Unit

log = structlog.get_logger()

A_DAY = timedelta(days=1)
"""So long contributors see a number before an administrator does."""
KEPT = timedelta(days=30)
"""A stage that begins again within so long keeps the stricter of its numbers, then and now."""
WISH = ("rollout", "stage")
STOPPED = "it is stopped, and nobody has said what changed (daybook rollout --resume)"


def first(wished: Rollout) -> Verdict:
    """May a rollout begin with what is wished?"""
    return may_begin(wished.stage, len(wished.cohorts.pilot), wished.skip_pilot_because)


class Decided(NamedTuple):
    """What becomes of the wish in the configuration."""

    stage: Stage
    """In force from now on."""
    verdict: Verdict
    """On the wish."""


def decided(tx: Unit, wished: Rollout, now: datetime) -> Decided | None:
    """Which stage is in force, and why; None where none ever was and this may not be the first."""
    last = tx.rollout.stage()
    if last is None:
        verdict = first(wished)
        return Decided(wished.stage, verdict) if verdict else None
    if wished.stage == last.stage:
        return Decided(last.stage, Verdict(allowed=True, reason=last.said))
    terms, measured = Terms.model_validate_json(last.terms), shown(tx, last.serial, now - A_DAY)
    lacking = missing(last.stage, terms.exit, measured)
    if tx.rollout.stopped():
        lacking.insert(0, STOPPED)
    if wished.stage == "pilot" and (few := too_few(len(wished.cohorts.pilot))):
        lacking.insert(0, few)
    verdict = may_follow(last.stage, wished.stage, lacking)
    return Decided(wished.stage if verdict else last.stage, verdict)


def at_load(loaded: Loaded, store: Store, now: datetime, *, begun: bool) -> tuple[Stage, str]:
    """The stage in force, and where the configuration wishes what may not be.

    Takes    begun: for commands that only look: the stage as it is, whatever may follow it
    Raises   Unfit where nothing is in force yet and the wish may not be the first
    """
    wished = loaded.configuration.rollout
    with store.reading() as tx:
        last, found = tx.rollout.stage(), decided(tx, wished, now)
    if begun and last is not None:
        return last.stage, ""
    if found is None:
        problem = loaded.problem(WISH, first(wished).reason)
        raise Unfit(Path(problem.place.file), [problem])
    if found.verdict:
        return found.stage, ""
    place = loaded.problem(WISH, found.verdict.reason).place
    return found.stage, f"{place.file}:{place.line}  rollout.stage {found.verdict.reason}"


def begin(house: House) -> None:
    """Write down the stage in force where it is another than before; for who holds the store."""
    if house.refused:
        log.warning("rollout.refused", reason=house.refused)
    wished, now = house.configuration.rollout, house.clock()
    with house.store.writing() as tx:
        last = tx.rollout.stage()
        if last is not None and last.stage == house.stage:
            return
        found = decided(tx, wished, now)
        if found is None or found.stage != house.stage:
            return  # somebody else wrote meanwhile; the next start asks again
        terms = Terms(exit=wished.exit, stop=wished.stop)
        if (before := _lately(tx, house.stage, now)) is not None:
            terms = stricter(terms, before)
        tx.rollout.add(now, "stage", house.stage, found.verdict.reason, terms.model_dump_json())


def _lately(tx: Unit, stage: Stage, now: datetime) -> Terms | None:
    """What was set for a stage that ended so short a while ago that it is the same one again."""
    begun = [step for step in tx.rollout.steps() if step.what == "stage"]
    for step, after in reversed([*pairwise(begun)]):
        if step.stage == stage:
            return Terms.model_validate_json(step.terms) if now - after.at < KEPT else None
    return None


class Standing(Noun):
    """How the rollout stands, for an administrator: a full day after its contributors saw the same."""

    stage: Stage
    since: AwareDatetime
    said: str
    """Why it began."""
    stopped: str
    """Why everything rests; empty while nothing does."""
    counted: bool
    """There was a look at the numbers that is a day old."""
    numbers: tuple[Line, ...]
    refused: str
    """What the configuration wishes and may not have."""
    elsewhere: bool
    """The configuration has other numbers by now; they count from the next stage on."""
    remarks: tuple[str, ...]
    """Names of those that wait for an answer."""

    def lines(self) -> Iterator[str]:
        yield f"stage      {self.stage}, since {self.since:%Y-%m-%d}. {self.said}"
        if self.stopped:
            yield f"STOPPED    {self.stopped}"
        for line in self.numbers if self.counted else ():
            yield f"{'ok ' if line.reached else 'NO '}  {line.what:36} {line.measured:24} {line.wanted}"
        if not self.counted:
            yield "numbers    not yet: contributors see them a day before you."
        if self.elsewhere:
            yield "changed    rollout.exit or rollout.stop: what they say now counts from the next stage on."
        if self.remarks:
            yield f"remarks    {', '.join(self.remarks)} wait. Read them: daybook rollout --friction"
        if self.refused:
            yield f"NO         {self.refused}"
        yield f"next       {self.next}"

    @property
    def next(self) -> str:
        """What to do."""
        then = following(self.stage)
        if self.stopped:
            return 'say to everybody what changed, and it goes on: daybook rollout --resume "…"'
        if then is None:
            return "nothing: everybody takes part."
        if self.counted and all(line.reached for line in self.numbers):
            return f"write  rollout: {{stage: {then}}}  and start Daybook again, when you want to."
        return f"wait: {then} may begin once all of this is reached. Nothing begins by itself."


def standing(house: House) -> Standing:
    """How the rollout stands; raises No where none has begun."""
    now, wished = house.clock(), house.configuration.rollout
    with house.store.reading() as tx:
        stage, stopped = tx.rollout.stage(), tx.rollout.stopped()
        if stage is None:
            raise No("No stage has begun yet. One does with: daybook run")
        found = decided(tx, wished, now)
        look = tx.rollout.kept(stage.serial, now - A_DAY)
        waiting = tuple(one.id for one in tx.remarks.all() if one.waits)
    terms = Terms.model_validate_json(stage.terms)
    measured = Measured.model_validate_json(look) if look else Measured()
    refused = found.verdict.reason if found and not found.verdict else ""
    return Standing(
        stage=stage.stage,
        since=stage.at,
        said=stage.said,
        stopped=stopped.said if stopped else "",
        counted=look is not None,
        numbers=tuple(lines(stage.stage, terms.exit, measured)),
        refused=f"rollout.stage {refused}" if refused else "",
        elsewhere=Terms(exit=wished.exit, stop=wished.stop) != terms,
        remarks=waiting,
    )


def resume(house: House, what_changed: str) -> None:
    """Go on after a stop, with a sentence that everybody reads; raises No where nothing is stopped."""
    now, said = house.clock(), what_changed.strip()
    if not said:
        raise Wrong("Say what changed: everybody who takes part reads it. Nothing was resumed.")
    with house.store.writing() as tx:
        stage, stopped = tx.rollout.stage(), tx.rollout.stopped()
        if stage is None or stopped is None:
            raise No("The rollout is not stopped. Nothing was changed.")
        left = Measured(opt_outs=sum(week["opt_outs"] for week in tx.rollout.counts(stage.serial).values()))
        tx.rollout.add(now, "resumed", stage.stage, said, left.model_dump_json())


def shown(tx: Unit, step: int | None, before: datetime) -> Measured:
    """What a stage, or whichever it was, had come to by then, as it was looked at."""
    found = tx.rollout.kept(step, before)
    return Measured.model_validate_json(found) if found else Measured()
