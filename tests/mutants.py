"""Mistakes put into the thinking on purpose: a test sees each of them, or it is written down why none can.

    make mutants                       every module that pyproject.toml lists for it
    make mutants ARGS=core.share       one of them

mutmut makes the mistakes, one at a time, and runs the tests that come by. Where all of them stay green the
mutant lives, and its reason must stand in mutants.txt. Ends with 1 for a mutant that lives without a reason,
and for a reason whose mutant is dead or gone: that list says neither less nor more than is so.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

REASONS = Path(__file__).with_name("mutants.txt")
MADE = Path("mutants")
AT_ONCE = "2"

DEAD = ("killed", "timeout")
"""Whatever else mutmut says of a mutant, no test is known to see it."""


class Mutant(NamedTuple):
    """One mistake, known by what it changes: mutmut's own numbers shift with every edit above it."""

    where: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.where}\n- {self.before}\n+ {self.after}".rstrip()


def reasons(text: str) -> dict[Mutant, str]:
    """Why each mutant lives.

    Takes    paragraphs: where; `- ` the line before; `+ ` the line after, one for each of its mutants; why.
             Lines with # are for whoever reads
    Raises   ValueError for a paragraph that lacks one of these
    """
    found = {}
    for paragraph in text.split("\n\n"):
        lines = [line for line in paragraph.splitlines() if line and not line.startswith("#")]
        if not lines:
            continue
        where, *rest = lines
        before = [line[1:].strip() for line in rest if line.startswith("-")]
        after = [line[1:].strip() for line in rest if line.startswith("+")]
        reason = " ".join(line.strip() for line in rest if line[0] not in "-+")
        if len(before) != 1 or not after or not reason:
            raise ValueError(f"{REASONS.name}: '{where}' needs one line before, one after, and its reason.")
        found |= {Mutant(where, before[0], line): reason for line in after}
    return found


def verdicts(module: str) -> dict[str, str]:
    """What became of every mutant of a module, by mutmut's name for it."""
    made = SourceFileMutationData(path=Path(*module.split(".")).with_suffix(".py"))
    made.load()
    return {name: status_by_exit_code[code] for name, code in made.exit_code_by_key.items()}


def mutant(module: str, name: str) -> Mutant:
    """The mutant of that name, as a list that people read can say it."""
    function, of = orig_function_and_class_names_from_key(name)
    changed = get_diff_for_mutant(name).splitlines()[2:]
    before, after = (
        " ".join(line[1:].strip() for line in changed if line.startswith(sign)) for sign in ("-", "+")
    )
    return Mutant(".".join(filter(None, (module, of, function))), before, after)


def living(modules: Iterable[str]) -> set[Mutant]:
    """Every mutant that lives, with a table of the others."""
    found = set()
    print(f"\n{'':<18}{'mutants':>8}{'dead':>8}{'alive':>8}")
    for module in modules:
        became = verdicts(module)
        alive = [name for name, status in became.items() if status not in DEAD]
        found |= {mutant(module, name) for name in alive}
        odd = Counter(became[name] for name in alive if became[name] != "survived")
        said = "".join(f", {times} of them: {status}" for status, times in odd.items())
        print(f"{module:<18}{len(became):>8}{len(became) - len(alive):>8}{len(alive):>8}{said}")
    return found


def main(asked: list[str]) -> int:
    known = [path.removesuffix(".py").replace("/", ".") for path in config().only_mutate]
    if strangers := set(asked) - set(known):
        print(f"Not among the modules that pyproject.toml mutates: {', '.join(sorted(strangers))}.")
        return 2
    given = set(reasons(REASONS.read_text("utf-8")))
    if asked:
        given = {one for one in given if one.where.startswith(tuple(f"{module}." for module in asked))}
    shutil.rmtree(MADE, ignore_errors=True)  # a verdict of yesterday's tests says nothing about today's
    run = [sys.executable, "-m", "mutmut", "run", "--max-children", AT_ONCE]
    if subprocess.run([*run, *(f"{module}.*" for module in asked)], check=False).returncode:
        return 2
    alive = living(asked or known)
    for title, those in {
        "No test sees it, and no reason says why:": alive - given,
        "There is a reason, but no such mutant lives:": given - alive,
    }.items():
        if those:
            print(f"\n{title}\n\n" + "\n\n".join(map(str, sorted(those))))
    if alive == given:
        print(f"\nEvery mutant is dead, or tests/{REASONS.name} says why it lives.")
    return int(alive != given)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
