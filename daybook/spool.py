"""What many lines say, put in order of person and day without being held in memory.

It lies in a temporary SQLite database that has no name: what does not fit into its cache is in
a file that is unlinked from the beginning, so even a killed process leaves nothing behind.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from itertools import groupby, repeat
from operator import itemgetter
from typing import Any

from core.model import Activity, Parked
from core.sift import sift
from daybook.errors import Outside
from daybook.lines import Said

CACHE = 16 << 10
"""KiB that the database may hold in memory, and each of its sorts."""

TABLE = """
    CREATE TABLE said (
        person TEXT, day INTEGER, parked INTEGER, start REAL, source TEXT, uid TEXT,
        content TEXT, same INTEGER
    )
"""
ADD = "INSERT INTO said VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
REMOVE = "DELETE FROM said WHERE rowid = ?"
CONTESTED = """
    SELECT said.rowid, person, source, uid, same, day, content FROM said
    JOIN (SELECT person, source, uid FROM said WHERE NOT parked GROUP BY 1, 2, 3 HAVING count(*) > 1)
    USING (person, source, uid)
    WHERE NOT parked ORDER BY person, source, uid, same, content
"""
IN_ORDER = "SELECT person, day, parked, uid, content FROM said ORDER BY 1, 2, 3, start, source, uid, content"

NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
PRIMARY = 0xFF
"""The part of an SQLite error code that its detailed forms share."""

Row = tuple[Any, ...]


def in_order(lines: Iterable[Said]) -> Iterator[Said]:
    """The same by person and day, first what counts, by its start: each activity once, the others parked.

    Takes    lines in any order, which decides nothing (P9)
    Raises   Outside where there is no room for the temporary file
    """
    with _in_words(), closing(sqlite3.connect("")) as spool:
        spool.executescript(f"PRAGMA journal_mode = OFF; PRAGMA cache_size = -{CACHE}; {TABLE}")
        spool.executemany(ADD, map(_row, lines))
        for _, versions in groupby(spool.execute(CONTESTED), key=itemgetter(1, 2, 3)):
            _settle(spool, versions)
        for person, day, parked, uid, content in spool.execute(IN_ORDER):
            what = Parked(uid=uid, why=content) if parked else Activity.model_validate_json(content)
            yield Said(person, date.fromordinal(day), what)


def _row(said: Said) -> Row:
    place, what = (said.person, said.day.toordinal()), said.what
    if isinstance(what, Parked):
        return (*place, True, 0, "", what.uid, what.why, 0)
    content = what.model_dump_json(exclude_defaults=True)
    # Equal activities have equal hashes, also where one gives its times in another offset.
    return (*place, False, what.start.timestamp(), what.source, what.uid, content, hash(what))


def _settle(spool: sqlite3.Connection, versions: Iterator[Row]) -> None:
    """Of one identity leave what stands, and park each other thing that is said on the day of that."""
    number, person, *_, seen, day, content = next(versions)
    stands, contradictions = Activity.model_validate_json(content), Counter[Parked]()
    for other, _, _, _, same, its_day, content in versions:
        loser, said = other, Activity.model_validate_json(content)
        if same != seen:
            (stands, *_), parked = sift([stands, said])
            contradictions.update(parked)
            if stands is said:
                loser, number, day = number, other, its_day
        seen = same
        spool.execute(REMOVE, (loser,))
    for contradiction, count in contradictions.items():
        spool.executemany(ADD, repeat(_row(Said(person, date.fromordinal(day), contradiction)), count))


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & PRIMARY not in NO_ROOM:
            raise  # a mistake of ours
        raise Outside(
            f"The temporary file could not be written ({error}). Nothing was saved. "
            "Make room for it, or name another folder with SQLITE_TMPDIR."
        ) from None
