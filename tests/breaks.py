"""Each rule of the posting contract broken on purpose: the test that is named for it turns red.

    make breaks                  every break in breaks.txt, two at a time
    make breaks ARGS=R-09        those of one rule

A break is one line of the program put differently, in a copy of the tree. Ends with 1 unless every named test
turned red: where one stays green, the rule is held by another test, or by nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
LIST = Path(__file__).with_name("breaks.txt")
ROOMS = ("core", "connectors", "config", "daybook", "tests", "docs", "bench", "examples")
AT_ONCE = 2
PASSED, FAILED = 0, 1
"""pytest's exit codes; every other one says that it could not run the test."""
VERDICTS = {PASSED: "GREEN", FAILED: "red"}


class Break(NamedTuple):
    """One line that holds a rule, the line that breaks it, and the test that must see it."""

    rule: str
    says: str
    where: str
    before: str
    after: str
    test: str

    def made(self, source: str) -> str:
        """The source with its rule broken.

        Raises   ValueError unless the line stands there once
        """
        if source.count(self.before) != 1:
            raise ValueError(f"{self.rule} {self.says}: {self.where} has not one {self.before!r}")
        return source.replace(self.before, self.after)


def breaks(text: str) -> list[Break]:
    """All there are.

    Takes    paragraphs: rule and what it says; the file; `- ` the words before; `+ ` those after; the test.
             A paragraph whose lines begin with # is for whoever reads
    """
    found = []
    for paragraph in text.strip().split("\n\n"):
        if paragraph.startswith("#"):
            continue
        title, where, before, after, test = paragraph.splitlines()
        rule, _, says = title.partition(" ")
        found.append(Break(rule, says, where, before.removeprefix("- "), after.removeprefix("+ "), test))
    return found


def verdict(one: Break) -> str:
    """`red`, as it must be; `GREEN` where nothing saw it; `?` where the test fails unbroken too."""
    with tempfile.TemporaryDirectory(prefix="daybook-break-") as made:
        tree = Path(made)
        for room in ROOMS:
            shutil.copytree(ROOT / room, tree / room, ignore=shutil.ignore_patterns("__pycache__"))
        for file in filter(Path.is_file, ROOT.glob("*.*")):
            shutil.copy(file, tree)
        if _ended(tree, one.test) != PASSED:
            return "?"
        broken = tree / one.where
        broken.write_text(one.made(broken.read_text()))
        return VERDICTS.get(_ended(tree, one.test), "?")


def _ended(tree: Path, test: str) -> int:
    run = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", test]
    ours = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(run, cwd=tree, capture_output=True, env=ours).returncode


def main(rules: list[str]) -> int:
    asked = [one for one in breaks(LIST.read_text()) if not rules or one.rule in rules]
    verdicts = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for one, said in zip(asked, pool.map(verdict, asked), strict=True):
            print(f"{one.rule}  {said:5}  {one.says}: {one.test.rpartition('::')[2]}", flush=True)
            verdicts.append(said)
    print(f"{verdicts.count('red')} of {len(verdicts)} breaks turn their test red")
    return 0 if set(verdicts) == {"red"} else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
