"""What a rollout is told on paper: the review after 30 and 90 days, the card, the message of the first day.

All of it is filled from the policy and from what was counted, so that nothing in it is another's wish.
The review is the same for whoever runs the rollout and for whoever takes part in it, each in their language;
card and message are English, for an administrator to hand on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from config.load import Loaded, Unfit
from config.schema import Configuration, Mail
from core.exits import Line, Measured, Terms, coarse, lines
from core.model import Noun
from core.notice import Version
from core.periods import week
from core.policy import Policy, version
from core.rollout import FEWEST, FIRST, MOST, Stage
from core.signs import signs
from core.tallies import LAG, Counts, median, share
from daybook import policies
from daybook.errors import No, Wrong
from daybook.house import House
from daybook.languages import Later, _, ngettext, pgettext
from daybook.rollout import A_DAY, shown
from daybook.store import engine
from daybook.store.remarks import Remark
from daybook.store.rollout import Step
from daybook.tools import told
from daybook.wiring import NothingHasRun, connect, incomplete, open_house, read
from daybook.words import Section, Tool, capital, count, full_date, listed, no_pilot, period

ENOUGH = 10
"""Days of a week, over everybody; with fewer, its shares would be of one or two people."""
NOT_COUNTED = Later(
    "Nothing yet: a day is counted a week after it, and shown where {people} people take part."
)
ANSWERED = Later("about {share} % of the days answered")
UNTOUCHED = Later("about {share} % of the drafts confirmed untouched")
WHAT = {
    "stage": Later("The stage {} began"),
    "stopped": Later("It stopped by itself"),
    "resumed": Later("It went on"),
}


class Paper(Noun):
    """A page or two, in sections."""

    title: str
    under: str
    """Whose and of when."""
    sections: tuple[Section, ...]

    def lines(self) -> Iterator[str]:
        yield self.title
        yield self.under
        for section in self.sections:
            yield from ("", section.heading)
            yield from (f"  {term}: {meaning}" for term, meaning in section.terms)
            yield from (f"  {sentence}" for sentence in section.sentences)


# --- the review --------------------------------------------------------------------------------------------


def review(house: House, days: int) -> Paper:
    """How the first so many days went; raises No before a rollout has begun."""
    now = house.clock()
    with house.store.reading() as tx:
        steps = tx.rollout.steps()
        if not steps:
            raise No("No stage has begun yet. There is nothing to review.")
        end = steps[0].at + timedelta(days=days)
        steps = [step for step in steps if step.at < end]
        stage = [step for step in steps if step.what == "stage"][-1]
        measured = shown(tx, stage.serial, now - A_DAY) if stage == tx.rollout.stage() else None
        weeks = shown(tx, None, now - A_DAY).weeks
        counted = {name: counts for name, counts in weeks.items() if name <= week(end.date())}
        said = [one for one in tx.remarks.all() if one.sentence and one.at < end]
        people = sum(house.agreed(member) for member in house.members(tx))
        versions = [*policies.held(house, tx), *filter(None, [house.standing.coming])]
    begun, nothing = steps[0].at.date(), NOT_COUNTED.format(people=FEWEST)
    until = _("so far") if now < end else _("until {day}", day=full_date(end.date()))
    sections = (
        Section(_("What the stage {stage} is to reach", stage=stage.stage), tuple(_reached(stage, measured))),
        Section(_("Week by week"), tuple(_weeks(counted)), () if counted else (nothing,)),
        Section(_("How it came to this"), tuple(_came(steps))),
        Section(_("What people said about Daybook"), sentences=(_remarked(said),)),
        Section(_("What changed in the policy"), tuple(_policy(versions, end.date()))),
        Section(_("Signs to talk about"), sentences=tuple(_signs(house, counted, people, now))),
    )
    return Paper(
        title=_("The first {days} days", days=days),
        under=_(
            "Daybook at {organisation}, from {day}, {until}.",
            organisation=house.configuration.organisation,
            day=full_date(begun),
            until=until,
        ),
        sections=sections,
    )


def _reached(stage: Step, measured: Measured | None) -> Iterator[tuple[str, str]]:
    """Takes    measured: None of a stage that is over, whose numbers are let go of"""
    for line in lines(stage.stage, Terms.model_validate_json(stage.terms).exit, measured or Measured()):
        yield capital(_(line.what)), _said(line) if measured else f"{capital(_(line.wanted))}."


def _said(line: Line) -> str:
    reached = _("Reached") if line.reached else _("Not reached")
    return f"{capital(_(line.wanted))}. {reached}: {_(line.measured)}."


def _weeks(counted: Mapping[str, Counts]) -> Iterator[tuple[str, str]]:
    for name in sorted(counted):
        counts = counted[name]
        monday = date.fromisoformat(f"{name}-1")
        yield _("Week of {day}", day=full_date(monday)), _week(counts)


def _week(counts: Counts) -> str:
    if counts.get("days", 0) < ENOUGH:
        return _("too few days to say anything.")
    said = []
    for part, whole, what in (
        ("answered", "days", ANSWERED),
        ("untouched", "decided", UNTOUCHED),
    ):
        if (found := share(counts, part, whole)) is not None:
            said.append(what.format(share=coarse(found)))
    if (seconds := median(counts, "seconds")) is not None:
        said.append(_("half of the days in {seconds} seconds or less", seconds=seconds))
    return f"{listed(said)}."


def _came(steps: list[Step]) -> Iterator[tuple[str, str]]:
    for step in steps:
        yield full_date(step.at.date()), f"{WHAT[step.what].format(step.stage)}. {_(step.said)}"


def _remarked(said: list[Remark]) -> str:
    """How many; each sentence is between who wrote it and who answers it, for it may tell of whom it is."""
    waiting = sum(one.waits for one in said) or pgettext("remarks", "none")
    how_many = ngettext(
        "{number} remark, {waiting} without an answer.",
        "{number} remarks, {waiting} without an answer.",
        len(said),
        waiting=waiting,
    )
    read = _("Each is read by its writer and by whoever answers it.")
    return f"{how_many} {read}"


def _policy(versions: Iterable[Version], end: date) -> Iterator[tuple[str, str]]:
    since = dict.fromkeys((one.since, one.version) for one in versions if one.since <= end)
    for day, name in since:
        yield full_date(day), _("Version {version} holds from this day.", version=name)


def _signs(house: House, counted: Mapping[str, Counts], people: int, now: datetime) -> Iterator[str]:
    minimum = house.policy.groups.minimum
    whole = {name: counts for name, counts in counted.items() if name < week(now.date() - LAG)}
    found = signs(whole, people, minimum)
    if found is None:
        yield _(
            "Not looked for: that takes at least {people} people and four weeks. "
            "Talk with each other instead.",
            people=minimum,
        )
    elif not found:
        yield _("None: lengths are as round as before, sources stay connected, answers come no later.")
    else:
        yield from map(_, found)


# --- the card and the message of the first day -------------------------------------------------------------


class Filling(NamedTuple):
    """What both are filled from."""

    configuration: Configuration
    policy: Policy
    stage: Stage
    """In force, or with which it is to begin."""
    read: tuple[str, ...]
    """The tools, as people call them."""


def filling(file: Path) -> Filling:
    """From the policy in force, or before the first start from the file.

    Raises   Unfit, Wrong; also where a store is there and does not open: the file may wish what does not hold
    """
    try:
        house = open_house(file, begun=True)
    except NothingHasRun:
        return _wished(read(file, secrets=False))
    except (Wrong, Unfit):  # what begins on the first day is said before its secrets are there
        loaded = read(file, secrets=False)
        if not _is_to_be_made(loaded.configuration.store.url):
            raise
        return _wished(loaded)
    return _filled(house.configuration, house.policy, house.stage, told(house.connectors, house.policy))


def _wished(loaded: Loaded) -> Filling:
    """Raises   Wrong where there is no policy"""
    wished, policy = loaded.configuration, loaded.configuration.policy
    if policy is None:
        raise Wrong(" ".join(incomplete(wished)))
    return _filled(wished, policy, wished.rollout.stage, told(connect(loaded, threading.Event()), policy))


def _filled(configuration: Configuration, policy: Policy, stage: Stage, tools: Iterable[Tool]) -> Filling:
    return Filling(configuration, policy, stage, tuple(tool.called for tool in tools))


def _is_to_be_made(url: str) -> bool:
    """A store in a file, and there is none yet; of a server only who has its password can say."""
    path = engine.database(url).path if url.startswith("sqlite:") else None
    try:
        return path is not None and not path.exists()
    except OSError:  # its folder is closed to this account
        return False


def _reminder(mail: Mail | None) -> Iterator[str]:
    if mail is not None and mail.reminder != "off":
        yield "If you say nothing to it, one reminder comes before your working hours end. No second one."


def card(said: Filling) -> Paper:
    """What somebody needs at hand who uses it every day."""
    mail, keep = said.configuration.mail, said.policy.retention
    at = f"at {mail.digest_at:%H:%M}" if mail else "in the morning"
    hold = said.configuration.posting.hold
    back = count(hold, "second") if hold < 120 else count(hold // 60, "minute")
    sections = (
        Section(
            "Each morning",
            sentences=(
                f"On your working days a mail comes {at}, if drafts wait for you. No mail, nothing to do.",
                *_reminder(mail),
                "Open it, look, press Confirm. What looks wrong, change or dismiss. Then you are done.",
            ),
        ),
        Section(
            "Your words",
            (
                (
                    "Confirm",
                    "It is posted where it says." + (f" For {back} you can take it back." if hold else ""),
                ),
                ("Edit", "Another length, project or place. What you changed, nothing changes again."),
                ("Dismiss", "It was no work. It stays dismissed."),
                ("Add by hand", "What your tools did not see."),
                ("Nothing to add", "The day is said, whatever is still open in it."),
                ("Always, never", "Under Why: from now on for all of its kind."),
                ("This looks wrong", "A sentence to who can change it, without your name unless you sign."),
            ),
        ),
        Section(
            "Yours alone",
            sentences=(
                "Until you confirm it nobody else sees a draft: no manager, no administrator.",
                "Silence confirms nothing. A gap stays a gap.",
                f"Drafts are forgotten after {period(keep.drafts)}, evidence after {period(keep.evidence)}.",
                "Your connections, all that is held about you, who looked at it, and the way out: at the "
                "foot of the page.",
            ),
        ),
        Section("Whom to ask or to contradict", sentences=(said.policy.contact,)),
    )
    return Paper(title="Daybook on one page", under=_under(said), sections=sections)


def day_one(said: Filling) -> Paper:
    """What people are told on the day it begins, to be sent by whoever answers for it."""
    rollout, policy = said.configuration.rollout, said.policy
    begins = said.stage in FIRST
    wanted = lines("pilot" if begins else said.stage, rollout.exit, Measured())
    sections = (
        Section("Why", sentences=(" ".join(policy.why.split()),)),
        Section(
            "What happens today",
            sentences=(
                "You get a mail with the policy. Before you have read and acknowledged it, nothing about you "
                f"is read: nothing from {listed(said.read)}.",
                "You can leave at any time with one button; then your drafts and what was read are erased.",
            ),
        ),
        Section(
            "What it is, and what it is not",
            sentences=(
                "It drafts your day from what your tools already know. You confirm, change or dismiss.",
                f"Not read: {listed(policy.not_tracked or ('whatever the policy does not name',))}.",
                "Nobody sees a draft but you. No one is ranked, scored or compared.",
            ),
        ),
        *no_pilot("" if begins else rollout.skip_pilot_because),
        Section(
            "How long it is tried, and what was set beforehand",
            tuple((capital(line.what), f"{line.wanted}.") for line in wanted),
            (
                _how_long(said.stage, period(rollout.exit.lasts)),
                f"It stops by itself if {rollout.stop.opt_outs} of you leave, if a remark of yours waits "
                f"{period(rollout.stop.friction_days)} for its answer, or if fewer than "
                f"{rollout.stop.answered_days} % of the days are answered in two weeks.",
            ),
        ),
        Section("Whom to ask or to contradict", sentences=(policy.contact,)),
    )
    return Paper(title="Daybook begins with you", under=_under(said), sections=sections)


def _how_long(stage: Stage, lasts: str) -> str:
    """How long it is tried by whom, and what must be first before more people are asked."""
    widens = "only once these numbers are reached and enough of you have said that it is ready."
    if stage in FIRST:
        pilot = f"The pilot is of {FEWEST} to {MOST} people and lasts {lasts}."
        return f"{pilot} It widens {widens} You see them first."
    if stage == "expand":
        return f"This stage lasts {lasts}. It widens to everybody {widens} You see them first."
    return "Everybody takes part. These numbers are looked at as long as it runs, and you see them first."


def _under(said: Filling) -> str:
    return f"{said.configuration.organisation}. Version {version(said.policy)} of the policy."
