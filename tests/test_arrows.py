"""The rooms and who may know whom, read from the syntax trees (architecture.md)."""

from __future__ import annotations

import ast
import importlib.metadata
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.says import says

ROOT = Path(__file__).parents[1]
MAY_KNOW = {
    "core": {"core"},
    "config": {"config", "core"},
    "connectors": {"connectors", "core"},
    "daybook": {"daybook", "config", "connectors", "core"},
}
CORE_LIBRARIES = {"pydantic", "pydantic_core", "re2", "rapidfuzz"}
OUTSIDE_WORLD = set(
    "asyncio http io logging multiprocessing os pathlib random requests secrets select shutil signal socket "
    "sqlite3 ssl subprocess tempfile threading time urllib uuid".split()
)
VENDORS = {
    "jira": "jira",
    "asana": "asana",
    "googleapiclient": "google_calendar",
    "google": "google_calendar",
}


def modules(room: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / room).rglob("*.py")):
        yield path, ast.parse(path.read_text("utf-8"))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield node.module or ""


def top(name: str) -> str:
    return name.partition(".")[0]


@pytest.mark.parametrize("room", MAY_KNOW)
def test_a_room_knows_only_the_rooms_it_may(room):
    for path, tree in modules(room):
        known = {top(name) for name in imported(tree)} & MAY_KNOW.keys()
        assert known <= MAY_KNOW[room], path


@says(
    "No clock, no network, no database inside it",
    "The reconciler is the heart: a pure function from evidence, mappings and the contributor's own "
    "decisions",
)
def test_core_thinks_and_touches_nothing_outside():
    for path, tree in modules("core"):
        names = {top(name) for name in imported(tree)}
        foreign = names - set(sys.stdlib_module_names) - CORE_LIBRARIES - {"core", "__future__"}
        assert not foreign, f"{path} imports {foreign}"
        assert not names & OUTSIDE_WORLD, f"{path} imports {names & OUTSIDE_WORLD}"


@says("now, the time zone and the schedule come in as values")
def test_core_asks_no_clock():
    for path, tree in modules("core"):
        asked = [
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and node.attr in ("now", "today", "utcnow")
            if isinstance(node.value, ast.Name) and node.value.id in ("datetime", "date")
        ]
        assert not asked, path


def test_a_vendor_library_is_known_in_its_own_connector_only():
    for room in MAY_KNOW:
        for path, tree in modules(room):
            for name in imported(tree):
                home = VENDORS.get(top(name))
                assert home is None or path.is_relative_to(ROOT / "connectors" / home), (
                    f"{path} imports {name}"
                )


def test_a_connector_never_reads_its_stand_in():
    for path, tree in modules("connectors"):
        if "sandbox" in path.stem or path.stem.startswith("stand_in"):
            continue
        names = list(imported(tree))
        assert not [name for name in names if "sandbox" in name or "stand_in" in name], path


def test_vendor_libraries_and_database_are_not_imported_to_show_help():
    import subprocess

    script = (
        "import sys, daybook.__main__\n"
        "heavy = 'sqlalchemy jira asana googleapiclient requests starlette uvicorn pydantic'.split()\n"
        "print(sorted(set(heavy) & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert shown.stdout.strip() == "[]"


def test_no_dependency_brings_a_top_level_package_of_our_names():
    ours = {"core", "config", "connectors", "daybook"}
    owners = importlib.metadata.packages_distributions()
    for name in ours:
        assert set(owners.get(name, ["daybook-time"])) <= {"daybook-time"}
