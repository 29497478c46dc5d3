"""Daybook's side: pull one connection, for the first time or again, into a store that is there.

python bench/pull/ours.py daybook.yaml jira: by its path, as the peers, for the stand-ins are none of it
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

from daybook import jobs, logs, state
from daybook.house import House
from daybook.wiring import open_house

LIBRARIES = {
    "jira": ("jira",),
    "asana": ("asana",),
    "calendar": ("httplib2", "google.oauth2.service_account", "googleapiclient.discovery"),
}
"""Of each tool: a connector loads its own at the first call, and the clock begins after the imports."""


def main(file: Path, connection: str) -> None:
    logs.configure(human=True, quiet=True)
    house = open_house(file, begun=True)
    with house.store.reading() as tx:
        keys = [key for name, key in state.partitions(house, tx) if name == connection]
    print(json.dumps(_pulled(house, connection, keys)))


def _pulled(house: House, connection: str, keys: list[str]) -> dict[str, Any]:
    """Every partition once, as many at a time as the daemon has workers."""
    for library in LIBRARIES[connection]:
        import_module(library)
    rows, begun, worked = _rows(house), time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(house.configuration.pulling.workers) as pool:
        tallies = list(pool.map(lambda key: jobs.pull(house, connection, key), keys))
    seconds, processor = time.perf_counter() - begun, time.process_time() - worked
    if failed := [key for key, tally in zip(keys, tallies, strict=True) if tally is None]:
        sys.exit(f"{len(failed)} of {len(keys)} partitions of {connection} could not be pulled.")
    return {
        "seconds": round(seconds, 2),
        "processor": round(processor, 2),
        "objects": sum(tally.sightings for tally in tallies if tally),
        "rows": _rows(house) - rows,
    }


def _rows(house: House) -> int:
    """How much evidence is held."""
    with house.store.reading() as tx:
        return sum(count for kinds in tx.evidence.tally().values() for count in kinds.values())


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
