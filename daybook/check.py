"""What `daybook check` finds out: can this configuration run, and do the outside tools let it?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from connectors.contract import Fault
from daybook.mail.send import NotTaken, reach
from daybook.wiring import connect, incomplete, read


class Finding(NamedTuple):
    what: str
    well: bool
    sentence: str


def findings(file: Path, *, online: bool) -> Iterator[Finding]:
    """What was looked at, in the order of the file.

    Raises   Unfit, with every problem of the file
    """
    loaded = read(file, secrets=True)
    configuration = loaded.configuration
    missing = incomplete(configuration)
    yield from (Finding("configuration", False, sentence) for sentence in missing)
    if not missing:
        people = len(configuration.people)
        sentence = (
            f"{people} people, {len(configuration.projects)} projects, {len(configuration.rules)} rules."
        )
        yield Finding("configuration", True, sentence)
    if not online:
        return
    for name, connector in connect(loaded, threading.Event()).items():
        try:
            standing = connector.check()
        except Fault as fault:
            yield Finding(name, False, str(fault))
            continue
        lacking = f" Missing: {', '.join(standing.missing)}." if standing.missing else ""
        spare = f" More than needed: {', '.join(standing.excess)}." if standing.excess else ""
        yield Finding(name, not standing.missing, f"reached as {standing.account}.{lacking}{spare}")
    if configuration.mail is not None:
        try:
            reach(configuration.mail)
        except NotTaken as refusal:
            yield Finding("mail", False, str(refusal))
        else:
            yield Finding("mail", True, f"{configuration.mail.smtp} takes mail from us.")
