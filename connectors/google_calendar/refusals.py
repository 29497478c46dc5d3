"""What an error of Google Calendar means for us: by status and reason, an unknown reason by its status."""

from __future__ import annotations

import json

from connectors.contract import CursorExpired, Fault, Refused, Unavailable
from core.said import Said

TOO_OLD = frozenset({"fullSyncRequired", "updatedMinTooLongAgo"})


class Closed(Refused):
    """One calendar that is no more, hidden from this person, or shows them too little; others may be open."""


FOR_THE_ADMINISTRATOR = {
    "accessNotConfigured": "Switch on the Google Calendar API in the key's Google Cloud project.",
    "insufficientPermissions": "Grant the key's client id the scope Daybook asks for: Admin console, "
    "Security, API controls, Domain-wide delegation.",
    "domainPolicy": "Allow Google Calendar to other programs in the Admin console.",
}
"""Reasons of a 403 that concern everybody."""


def reason(content: bytes) -> str:
    """Google's own word for an error, as in `rateLimitExceeded`; "" where it gave none."""
    try:
        return str(json.loads(content)["error"]["errors"][0]["reason"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""


def fault(status: int, reason: str, *, changes: bool) -> Fault:
    """What to raise for an answer that means no.

    Takes    changes: whether only what changed was asked for
    """
    why = f"{status} ({reason})" if reason.isidentifier() else status
    said = Said("Google Calendar answered {why}", why=why)
    match status:
        case 401:
            return Refused(
                Said(
                    "{happened} to a fresh token. Nothing was read. Look whether the account is suspended.",
                    happened=said,
                ),
                "account",
            )
        case 403 if reason in FOR_THE_ADMINISTRATOR:
            return Refused(f"{said}. Nothing was read. {FOR_THE_ADMINISTRATOR[reason]}", "connection")
        case 403 if reason:
            return Closed(
                Said(
                    "{happened}. Nothing was read there. A calendar is closed to this person: share it with "
                    "them with all details, or take it out of `calendars`.",
                    happened=said,
                ),
                "account",
            )
        case 403:
            words = Said(
                "{happened}. Nothing was read. This person's calendar is closed to us.", happened=said
            )
            return Refused(words, "account")
        case 404:
            return Closed(
                Said(
                    "{happened}. Nothing was read there. A calendar is gone, or this person may not see it: "
                    "give access, or take it out of `calendars`.",
                    happened=said,
                ),
                "account",
            )
        case 410 if changes or reason in TOO_OLD:
            return CursorExpired(
                f"{said}: what changed since is no longer known. The whole window is pulled again."
            )
        case 400 | 410:
            return Refused(
                f"{said}: it no longer understands how Daybook asks. Nothing was read. Update Daybook.",
                "connection",
            )
    return Unavailable(Said("{happened}. Nothing changed; the next round tries again.", happened=said))
