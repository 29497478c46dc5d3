"""Titles of real work, each put on its project by what its person confirmed before it; beside three peers.

Two logs are read in the order of time, and each row is predicted from the rows before it, by the very
`recalled` and `learn` that make suggestions; then its true project is confirmed. Input is a title, its
person and its day, and nothing else: every other column of these logs is an answer or came later. The logs
are not part of this repository; they are looked for in `../shared` beside it.
"""

from __future__ import annotations

import csv
import json
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from bench import machine
from bench.installed import python_with
from bench.loop import Failed
from core.mapping import Match
from core.memory import NOTHING, Memory, learn, names
from core.model import Activity, Confidence, Draft, Suggestion
from core.recall import recalled
from core.wording import words

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
WARM = 500
"""The first rows are only learnt from, so that everybody has seen something."""
RETRAINED = 500
"""The classifier learns all earlier rows anew after as many."""
COVERAGE = 0.65
"""Part of the rows, the surest first, that methods are compared on."""
PEER = "scikit-learn==1.9.1"
A_DAY = 10
"""The issues have numbers and no dates: as many are taken for the work of one day."""
BINS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.01)

CLASSIFY = """
import json, sys
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

texts, answers, first, step = json.load(sys.stdin)
guesses = [[None, 0.0]] * first
for begin in range(first, len(texts), step):
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = LogisticRegression(C=10, max_iter=300)
    model.fit(words.fit_transform(texts[:begin]), answers[:begin])
    for chances in model.predict_proba(words.transform(texts[begin:begin + step])):
        best = chances.argmax()
        guesses.append([model.classes_[best], float(chances[best])])
json.dump(guesses, sys.stdout)
"""

Figures = dict[str, Any]


class Row(NamedTuple):
    """One task of a log."""

    person: str
    day: date
    title: str
    project: str


class Guess(NamedTuple):
    """What a method says of a row before it is told."""

    project: str | None
    certainty: float
    confidence: Confidence | None = None


def measure() -> Figures:
    """Both logs by all methods; which of them are not here."""
    found: Figures = {"machine": machine.told(), "logs": {}, "absent": []}
    for name, (file, read) in LOGS.items():
        if (CORPUS / file).exists():
            with (CORPUS / file).open(encoding="utf-8", newline="") as opened:
                found["logs"][name] = _measured(read(csv.DictReader(opened)))
        else:
            found["absent"].append(f"{name}: {file} is not in ../shared/corpus, so it was not measured.")
    return found


def table(figures: Figures) -> str:
    """The figures for people, as Markdown."""
    parts = [f"Measured on {figures['machine']}.", *figures["absent"]]
    for name, log in figures["logs"].items():
        parts += [_compared(name, log), _reliability(log)]
    return "\n\n".join(parts)


def tasks(records: Iterable[dict[str, str]]) -> list[Row]:
    """A company's tasks, a row for each developer who worked on one, by the day it was begun or estimated."""
    dated = [(one["StartedOn"] or one["EstimateOn"], one) for one in records]
    dated.sort(key=lambda one: (one[0], int(one[1]["TaskNumber"]), one[1]["DeveloperID"]))
    return [
        Row(one["DeveloperID"], date.fromisoformat(day), one["Summary"], one["ProjectCode"])
        for day, one in dated
    ]


def issues(records: Iterable[dict[str, str]]) -> list[Row]:
    """The issues of sixteen projects as one person would meet them who works on all.

    Each project's come by their number, and all projects run side by side from their first to their last.
    """
    by_project: dict[str, list[dict[str, str]]] = defaultdict(list)
    for one in sorted(records, key=lambda one: int(one["issuekey"].rpartition("-")[2])):
        by_project[one["project"]].append(one)
    mixed = sorted(
        (place / len(ones), project, one["title"])
        for project, ones in by_project.items()
        for place, one in enumerate(ones)
    )
    first = date(2026, 1, 1)
    return [
        Row("one", first + timedelta(number // A_DAY), title, project)
        for number, (_, project, title) in enumerate(mixed)
    ]


LOGS = {
    "tasks of a software house": ("timelogs/sip_tasks_part1.csv", tasks),
    "issues of 16 public projects": ("jira/issue_titles_by_project.csv", issues),
}


# --- the methods -------------------------------------------------------------------------------------------


def by_memory(rows: Sequence[Row]) -> list[Guess]:
    """Daybook: each person's own memory, asked, then told."""
    memories: dict[str, Memory] = {}
    guesses = []
    for number, row in enumerate(rows):
        memory = memories.get(row.person, NOTHING)
        start = datetime.combine(row.day, time(9), UTC)
        activity = Activity(source="log", uid=str(number), kind="touch", start=start, title=row.title[:1024])
        match = recalled(Match(), memory, activity)
        certainty = match.chosen.certainty if match.chosen else 0.0
        guesses.append(Guess(match.project, certainty, match.at_most))
        said = Suggestion(
            key=str(number), day=row.day, minutes=1, project=match.project, about=names(activity)
        )
        stands = said.model_copy(update={"project": row.project})
        confirmed = Draft(suggestion=stands, seen=said, decision="confirmed")
        memories[row.person] = learn(memory, confirmed, row.day)
    return guesses


def as_last_time(rows: Iterable[Row]) -> list[Guess]:
    """The project of the person's last task with the same title, else of their last task."""
    last: dict[tuple[str, str | None], str] = {}
    guesses = []
    for row in rows:
        title = words(row.title)
        same = last.get((row.person, title))
        guesses.append(Guess(same, 1.0) if same else Guess(last.get((row.person, None)), 0.0))
        last[row.person, title] = last[row.person, None] = row.project
    return guesses


def most_frequent(rows: Iterable[Row]) -> list[Guess]:
    """The project the person has had most often so far."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    guesses = []
    for row in rows:
        theirs = counts[row.person]
        first = theirs.most_common(1)
        guesses.append(Guess(first[0][0], first[0][1] / theirs.total()) if first else Guess(None, 0.0))
        theirs[row.project] += 1
    return guesses


def by_classifier(rows: Sequence[Row]) -> list[Guess]:
    """TF-IDF of words and pairs and logistic regression, over everybody's rows; the person is a word too."""
    texts = [f"{row.title} person{row.person}" for row in rows]
    asked = json.dumps([texts, [row.project for row in rows], WARM, RETRAINED])
    python = python_with(PEER)
    if python is None:
        raise Failed(f"{PEER} could not be installed, so there is nothing to compare with.")
    command = [python, "-c", CLASSIFY]
    told = subprocess.run([str(part) for part in command], input=asked, capture_output=True, text=True)
    if told.returncode:
        raise Failed(f"The classifier ended with {told.returncode}; nothing was measured.\n{told.stderr}")
    return [Guess(project, chance) for project, chance in json.loads(told.stdout)]


METHODS = {
    "Daybook's memory, each their own": by_memory,
    "as last time": as_last_time,
    "most frequent": most_frequent,
    "TF-IDF + logistic regression": by_classifier,
}


# --- what they come to -------------------------------------------------------------------------------------


def _measured(rows: Sequence[Row]) -> Figures:
    scored = {}
    for name, method in METHODS.items():
        guesses = [*zip(method(rows), (row.project for row in rows), strict=True)][WARM:]
        guesses.sort(key=lambda one: -one[0].certainty)
        scored[name] = guesses
    ours = scored[next(iter(METHODS))]
    words_of_ours = {
        word: [guess.project == truth for guess, truth in ours if guess.confidence == word]
        for word in ("sure", "likely", "unsure")
    }
    sure = len(words_of_ours["sure"]) / len(ours)
    return {
        "rows": len(rows),
        "people": len({row.person for row in rows}),
        "projects": len({row.project for row in rows}),
        "sure": sure,
        "methods": {
            name: [_precision(guesses, part) for part in (1.0, COVERAGE, sure)]
            for name, guesses in scored.items()
        },
        "words": {
            word: [len(right) / len(ours), sum(right) / len(right)]
            for word, right in words_of_ours.items()
            if right
        },
        "bins": [_bin(ours, low, high) for low, high in pairwise(BINS)],
    }


def _bin(guesses: Sequence[tuple[Guess, str]], low: float, high: float) -> list[float]:
    """Of the guesses this certain: how many, how certain, and how many are right."""
    inside = [(guess, truth) for guess, truth in guesses if low <= guess.certainty < high]
    said = sum(guess.certainty for guess, _ in inside) / max(1, len(inside))
    return [low, high, len(inside), said, _precision(inside, 1.0)]


def _precision(guesses: Sequence[tuple[Guess, str]], part: float) -> float:
    """How many of the surest are right."""
    surest = guesses[: round(len(guesses) * part)]
    return sum(guess.project == truth for guess, truth in surest) / max(1, len(surest))


def _compared(name: str, log: Figures) -> str:
    head = ["right", "of all", f"of the surest {COVERAGE:.0%}", f"of the surest {log['sure']:.0%}"]
    lines = [
        f"The {name}: {log['rows']:,} rows on {log['projects']} projects, people: {log['people']}.",
        "",
        f"| {' | '.join(head)} |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {method} | {' | '.join(f'{value:.3f}' for value in values)} |"
            for method, values in log["methods"].items()
        ),
        "",
        "; ".join(
            f"called *{word}*: {part:.0%} of the rows, of which {right:.1%} came true"
            for word, (part, right) in log["words"].items()
        )
        + ".",
    ]
    return "\n".join(lines)


def _reliability(log: Figures) -> str:
    return "\n".join(
        [
            "| certainty | rows | said on average | came true |",
            "| --- | ---: | ---: | ---: |",
            *(
                f"| {low:.2f} to {min(high, 1):.2f} | {rows:,} | {said:.2f} | {right:.2f} |"
                for low, high, rows, said, right in log["bins"]
            ),
        ]
    )
