"""What a works council and counsel ask of the program itself: who sees what, which tables, who talks to whom.

Read from where it stands: the visibility matrix, the schema of the database, the connectors. Credentials are
in none of it. annex.py and dpia.py print it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from pydantic import BaseModel
from sqlalchemy.engine import make_url

from config.load import Loaded
from config.schema import Configuration
from connectors.contract import Connector
from core.policy import Policy, Retention
from core.visibility import DEEDS, ROLES, STATES, THINGS, Role, may_do, may_see
from daybook import VERSION
from daybook.policy_text import Known, known
from daybook.store.schema import metadata
from daybook.tools import among
from daybook.wiring import connect
from daybook.words import Section, capital, full_date, listed, period

PROOFS: Mapping[str, tuple[str, ...]] = {
    "asked": (
        "test_P11_descriptions_places_and_strangers_are_never_requested",
        "test_P11_what_is_not_tracked_is_dropped_though_google_sends_it",
        "test_P3_who_has_not_acknowledged_is_not_asked_about",
    ),
    "seen": (
        "test_P1_no_address_shows_or_does_anything_of_adas_to_anybody_else",
        "test_P1_S13_no_command_and_no_log_holds_a_word_of_anybodys_day",
        "test_P13_P24_a_year_of_reports_tells_an_attacker_of_nobody",
    ),
    "kept": (
        "test_P12_what_is_past_its_retention_is_gone_from_the_files",
        "test_P7_a_contributor_gets_all_that_is_held_about_them",
    ),
    "never": (
        "test_P11_no_package_of_ours_can_see_a_screen_a_hand_or_a_place",
        "test_P12_every_moment_and_number_kept_of_a_person_is_written_down_with_its_reason",
        "test_silence_of_half_a_year_confirms_nothing_and_posts_nothing",
    ),
    "flow": (
        "test_P11_connectors_ask_for_these_rights_and_no_other",
        "test_P12_no_template_has_a_pixel_a_script_or_an_address_that_is_not_ours",
    ),
    "secret": (
        "test_S15_no_title_and_no_token_lies_readable_in_the_store",
        "test_S13_no_log_line_holds_a_title_an_address_a_name_or_a_token",
    ),
}
"""By part of the annex; tests/daybook/test_annex.py holds that they exist."""


class Live(NamedTuple):
    """What the annex is made from."""

    loaded: Loaded
    connectors: Mapping[str, Connector]
    known: Known

    @property
    def configuration(self) -> Configuration:
        return self.loaded.configuration

    @property
    def policy(self) -> Policy:
        return self.known.standing.in_force.policy


def live(file: Path, now: datetime) -> Live:
    """The policy in force, or before the first start the one of the file. Raises Unfit, Wrong."""
    found = known(file, now)
    return Live(found.loaded, connect(found.loaded, threading.Event()), found)


def under(of: Live, now: datetime) -> str:
    """Whose it is, of when, and of which version."""
    version = of.known.standing.in_force.version
    return (
        f"{of.configuration.organisation}, {full_date(now.date())}. Made by Daybook {VERSION} from its own "
        f"configuration; version {version} of the policy."
    )


def proved(part: str) -> str:
    """The tests that fail once it is no longer true."""
    return f"Proved by: {', '.join(PROOFS[part])}."


# --- who sees it -------------------------------------------------------------------------------------------


def readers() -> Section:
    """From the table that every page, command, mail and export asks (core/visibility.py)."""
    return Section(
        "Who sees what",
        tuple((capital(words), "; ".join(_sees(role))) for role, words in ROLES.items()),
        (
            f"All that a manager sees beside released reports: {listed(manager_sees())}.",
            f"Nobody sees, not even whose it is: {listed(nobody_sees())}.",
            "Whoever holds the master key and the database can open what is sealed, with a program written "
            "for that. No page or command of Daybook does.",
            proved("seen"),
        ),
    )


def _sees(role: Role) -> Iterator[str]:
    for thing, words in THINGS.items():
        states = [when for state, when in STATES.items() if may_see(role, thing, state)]
        if len(states) == len(STATES):
            yield words
        elif states:
            yield f"{words}, {listed(states)}"
    if role != "owner" and (deeds := [words for deed, words in DEEDS.items() if may_do(role, deed)]):
        yield f"may {listed(deeds)} in their place"


def manager_sees() -> list[str]:
    """What of a person, beside a released report they are in."""
    states = [state for state in STATES if state != "released"]
    return [words for thing, words in THINGS.items() if any(may_see("manager", thing, s) for s in states)]


def nobody_sees() -> list[str]:
    """What no page, command or mail shows to anybody, not even whose it is."""
    return [
        words
        for thing, words in THINGS.items()
        if not any(may_see(role, thing, state) for role in ROLES for state in STATES)
    ]


# --- how long ----------------------------------------------------------------------------------------------


def kept(policy: Policy) -> Section:
    """Every table of the database, by what ends it."""
    days = policy.retention.model_dump()
    classes = tuple(
        (
            capital(name.replace("_", " ")),
            f"{period(days[name])}. {meant(Retention, name)} Tables: {_tables(name)}.",
        )
        for name in days
    )
    others = tuple(
        (f"Table {table.name} ({_sealed(table.columns.keys())})", capital(f"{table.info['stays']}."))
        for table in metadata.sorted_tables
        if "ages" not in table.info
    )
    return Section(
        "How long it is kept, and where in the database",
        (*classes, *others),
        (
            "Readable without a key: opaque ids, days, states, counters, the kind of an activity, team and "
            "role at the begin of a week, the policy, and mail addresses. No title, text, task or note.",
            "What has no days above ends as it says there. The key of a week and a person is destroyed with "
            "it, and the file is written anew so that no deleted byte stays.",
            proved("kept"),
        ),
    )


def meant(model: type[BaseModel], name: str) -> str:
    """What a word of the configuration means, as its reference says."""
    return " ".join((model.model_fields[name].description or "").split())


def _tables(kept: str) -> str:
    named = [
        f"{table.name} ({_sealed(table.columns.keys())})"
        for table in metadata.sorted_tables
        if table.info["kept"] == kept and "ages" in table.info
    ]
    return listed(named)


def _sealed(columns: Iterable[str]) -> str:
    return "sealed" if "sealed" in columns else "not sealed"


# --- where it flows ----------------------------------------------------------------------------------------


def flow(of: Live) -> Iterator[Section]:
    """Who talks to whom, where it lies, and who else gets any of it."""
    said = of.configuration
    yield Section(
        "Who talks to whom",
        (
            *(line for name in of.connectors for line in _tool(of, name)),
            *_people(said),
        ),
        ("Daybook speaks to no other address: it looks for no update and reports to nobody.", proved("flow")),
    )
    yield Section(
        "Where it lies, and the keys to it",
        (
            ("Database", _place(said.store.url)),
            ("Master key", "a secret of the server, outside the database; it wraps all other keys"),
            ("Data keys", "one for each person, week and class; destroying it is erasing"),
            (
                "Credentials of tools",
                "the organisation's: secrets of the server; a contributor's own: sealed",
            ),
            ("Logs", "event names, counts and opaque ids"),
        ),
        (proved("secret"),),
    )
    yield Section(
        "Who processes it for you",
        sentences=(
            "Subprocessors of Daybook: none. It is a program on a server of yours, and its makers receive "
            "nothing. The tools and the mail server above are yours already; what they do is not Daybook's.",
        ),
    )


def _tool(of: Live, name: str) -> Iterator[tuple[str, str]]:
    connector, tool = of.connectors[name], among(of.connectors, name)
    hosts = listed([host(address) for address in connector.abilities.speaks_to])
    if hosts:
        yield f"Daybook to {tool}", f"{hosts}: asks for the fields above"
        if connector.abilities.posts:
            yield f"Daybook to {tool}", f"{hosts}: confirmed entries, as their contributor"
        if connector.abilities.shows_drafts:
            yield f"Daybook to {tool}", f"{hosts}: drafts, into a calendar of who switched that on"
    if lending := connector.authorization:
        ends = (lending.authorize, lending.token, *([lending.revoke] if lending.revoke else ()))
        asked = listed(list(dict.fromkeys(map(host, ends))))
        yield (
            f"Browser and Daybook to {tool}",
            f"{asked}: a contributor lends their account, or takes it back",
        )


def _people(said: Configuration) -> Iterator[tuple[str, str]]:
    if said.mail:
        yield "Daybook to your mail server", f"{said.mail.smtp}: mails to contributors"
    if said.page:
        yield "A contributor's browser to Daybook", f"{said.page.url}: their own page"


def host(address: str) -> str:
    """Whom an address leads to, without path or login."""
    return urlsplit(address).netloc.rpartition("@")[2]


def _place(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def never(policy: Policy) -> Section:
    """What the policy promises to leave out, and what Daybook has no part for."""
    return Section(
        "Never",
        sentences=(
            f"Promised to stay out: {listed(policy.not_tracked or ('whatever the policy does not name',))}.",
            "No screen, keyboard, mouse, window, location or presence; no score, rank, streak or comparison "
            "of people; no count of what one person looks at or clicks. Silence confirms nothing.",
            proved("never"),
        ),
    )
