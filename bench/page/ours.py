"""The page of a store that is planted, served as the daemon serves it, until stdin ends.

python -m bench.page.ours daybook.yaml
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.page.town import clock
from daybook import logs
from daybook.daemon import listening
from daybook.wiring import open_house

if __name__ == "__main__":
    logs.configure(human=True, quiet=True)
    with listening(open_house(Path(sys.argv[1]), clock, begun=True)):
        print("listens", flush=True)
        sys.stdin.read()
