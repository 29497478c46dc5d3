"""The map of the code: each module's own first sentence, so that it cannot go stale."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOMS = ("core", "config", "connectors", "daybook")


def told(root: Path) -> str:
    """Every module of the four rooms; a package inside a room takes one line."""
    return "\n".join(line for room in ROOMS for line in _room(root, root / room)).strip()


def _room(root: Path, room: Path) -> Iterator[str]:
    yield f"\n### {room.name}/\n"
    yield f"{sentence(room / '__init__.py')}\n"
    for path in sorted(room.iterdir(), key=lambda path: (path.is_dir(), path.name)):
        where = path.relative_to(root).as_posix()
        if path.suffix == ".py" and path.name != "__init__.py":
            yield f"- [`{path.name}`]({where}) {sentence(path)}"
        elif (path / "__init__.py").is_file():
            inside = ", ".join(f"`{module}`" for module in _modules(path))
            yield f"- [`{path.name}/`]({where}) {sentence(path / '__init__.py')} {inside}"


def _modules(package: Path) -> list[str]:
    found = [path.relative_to(package).with_suffix("") for path in package.rglob("*.py")]
    return sorted(".".join(path.parts) for path in found if path.name != "__init__")


def sentence(module: Path) -> str:
    """The first sentence of a module's docstring, on one line."""
    words = ast.get_docstring(ast.parse(module.read_text("utf-8"))) or ""
    line = " ".join(words.partition("\n\n")[0].split())
    first, stop, _ = line.partition(". ")
    return first + stop.strip()
