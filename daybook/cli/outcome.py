"""How a command ends: a message without a traceback, and an exit code that means something."""

from __future__ import annotations

import sys

NO, WRONG_INPUT, OUTSIDE_FAILED = 1, 2, 3
BROKE = 70
"""A mistake of ours: what sysexits(3) calls an internal software error."""


def end(error: Exception) -> int:
    """Say what happened; gives the exit code."""
    code = _code(error)
    print(_bug(error) if code == BROKE else error, file=sys.stderr)
    return code


def is_ours(error: Exception) -> bool:
    """Whether it is a mistake in Daybook, whose message may quote somebody's day."""
    return _code(error) == BROKE


def _code(error: Exception) -> int:
    from config.load import Unfit
    from connectors.contract import Fault, Refused
    from daybook.errors import No, Outside, Wrong

    match error:
        case No():
            return NO
        case Unfit() | Wrong() | Refused():
            return WRONG_INPUT
        case Outside() | Fault():
            return OUTSIDE_FAILED
    return BROKE


def _bug(error: Exception) -> str:
    """Where it happened, without the error's own message: that may quote somebody's day (S-13)."""
    from daybook.logs import places

    return "\n".join(
        [
            f"Daybook broke off: {type(error).__name__}. This is a mistake in Daybook, not yours.",
            "What was saved before stands. Please report it with these lines, which hold no content:",
            *(f"  {place}" for place in places(error.__traceback__)),
        ]
    )
