"""The ways to try a configuration: on the last weeks of a store, on lines, on golden cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from config.cases import ENDING, Case, load_cases
from config.schema import Configuration
from config.text import Place
from daybook.errors import Wrong
from daybook.house import House
from daybook.lab.compare import compare
from daybook.lab.evidence import Step, Theirs, from_lines, from_store
from daybook.lab.gate import OPEN, Gate
from daybook.lab.golden import Broken, broken
from daybook.lab.report import Report, report
from daybook.lab.witness import Witness
from daybook.lines import Said
from daybook.looking import administrator
from daybook.trial import Trial

__all__ = ["beside", "broken", "golden_cases", "lines", "on_lines", "on_store"]


def on_store(configuration: Configuration, house: House, weeks: int, step: Step, *, compared: bool) -> Report:
    """What a configuration makes of the last weeks of a store, beside the one in force.

    Takes    house: of the configuration in force, whose policy says who is looked at and what may be told;
             of evidence that is kept no longer than the weeks, what there is
    Raises   TooFew
    """
    now = house.clock()
    kept = timedelta(days=house.policy.retention.evidence)
    since = (now - min(timedelta(weeks=weeks), kept)).date()
    before = Trial(house.configuration, now) if compared else None
    after = Trial(configuration, now, Witness)
    everybody = from_store(house, administrator(), since, step)
    return _tried(everybody, before, after, Gate(house.policy.groups.minimum), since)


def on_lines(
    configuration: Configuration, against: Configuration | None, lines: Iterable[Said], now: datetime
) -> Report:
    """What a configuration makes of activities that are the administrator's own to look at."""
    before = Trial(against, now) if against else None
    return _tried(from_lines(lines), before, Trial(configuration, now, Witness), Gate(OPEN))


def _tried(
    everybody: Iterable[Theirs], before: Trial | None, after: Trial, gate: Gate, since: date = date.min
) -> Report:
    tally = compare(everybody, before, after, since)
    projects = after.configuration.projects.keys() | (before or after).configuration.projects.keys()
    return report(tally, gate, projects, after.configuration.rules, compared=before is not None)


def golden_cases(files: Iterable[Path], configuration: Configuration) -> list[tuple[Place, Case]]:
    """Those of the files, in their order.

    Raises   Unfit, Wrong
    """
    cases = []
    for file in files:
        try:
            cases += load_cases(file, configuration)
        except OSError as error:
            raise Wrong(f"{file} cannot be read ({error.strerror}). Nothing was tried.") from None
    return cases


def beside(file: Path) -> list[Path]:
    """The golden cases that lie beside a configuration."""
    return sorted(file.parent.glob(f"*{ENDING}"))


def lines(report: Report | None, cases: int, broken: Sequence[Broken]) -> Iterator[str]:
    """What a person at a terminal reads."""
    if report:
        yield from report.lines()
    if report and cases:
        yield ""
    for one in broken:
        yield from one.lines()
    if cases:
        yield f"golden cases: {cases - len(broken)} of {cases} hold"
