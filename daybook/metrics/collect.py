"""The figures as they are at a scrape: some this process knows of itself, the others the store says."""

from __future__ import annotations

import math
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as of_day
from functools import partial
from typing import get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.periods import week
from core.rounds import Pull, Work
from core.tallies import LAG
from daybook import VERSION, doing, rollout, status
from daybook.doing import RHYTHM, Doing, Waiting, is_crowd
from daybook.glance import Glance
from daybook.house import House
from daybook.metrics.figures import FIGURES
from daybook.status import Source, Standing
from daybook.store.errors import StoreUnavailable

KINDS = sorted(kind.__name__ for kind in get_args(Work))
FRESH = 15.0
"""Seconds for which a look at the store is shown again: several may scrape, and a look costs."""
A_DAY, WEEKDAYS = timedelta(days=1), 7
QUARTERS = 4
PATIENCE = 7.0
"""Seconds for what the store says; Prometheus gives all of a scrape ten."""

Value = tuple[tuple[str, ...], float]
"""Labels and number."""
Values = dict[str, list[Value]]
"""By the name of their figure, without what all names begin with."""

DOWN: Values = {"store_up": [((), 0)]}


class Figures(Collector):
    """Those of one house."""

    def __init__(
        self, house: House, here: Doing | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._house, self._here, self._clock = house, here or doing.HERE, clock
        self._look = Glance(partial(_of_store, house), PATIENCE)
        self._lock = threading.Lock()
        self._stored: Values = {}
        self._looked = -math.inf

    def collect(self) -> Iterator[Metric]:
        values = _of_process(self._house, self._here) | self._of_store()
        for figure in FIGURES:
            family = CounterMetricFamily if figure.counts else GaugeMetricFamily
            metric = family(figure.name, figure.says, labels=figure.labels)
            for labels, value in values.get(figure.name.removeprefix("daybook_"), ()):
                metric.add_metric(labels, value)
            if metric.samples:
                yield metric

    def _of_store(self) -> Values:
        with self._lock:
            if self._clock() - self._looked >= FRESH:
                self._stored = self._look.found() or DOWN
                self._looked = self._clock()
            return self._stored


def _of_process(house: House, here: Doing) -> Values:
    late, jobs, looked = here.late(), here.jobs(), here.since_look()
    pulls = {name: late.get((Pull.__name__, name), doing.NONE) for name in house.connectors}
    others = {kind: late.get((kind, ""), doing.NONE) for kind in KINDS if kind != Pull.__name__}
    shown = RHYTHM if is_crowd(house, len(house.named)) else frozenset()
    return {
        "build_info": [((VERSION,), 1)],
        "policy_info": [((house.policy_version,), 1)],
        "disk_free_bytes": list(_free(house)),
        "look_age_seconds": [] if looked is None else [((), looked)],
        **_waiting(pulls, "source_late", "source_lag_seconds"),
        **_waiting(others, "late", "late_seconds"),
        "budget_left": list(_budgets(house)),
        "jobs_broken": [((kind,), jobs.get((kind, "broke"), 0)) for kind in KINDS],
        "jobs": [(key, number) for key, number in sorted(jobs.items()) if key[0] in shown],
        "job_seconds": [((kind,), took) for kind, took in sorted(here.seconds().items()) if kind in shown],
    }


def _waiting(of: Mapping[str, Waiting], number: str, seconds: str) -> Values:
    return {
        number: [((name,), waits.number) for name, waits in of.items()],
        seconds: [((name,), waits.seconds) for name, waits in of.items()],
    }


def _free(house: House) -> Iterator[Value]:
    if house.store.path is not None:
        disk = os.statvfs(house.store.path.parent)
        yield (), disk.f_bavail * disk.f_frsize


def _budgets(house: House) -> Iterator[Value]:
    """In quarters: the one request that somebody's click sends moves none."""
    for name, connector in house.connectors.items():
        budget = getattr(connector, "budget", None)
        if budget is not None:
            yield (name,), math.ceil(budget.left * QUARTERS) / QUARTERS


def _of_store(house: House) -> Values:
    now = house.clock()
    try:
        standing = status.look(house, tries=False)
        with house.store.reading() as tx:
            come_to = rollout.shown(tx, None, now - A_DAY)
    except StoreUnavailable:
        return DOWN
    counted = week((now - A_DAY).astimezone(UTC).date() - LAG)
    return (
        _of_all(standing, now)
        | _of_sources(standing.sources, now)
        | {"credential_ends_seconds": list(_ends(house, now))}
        | deeds({name: counts for name, counts in come_to.weeks.items() if name < counted}, house)
    )


def _of_all(standing: Standing, now: datetime) -> Values:
    workers = [((), len(standing.workers))] if standing.workers else []
    wrong = sum(one.is_off for one in standing.workers)
    backup = standing.backup
    return {
        "store_up": [((), 1)],
        "clock_believed": [((), not standing.clock)],
        "store_short": [((), bool(standing.disk))],
        "backup_age_seconds": [((), _since(backup.since, now))] if backup else [],
        "processes": list(workers),
        "processes_wrong_clock": [((), wrong)] if workers else [],
        "mailbox_up": [((), not standing.mailbox)],
        "access_logs_broken": [((), standing.broken_logs)],
        "rollout_stopped": [((), bool(standing.rests))],
        "reload_refused": [((), len(standing.refusals))],
        "mails": [((state,), standing.mails.get(state, 0)) for state in ("failed", "given_up")],
        "postings": [((state,), standing.postings.get(state, 0)) for state in ("refused", "unclear")],
    }


def _of_sources(sources: Sequence[Source], now: datetime) -> Values:
    def of_each(number: Callable[[Source], float]) -> list[Value]:
        return [((one.connection,), number(one)) for one in sources]

    return {
        "source_failing": of_each(lambda one: one.failing),
        "source_failing_seconds": of_each(lambda one: _since(one.failing_since, now)),
        "source_doubted": of_each(lambda one: one.doubted),
        "source_rests_seconds": of_each(lambda one: _longest(rest.until - now for rest in one.rests)),
    }


def _since(began: datetime | None, now: datetime) -> float:
    return 0.0 if began is None else max(0.0, (now - began).total_seconds())


def _longest(spans: Iterable[timedelta]) -> float:
    return max((span.total_seconds() for span in spans), default=0.0)


def _ends(house: House, now: datetime) -> Iterator[Value]:
    for name, day in house.ends.items():
        yield (name,), (datetime.combine(day, of_day(), UTC) - now).total_seconds()


def deeds(weeks: Mapping[str, Mapping[str, int]], house: House) -> Values:
    """Sums of the weeks in which enough people took part, as far as the sums alone can prove that.

    Takes    counts of whole weeks, whose every day was counted
    """
    sums = Counter[str]()
    for counts in weeks.values():
        # a person has seven days in a week, so that many days are of at least so many people
        if is_crowd(house, math.ceil(counts.get("days", 0) / WEEKDAYS)):
            sums.update(counts)
    if not sums:
        return {}
    answered, untouched = sums["answered"], sums["untouched"]
    return {
        "days": [(("yes",), answered), (("no",), sums["days"] - answered)],
        "drafts": [(("yes",), untouched), (("no",), sums["decided"] - untouched)],
    }
