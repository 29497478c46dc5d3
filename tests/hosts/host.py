"""One machine's process, as the console script starts it, but for how long silence may last: so much shorter.

python -m tests.hosts.host 10 worker -c daybook.yaml
"""

from __future__ import annotations

import sys

from daybook import hands, runner
from daybook.__main__ import main
from daybook.store import beats, workers


def hasten(times: float) -> None:
    """Let signs of life come, and be missed, so many times sooner."""
    for module in (workers, beats, hands):
        for name in ("BEAT", "GIVEN_UP"):
            setattr(module, name, getattr(module, name) / times)
    runner.TICK = hands.TICK = runner.TICK / times  # type: ignore[attr-defined]


if __name__ == "__main__":
    hasten(float(sys.argv.pop(1)))
    main()
