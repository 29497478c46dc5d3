"""The program put together from its configuration, for whatever command asks."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from config.complaints import either, nearest
from config.load import Loaded, Unfit, load
from config.schema import Configuration
from config.secrets import Resolve, from_machine, left_alone
from config.text import Path_, Problem
from connectors.budget import Budget
from connectors.contract import Connector, Terms
from connectors.layers import Logged, Pacing, PolicyFiltered, Retrying
from connectors.manners import Manners
from connectors.oauth import Authority, WebAuthority
from core.rules import containers
from daybook import languages, policies, rollout
from daybook.clocks import Clock
from daybook.errors import Wrong
from daybook.house import House
from daybook.installed import connector_types
from daybook.store.store import Store
from daybook.waiting import waits
from daybook.words import tool

if TYPE_CHECKING:
    from connectors.openid import Provider

CONNECT_SECONDS = 3.05
"""Just over one lost packet."""

BREAK = timedelta(minutes=1)
"""How long a connection is left alone that failed several times in a row."""

UNTIL_CIRCLES = 5_000
"""New things before Python looks for circles among all it holds. Files and answers of tools hold none, and
are many: at its own 700, a fifth of a pull is spent on looking. More saves nothing and lets circles lie."""

Wall = Callable[[], datetime]


class NothingHasRun(Wrong):
    """There is no store to look at yet."""


def read(file: Path, *, secrets: bool) -> Loaded:
    """The configuration with its connections' settings.

    Takes    secrets: whether to fetch what it refers to; commands that only look do not
    Raises   Unfit, Wrong
    """
    gc.set_threshold(UNTIL_CIRCLES)
    opened = set[Path]()
    resolve: Resolve = from_machine(file.parent, opened=opened) if secrets else left_alone
    try:
        loaded = load(file, connector_types(), resolve)
    except FileNotFoundError:
        folder = "" if file.parent == Path() else f" {file.parent}"
        raise Wrong(f"There is no {file}. Make one with: daybook init{folder}") from None
    except PermissionError:
        raise Wrong(
            f"This account may not read {file}. Nothing was done. Let the account Daybook runs as read it "
            f"(chgrp daybook {file}; chmod 640 {file}), and give commands as root."
        ) from None
    except OSError as error:
        raise Wrong(f"{file} cannot be read ({error.strerror}). Nothing was done.") from None
    if unspoken := list(_unspoken(loaded)):
        raise Unfit(file, unspoken)
    return replace(loaded, secrets=frozenset(opened))


def _unspoken(loaded: Loaded) -> Iterator[Problem]:
    """Languages that have no file."""
    there, configuration = languages.installed(), loaded.configuration
    asked: list[tuple[Path_, str | None]] = [(("language",), configuration.language)]
    asked += [
        (("people", number, "language"), one.language) for number, one in enumerate(configuration.people)
    ]
    for path, name in asked:
        if name and name not in there:
            sentence = f"is {name!r}; there are {either(there)}.{nearest(name, there)}"
            yield loaded.problem(path, sentence)


def incomplete(configuration: Configuration, *, begun: bool = False) -> list[str]:
    """What a daemon needs and this configuration leaves out.

    Takes    begun: for commands that only look at what is stored, and ask or mail nobody
    """
    needed = {"policy": "people must be able to read why, what and how long"}
    if not begun:
        needed["mail"] = "contributors get their digest by mail"
        needed["page"] = "contributors confirm on a page"
    missing = [
        f"{name} is missing: {why}." for name, why in needed.items() if getattr(configuration, name) is None
    ]
    if not configuration.connections and not begun:
        missing.append("connections is empty: there is nothing to read.")
    if configuration.store.key is None:
        missing.append("store.key is missing: without it nothing can be sealed. daybook init makes one.")
    return missing


def complete(file: Path, *, begun: bool) -> Loaded:
    """The configuration, with all that is needed of it. Raises Unfit, Wrong."""
    loaded = read(file, secrets=True)
    if missing := incomplete(loaded.configuration, begun=begun):
        lacks = "find its store by. Nothing was looked at." if begun else "run on. Nothing was started."
        raise Wrong("\n  ".join([f"{file} is not enough to {lacks}", *missing]))
    return loaded


def open_house(file: Path, clock: Wall | None = None, *, begun: bool = False) -> House:
    """Everything a running daemon needs.

    Takes    clock: in place of this machine's
             begun: for commands that only look: refuses where there is no store yet, instead of making one
    Raises   Unfit, Wrong; NothingHasRun for commands that only look
    """
    loaded = complete(file, begun=begun)
    settings = loaded.configuration.store
    if begun and not Store.look(settings.url, settings.keys)[1]:
        raise NothingHasRun(f"Nothing has run yet: there is no store. Begin with: daybook run -c {file}")
    store = Store.open(settings.url, settings.keys)
    house = furnished(loaded, store, clock or Clock(store.wall), threading.Event(), begun=begun)
    return replace(house, file=file)


def furnished(
    asked: Loaded,
    store: Store,
    clock: Wall,
    stopping: threading.Event,
    *,
    begun: bool = False,
    kept: dict[str, Manners] | None = None,
) -> House:
    """The house of a configuration, on its store, under the policy and the stage that may hold by now.

    Takes    begun: as open_house does
             kept: how the tools were asked by the house before
    Raises   Unfit where no stage may begin
    """
    asked = asked.at_large()
    said = asked.configuration
    assert said.policy is not None, "said by incomplete()"
    ledger = policies.look(store, said.policy, clock())
    policy = ledger.standing.in_force.policy
    configuration = said.model_copy(update={"policy": policy})
    loaded = replace(asked, configuration=configuration)
    stage, refused = rollout.at_load(loaded, store, clock(), begun=begun)
    kept = {} if kept is None else kept  # what may be refused was, so what is kept may change
    connectors = connect(loaded, stopping, kept)
    return House(
        configuration=configuration,
        policy=policy,
        connectors=connectors,
        store=store,
        clock=clock,
        stage_in_force=stage,
        refused=refused,
        stopping=stopping,
        authorities=authorities(loaded, connectors, clock, stopping),
        provider=provider(configuration, clock, stopping),
        ends=ends(loaded),
        ledger=ledger.standing,
        texts=ledger.texts,
        waits=waits(ledger.standing, loaded),
        connecting=lambda under: connect(replace(loaded, configuration=under), stopping, kept),
        manners=kept,
        loaded=asked,
    )


def connect(
    loaded: Loaded, stopping: threading.Event, kept: dict[str, Manners] | None = None
) -> Mapping[str, Connector]:
    """Each connection's connector in its layers; opens nothing yet.

    Takes    kept: how each was asked under the configuration before, which its last jobs still go by
    """
    types, configuration = connector_types(), loaded.configuration
    connectors, kept = {}, {} if kept is None else kept
    for name, part in configuration.connections.items():
        settings = settled(loaded.settings[name], configuration)
        limits = terms(configuration, part.type)
        ours = manners(configuration, settings, stopping)
        place = f"{name}, {part.type}"
        kept[place] = ours = ours.after(kept[place]) if place in kept else ours
        built = types[part.type](name, settings, limits, ours)
        connectors[name] = layered(built, configuration, stopping, ours.budget)
    return connectors


def authorities(
    loaded: Loaded, connectors: Mapping[str, Connector], clock: Wall, stopping: threading.Event
) -> Mapping[str, Authority]:
    """Where contributors lend us their accounts: services of their own, so each has a pace of its own."""
    return {
        name: WebAuthority(
            tool(connector.source),
            connector.authorization,
            clock,
            manners(loaded.configuration, loaded.settings[name], stopping),
        )
        for name, connector in connectors.items()
        if connector.authorization is not None
    }


def provider(configuration: Configuration, clock: Wall, stopping: threading.Event) -> Provider | None:
    """Where contributors sign in, if the configuration names a place."""
    said = configuration.page.sign_in if configuration.page else None
    if said is None:
        return None
    from connectors.openid import Provider, Registration  # most houses go without

    registration = Registration(
        name=said.name,
        issuer=said.issuer,
        client=said.client_id,
        secret=said.client_secret,
        vouches=said.addresses_are_verified,
    )
    return Provider(registration, clock, manners(configuration, said, stopping))


def ends(loaded: Loaded) -> Mapping[str, date]:
    """When the organisation's own credentials end, as far as the administrator stated it."""
    stated = {name: getattr(said, "token_expires_on", None) for name, said in loaded.settings.items()}
    return {name: day for name, day in stated.items() if day is not None}


def settled(settings: BaseModel, configuration: Configuration) -> BaseModel:
    """A connection's settings; what it leaves to `posting` is taken from there."""
    posting = configuration.posting
    own = type(settings).model_fields.keys() - settings.model_fields_set
    shared = own & type(posting).model_fields.keys()
    return settings.model_copy(update={name: getattr(posting, name) for name in shared})


def terms(configuration: Configuration, source: str) -> Terms:
    """What the policy lets this kind of tool be asked for."""
    policy = configuration.policy
    if policy is None:
        return Terms()
    return Terms(
        tracked=frozenset(policy.tracked.get(source, ())),
        private=policy.private_events,
        in_progress=configuration.reconcile.in_progress.get(source, ()),
        containers=containers(configuration.rules),
    )


def manners(configuration: Configuration, settings: BaseModel, stopping: threading.Event) -> Manners:
    """How one connection is asked: at its tool's own rate, where its settings know one."""
    pulling = configuration.pulling
    rate = getattr(settings, "rate", pulling.rate)
    budget = Budget(
        rate=rate,
        burst=rate * 2,
        patience=timedelta(seconds=pulling.patience),
        wait=stopping.wait,
    )
    return Manners(
        budget=budget,
        timeout=(CONNECT_SECONDS, float(pulling.timeout)),
        longest_rest=timedelta(seconds=pulling.longest_rest),
    )


def layered(
    connector: Connector,
    configuration: Configuration,
    stopping: threading.Event,
    budget: Budget | None = None,
) -> Connector:
    """Around a connector, from the inside out: what the policy names, pace, patience, a line in the log."""
    allowed = PolicyFiltered(connector, terms(configuration, connector.source))
    patience = timedelta(seconds=configuration.pulling.patience)
    rest = min(BREAK, timedelta(seconds=configuration.pulling.longest_rest))
    return Logged(Retrying(Pacing(allowed, rest=rest, budget=budget), patience=patience, wait=stopping.wait))
