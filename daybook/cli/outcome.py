"""How a command ends: a message without a traceback, and an exit code that means something."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

NO, WRONG_INPUT, OUTSIDE_FAILED = 1, 2, 3


@contextmanager
def told() -> Iterator[None]:
    """Turns the errors an administrator can mend into one message and an exit code."""
    from config.load import Unfit
    from connectors.contract import Fault, Refused
    from daybook.errors import Outside, Wrong

    try:
        yield
    except (Unfit, Wrong) as error:
        fail(str(error), WRONG_INPUT)
    except Refused as error:
        fail(str(error), WRONG_INPUT)
    except (Fault, Outside) as error:
        fail(str(error), OUTSIDE_FAILED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def fail(message: str, code: int) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(code)
