"""A faulty configuration without its faults, so that the rest of it can still be checked (P14).

Never used to run on: it only lets the checks across parts say what else is wrong, all at once. What is cut
from a list leaves a gap there, so that its neighbours keep the places they have in the file.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from config.complaints import complaints
from config.schema import Configuration
from config.text import Path_

ROUNDS = 10
"""Mending one fault can show another behind it, at most once for each level of the file."""

GAP = object()
IN_FULL = 100


def mended(written: dict[str, Any]) -> tuple[Configuration | None, Callable[[Path_], Path_]]:
    """What is left of a configuration, and how its paths read in the file.

    Gives    None where what is wrong is too deep to be cut out
    """
    tree = deepcopy(written)

    def as_written(path: Path_) -> Path_:
        return _counting_gaps(tree, path)

    for _ in range(ROUNDS):
        left = _without_gaps(tree)
        try:
            return Configuration.model_validate(left), as_written
        except ValidationError as error:
            faults = [as_written(path) for path, _ in complaints(Configuration, left, error)]
        for path in sorted(faults, key=len, reverse=True):
            _cut(tree, path)
    return None, as_written


def _without_gaps(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _without_gaps(inner) for key, inner in part.items()}
    if isinstance(part, list):
        return [_without_gaps(inner) for inner in part if inner is not GAP]
    return part


def _counting_gaps(tree: Any, path: Path_) -> Path_:
    found: list[str | int] = []
    for part in path:
        if isinstance(tree, list) and isinstance(part, int):
            part = [number for number, inner in enumerate(tree) if inner is not GAP][part]
        found.append(part)
        tree = _at(tree, part)
    return tuple(found)


def _at(tree: Any, part: str | int) -> Any:
    """What stands there; nothing where an earlier cut took it, or where one value stands for a list."""
    if isinstance(tree, dict):
        return tree.get(part)
    if isinstance(tree, list) and isinstance(part, int):
        return tree[part]
    return tree if isinstance(part, int) else None


def _cut(tree: dict[str, Any], path: Path_) -> None:
    """Take one fault out, and of what it was a fault of as little as can be."""
    holder: Any = tree
    for part in path[:-1]:
        holder = _at(holder, part)
    match path, holder:
        case ("rules", int(), "when"), dict():
            holder["when"] = {}
        case ((("projects", _, "share") | ("rules", _, "then", "share")), {"share": dict(share)}) if _uneven(
            share
        ):
            share.update(dict.fromkeys(share, IN_FULL))
        case ((("projects", _, "share", _) | ("rules", _, "then", "share", _)), dict()) if _uneven(holder):
            holder.update(dict.fromkeys(holder, IN_FULL))
        case ("rules", int(), "then"), {"then": {"ignore": _, **said}} if said:
            holder["then"] = said
        case (("schedules" | "connections" | "projects"), str(name)), dict():
            holder[name] = _stand_in(path)
        case (*_, int(number)), list():
            holder[number] = GAP
        case (*_, last), dict() if last in holder:
            del holder[last]
        case (*_, last), dict() if given := _required(path):
            holder[last] = given
        case (*above, _), dict():
            _cut(tree, tuple(above))
    if path[:1] == ("rules",) and path[2:3] == ("when",):
        _tell_apart(tree, path)


def _uneven(share: dict[str, Any]) -> bool:
    return any(percent != IN_FULL for percent in share.values())


def _stand_in(path: Path_) -> dict[str, str]:
    """What others refer to by its name keeps that name."""
    match path:
        case ("schedules", _):
            return {"mon-fri": "09:00-17:00"}
        case ("connections", _):
            return {"type": "unknown"}
    return {"name": str(path[-1])}


def _required(path: Path_) -> Any:
    match path:
        case ("version",):
            return 1
        case ("projects" | "people", name, "name"):
            return str(name)
        case ("people", number, "email"):
            return f"person-{number}@unknown.example"
        case ("people", _, "before", _, "until"):
            return "2000-01-01"
        case ("connections", _, "type"):
            return "unknown"
        case ("rules", number, "name"):
            return f"rule {number}"
        case ("rules", _, "then"):
            return {"ignore": True}
    return None


def _tell_apart(tree: dict[str, Any], path: Path_) -> None:
    """A rule without one of its conditions must not look like another, or as if it held for everything."""
    when = _at(_at(_at(tree, "rules"), path[1]), "when")
    if isinstance(when, dict):
        when["series"] = {"exact": f"unknown {path[1]}"}
