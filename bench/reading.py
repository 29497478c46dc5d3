"""How long a configuration of 2,000 rules takes to be read, checked and compiled, and in how much memory.

In processor seconds of a program of its own, which reads it five times; the median counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import machine

RULES, IN_ALL, EACH = 2_000, 10_000, 2_500

READS = """
import json, sys, time
from pathlib import Path
from statistics import median
from core.mapping import Mappings
from daybook.wiring import read

took = []
for _ in range(5):
    began = time.process_time()
    loaded = read(Path(sys.argv[1]), secrets=False)
    Mappings(loaded.configuration.projects, loaded.configuration.rules, {})
    took.append(time.process_time() - began)
(peak,) = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM:")]
print(json.dumps({"rules": len(loaded.configuration.rules), "seconds": median(took), "mb": int(peak) / 1024}))
"""


def measure() -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        here = Path(folder)
        projects = "projects:\n" + "".join(
            f"  p{n}: {{name: Project {n}, client: C{n}}}\n" for n in range(50)
        )
        alone, many = here / "alone.yaml", here / "many.yaml"
        alone.write_text(f"version: 1\n{projects}{_rules(0, RULES)}")
        for first in range(0, IN_ALL, EACH):
            (here / f"{first}.yaml").write_text(_rules(first, first + EACH))
        names = ", ".join(f"{first}.yaml" for first in range(0, IN_ALL, EACH))
        many.write_text(f"version: 1\ninclude: [{names}]\n{projects}")
        return {"machine": machine.told(), "alone": _read(alone), "many": _read(many)}


def table(figures: dict[str, Any]) -> str:
    rows = [
        f"| {one['rules']:,} {where} | {one['seconds']:.2f} s | {one['mb']:.0f} MB |"
        for one, where in ((figures["alone"], "in one file"), (figures["many"], "in four includes"))
    ]
    head = f"Measured on {figures['machine']}. Each rule asks for two words of a title, and for its source."
    return "\n".join(
        [head, "", "| rules | processor time to read them | peak memory |", "| --- | --- | --- |", *rows]
    )


def _rules(first: int, last: int) -> str:
    lines = (
        f"  - {{name: Rule {n}, when: {{title: client {n}, source: jira}}, then: {{project: p{n % 50}}}}}\n"
        for n in range(first, last)
    )
    return f"rules:\n{''.join(lines)}"


def _read(file: Path) -> Any:
    ran = subprocess.run([sys.executable, "-c", READS, file], capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)
