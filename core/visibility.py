"""Who sees what of a contributor: one table, and what is not in it is denied (P1, P-01).

Pages, commands, mails and exports ask here before they hand anything over. A role is how somebody stands to
the one it is about: Mara manages Ben and is nobody's owner but her own. Who holds no grant of theirs is no
delegate but a colleague.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from core.model import Verdict

Role = Literal["owner", "colleague", "delegate", "manager", "billing", "administrator"]
Thing = Literal[
    "evidence",
    "draft",
    "memory",
    "entry",
    "posting",
    "connection",
    "token",
    "enrolment",
    "reading",
    "figures",
    "report",
    "access_log",
    "policy",
    "rollout",
    "remark",
    "answer",
    "everything",
]
State = Literal["unconfirmed", "confirmed", "released"]
Deed = Literal["edit", "confirm", "teach", "acknowledge", "connect", "grant", "mail", "export", "erase"]
Matter = Thing | Deed
"""What a page shows, or is for."""

ROLES: Mapping[Role, str] = {
    "owner": "contributor",
    "delegate": "delegate, while granted",
    "colleague": "colleague",
    "manager": "manager",
    "billing": "named for invoices",
    "administrator": "administrator",
}
"""In the words that documents and papers say it in; so are those below."""
THINGS: Mapping[Thing, str] = {
    "evidence": "what tools said of them: titles, times, tasks",
    "draft": "suggestions and their reasons, with what they make of them, and the sums of a day",
    "memory": "what their corrections taught",
    "entry": "what they confirmed",
    "posting": "an entry on its way to a tool: its state and the reason, never its text",
    "connection": "which tools they connected, and as whom",
    "token": "a credential they lent",
    "enrolment": "invited, acknowledged, left, and when",
    "reading": "how far their sources were read, and why not further: counts and states",
    "figures": "sums over at least as many people as the policy says",
    "report": "figures as they were released, on the declared day",
    "access_log": "who looked at what of theirs",
    "policy": "what is read, why, for whom and for how long",
    "rollout": "the stage in force, what it must reach, and what it came to over everybody",
    "remark": "what they said about Daybook, without a name unless signed, and what they were answered",
    "answer": "what they answered to a mail and was no plain yes",
    "everything": "all that is held about them at once, but for credentials",
}
"""Of a contributor."""
STATES: Mapping[State, str] = {
    "unconfirmed": "before it is confirmed",
    "confirmed": "once it is confirmed",
    "released": "once it is released",
}
DEEDS: Mapping[Deed, str] = {
    "edit": "change drafts, add to them and dismiss them",
    "confirm": "say yes to one, and take back what was said",
    "teach": "say what is remembered",
    "acknowledge": "say that they read the policy",
    "connect": "lend an account, choose what is read of it, and end that",
    "grant": "let a colleague look at days and prepare them, and end that",
    "mail": "have the daily mail or not",
    "export": "take everything along",
    "erase": "leave, with all that goes then",
}
"""In a contributor's place, or in one's own."""

LENT: tuple[Thing, ...] = ("draft", "entry", "posting", "reading")
"""What a grant opens: a day as its contributor has it before them, and nothing else."""

THEIRS = "It is theirs."
GRANTED = "Its contributor granted it, until they take that back or it ends."
SAME_PAGE = "A released report is the same page for everybody."
FOR_ALL = "The policy is for everybody to read."
ROLLOUT = "Running a rollout needs who was invited and who acknowledged."
REPAIR = "What waits and why can be repaired; its text stays sealed."
SUMS = "Sums over so many people are of nobody."
BILLED = "The policy names who gets confirmed hours for clients, for invoices."
NOBODYS_BUSINESS = "A day belongs to its contributor."
SEALED = "A credential is shown to nobody, not even to whom it belongs."
COARSE = "Sums of drafts and days, in steps, and a day after contributors saw them."
NO_NAME = "Its sentence was written to be answered; no name, draft or day is beside it."
UNSAID = "A page that does not say what is on it is for nobody."
NOT_LENT = "This stays with its contributor, whatever they granted."

_SHOWN: dict[tuple[Role, Thing, State], str] = {
    **{
        ("owner", thing, state): THEIRS
        for thing in THINGS
        for state in STATES
        if thing not in ("token", "figures", "report")
    },
    **{("delegate", thing, state): GRANTED for thing in LENT for state in STATES},
    **{(role, "report", "released"): SAME_PAGE for role in ROLES},
    **{(role, "policy", state): FOR_ALL for role in ROLES for state in STATES},
    **{("administrator", "enrolment", state): ROLLOUT for state in STATES},
    **{("administrator", "reading", state): REPAIR for state in STATES},
    **{("administrator", "figures", state): SUMS for state in STATES},
    **{("administrator", "rollout", state): COARSE for state in STATES},
    **{("administrator", "remark", state): NO_NAME for state in STATES},
    ("administrator", "posting", "confirmed"): REPAIR,
    ("billing", "entry", "confirmed"): BILLED,
}

_DONE: dict[tuple[Role, Deed], str] = {
    **{("owner", deed): THEIRS for deed in DEEDS},
    ("delegate", "edit"): GRANTED,
}


def may_see(viewer: Role, thing: Thing, state: State) -> Verdict:
    """May someone in this role see this of a contributor?"""
    if why := _SHOWN.get((viewer, thing, state)):
        return Verdict(allowed=True, reason=why)
    return _no(SEALED if thing == "token" else NOBODYS_BUSINESS)


def may_do(doer: Role, deed: Deed) -> Verdict:
    """May someone in this role do this in a contributor's place?"""
    if why := _DONE.get((doer, deed)):
        return Verdict(allowed=True, reason=why)
    return _no(NOT_LENT)


def opens(role: Role, matters: Collection[Matter]) -> Verdict:
    """May someone in this role open a page with all of this on it, whatever state it is in?"""
    verdicts = [_may(role, matter) for matter in matters]
    return next((no for no in verdicts if not no), verdicts[0] if verdicts else _no(UNSAID))


def _may(role: Role, matter: Matter) -> Verdict:
    for deed in DEEDS:
        if deed == matter:
            return may_do(role, deed)
    (thing,) = (thing for thing in THINGS if thing == matter)
    return may_see(role, thing, "released" if thing == "report" else "unconfirmed")


def _no(reason: str) -> Verdict:
    return Verdict(allowed=False, reason=reason)
