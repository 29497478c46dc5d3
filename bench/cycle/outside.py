"""The outside of a cycle in a process of its own: the tools with a team in them, and the mail server.

python -m bench.cycle.outside PEOPLE SEED FOLDER PORT: the page's. Prints where the configuration is, in which
everybody has agreed and pasted their tokens; then answers each line of standard input with one of JSON, and
ends with it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bench.pull.crowd import everybody_agrees
from daybook.clocks import utc_now
from daybook.sandbox.outside import Outside, configuration
from daybook.sandbox.plant import token
from daybook.sandbox.visitor import links
from daybook.wiring import open_house

OF_CONSENT = ("oauth:", "authority:", "gateway:")
"""What people who paste a token do without: they would go over pages of the tools, one after the other."""


def main(people: int, seed: int, folder: Path, port: int) -> None:
    outside = Outside(people, seed, utc_now(), limits=False)
    answers: dict[str, Callable[[], Any]] = {
        "counts": lambda: {name: sum(of.values()) for name, of in outside.counts().items() if of},
        "links": lambda: _links(outside),
        "posted": lambda: _posted(outside),
    }
    with outside.running():
        file = configuration(outside, folder, f"127.0.0.1:{port}", quick=True)
        said = file.read_text("utf-8").splitlines(keepends=True)
        file.write_text("".join(line for line in said if not line.lstrip().startswith(OF_CONSENT)), "utf-8")
        _prepared(outside, file)
        print(file, flush=True)
        for line in sys.stdin:
            print(json.dumps(answers[line.strip()]()), flush=True)


def _prepared(outside: Outside, file: Path) -> None:
    house = open_house(file)
    everybody_agrees(house)
    known = {"jira": outside.planted.jira, "asana": outside.planted.asana}
    with house.store.writing() as tx:
        for person in tx.people.all():
            for tool, accounts in known.items():
                secret = SecretStr(token(tool, person.email))
                tx.grants.save(person.id, tool, accounts[person.email], secret, house.clock())
    house.store.close()


def _links(outside: Outside) -> list[str]:
    """The newest link to a day in everybody's mail."""
    newest = {mail.to: links(mail.text, "day") for mail in outside.mail.deliveries}
    return [found[-1] for found in newest.values() if found]


def _posted(outside: Outside) -> int:
    """Worklogs and time entries of ours that are at the tools."""
    logs = sum("daybook.entry" in worklog.properties for worklog in outside.jira.world.worklogs)
    return logs + sum("[db:" in entry.description for entry in outside.asana.time_entries)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
