"""How a contributor lends us their account at a tool: we ask there, they answer there, we keep what it gives.

A question belongs to the browser it was sent with and is answered once. Whatever
the tool gives is either kept or given back: it is noted as to be given back
before it is used for anything, and that note goes only with the commit that
keeps it.

Source   RFC 6749, RFC 7636; RFC 9700 on mixed-up, replayed and foreign answers
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from pydantic import SecretStr

from connectors.contract import Abilities, Authorization, Credential, Fault, Identity, Refused
from connectors.oauth import Authority, Tokens, lacking, meant, question
from core.model import Verdict
from core.said import Said, worded
from daybook import joining, returning
from daybook.house import House, Member
from daybook.languages import Later
from daybook.store.consents import Consent
from daybook.tools import called

LASTS = timedelta(minutes=10)
"""How long an answer may take; a code is good for no longer anywhere."""
SPARED = timedelta(minutes=10)
"""Before what was not kept is given back: whoever keeps it is done by then."""

NOT_HERE = Later("There is nothing to connect in this way.")
DENIED = worded("You did not allow it there. Nothing was connected.")
WENT_WRONG = worded(
    "{tool} could not ask you. Nothing was connected. Your administrator can look at its registration."
)
TOO_LATE = worded(
    "The answer took longer than ten minutes, so it does not count. Nothing was connected. Connect again."
)
LACKING = worded(
    "Not all that Daybook needs there was allowed. It was not allowed to: {what}. Nothing was connected. "
    "Connect again, and leave everything allowed."
)
NOT_LASTING = worded(
    "{tool} lets Daybook in for an hour only. Nothing was connected. Your administrator can allow more."
)
SPENT = worded(
    "{tool} did not take the answer: it was used before, or is too old. Nothing was connected. Connect again."
)


@dataclass(frozen=True)
class Outcome:
    """What an answer came to."""

    back: str
    """The page of ours that asked."""
    connected: bool
    drafts: bool
    """They asked for their drafts to be shown there."""


def ask(
    house: House, who: Member, connection: str, back: str, browser: str, drafts: bool = False
) -> str | Verdict:
    """The address this contributor's browser goes to; or why there is none.

    Takes    back: the page that asks; browser: what this browser shows again with the answer
             drafts: they want their drafts shown there; whoever has that already is not asked for less
    """
    authority = house.authorities.get(connection)
    if authority is None or not _serves(house.connectors[connection].abilities, drafts):
        return Verdict(allowed=False, reason=NOT_HERE)
    with house.store.reading() as tx:
        drafts = drafts or tx.draft_calendars.get(who.id, connection) is not None
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    consent = Consent(
        contributor=who.id,
        connection=connection,
        begun_at=house.clock(),
        back=back,
        browser=SecretStr(browser),
        verifier=SecretStr(verifier),
        drafts=drafts,
    )
    with house.store.writing() as tx:
        tx.consents.ask(consent, state)
    return question(_asked(authority, drafts), redirect(house, connection), state, verifier)


def _serves(abilities: Abilities, drafts: bool) -> bool:
    return abilities.shows_drafts if drafts else abilities.posts or abilities.lent


def _asked(authority: Authority, drafts: bool) -> Authorization:
    return authority.authorization.widened() if drafts else authority.authorization


def redirect(house: House, connection: str) -> str:
    """Where the tool sends the browser back to; what an administrator registers there, letter by letter."""
    page = house.configuration.page
    assert page is not None, "wiring refuses to run without a page"
    return back_to(page.url, connection)


def back_to(page: str, connection: str) -> str:
    return f"{page}/connect/{quote(connection, safe='')}/back"


def answer(house: House, connection: str, state: str, browser: str, code: str, error: str) -> Outcome | None:
    """Take what a browser brought back; None where nothing was asked with it, or it was answered before."""
    with house.store.writing() as tx:
        consent = tx.consents.answered(state, browser)
        who = house.member(tx, consent.contributor) if consent else None
    if consent is None or who is None or not house.agreed(who):
        return None
    if consent.connection != connection:  # one tool's answer to another's question
        problem: str = Said(WENT_WRONG, tool=called(house, consent.connection))
    else:
        problem = _connected(house, who, consent, code, error)
    if problem:
        with house.store.writing() as tx:
            if joining.is_here(house, tx, who.id):
                tx.consents.failed(consent, problem)
    return Outcome(consent.back, connected=not problem, drafts=consent.drafts)


def _connected(house: House, who: Member, consent: Consent, code: str, error: str) -> str:
    """Keep what the answer is worth; gives why not, in words."""
    tool = called(house, consent.connection)
    if error:
        return DENIED if error == "access_denied" else Said(WENT_WRONG, tool=tool)
    if house.clock() - consent.begun_at > LASTS:
        return TOO_LATE
    authority = house.authorities[consent.connection]
    verifier = consent.verifier.get_secret_value()
    try:
        tokens = authority.exchange(code, verifier, redirect(house, consent.connection))
    except Fault as fault:
        if isinstance(fault, Refused) and fault.whose == "account":
            return Said(SPENT, tool=tool)
        return joining.why_not(house, consent.connection, fault)
    if tokens.refresh is None:
        return Said(NOT_LASTING, tool=tool)
    with house.store.writing() as tx:
        after = house.clock() + SPARED
        noted = returning.note(house, tx, consent.connection, tokens.refresh, who.id, after)
    known = _known(house, who, consent.connection, tokens, noted)
    if missing := lacking(_asked(authority, consent.drafts), tokens):
        return Said(LACKING, what=meant(authority.authorization, missing))
    return known if isinstance(known, str) else _kept(house, who, consent, tokens, known, noted)


def _known(house: House, who: Member, connection: str, tokens: Tokens, noted: str) -> Identity | str:
    """Whose it is, as the tool says; else why nobody knows."""
    credential = Credential(kind="oauth", secret=tokens.access)
    try:
        known = house.connectors[connection].identify(credential, who.person.email)
    except Fault as fault:
        return joining.why_not(house, connection, fault)
    with house.store.writing() as tx:
        returning.known(house, tx, noted, known.external)
    return known


def _kept(house: House, who: Member, consent: Consent, tokens: Tokens, known: Identity, noted: str) -> str:
    """Keep what was lent where it is theirs to lend; gives why not."""
    connection = consent.connection
    with house.store.writing() as tx:
        verdict = joining.may_connect(house, tx, who, connection, known.external)
        if not verdict:
            return verdict.reason
        now, lasts = house.clock(), house.authorities[connection].authorization.lasts
        ends = now + lasts if lasts is not None else None
        tx.grants.lend(who.id, connection, known.external, tokens, now, ends, known.shown)
        tx.revocations.done(noted)
        if consent.drafts:
            tx.draft_calendars.begin(who.id, connection, house.clock())
        joining.resume(house, tx, who, connection)
    house.work_is_waiting.set()
    return ""
