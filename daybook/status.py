"""How things stand, for an administrator: sources by name, everything else in sums (P1)."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from pydantic import AwareDatetime

from core.model import Noun
from daybook import doubt, lending, running, state, waiting
from daybook.house import House
from daybook.store import Store
from daybook.store.beats import seems_dead
from daybook.store.configurations import Running
from daybook.store.errors import StoreUnavailable
from daybook.store.hold import is_held
from daybook.store.rests import Rest
from daybook.store.unit import Unit
from daybook.store.workers import Worker
from daybook.waiting import Wait
from daybook.words import count

MOST_REASONS = 3
LONGEST = timedelta(hours=1)
"""Between two tries: what is overdue for longer, nobody wants to send any more."""
A_WEEK = timedelta(days=7)
"""Of what is done for good as much is counted: all of it grows for years."""
WIDTH, COLUMN = 80, 10
"""Of a terminal, and of the names that lines begin with."""
NOBODY_RUNS = "Nobody does the work: nothing is read, mailed or posted, and nothing is lost by that."
NIGHTS = timedelta(days=2)
"""After so long without a backup, one that is made every night failed twice."""
OLD_BACKUP = "The backup is old: {}. If the disk fails, what people said since is lost."
NEVER_BACKED_UP = (
    "No backup was ever made. If the disk fails, all is lost. Something else makes them? Write "
    "store.backups: elsewhere."
)
BACK_UP = "systemctl start daybook-backup; journalctl -u daybook-backup -n 50"
BECOMES = {"failed": "to be tried again", "unsure": "to be sent again", "given_up": "given up"}
"""Of mails, where the name of their state does not say what happens next."""
LOOK_AT_IT = "systemctl status daybook; journalctl -u daybook -n 50"
BROKEN = (
    "The access logs of {} were changed by hand, or lack a line. They are told on their pages. "
    "Find out who can write the database file."
)


class Source(Noun):
    """One connection, over all its partitions."""

    connection: str
    partitions: int
    failing: int
    oldest: AwareDatetime | None
    """When the partition seen longest ago was last seen; None where one was never seen."""
    oldest_whole: AwareDatetime | None
    """The same, of its whole window."""
    failing_since: AwareDatetime | None
    """Of the one that fails longest."""
    doubted: int
    """How many suddenly show hardly anything of what was there."""
    reasons: tuple[str, ...]
    """The commonest, why they fail."""
    stopped: int = 0
    """How many people must connect their account again; each was told."""
    ending: int = 0
    """How many people's access ends soon; each was told."""
    ends: date | None = None
    """When the organisation's own credential ends, once that is near."""
    rests: tuple[Rest, ...] = ()
    """While it is left alone: because its tool said so, or failed too often in a row."""

    @property
    def well(self) -> bool:
        return not self.failing and not self.stopped and self.ends is None


class Backup(Noun):
    """How much of the store is in a backup, where `daybook backup` makes them."""

    last: AwareDatetime | None
    """As of when the last one is; None where none was made."""
    since: AwareDatetime
    """Whatever came after that is in none."""
    late: bool

    def __str__(self) -> str:
        return f"the last is as of {self.last:%Y-%m-%d %H:%M} UTC" if self.last else "none yet"


class Need(Noun):
    """One thing that waits for a person."""

    about: str
    """What: a connection, or a part of the program."""
    says: str
    do: str
    """A command to type or a step to take."""


class Standing(Noun):
    people: dict[str, int]
    """named, invited, acknowledged, left."""
    sources: tuple[Source, ...]
    drafts: dict[str, int]
    mails: dict[str, int]
    postings: dict[str, int]
    """Those posted or withdrawn are of the last week's days."""
    unsent: tuple[str, ...] = ()
    """The commonest reasons why mails wait; empty while they go out."""
    clock: str = ""
    """Why it is not believed, and nothing is done; empty while it is."""
    runs: bool = True
    """Somebody does the work."""
    workers: tuple[Worker, ...] = ()
    """The processes on a store that several share."""
    silent: tuple[str, ...] = ()
    """Those of them that give no sign of life any more."""
    refusals: tuple[Running, ...] = ()
    """The processes that were told to read their file again, refused it, and go on as before."""
    apart: tuple[str, ...] = ()
    """The processes that go by another file than the first of them."""
    disk: str = ""
    """Why nothing new is begun; empty while there is room, and the store can be written."""
    mailbox: str = ""
    """Since when our own mailbox cannot be read, and why; empty while it can."""
    broken_logs: int = 0
    """How many people's access log lacks a line or was changed."""
    policy: str = ""
    """Which version is in force, and which comes when."""
    waits: tuple[Wait, ...] = ()
    """What the file allows and must wait for its day."""
    rests: str = ""
    """Why the rollout stopped by itself; empty while it goes on."""
    backup: Backup | None = None
    """None where something else makes them, or there is nothing to save yet."""

    @property
    def well(self) -> bool:
        return not any(self.needs())

    def needs(self) -> Iterator[Need]:
        """What waits for a person, the widest first."""
        yield from self._of_the_machine()
        for source in self.sources:
            yield from _of_source(source)
        yield from self._of_the_rest()

    def _of_the_machine(self) -> Iterator[Need]:
        if not self.runs:
            yield Need(about="daybook", says=NOBODY_RUNS, do=LOOK_AT_IT)
        for name in self.silent:
            yield Need(about="worker", says=f"{name} gives no sign of life.", do=f"There: {LOOK_AT_IT}")
        for one in self.refusals:
            says = f"{one.name} goes on with that of {one.taken_at:%Y-%m-%d %H:%M} UTC: {one.refusal}"
            yield Need(about="file", says=says, do="daybook check, then: systemctl reload daybook")
        for name in self.apart:
            says = (
                f"{name} goes by other settings than {self.workers[0].name}: each undoes what the other does."
            )
            yield Need(about="file", says=says, do="The same file on all machines; systemctl reload daybook")
        if self.clock:
            yield Need(about="clock", says=self.clock, do="timedatectl")
        for worker in self.workers:
            if worker.is_off:
                says = f"That of {worker.name} is {worker.off:+} seconds off. Set it right."
                yield Need(about="clock", says=says, do="There: timedatectl")
        if self.disk:
            yield Need(about="disk", says=self.disk, do="df -h")
        if self.backup and self.backup.late and not self.clock:  # which may be what is late
            says = OLD_BACKUP.format(self.backup) if self.backup.last else NEVER_BACKED_UP
            yield Need(about="backup", says=says, do=BACK_UP)

    def _of_the_rest(self) -> Iterator[Need]:
        if self.rests:
            yield Need(about="rollout", says=f"It stopped by itself. {self.rests}", do="daybook rollout")
        for reason in self.unsent:
            yield Need(about="mails", says=reason, do="daybook check --online")
        if given_up := self.mails.get("given_up"):
            says = f"{count(given_up, 'mail')} refused for good by the mail server."
            yield Need(about="mails", says=says, do="journalctl -u daybook -g mail.refused")
        if self.mailbox:
            yield Need(about="mailbox", says=self.mailbox, do="daybook check --online")
        if refused := self.postings.get("refused"):
            says = f"Refused by their target: {refused}. Whose they are sees why on their page."
            yield Need(about="postings", says=says, do="daybook check --online")
        if unclear := self.postings.get("unclear"):
            says = f"Nobody knows whether they reached their target: {unclear}."
            yield Need(about="postings", says=says, do="Nothing: whose they are is asked on their page.")
        if self.broken_logs:
            yield Need(
                about="access",
                says=BROKEN.format(count(self.broken_logs, "contributor")),
                do="ls -l on the database, and who may become its owner",
            )

    def lines(self) -> Iterator[str]:
        """The verdict, what needs a person and what to do, then sums; at most 80 wide."""
        needs = list(self.needs())
        yield _verdict(len(needs))
        for need in needs:
            yield ""
            yield from wrapped(need.about, need.says)
            yield from wrapped("", f"-> {need.do}")
        yield ""
        yield from wrapped("people", _sums(self.people))
        yield from wrapped("policy", self.policy)
        for wait in self.waits:
            yield from wrapped("", f"{wait.place}  {wait.what}  {wait.sentence}")
        for worker in self.workers:
            yield from wrapped("worker", f"{worker.name}, seen at {worker.seen_at:%H:%M:%S} UTC")
        for source in self.sources:
            yield from wrapped(source.connection, _seen(source))
            for rest in source.rests:
                what = "nothing is asked" if rest.rests == "connection" else "nothing is read"
                yield from wrapped("", f"RESTS until {rest.until:%H:%M:%S} UTC, {what}. {rest.reason}")
        if self.backup:
            yield from wrapped("backup", str(self.backup))
        yield from wrapped("drafts", _sums(self.drafts))
        mails = {BECOMES.get(state, state): many for state, many in self.mails.items()}
        yield from wrapped("mails", _sums(mails))
        yield from wrapped("postings", f"{_sums(self.postings)}, of the last week")


def _verdict(needs: int) -> str:
    if not needs:
        return "All is well."
    return "One thing needs a person:" if needs == 1 else f"{needs} things need a person:"


def _of_source(source: Source) -> Iterator[Need]:
    name = source.connection
    if source.failing:
        says = f"{_seen(source)}. {' '.join(source.reasons)}"
        do = f"daybook sync --believe {name}" if source.doubted else "daybook check --online"
        yield Need(about=name, says=says, do=do)
    for sentence in credentials(source.stopped, 0, None):
        yield Need(about=name, says=sentence, do="Nothing: each of them was told.")
    for sentence in credentials(0, 0, source.ends):
        yield Need(about=name, says=sentence, do="daybook check --online, once it is there")


def wrapped(about: str, says: str) -> Iterator[str]:
    """Lines of a terminal, the name in a column of its own."""
    for number, line in enumerate(
        textwrap.wrap(says, WIDTH - COLUMN - 1, break_on_hyphens=False, break_long_words=False) or [""]
    ):
        yield f"{about if number == 0 else '':{COLUMN}} {line}"


def commonest(reasons: Iterable[str]) -> tuple[str, ...]:
    """The reasons worth reading: a tool that is away says as much for each of 600 calendars."""
    return tuple(reason for reason, _ in Counter(reasons).most_common(MOST_REASONS))


def credentials(stopped: int, ending: int, ends: date | None) -> Iterator[str]:
    """What a person must do about the credentials of one connection."""
    if stopped:
        yield f"{count(stopped, 'contributor')} must connect their account again; their time waits."
    if ending:
        yield f"The access of {count(ending, 'contributor')} ends within 30 days; they were told."
    if ends is not None:
        yield f"The organisation's credential ends on {ends}. Put a new one in its place before that."


def look(house: House, *, tries: bool = True, runs: bool = True) -> Standing:
    """How things stand.

    Takes    tries: to write, to see whether that works
             runs: whether somebody does the work, as far as whoever asks knows
    """
    store = house.store
    disk, verdict = _disk(store) if tries else store.shortage(), doubt.believed(house)
    with store.reading() as tx:
        workers = tuple(tx.workers.all()) if store.is_shared else ()
        silent = tuple(one.name for one in workers if seems_dead(one.seen_at, house.clock()))
        pulls = {(pull.connection, pull.partition): pull for pull in tx.partitions.all()}
        known = state.partitions(house, tx)
        rows = tx.people.all()
        stopped, ending = tx.grants.stopped(), tx.grants.ending()
        resting = tx.rests.at(house.clock())
        halted = tx.rollout.stopped()
        sources = []
        for name in house.connectors:
            mine = [pulls.get(key) for key in known if key[0] == name]
            seen = [pull.last_ok if pull else None for pull in mine]
            failing = [pull for pull in mine if pull and pull.failing_since]
            sources.append(
                Source(
                    connection=name,
                    partitions=len(mine),
                    failing=len(failing),
                    oldest=_oldest(seen),
                    oldest_whole=_oldest([pull.last_whole if pull else None for pull in mine]),
                    failing_since=min((at for pull in failing if (at := pull.failing_since)), default=None),
                    doubted=sum(pull.guarded_since is not None for pull in failing),
                    reasons=commonest(pull.reason or "" for pull in failing),
                    stopped=stopped.get(name, 0),
                    ending=ending.get(name, 0),
                    ends=lending.near(house.ends, house.clock()).get(name),
                    rests=tuple(one for one in resting if one.connection == name),
                )
            )
        return Standing(
            people={
                "named": len(house.named),
                "invited": sum(row.invited is not None for row in rows),
                "acknowledged": sum(bool(house.covering & row.agreed) for row in rows),
                "left": sum(row.left_at is not None for row in rows),
            },
            sources=tuple(sources),
            drafts=tx.drafts.tally(),
            mails=tx.mails.tally(),
            postings=tx.postings.tally(since=house.clock().date() - A_WEEK),
            unsent=commonest(tx.mails.waiting(house.clock() - LONGEST)),
            policy=waiting.says(house.standing, waiting.told(tx, house.standing)),
            waits=house.waits,
            rests=halted.said if halted else "",
            clock="" if verdict else verdict.reason,
            runs=runs,
            workers=workers,
            silent=silent,
            refusals=tuple(one for one in tx.configurations.all() if one.refused_at),
            apart=tuple(running.apart(tx, house.loaded)) if tries and workers and house.loaded else (),
            disk=disk,
            mailbox=_mailbox(house, tx),
            broken_logs=len(tx.access.broken()),
            backup=_backup(house, tx),
        )


def somebody_runs(house: House) -> bool:
    """Whether a process does the work on this store that we only look at."""
    if not house.store.is_shared:
        lock = house.store.database.beside("lock")
        return lock is not None and is_held(lock)
    with house.store.reading() as tx:
        living = [one for one in tx.workers.all() if not seems_dead(one.seen_at, house.clock())]
        return any(one.id == tx.workers.dispatcher() for one in living)


def _disk(store: Store) -> str:
    """A daemon that cannot write cannot say so where another process reads it: so it is tried here."""
    try:
        store.prove()
    except StoreUnavailable as error:
        return str(error)
    return store.shortage()


def _mailbox(house: House, tx: Unit) -> str:
    mail = house.configuration.mail
    mark = tx.mailbox.mark(mail.mailbox.place) if mail and mail.mailbox else None
    if mark is None or mark.away_since is None:
        return ""
    return f"Answers and bounces wait, since {mark.away_since:%Y-%m-%d %H:%M} UTC. {mark.reason}"


def _backup(house: House, tx: Unit) -> Backup | None:
    last, begun = tx.backed_up_at(), tx.policies.first_seen()
    if begun is None or house.configuration.store.backups == "elsewhere":
        return None
    since = last or datetime.combine(begun, time(), UTC)
    return Backup(last=last, since=since, late=house.clock() - since > NIGHTS)


def _oldest(seen: list[datetime | None]) -> datetime | None:
    """None where one was never seen."""
    return None if None in seen else min((at for at in seen if at), default=None)


def _seen(source: Source) -> str:
    if not source.partitions:
        return "nobody to ask about yet"
    seen = f"all seen since {source.oldest:%Y-%m-%d %H:%M} UTC" if source.oldest else "not all seen yet"
    whole = f", whole since {source.oldest_whole:%Y-%m-%d %H:%M}" if source.oldest_whole else ""
    if not source.failing_since:
        return f"{seen}{whole}"
    doubted = f" ({source.doubted} doubted)" if source.doubted else ""
    since = f"since {source.failing_since:%Y-%m-%d %H:%M} UTC"
    return f"{seen}{whole}, {source.failing} of {source.partitions} failing{doubted} {since}"


def _sums(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"
