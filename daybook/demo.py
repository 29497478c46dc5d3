"""The demonstration: everything outside on loopback, the daemon, the page, and contributors who use them.

`once` plays every contributor by the page's own forms and then goes to the
targets to see whether each confirmed entry is there exactly once. `for_a_person`
leaves Ada's day to whoever is watching.
"""

from __future__ import annotations

import resource
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import requests

from core import rounds
from core.model import Noun
from daybook import jobs, state
from daybook.clocks import utc_now
from daybook.daemon import enrol, listening
from daybook.embedded import Runner
from daybook.house import House
from daybook.sandbox.alone import until_interrupted
from daybook.sandbox.outside import PROPOSED_DAYS, Outside, configuration
from daybook.sandbox.visitor import Form, Page, Visitor, links
from daybook.wiring import open_house

Say = Callable[[str], None]

PATIENCE = 900.0
"""Seconds after which a phase that does not end is a failure."""
TRIES = 3
"""How often a contributor opens a day again that changed under their hands."""
CONNECTS = 20
"""How often a contributor presses Connect at a tool that goes wrong."""
FEED_LAG = timedelta(seconds=70)
"""Jira's feeds of worklogs leave out the last minute."""
VISITORS = 4
"""Contributors who use the page at the same time."""


class Told(Noun):
    """What a run without a person came to."""

    contributors: int
    activities: dict[str, dict[str, int]]
    """By source and kind."""
    drafts: int
    mails: int
    """Digests that arrived."""
    confirmed: int
    posted: dict[str, int]
    """By target."""
    exactly_once: bool
    """Every confirmed entry with a target is there once, as confirmed, and nothing else of ours is."""
    requests: dict[str, dict[str, int]]
    """By service and endpoint, over the whole run."""
    idle_requests: dict[str, int]
    """Of one more cycle with nothing new."""
    seconds: dict[str, float]
    peak_mb: int
    problems: tuple[str, ...] = ()
    """Empty when all holds."""


class Stuck(Exception):
    """A phase did not end."""


def once(contributors: int, seed: int, faults: int | None, say: Say | None = None) -> Told:
    """Run the whole loop, play every contributor, and check the outcome at the targets."""
    run = _Run(contributors, seed, faults, say or (lambda _: None))
    with run.open():
        phases = (run.invited, run.drafted, run.mailed, run.confirmed, run.posted, run.settled, run.idle)
        for phase in phases:
            run.through(phase)
        return run.told()


def for_a_person(contributors: int, seed: int, faults: int | None, say: Say) -> None:
    """Bring everybody to the morning's digest, say where to click, and stay until interrupted."""
    run = _Run(contributors, seed, faults, say, quick=False)
    with run.open():
        for phase in (run.invited, run.drafted, run.mailed):
            run.through(phase)
        ada = run.outside.team.members[0]
        say("")
        say(f"Mail, that of {ada.name} too  {run.outside.mail.url}")
        say(f"What came to Jira and Asana  {run.outside.targets.url}")
        say(f"The configuration            {run.folder}/daybook.yaml")
        say("Confirm in the mail or on the page; ten seconds later it is posted. Ctrl-C ends everything.")
        until_interrupted()


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {many}" for name, many in counts.items())


class _Run:
    """One demonstration, phase by phase."""

    def __init__(
        self, contributors: int, seed: int, faults: int | None, say: Say, *, quick: bool = True
    ) -> None:
        self.say = say
        self.quick = quick
        # a team that does its week in a minute would spend the rest of the hour waiting for Asana
        self.outside = Outside(contributors, seed, utc_now(), faults, limits=not quick)
        self.faulty = faults is not None
        self.requests: dict[str, Counter[str]] = {}
        self.idle_requests: dict[str, int] = {}
        self.seconds: dict[str, float] = {}
        self.problems: list[str] = []
        self.folder: Path
        self.house: House
        self.runner: Runner
        self.daemon: threading.Thread

    @contextmanager
    def open(self) -> Iterator[None]:
        """The outside, the store, the page and the daemon, until the end of the block."""
        with tempfile.TemporaryDirectory(prefix="daybook-demo-") as folder, self.outside.running():
            self.folder = Path(folder)
            page = f"127.0.0.1:{_free_port()}"
            self.house = house = open_house(configuration(self.outside, self.folder, page, quick=self.quick))
            self.runner = Runner(house)
            self.daemon = daemon = threading.Thread(target=self.runner.run, name="daemon", daemon=True)
            with house.store.hold(), listening(house):
                enrol(house)
                daemon.start()
                try:
                    yield
                finally:
                    house.stopping.set()
                    house.work_is_waiting.set()
                    daemon.join(10)
            house.store.close()

    def through(self, phase: Callable[[], str]) -> None:
        """One phase, timed, with its requests counted."""
        began = time.monotonic()
        line = phase()
        self.seconds[phase.__name__] = round(time.monotonic() - began, 2)
        for service, counts in self.outside.counts().items():
            self.requests.setdefault(service, Counter()).update(counts)
        self.say(f"{self.seconds[phase.__name__]:6.1f} s  {line}")

    # --- phases ----------------------------------------------------------------------------------------

    def invited(self) -> str:
        """Everybody reads the policy, acknowledges it, connects accounts; before, nobody is read."""
        members = self.outside.team.members
        everybody = {member.email for member in members}
        self._until(lambda: everybody <= {mail.to for mail in self.outside.mail.deliveries})
        if asked := {name: counts for name, counts in self.outside.counts().items() if counts}:
            self.problems.append(f"P3: requests left before anybody acknowledged: {asked}")
        self._each(self._join)
        return f"{len(members)} people were invited, read the policy and acknowledged it"

    def drafted(self) -> str:
        """Pulled and reconciled, until nothing of that is left to do."""
        self._until(lambda: self._nothing_due(rounds.Pull, rounds.Reconcile, rounds.Invite))
        with self.house.store.reading() as tx:
            count = sum(tx.drafts.tally().values())
        return f"their calendars and tasks became {count} drafts"

    def mailed(self) -> str:
        self._until(lambda: self._nothing_due(rounds.Digest) and not self._on_their_way())
        return f"{self._digests()} digests arrived by SMTP"

    def confirmed(self) -> str:
        """Everybody opens their mail, follows its link and confirms by the page's own forms."""
        with self.house.store.reading() as tx:
            self.drafts = sum(tx.drafts.tally().values())
        self._each(self._confirm)
        with self.house.store.reading() as tx:
            return f"{tx.entries.count()} entries were confirmed on the page"

    def posted(self) -> str:
        self._until(self._all_posted)
        return f"posted: {_listed(self._posted())}"

    def settled(self) -> str:
        """What was posted comes back as evidence: at once by its issue, a minute late by Jira's feed."""
        self._cycle()
        self.outside.let_pass(FEED_LAG)
        cycles = 2
        while self._cycle():
            cycles += 1
        return f"after {cycles} cycles nothing was new any more"

    def idle(self) -> str:
        """One more cycle; it must change nothing."""
        before = self._sums()
        self._cycle()
        counts = self.outside.counts()
        self.idle_requests = {service: sum(endpoints.values()) for service, endpoints in counts.items()}
        if (after := self._sums()) != before:
            self.problems.append(f"P9: a cycle with nothing new changed something: {before} -> {after}")
        return f"an idle cycle changed nothing; requests: {_listed(self.idle_requests)}"

    def told(self) -> Told:
        self.problems.extend(self._differences())
        with self.house.store.reading() as tx:
            # the window begins two days earlier, in the middle of one, and moves on while this runs
            activities = tx.evidence.tally(since=self.outside.team.days[-PROPOSED_DAYS])
            confirmed = tx.entries.count()
        return Told(
            contributors=len(self.outside.team.members),
            activities=activities,
            drafts=self.drafts,
            mails=self._digests(),
            confirmed=confirmed,
            posted=self._posted(),
            exactly_once=not self._differences(),
            requests={service: dict(counts) for service, counts in self.requests.items()},
            idle_requests=self.idle_requests,
            seconds=self.seconds,
            peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            problems=tuple(self.problems),
        )

    # --- contributors ----------------------------------------------------------------------------------

    def _each(self, deed: Callable[[str], None]) -> None:
        with ThreadPoolExecutor(VISITORS, thread_name_prefix="visitor") as pool:
            list(pool.map(deed, [member.email for member in self.outside.team.members]))

    def _join(self, email: str) -> None:
        """Acknowledge, and connect both accounts: press Connect, and say yes at the tool."""
        visitor = Visitor()
        page = visitor.open(self._link(email, "invite"))
        acknowledged = visitor.submit(page, _there(page.form("")))
        for connection in ("jira", "asana"):
            self._connect(visitor, acknowledged.url, connection, email)

    def _connect(self, visitor: Visitor, url: str, connection: str, email: str) -> None:
        for _ in range(CONNECTS):
            page = visitor.open(url)
            if (form := page.form("/lend", connection=connection)) is None:
                return
            with suppress(requests.RequestException):  # a tool that is away just now is tried again
                question = visitor.submit(page, form)
                if (asked := question.form("", answer="allow")) is not None:
                    visitor.submit(question, asked, email=email)
        raise Stuck(f"{connection} could not be connected")

    def _confirm(self, email: str) -> None:
        """Follow the mail's link and press the button for all of each day it leads to."""
        if not self._mails(email, "day"):
            return  # nothing was drafted, so nothing was mailed
        visitor = Visitor()
        first = _working(visitor.open(self._link(email, "day")))
        for address in first.links(urlsplit(first.url).path) or [first.url]:
            for _ in range(TRIES):
                page = _working(visitor.open(address))
                form = page.form("/confirm")
                if form is None or _working(visitor.submit(page, form)).status == HTTPStatus.OK:
                    break

    def _link(self, email: str, purpose: str) -> str:
        return self._mails(email, purpose)[-1]

    def _mails(self, email: str, purpose: str) -> list[str]:
        """The links of one purpose in this person's mails."""
        return [link for mail in self.outside.mail.to(email) for link in links(mail.text, purpose)]

    def _digests(self) -> int:
        return sum(bool(self._mails(member.email, "day")) for member in self.outside.team.members)

    # --- waiting ---------------------------------------------------------------------------------------

    def _until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not done():
            if not self.daemon.is_alive():
                raise Stuck("the daemon ended")
            if time.monotonic() > deadline:
                raise Stuck(f"nothing more happened for {PATIENCE:.0f} s")
            time.sleep(0.1)

    def _nothing_due(self, *kinds: type) -> bool:
        if not self.runner.idle:
            return False
        now = self.house.clock()
        snapshot = state.snapshot(self.house, now)
        waiting = any(pace.last_pulled is None for pace in snapshot.partitions)
        return not waiting and not any(isinstance(work, kinds) for work in rounds.due(snapshot, now))

    def _on_their_way(self) -> int:
        """Mails that the mail server did not take yet."""
        with self.house.store.reading() as tx:
            return sum(count for name, count in tx.mails.tally().items() if name not in ("sent", "given_up"))

    def _all_posted(self) -> bool:
        with self.house.store.reading() as tx:
            tally = tx.postings.tally()
        return self.runner.idle and not tally.get("held") and not tally.get("sending")

    def _cycle(self) -> int:
        """Pull every partition once more, whatever its pace; gives how many changes that showed."""
        with self.house.store.reading() as tx:
            partitions = sorted(state.partitions(self.house, tx), key=lambda place: place[1])
        seen = 0
        for connection, key in partitions:
            while (tally := jobs.pull(self.house, connection, key)) is None:
                time.sleep(0.2)  # a tool went wrong on purpose
            seen += len(tally.days)
        self.house.work_is_waiting.set()
        self._until(lambda: self._nothing_due(rounds.Reconcile))
        return seen

    # --- the outcome -----------------------------------------------------------------------------------

    def _posted(self) -> dict[str, int]:
        jira, asana = self._at_jira(), self._at_asana()
        return {"jira": sum(jira.values()), "asana": sum(asana.values())}

    def _at_jira(self) -> Counter[tuple[str, str, int]]:
        """(key, issue, minutes) of every worklog that carries our property."""
        return Counter(
            (worklog.properties["daybook.entry"]["id"], worklog.issue.key, worklog.seconds // 60)
            for worklog in self.outside.jira.world.worklogs
            if "daybook.entry" in worklog.properties
        )

    def _at_asana(self) -> Counter[tuple[str, str, int]]:
        """(marker, task, minutes) of every time entry that carries our marker."""
        return Counter(
            (entry.description.rpartition("[db:")[2].rstrip("]"), entry.task, entry.minutes)
            for entry in self.outside.asana.time_entries
            if "[db:" in entry.description
        )

    def _differences(self) -> list[str]:
        """What is at the targets and should not be, or should be and is not."""
        wanted: dict[str, Counter[tuple[str, str, int]]] = {"jira": Counter(), "asana": Counter()}
        markers = {"jira": lambda key: key, "asana": lambda key: key[:10]}
        with self.house.store.reading() as tx:
            filed = [one for who in tx.people.all() for one in tx.postings.all_of(who.id)]
        for posting in (one.posting for one in filed):
            if posting.state != "withdrawn":
                mark = markers[posting.connection](posting.key)
                wanted[posting.connection][(mark, posting.task, posting.entry.minutes)] += 1
        found = {"jira": self._at_jira(), "asana": self._at_asana()}
        return [
            f"P8: {name} has too much {dict(found[name] - here)} and lacks {dict(here - found[name])}"
            for name, here in wanted.items()
            if found[name] != here
        ]

    def _sums(self) -> dict[str, dict[str, int]]:
        with self.house.store.reading() as tx:
            return {
                "drafts": tx.drafts.tally(),
                "mails": tx.mails.tally(),
                "postings": tx.postings.tally(),
                **tx.evidence.tally(),
            }


def _working(page: Page) -> Page:
    if page.status >= HTTPStatus.INTERNAL_SERVER_ERROR or page.status == HTTPStatus.NOT_FOUND:
        raise Stuck(f"a page answered {page.status}")
    return page


def _there(form: Form | None) -> Form:
    if form is None:
        raise Stuck("a page has no button where one should be")
    return form


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
