"""Daybook's side: a daemon on an evening of its own, from ten o'clock on.

python -m bench.evening daybook.yaml SECONDS: how far its clock is ahead of ours. It stands outside the folder
of idle, whose stand-ins would be counted as the daemon's (3 MiB).
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

from daybook import daemon, logs
from daybook.clocks import Clock, utc_now
from daybook.wiring import open_house


def main(file: Path, ahead: timedelta) -> None:
    def wall() -> datetime:
        return utc_now() + ahead

    logs.configure(human=False)
    daemon.serve(open_house(file, Clock(wall)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), timedelta(seconds=float(sys.argv[2])))
