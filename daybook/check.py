"""What `daybook check` finds out: can this configuration run, and do the outside tools let it?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import SecretStr

from config.load import Loaded
from config.schema import Configuration, Mail, Mailbox
from config.secrets import REFERENCE
from config.text import Path_, Problem
from connectors.contract import Connector, Fault, Refused
from connectors.oauth import Authority, our_clock
from core.exits import Terms, unlimited
from core.rollout import FEWEST, FIRST, MOST, enrolled
from daybook import front, policies, running, waiting
from daybook.clocks import Clock, utc_now
from daybook.consenting import back_to
from daybook.installed import connector_types
from daybook.lending import near
from daybook.mail import mailbox
from daybook.mail.send import NotTaken, reach
from daybook.people import unmatched
from daybook.rollout import WISH, decided, first
from daybook.status import credentials
from daybook.store.errors import StoreRefused, StoreUnavailable
from daybook.store.store import Store
from daybook.store.unit import Unit
from daybook.unheard import unheard
from daybook.wiring import Wall, authorities, connect, ends, furnished, incomplete, provider, read
from daybook.words import capital, count


class Finding(NamedTuple):
    what: str
    well: bool
    sentence: str
    place: str = ""
    """file:line:column, for what stands in the configuration."""


def findings(
    file: Path, *, online: bool, against_running: bool = False, clock: Wall = utc_now
) -> Iterator[Finding]:
    """What was looked at, in the order of the file.

    Takes    online: also asks the tools and the mail server, and looks at ourselves from outside
             against_running: also compares with what each process runs on
    Raises   Unfit, with every problem of the file
    """
    loaded = read(file, secrets=True)
    configuration = loaded.configuration
    missing = incomplete(configuration)
    yield from (Finding("configuration", False, sentence) for sentence in missing)
    if not missing:
        yield Finding("configuration", True, _sums(configuration))
        yield _rollout(configuration)
        yield from _unlimited(configuration)
        yield from _unheard(loaded)
    if configuration.store.key is not None:
        yield from _store(loaded)
        yield from _stage(loaded, clock())
        yield from _policy(loaded, clock())
    yield from _open(loaded)
    yield from _credentials(loaded, clock())
    if against_running:
        yield from _against(loaded)
    if online:
        yield from _outside(loaded)


def _open(loaded: Loaded) -> Iterator[Finding]:
    """Secrets that whoever may read the file, or a copy of it, has."""
    said = loaded.configuration.model_dump(include={"mail", "page", "store"})
    said["connections"] = {name: settings.model_dump() for name, settings in loaded.settings.items()}
    for path in _unreferred(said, loaded.document.value, ()):
        sentence = "is the secret itself. Put it into credentials/NAME, and write ${credential:NAME} here."
        yield of_problem(loaded.problem(path, sentence))


def _unreferred(value: Any, written: Any, path: Path_) -> Iterator[Path_]:
    if isinstance(value, SecretStr) and isinstance(written, str) and not REFERENCE.search(written):
        yield path
    elif isinstance(value, dict) and isinstance(written, dict):
        for key, part in value.items():
            yield from _unreferred(part, written.get(key), (*path, key))
    elif isinstance(value, tuple | list) and isinstance(written, list):
        for number, pair in enumerate(zip(value, written, strict=False)):
            yield from _unreferred(*pair, (*path, number))


def of_problem(problem: Problem) -> Finding:
    """A problem of the file as a finding."""
    place = f"{problem.place.file}:{problem.place.line}:{problem.place.column}"
    return Finding(problem.what, False, problem.sentence, place)


def _sums(configuration: Configuration) -> str:
    parts = ("connection", "project", "rule")
    others = (count(len(getattr(configuration, f"{part}s")), part) for part in parts)
    return f"{len(configuration.people)} people, {', '.join(others)}."


def _rollout(configuration: Configuration) -> Finding:
    """Nobody is invited by mistake, and a rollout that reaches nobody is one."""
    rollout = configuration.rollout
    if rollout.stage in FIRST and 0 < (few := len(rollout.cohorts.pilot)) < FEWEST:
        return Finding("rollout", True, f"Of {few} people nothing is shown: a pilot has {FEWEST} to {MOST}.")
    cohorts = {"pilot": rollout.cohorts.pilot, "expand": rollout.cohorts.expand}
    people = configuration.people
    reached = sum(bool(enrolled(person.email, rollout.stage, cohorts)) for person in people)
    sentence = f"The stage {rollout.stage} reaches {reached} of {len(people)} people"
    if reached:
        return Finding("rollout", True, f"{sentence}; they are invited, and read once they said yes.")
    return Finding("rollout", False, f"{sentence}: nobody will be invited. Name them under rollout.cohorts.")


def _unlimited(configuration: Configuration) -> Iterator[Finding]:
    """Numbers that say nothing: contributors read that too."""
    rollout = configuration.rollout
    if empty := unlimited(Terms(exit=rollout.exit, stop=rollout.stop), len(configuration.people)):
        yield Finding("rollout", True, f"{capital('; '.join(empty))}. Contributors read so on their page.")


def _unheard(loaded: Loaded) -> Iterator[Finding]:
    """Rules that find nothing, because the policy keeps what they ask for from being read."""
    for one in unheard(loaded.configuration, connector_types()):
        found = of_problem(loaded.problem(one.path, one.sentence))
        yield found._replace(well=not one.never)


def _stage(loaded: Loaded, now: datetime) -> Iterator[Finding]:
    """Whether the stage that is wished may be in force."""
    wished = loaded.configuration.rollout
    verdict = first(wished)
    with suppress(StoreRefused, StoreUnavailable), _looking(loaded) as tx:  # _store() says why
        found = decided(tx, wished, now) if tx else None
        verdict = found.verdict if found else verdict
    if not verdict:
        yield of_problem(loaded.problem(WISH, verdict.reason))


def _policy(loaded: Loaded, now: datetime) -> Iterator[Finding]:
    """What the file's policy allows that nobody may do before they were told of it in time."""
    settings, asked = loaded.configuration.store, loaded.configuration.policy
    with suppress(StoreRefused, StoreUnavailable):  # _store() says why
        if settings.key is None or asked is None or not Store.look(settings.url, settings.key)[1]:
            return
        store = Store.open(settings.url, settings.key)
        standing = policies.look(store, asked, now).standing
        with store.reading() as tx:
            yield Finding("policy", True, waiting.says(standing, waiting.told(tx, standing)))
        store.close()
        for wait in waiting.waits(standing, loaded):
            yield Finding(wait.what, True, wait.sentence, wait.place)


def _store(loaded: Loaded) -> Iterator[Finding]:
    settings = loaded.configuration.store
    if settings.key is None:
        raise AssertionError("said by incomplete()")
    try:
        name, there = Store.look(settings.url, settings.key)
    except (StoreRefused, StoreUnavailable) as refusal:
        yield of_problem(loaded.problem(("store",), str(refusal)))
        return
    yield Finding("store", True, f"{name} {'is ours' if there else 'gets its store by the first start'}.")
    yield from _disk(loaded)


def _disk(loaded: Loaded) -> Iterator[Finding]:
    """Whether what is kept in a file may be written, and has room to grow."""
    try:
        with _opened(loaded) as store:
            if store is not None and store.path is not None:
                store.prove()
                short = store.shortage()
                well = f"{store.path.parent} takes what is written, and has room."
                yield Finding("disk", not short, short or well)
    except (StoreRefused, StoreUnavailable) as error:
        yield Finding("disk", False, str(error))


def _credentials(loaded: Loaded, now: datetime) -> Iterator[Finding]:
    """Whose access has ended or soon will: the organisation's own, and in sums that of contributors."""
    stopped, ending = {}, {}
    with suppress(StoreRefused, StoreUnavailable), _looking(loaded) as tx:  # _store() says why
        if tx:
            stopped, ending = tx.grants.stopped(), tx.grants.ending()
    soon = near(ends(loaded), now)
    for name in loaded.settings:
        for sentence in credentials(stopped.get(name, 0), ending.get(name, 0), soon.get(name)):
            yield Finding(name, False, sentence)


def _against(loaded: Loaded) -> Iterator[Finding]:
    """What runs otherwise than the file says."""
    compared = []
    with suppress(StoreRefused, StoreUnavailable), _looking(loaded) as tx:  # _store() says why
        compared = running.beside(tx, loaded) if tx else []
    if not compared:
        yield Finding("running", False, "No Daybook runs on this store. Start one: daybook run")
    for one in compared:
        yield Finding("running", one.is_same, one.sentence)
        yield from map(of_problem, one.problems())


@contextmanager
def _opened(loaded: Loaded) -> Iterator[Store | None]:
    """The store; None where there is none yet."""
    settings = loaded.configuration.store
    if settings.key is None or not Store.look(settings.url, settings.key)[1]:
        yield None
        return
    store = Store.open(settings.url, settings.key)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _looking(loaded: Loaded) -> Iterator[Unit | None]:
    """A look at the store; None where there is none yet."""
    with _opened(loaded) as store:
        if store is None:
            yield None
            return
        with store.reading() as tx:
            yield tx


def _outside(loaded: Loaded) -> Iterator[Finding]:
    stopping = threading.Event()
    connectors = connect(loaded, stopping)
    for name, connector in connectors.items():
        yield _tool(name, connector)
    yield from _unmatched(loaded)
    if (page := loaded.configuration.page) is not None:
        for seen in front.look(page.url, page.listen, utc_now()):
            yield Finding("page", seen.well, seen.sentence)
        for name, authority in authorities(loaded, connectors, utc_now, stopping).items():
            yield _registration(name, authority, back_to(page.url, name))
    if page is not None and page.sign_in is not None:
        yield _sign_in(loaded.configuration, page.url, stopping)
    if (mail := loaded.configuration.mail) is not None:
        yield _mail(mail)
        if mail.mailbox is not None:
            yield _mailbox(mail.mailbox)


def _unmatched(loaded: Loaded) -> Iterator[Finding]:
    """At how many people a tool has nobody to be asked about; who they are, daybook people says."""
    with suppress(StoreRefused, StoreUnavailable), _opened(loaded) as store:  # _store() says why
        if store is None:
            return
        house = furnished(loaded, store, Clock(store.wall), threading.Event(), begun=True)
        for name, many in unmatched(house).items():
            said = f"Which account there is that of {count(many, 'contributor')} is not known."
            does = "Nothing is read of them there. Who they are, and what to write: daybook people"
            yield Finding(name, False, f"{said} {does}")


def _tool(name: str, connector: Connector) -> Finding:
    try:
        standing = connector.check()
    except Fault as fault:
        return Finding(name, False, str(fault))
    lacking = f" Missing: {'; '.join(standing.missing)}." if standing.missing else ""
    spare = f" More than needed: {'; '.join(standing.excess)}." if standing.excess else ""
    rights = f"{lacking}{spare}" or " What it may do there is what is needed."
    off = our_clock(standing.told_at - utc_now()) if standing.told_at else ""
    clock = f" By its clock {off}: set it right, or tokens end before their time." if off else ""
    return Finding(name, not (standing.missing or off), f"Knows us as {standing.account}.{rights}{clock}")


def _registration(name: str, authority: Authority, back: str) -> Finding:
    """Does the tool take us for the application it registered? A code that nobody gave tells."""
    try:
        authority.exchange("none", "0" * 43, back)
    except Refused as refused:
        if refused.whose == "account":
            app = authority.authorization
            rights = ", ".join((*app.scopes, *app.further))
            said = (
                f"Contributors connect through {app.client}; it must be registered with {back} there, and "
                f"for what it asks of them: {rights}."
            )
            return Finding(f"{name} oauth", True, said)
        return Finding(f"{name} oauth", False, str(refused))
    except Fault as fault:
        return Finding(f"{name} oauth", False, str(fault))
    raise AssertionError("a code that nobody gave was taken")


def _sign_in(configuration: Configuration, url: str, stopping: threading.Event) -> Finding:
    """Does the provider say of itself what we need? Whether it takes us for ours, only a person can try."""
    there = provider(configuration, utc_now, stopping)
    assert there is not None, "asked for where it is configured"
    try:
        there.metadata()
    except Fault as fault:
        return Finding("page.sign_in", False, str(fault))
    back = f"{url}/sign-in/back"
    said = f"{there.registration.name} can be asked who somebody is; {back} must be registered there."
    return Finding("page.sign_in", True, said)


def _mail(settings: Mail) -> Finding:
    try:
        reach(settings)
    except NotTaken as refusal:
        return Finding("mail", False, f"{settings.smtp}: {refusal} Nothing was sent. Look at mail.")
    return Finding("mail", True, f"{settings.smtp} takes mail from us.")


def _mailbox(settings: Mailbox) -> Finding:
    try:
        with mailbox.opened(settings) as box:
            waiting = len(box.after(0))
    except mailbox.Away as away:
        return Finding("mailbox", False, f"{settings.imap}: {away} Nothing was read. Look at mail.mailbox.")
    name, _, domain = settings.address.rpartition("@")
    return Finding(
        "mailbox",
        True,
        f"{settings.imap} lets us read {settings.folder}, which holds {count(waiting, 'mail')}. "
        f"See that mail to {name}+anything@{domain} arrives there too.",
    )
