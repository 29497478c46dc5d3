"""A page of ours as a row for the bare one: all that its template shows, as it shows it."""

from __future__ import annotations

import asyncio
import hmac
import pickle
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import httpx

from daybook.house import House
from daybook.page import door, render
from daybook.page.app import create

KEY = b"of nobody"
ROOMS = ("core", "config", "daybook")


def written(folder: Path, house: House, paths: Sequence[str]) -> None:
    """Keep the page at the first of these paths, ready to be shown, for all of them."""
    with patch.object(door, "page", wraps=render.page) as page:
        asyncio.run(_opened(house, paths[0]))
    (template, _), shown = page.call_args
    del shown["stated"]  # what a form brought, and nobody sent one
    row = (template, pickle.dumps(_plain(shown, {})))
    with sqlite3.connect(folder / "bare.db") as database:
        database.execute("create table day (token blob primary key, template text, shown blob)")
        marks = (mark(path.rpartition("/")[2]) for path in paths)
        database.executemany("insert into day values (?, ?, ?)", ((mark, *row) for mark in marks))
    database.close()


async def _opened(house: House, path: str) -> None:
    transport = httpx.ASGITransport(create(house))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as browser:
        (await browser.get(path)).raise_for_status()


def mark(token: str) -> bytes:
    return hmac.digest(KEY, token.encode(), "sha256")


def _plain(value: Any, known: dict[int, Any]) -> Any:
    """Nouns of ours as bags of what they say; the same one is the same bag."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return {name: _plain(one, known) for name, one in value.items()}
    if isinstance(value, list | tuple | frozenset) and not hasattr(value, "_fields"):
        return [_plain(one, known) for one in value]
    if type(value).__module__.partition(".")[0] not in ROOMS:
        return value
    if id(value) not in known:
        said = {name: getattr(value, name) for name in dir(value) if not name.startswith(("_", "model_"))}
        known[id(value)] = SimpleNamespace(
            **{name: _plain(one, known) for name, one in said.items() if not callable(one)}
        )
    return known[id(value)]
