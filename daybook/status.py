"""How things stand, for an administrator: sources by name, everything else in sums (P1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from pydantic import AwareDatetime

from core.model import Noun
from daybook import doubt, lending, state, waiting
from daybook.house import House
from daybook.mail import replies
from daybook.store import Store
from daybook.store.errors import StoreUnavailable
from daybook.store.rests import Rest
from daybook.store.unit import Unit
from daybook.store.workers import Worker
from daybook.waiting import Wait
from daybook.words import count

MOST_REASONS = 3
LONGEST = timedelta(hours=1)
"""Between two tries: what is overdue for longer, nobody wants to send any more."""
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


class Standing(Noun):
    people: dict[str, int]
    """named, invited, acknowledged, left."""
    sources: tuple[Source, ...]
    drafts: dict[str, int]
    mails: dict[str, int]
    postings: dict[str, int]
    unsent: tuple[str, ...] = ()
    """The commonest reasons why mails wait; empty while they go out."""
    clock: str = ""
    """Why it is not believed, and nothing is done; empty while it is."""
    workers: tuple[Worker, ...] = ()
    """The processes on a store that several share."""
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

    @property
    def well(self) -> bool:
        stuck: object = (
            self.postings.get("refused", 0) + self.postings.get("unclear", 0) + self.mails.get("given_up", 0)
        )
        stuck = stuck or self.rests or self.broken_logs or self.disk or self.clock
        stuck = stuck or self.mailbox or self.unsent
        stuck = stuck or any(worker.is_off for worker in self.workers)
        return not stuck and all(source.well for source in self.sources)

    def lines(self) -> Iterator[str]:
        yield "All is well." if self.well else "Something needs a person:"
        yield f"people     {_sums(self.people)}"
        yield f"policy     {self.policy}"
        for wait in self.waits:
            yield f"{'':10} {wait.place}  {wait.what}  {wait.sentence}"
        if self.clock:
            yield f"clock      NO {self.clock}"
        for worker in self.workers:
            off = f"  NO Its clock is {worker.off:+} seconds off. Set it right." if worker.is_off else ""
            yield f"{'worker':10} {worker.name}, seen at {worker.seen_at:%H:%M:%S} UTC{off}"
        if self.disk:
            yield f"disk       NO {self.disk}"
        if self.rests:
            yield f"rollout    NO It stopped by itself. {self.rests} See: daybook rollout"
        for source in self.sources:
            yield f"{source.connection:10} {_seen(source)}"
            for rest in source.rests:
                what = "nothing is asked" if rest.rests == "connection" else "nothing is read"
                yield f"{'':10} RESTS until {rest.until:%H:%M:%S} UTC, {what}. {rest.reason}"
            for reason in source.reasons:
                yield f"{'':10} NO {reason}"
            for sentence in credentials(source.stopped, source.ending, source.ends):
                yield f"{'':10} NO {sentence}"
        yield f"drafts     {_sums(self.drafts)}"
        yield f"mails      {_sums(self.mails)}"
        for reason in self.unsent:
            yield f"{'':10} NO {reason}"
        if self.mailbox:
            yield f"mailbox    NO {self.mailbox}"
        yield f"postings   {_sums(self.postings)}"
        if self.broken_logs:
            yield f"access     NO {BROKEN.format(count(self.broken_logs, 'contributor'))}"


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


def look(house: House) -> Standing:
    disk, verdict = _disk(house.store), doubt.believed(house)
    with house.store.reading() as tx:
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
            postings=tx.postings.tally(),
            unsent=commonest(tx.mails.waiting(house.clock() - LONGEST)),
            policy=waiting.says(house.standing, waiting.told(tx, house.standing)),
            waits=house.waits,
            rests=halted.said if halted else "",
            clock="" if verdict else verdict.reason,
            workers=tuple(tx.workers.all()) if house.store.is_shared else (),
            disk=disk,
            mailbox=_mailbox(house, tx),
            broken_logs=len(tx.access.broken()),
        )


def _disk(store: Store) -> str:
    """A daemon that cannot write cannot say so where another process reads it: so it is tried here."""
    try:
        store.prove()
    except StoreUnavailable as error:
        return str(error)
    return store.shortage()


def _mailbox(house: House, tx: Unit) -> str:
    mail = house.configuration.mail
    mark = tx.mailbox.mark(replies.place(mail.mailbox)) if mail and mail.mailbox else None
    if mark is None or mark.away_since is None:
        return ""
    return f"Answers and bounces wait, since {mark.away_since:%Y-%m-%d %H:%M} UTC. {mark.reason}"


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
    return f"{seen}{whole}, {source.failing} of {source.partitions} failing{doubted} {since}:"


def _sums(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"
