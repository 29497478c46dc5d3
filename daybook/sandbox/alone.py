"""The stand-ins on their own, with the addresses and credentials somebody needs to use them."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue

from daybook.sandbox.outside import Outside, configuration
from daybook.sandbox.plant import READER, token

PAGE = "127.0.0.1:8787"


@contextmanager
def told(contributors: int, seed: int, faults: int | None) -> Iterator[list[str]]:
    """Runs until the end of the block; gives what to print."""
    outside = Outside(contributors, seed, datetime.now(UTC), faults)
    with outside.running(), tempfile.TemporaryDirectory(prefix="daybook-sandbox-") as folder:
        file = configuration(outside, Path(folder), PAGE, quick=False)
        ada = outside.team.members[0].email
        yield [
            f"Jira             {outside.jira.url}  as {READER} with {token('jira', READER)}",
            f"                 and by {outside.atlassian.url} for whom people let in there",
            f"Asana            {outside.asana.url}/api/1.0  with {token('asana', READER)}",
            f"Google Calendar  {outside.calendar.url}/calendar/v3/  with {folder}/credentials/google-key",
            f"SMTP             {outside.mail.smtp}  read it at {outside.mail.url}",
            f"People           {len(outside.team.members)}; they connect their accounts on their page",
            f"                 and say there who they are, for example {ada}",
            f"Configuration    {file}",
            f"Try              daybook run -c {file}",
            "Ctrl-C ends it; everything is thrown away.",
        ]


def until_interrupted() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    came = SimpleQueue[int]()  # an event would be set inside its own lock, if the signal comes just then
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: came.put(number))
    came.get()
