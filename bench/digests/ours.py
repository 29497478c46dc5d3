"""Daybook's side: send some people of a planted town their digest.

python -m bench.digests.ours daybook.yaml FIRST LAST: by their place among all, the last not included
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from bench.page.town import NOW, clock
from daybook import logs
from daybook.mail import letters
from daybook.wiring import open_house

if __name__ == "__main__":
    logs.configure(human=True, quiet=True)
    house = open_house(Path(sys.argv[1]), clock, begun=True)
    with house.store.reading() as tx:
        members = house.members(tx)[int(sys.argv[2]) : int(sys.argv[3])]
    begun, worked = time.perf_counter(), time.process_time()
    for member in members:
        letters.send_digest(house, member.id, NOW.date())
    print(json.dumps({"seconds": time.perf_counter() - begun, "processor": time.process_time() - worked}))
