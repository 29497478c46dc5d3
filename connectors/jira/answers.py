"""What makes an answer of Jira's whole, and the words for one of which nobody can tell."""

from __future__ import annotations

from typing import Any

from connectors.contract import Endless, Unavailable


def listed(body: Any, name: str) -> list[Any]:
    """The list an answer is about; Unavailable where it is not there."""
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise doubtful(name)
    return found


def twice(what: str) -> Endless:
    return Endless(f"Jira's {what} gave the same page twice. Nothing of this walk was kept.")


def doubtful(missing: str) -> Unavailable:
    return Unavailable(
        f"Jira's answer lacks its {missing}, so nobody can tell whether it is complete. Nothing of this walk "
        "was kept; the next round tries again."
    )
