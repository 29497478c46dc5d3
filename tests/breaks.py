"""Each rule of the posting contract broken on purpose: the test that is named for it turns red.

    make breaks                  every break in breaks.txt, two at a time
    make breaks ARGS=R-09        those of one rule

A break is one line of the program put differently, in a copy of the tree. Ends with 1 where a named test
stayed green: then the rule was not held by that test, or by nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
LIST = Path(__file__).with_name("breaks.txt")
ROOMS = ("core", "connectors", "config", "daybook", "tests", "docs", "bench", "examples")
AT_ONCE = 2


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


def turns_red(one: Break) -> bool:
    """Whether the test fails over it, and passes without."""
    with tempfile.TemporaryDirectory(prefix="daybook-break-") as made:
        tree = Path(made)
        for room in ROOMS:
            shutil.copytree(ROOT / room, tree / room, ignore=shutil.ignore_patterns("__pycache__"))
        for file in ROOT.glob("*.*"):
            if file.is_file():
                shutil.copy(file, tree)
        if not _passes(tree, one.test):
            raise ValueError(f"{one.test} does not pass in a tree where nothing is broken")
        broken = tree / one.where
        broken.write_text(one.made(broken.read_text()))
        return not _passes(tree, one.test)


def _passes(tree: Path, test: str) -> bool:
    run = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", test]
    ours = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(run, cwd=tree, capture_output=True, text=True, env=ours)
    if done.returncode not in (0, 1):
        raise ValueError(f"{test} could not be run:\n{done.stdout[-2000:]}")
    return done.returncode == 0


def _tried(asked: list[Break]) -> Iterator[bool]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for one, red in zip(asked, pool.map(turns_red, asked), strict=True):
            print(
                f"{one.rule}  {'red  ' if red else 'GREEN'}  {one.says}: {one.test.partition('::')[2]}",
                flush=True,
            )
            yield red


def main(rules: list[str]) -> int:
    asked = [one for one in breaks(LIST.read_text()) if not rules or one.rule in rules]
    red = list(_tried(asked))
    print(f"{sum(red)} of {len(red)} breaks turn their test red")
    return 0 if red and all(red) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
