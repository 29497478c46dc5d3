"""A faulty configuration without its faults, so that the rest of it can still be checked (P14).

Never used to run on: it only lets the checks across parts say what else is
wrong, all at once.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from config.complaints import complaints
from config.schema import Configuration
from config.text import Path_

WEEKDAYS = {"mon-fri": "09:00-17:00"}
ROUNDS = 5
"""Mending one fault can show another behind it."""


def mended(value: dict[str, Any]) -> tuple[Configuration | None, Callable[[Path_], Path_]]:
    """What is left of a configuration, and how its paths read in the file.

    Gives    None where what is wrong is too deep to be cut out
    """
    value = deepcopy(value)
    kept = list(range(len(value["rules"]))) if isinstance(value.get("rules"), list) else []

    def as_written(path: Path_) -> Path_:
        if path[:1] == ("rules",) and len(path) > 1 and isinstance(path[1], int):
            return ("rules", kept[path[1]], *path[2:])
        return path

    for _ in range(ROUNDS):
        try:
            return Configuration.model_validate(value), as_written
        except ValidationError as error:
            paths = [path for path, _ in complaints(Configuration, value, error)]
        dropped = {path[1] for path in paths if path[:1] == ("rules",) and len(path) > 1}
        if dropped:
            kept[:] = [original for number, original in enumerate(kept) if number not in dropped]
            value["rules"] = [rule for number, rule in enumerate(value["rules"]) if number not in dropped]
        for path in paths:
            if path[:1] != ("rules",) or len(path) == 1:
                _cut(value, path)
    return None, as_written


def _cut(value: dict[str, Any], path: Path_) -> None:
    """Take a fault out, keeping the name of what it was a fault of."""
    part = value.get(str(path[0])) if path else None
    match path:
        case ("schedules", name, *_):
            value["schedules"][name] = WEEKDAYS
        case ("connections", name, *_):
            value["connections"][name] = {"type": "unknown"}
        case ("projects", name, word, *_) if isinstance(value["projects"][name], dict):
            value["projects"][name].pop(word, None)
            value["projects"][name].setdefault("name", str(name))
        case ("projects", name, *_):
            value["projects"][name] = {"name": str(name)}
        case ("people", int(number), word, *_) if isinstance(part, list) and isinstance(part[number], dict):
            part[number].pop(word, None)
            part[number].setdefault("name", "somebody")
            part[number].setdefault("email", f"person-{number}@unknown.example")
        case ("reconcile", group, name, word) if group in ("teams", "roles", "people"):
            value["reconcile"][group][name].pop(word, None)
        case ("version",):
            value["version"] = 1
        case (str(top), *_):
            value.pop(top, None)
