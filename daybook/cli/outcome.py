"""How a command ends: a message without a traceback, and an exit code that means something."""

from __future__ import annotations

import sys

NO, WRONG_INPUT, OUTSIDE_FAILED = 1, 2, 3


def code_of(error: Exception) -> int | None:
    """The exit code of an error somebody can mend; None for a bug, which shows its traceback."""
    from config.load import Unfit
    from connectors.contract import Fault, Refused
    from daybook.errors import Outside, Wrong

    match error:
        case Unfit() | Wrong() | Refused():
            return WRONG_INPUT
        case Outside() | Fault():
            return OUTSIDE_FAILED
    return None


def end(error: Exception) -> None:
    """Say what happened and exit; come back for a bug."""
    code = code_of(error)
    if code is not None:
        print(error, file=sys.stderr)
        sys.exit(code)
