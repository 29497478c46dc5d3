"""YAML as people mean it: a value and the place of every part of it.

Stricter than YAML on purpose. No aliases (a kilobyte of them grows to
gigabytes), no tags, no key twice, at most 1 MiB and so many values. YAML 1.2, so `12:30` is a time
and not 750, and `no` is a word.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

LARGEST = 1024 * 1024
MARKS = ":,-[{\n"
MOST_MARKS = 90_000
"""What 6,000 people need. Each may cost the parser 1 kB and 30 us, so nothing larger is given to it."""
MOST_IN_ALL = 250_000
"""Of a file and its includes: what 10,000 rules and 6,000 people need."""
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
BREAKS = re.compile("\r\n?|\n")
"""Where a line ends for YAML; str.splitlines knows more of them."""
DEEPEST = 40
LONGEST_NUMBER = 18
"""Digits; whatever has more is no number anybody counts with."""

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Place:
    """A position in a file, counted from 1 as editors do."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, order=True)
class Problem:
    """One thing an administrator must mend, and where it stands."""

    place: Place
    what: str
    """The path of the setting, as written: rules[2].when."""
    sentence: str
    source: str = ""
    """The offending line."""


@dataclass
class Document:
    """What one file says, and where each part of it was said."""

    value: Any
    """None, beside its problem, where the file cannot be read at all."""
    places: dict[Path_, Place]
    """Where each value starts; for a key of a mapping, where the key stands."""
    problems: list[Problem]
    lines: dict[str, list[str]] = field(default_factory=dict)
    """The lines of each file it was read from."""

    def line(self, place: Place) -> str:
        lines = self.lines.get(place.file, [])
        return lines[place.line - 1] if place.line <= len(lines) else ""


def spoken(path: Path_) -> str:
    """A path as an administrator reads it: ("rules", 2, "when") -> rules[2].when."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "the file"


def weight(file: Path) -> int:
    """How much the parser has to do with a file, which is quickly known."""
    with file.open("rb") as stream:
        raw = stream.read(LARGEST)
    return sum(raw.count(mark.encode()) for mark in MARKS)


def read(file: Path, name: str | None = None) -> Document:
    """The file's value, its places, and what makes it unfit as YAML.

    Raises   OSError where there is nothing to read
    """
    name = name or str(file)
    start = Place(name, 1, 1)
    with file.open("rb") as stream:
        raw = stream.read(LARGEST + 1)
    if len(raw) > LARGEST:
        return _unfit(
            start, "is larger than 1 MiB. Move long lists to files of their own and name them under include."
        )
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        before = raw[raw.rfind(b"\n", 0, error.start) + 1 : error.start]
        place = Place(name, line, len(before.decode()) + 1)
        said = "is not UTF-8 text. Save the file as UTF-8."
        return _unfit(place, said, _line(raw.decode("utf-8", "replace"), place))
    if unseen := UNSEEN.search(text):
        line = text.count("\n", 0, unseen.start()) + 1
        place = Place(name, line, unseen.start() - text.rfind("\n", 0, unseen.start()))
        said = f"holds a character that cannot be seen (U+{ord(unseen[0]):04X}). Delete it."
        return _unfit(place, said, _line(text, place))
    if sum(map(text.count, MARKS)) > MOST_MARKS:
        return _unfit(
            start, "holds too much. Move long lists to files of their own and name them under include."
        )
    try:
        root = YAML(typ="safe", pure=True).compose(text)  # the other kinds keep comments, at a quarter more
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(name, mark.line + 1, mark.column + 1) if mark else start
        said = _plain(str(error.problem or error.context or "is not YAML")) + _left_open(error)
        return _unfit(place, said, _line(text, place))
    except (YAMLError, ValueError) as error:
        return _unfit(start, _plain(str(error).splitlines()[0]))
    except RecursionError:
        return _unfit(start, "is nested too deeply to be a configuration.")
    reader = _Reader(name, BREAKS.split(text))
    reader.places[()] = start
    value = reader.take(root, ()) if root is not None else {}
    return Document(value, reader.places, reader.problems, {name: reader.lines})


LEFT_OPEN = (
    "while parsing a flow mapping",
    "while parsing a flow sequence",
    "while scanning a quoted scalar",
)
"""How ruamel.yaml says that it was inside brackets or quotes."""


def _unfit(place: Place, sentence: str, source: str = "") -> Document:
    return Document(None, {(): place}, [Problem(place, "the file", sentence, source)])


def _line(text: str, place: Place) -> str:
    lines = BREAKS.split(text)
    return lines[place.line - 1] if place.line <= len(lines) else ""


def _left_open(error: MarkedYAMLError) -> str:
    """Where a bracket or a quote was opened whose end is missed lines later."""
    began, noticed = error.context_mark, error.problem_mark
    if not began or not noticed or began.line == noticed.line or error.context not in LEFT_OPEN:
        return ""
    return f" What was opened in line {began.line + 1} is perhaps not closed."


PLAINLY = {
    "\\t": "has a tab where YAML wants spaces.",
    "end of stream": "ends in the middle of a setting. Is the file whole?",
    "<stream end>": "ends in the middle of a setting. Is the file whole?",
    "mapping values": "has a colon where none can be. Does it begin where its neighbours do, and has the "
    "line before its colon? Text with a colon in it needs quotes.",
    "expected ':'": "lacks a colon after the name of a setting, here or in the line before.",
    "<block end>": "begins further in or out than its neighbours.",
    "cannot start any token": "has text that begins with a sign YAML knows. Put the text into quotes.",
    "undefined alias": "has an alias (*). Write it out: aliases are not allowed.",
    "another document": "begins a second document (---). There is one.",
    "unknown escape": "has a backslash in double quotes. Put the text into single ones.",
}
"""What ruamel.yaml says, and what is said instead."""


def _plain(problem: str) -> str:
    said = (plain for part, plain in PLAINLY.items() if part in problem)
    return next(said, f"cannot be read as YAML: {problem}.")


class _Reader:
    def __init__(self, name: str, lines: list[str]) -> None:
        self.name, self.lines = name, lines
        self.places: dict[Path_, Place] = {}
        self.problems: list[Problem] = []
        self.anchored: set[Node] = set()

    def take(self, node: Node, path: Path_) -> Any:
        place = self._place(node)
        self.places.setdefault(path, place)
        if node.anchor:
            if node in self.anchored:  # an alias is the same node again: never walked twice
                return None
            self.anchored.add(node)
            self._refuse(
                place, path, "has an anchor (&). Write it out where it is used: aliases are not allowed."
            )
        if len(path) > DEEPEST:
            self._refuse(place, path, "is nested too deeply to be a configuration.")
            return None
        match node:
            case MappingNode():
                return self._mapping(node, path)
            case SequenceNode():
                return [self.take(item, (*path, number)) for number, item in enumerate(node.value)]
            case ScalarNode():
                return self._scalar(node, path)
        raise AssertionError(node)

    def _mapping(self, node: MappingNode, path: Path_) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._refuse(self._place(key_node), path, "has a list where the name of a setting belongs.")
                continue
            key = str(key_node.value)
            here = (*path, key)
            if key in value:
                first = self.places[here].line
                self._refuse(self._place(key_node), here, f"stands here a second time, after line {first}.")
                continue
            self.places[here] = self._place(key_node)
            value[key] = self.take(value_node, here)
        return value

    def _scalar(self, node: ScalarNode, path: Path_) -> Any:
        match str(node.tag).removeprefix("tag:yaml.org,2002:"):
            case "str":
                return node.value
            case "null":
                return None
            case "bool":
                return node.value.lower() == "true"
            case "int":
                return _whole(node.value)
            case "float":
                return float(node.value.replace("_", ""))
            case "timestamp":
                return node.value
            case tag:
                self._refuse(self._place(node), path, f"has the tag {tag}. Tags are not allowed here.")
                return None

    def _place(self, node: Node) -> Place:
        return Place(self.name, node.start_mark.line + 1, node.start_mark.column + 1)

    def _refuse(self, place: Place, path: Path_, sentence: str) -> None:
        source = self.lines[place.line - 1] if place.line <= len(self.lines) else ""
        self.problems.append(Problem(place, spoken(path), sentence, source))


def _whole(text: str) -> int | str:
    """`0123` stays text: a leading zero is an account number, not arithmetic."""
    digits = text.replace("_", "").lstrip("+-")
    is_number = digits == "0" or (digits.isdigit() and not digits.startswith("0"))
    is_number = is_number and len(digits) <= LONGEST_NUMBER
    return int(text.replace("_", "")) if is_number else text
