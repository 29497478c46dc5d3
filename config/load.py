"""The configuration, or every problem in it at once (P14).

Reading, secrets, models and the checks across parts each add their problems;
only a file without any becomes a Configuration. A connector's own settings are
checked by the model it hands over, so this room knows no connector.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from config.across import across
from config.complaints import SETTINGS, complaints, either, nearest
from config.partial import mended
from config.reported import with_readers
from config.schema import Configuration
from config.secrets import Missing, Resolve, filled, left_alone
from config.text import MOST_IN_ALL, Document, Path_, Place, Problem, read, spoken, weight

M = TypeVar("M", bound=BaseModel)

MOST_SHOWN = 50
"""Problems in one message; who has more of them has one mistake, made often."""
WIDEST = 160
"""Characters shown of an offending line."""
TAB, UNSEEN = "\N{RIGHTWARDS ARROW}", "\N{REPLACEMENT CHARACTER}"
"""What stands for what has no width, or would do something to a terminal."""

INCLUDABLE = ("people", "policy", "projects", "rules", "schedules")
WHOLE = ("policy",)
"""What stands in one file as a whole."""
LISTS = {(name,) for name in INCLUDABLE if name not in WHOLE}


class Unfit(Exception):
    """The configuration cannot be used; the message lists every problem."""

    def __init__(self, file: Path, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        count = f"{len(self.problems)} problem" + "s" * (len(self.problems) != 1)
        lines = [f"{file}: {count}.", *map(_shown, self.problems[:MOST_SHOWN])]
        if len(self.problems) > MOST_SHOWN:
            lines.append(f"  ... and {len(self.problems) - MOST_SHOWN} more.")
        super().__init__("\n".join(lines))


class Type(Protocol):
    """What the loader must know of a connector."""

    Settings: type[BaseModel]
    tracks: Mapping[str, str]


@dataclass(frozen=True)
class Loaded:
    """A configuration and the settings of its connections, by name."""

    configuration: Configuration
    settings: Mapping[str, BaseModel]
    document: Document
    secrets: frozenset[Path] = frozenset()
    """The files that the secrets in it were read from."""

    def problem(self, path: Path_, sentence: str) -> Problem:
        """A problem that only shows beside what is stored, at its place in the file."""
        return problem_at(self.document, path, sentence)

    def at_large(self) -> Loaded:
        """Without the place of each person and rule: of thousands, those take more memory than they do."""
        places = {path: place for path, place in self.document.places.items() if path[:1] not in LISTS}
        return replace(self, document=replace(self.document, places=places))


def load(file: Path, types: Mapping[str, Type] | None = None, resolve: Resolve = left_alone) -> Loaded:
    """Read one configuration with its includes.

    Takes    types: the connectors installed here by name; None leaves connections unchecked
    Raises   Unfit, with every problem by file, line and column; OSError
    """
    document = _with_includes(read(file), file)
    problems = list(document.problems)
    if not isinstance(document.value, dict):
        if document.value is None and problems:
            raise Unfit(file, problems)
        said = f"{SETTINGS}, like `version: 1`."
        problems.append(Problem(Place(str(file), 1, 1), "the file", said))
        raise Unfit(file, problems)
    if not document.value and not problems:
        raise Unfit(file, [Problem(Place(str(file), 1, 1), "the file", "holds no settings at all.")])
    value = _with_secrets(document, resolve, problems)
    _place_rules(value, document, file, problems)
    configuration = checked(Configuration, value, (), document, problems)
    settings = {} if types is None else _settings(value, types, document, problems)
    whole, number_of = (configuration, None) if configuration else mended(value)
    if isinstance(whole, Configuration):
        for path, sentence in across(whole, types):
            problems.append(problem_at(document, number_of(path) if number_of else path, sentence))
    if problems or configuration is None:
        raise Unfit(file, problems)
    return Loaded(with_readers(configuration), settings, document)


# --- parts -------------------------------------------------------------------------------------------------


def _with_includes(document: Document, file: Path) -> Document:
    """The document with the lists of its includes added; each part keeps its own place."""
    if not isinstance(document.value, dict):
        return document
    names, wanted = document.value.get("include"), dict[str, Path]()
    for number, name in enumerate(names if isinstance(names, list) else ()):
        try:
            wanted[str(name)] = _includable(file, str(name), wanted.values())
        except (OSError, Misplaced) as error:
            why = f"which cannot be read ({error.strerror})." if isinstance(error, OSError) else str(error)
            document.problems.append(problem_at(document, ("include", number), f"names {name}, {why}"))
    if sum(map(weight, (file, *wanted.values()))) > MOST_IN_ALL:
        many = "names more than Daybook reads of one configuration: 10,000 rules and 6,000 people fit."
        document.problems.append(problem_at(document, ("include",), many))
        return document
    for name, included in wanted.items():
        part = read(included, name)
        document.problems.extend(part.problems)
        document.lines |= part.lines
        _add(document, part, name)
    return document


class Misplaced(Exception):
    """A file that is no include, whatever stands in it; the message is the end of a sentence."""


def _includable(main: Path, name: str, others: Iterable[Path]) -> Path:
    """Where an include stands.

    Takes    others: the includes before it
    Raises   Misplaced; OSError where it cannot be read
    """
    file = main.parent / name
    real, seen = file.resolve(), file.stat()
    if not Path(name).is_absolute() and not real.is_relative_to(main.parent.resolve()):
        raise Misplaced("which leads out of the folder of this file. Name it by its whole path, from / on.")
    if not stat.S_ISREG(seen.st_mode):
        raise Misplaced("which is no file.")
    if Path(name).is_absolute() and (seen.st_uid not in (0, os.geteuid()) or seen.st_mode & stat.S_IWOTH):
        raise Misplaced("which others can write. Let it belong to Daybook's account or to root alone.")
    if real in {one.resolve() for one in (main, *others)}:
        raise Misplaced("which is read already. Name each file once.")
    file.open("rb").close()
    return file


def _add(document: Document, part: Document, name: str) -> None:
    if part.value is None and part.problems:
        return
    if not isinstance(part.value, dict):
        document.problems.append(Problem(Place(name, 1, 1), "the file", f"must hold {either(INCLUDABLE)}."))
        return
    for key, value in part.value.items():
        here = part.places[(key,)]
        whole = document.value.get(key)
        if key not in INCLUDABLE:
            document.problems.append(
                Problem(here, key, f"belongs into the main file; an include may hold {either(INCLUDABLE)}.")
            )
        elif whole is None:
            document.value[key] = value
            document.places[(key,)] = here
            _move(document, part, key, 0)
        elif key in WHOLE:
            document.problems.append(Problem(here, key, "is already set in another file."))
        elif isinstance(whole, list) and isinstance(value, list):
            _move(document, part, key, len(whole))
            whole.extend(value)
        elif isinstance(whole, dict) and isinstance(value, dict):
            for twice in whole.keys() & value.keys():
                document.problems.append(
                    Problem(part.places[(key, twice)], f"{key}.{twice}", "is already set in another file.")
                )
            _move(document, part, key, 0)
            whole.update(value)
        else:
            document.problems.append(Problem(here, key, "has another shape than in the main file."))


def _move(document: Document, part: Document, key: str, by: int) -> None:
    for path, place in part.places.items():
        if path[:1] == (key,) and len(path) > 1:
            second = path[1] + by if isinstance(path[1], int) else path[1]
            document.places[(key, second, *path[2:])] = place


def _with_secrets(document: Document, resolve: Resolve, problems: list[Problem]) -> Any:
    """The value with secrets filled in where they may stand; a missing one is a problem."""

    def fill(value: Any, path: Path_) -> Any:
        if isinstance(value, dict):
            return {key: fill(part, (*path, key)) for key, part in value.items()}
        if isinstance(value, list):
            return [fill(part, (*path, number)) for number, part in enumerate(value)]
        if isinstance(value, str) and "${" in value:
            try:
                return filled(value, resolve)
            except Missing as missing:
                problems.append(problem_at(document, path, f"{missing}."))
        return value

    parts = ("connections", "mail", "page", "store")
    return {key: fill(part, (key,)) if key in parts else part for key, part in document.value.items()}


def _place_rules(value: dict[str, Any], document: Document, main: Path, problems: list[Problem]) -> None:
    """Each rule learns its file and line, so that a because can cite them."""
    for number, rule in enumerate(value["rules"] if isinstance(value.get("rules"), list) else ()):
        if isinstance(rule, dict):
            for word in ("file", "line"):
                if word in rule:
                    here = ("rules", number, word)
                    problems.append(problem_at(document, here, "is not a word Daybook knows."))
            place = document.places["rules", number]
            rule["file"] = main.name if place.file == str(main) else place.file
            rule["line"] = place.line


def _settings(
    value: dict[str, Any], types: Mapping[str, Type], document: Document, problems: list[Problem]
) -> dict[str, BaseModel]:
    """The settings of each connection, checked by the model of its connector."""
    settings: dict[str, BaseModel] = {}
    connections = value.get("connections")
    for name, part in (connections if isinstance(connections, dict) else {}).items():
        if not isinstance(part, dict) or not isinstance(part.get("type"), str):
            continue  # said by the model already
        kind = part["type"]
        if kind not in types:
            sentence = f"is {kind!r}; installed are {either(types)}.{nearest(kind, types)}"
            problems.append(problem_at(document, ("connections", name, "type"), sentence))
            continue
        rest = {key: word for key, word in part.items() if key != "type"}
        if found := checked(types[kind].Settings, rest, ("connections", name), document, problems):
            settings[name] = found
    return settings


def checked(model: type[M], value: Any, at: Path_, document: Document, problems: list[Problem]) -> M | None:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for path, sentence in complaints(model, value, error):
            problems.append(problem_at(document, (*at, *path), sentence))
        return None


def problem_at(document: Document, path: Path_, sentence: str) -> Problem:
    """A problem at the nearest place that stands in a file."""
    path = _as_listed(document, path)
    found = path
    while found and found not in document.places:
        found = found[:-1]
    place = document.places.get(found, Place("", 1, 1))
    return Problem(place, spoken(path), sentence, document.line(place))


def _as_listed(document: Document, path: Path_) -> Path_:
    """The path without the number of what stands alone where a list is allowed."""
    written: Path_ = ()
    for part in path:
        if isinstance(part, str) or (*written, part) in document.places:
            written = (*written, part)
    return written


def _shown(problem: Problem) -> str:
    place = f"{problem.place.file}:{problem.place.line}:{problem.place.column}"
    lines = ("", *_pointed(problem.source, problem.place.column)) if problem.source.strip() else ()
    return f"  {place}  {problem.what}  {problem.sentence}" + "\n        | ".join(lines)


def _pointed(line: str, column: int) -> tuple[str, str]:
    """What can be shown of a line, and a mark under its column; a tab is as wide as it is counted."""
    line = line.rstrip(" ")
    left_out = max(column - WIDEST // 2, 0) if len(line) > WIDEST else 0
    before, after = "... " * bool(left_out), " ..." * (len(line) > left_out + WIDEST)
    seen = "".join(
        sign if sign.isprintable() else TAB if sign == "\t" else UNSEEN
        for sign in line[left_out : left_out + WIDEST]
    )
    mark = " " * (len(before) + column - 1 - left_out) + "^"
    return f"{before}{seen}{after}", mark
