"""Under which licences the packages stand that Daybook is installed with: docs/licences.md.

    make licences

A licence that is not among these wants a person who reads it first.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "licences.md"
PIP_LICENSES = ROOT / ".venv-checkers" / "bin" / "pip-licenses"
TAKEN = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Apache Software License; BSD License": "Apache-2.0 OR BSD-3-Clause",
    "BSD 3-Clause OR Apache-2.0": "BSD-3-Clause OR Apache-2.0",
    "BSD License": "BSD",
    "LGPL-3.0-only": "LGPL-3.0-only",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
} | {
    name: name
    for name in (
        "Apache-2.0",
        "Apache-2.0 AND BSD-2-Clause",
        "Apache-2.0 OR BSD-2-Clause",
        "Apache-2.0 OR BSD-3-Clause",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "MIT",
        "MIT OR Apache-2.0",
        "MIT-0",
        "PSF-2.0",
    )
}
"""As packages say it, and as everybody writes it (https://spdx.org/licenses).

The LGPL is psycopg's, which is called and not changed: whoever hands Daybook on hands its text on too.
"""
LOCK = "requirements-server.lock"
"""What a server is installed with: all that runs anywhere."""
TEXT = """\
# Licences

Daybook itself is under Apache-2.0. These are the packages a server is installed with, as
`requirements-server.lock` names them, and what each says its licence is. Those of psycopg are there for a
store on PostgreSQL; they are called and not changed. `make licences` writes this page, and a test reads it.
`make sbom` writes the same list for machines, with versions and hashes, into `dist/daybook.cdx.json`
(CycloneDX).

| package | licence |
| --- | --- |
"""


def locked(lock: str) -> list[str]:
    """The names of its packages."""
    return re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", (ROOT / lock).read_text("utf-8"), re.MULTILINE)


def found() -> dict[str, str]:
    """What each package that is installed here and is in a server's lock says, in its own words."""
    command: list[str | Path] = [
        PIP_LICENSES,
        "--python",
        ROOT / ".venv" / "bin" / "python",
        "--format=json",
        "--packages",
    ]
    done = subprocess.run([*command, *locked(LOCK)], capture_output=True, text=True, check=True)
    return {one["Name"]: one["License"] for one in json.loads(done.stdout)}


def document(said: dict[str, str]) -> str:
    lines = [f"| {name} | {TAKEN[said[name]]} |" for name in sorted(said, key=str.casefold)]
    return TEXT + "\n".join(lines) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(found()), "utf-8")
