"""Daybook's side: send some people of a planted town their digest.

python -m bench.digests.ours daybook.yaml FIRST LAST: by their place among all, the last not included
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.page.town import NOW, clock
from daybook import logs
from daybook.mail import compose, letters
from daybook.mail.send import Carrier
from daybook.wiring import open_house


class Watch:
    """Adds up the time that some of the work takes."""

    def __init__(self) -> None:
        self.seconds = self.processor = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        begun, worked = time.perf_counter(), time.process_time()
        yield
        self.seconds += time.perf_counter() - begun
        self.processor += time.process_time() - worked

    def timing(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*said: Any) -> Any:
            with self.running():
                return work(*said)

        return timed


def main(file: Path, first: int, last: int) -> None:
    logs.configure(human=True, quiet=True)
    house = open_house(file, clock, begun=True)
    with house.store.reading() as tx:
        members = house.members(tx)[first:last]
    whole, mail = Watch(), Watch()
    worded = patch.object(compose, "digest", mail.timing(compose.digest))
    handed = patch.object(Carrier, "send", mail.timing(Carrier.send))
    with worded, handed, whole.running():
        for member in members:
            letters.send_digest(house, member.id, NOW.date())
    print(json.dumps({"whole": vars(whole), "mail": vars(mail)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
