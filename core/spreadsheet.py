"""Rows as CSV that a spreadsheet shows, and never runs (S-08).

Whoever can invite somebody to a meeting writes its title, and a spreadsheet takes a cell that begins like a
formula for one. Such a cell gets an apostrophe before it, which spreadsheets read as "this is text".
"""

from __future__ import annotations

from collections.abc import Iterable

FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
"""What a cell may not begin with; the last four are the wide ones of East Asian keyboards.

Source: OWASP, CSV Injection; ASVS 5.0, 1.2.10
"""

CONTROL = ("\t", "\r", "\n", "\0")
"""Nor with these: some readers drop them and look at what follows."""


def csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """A file that spreadsheets open as it was meant.

    Gives    RFC 4180, every cell quoted; UTF-8 with the mark by which Excel knows it
    """
    lines = [header, *rows]
    text = "".join(",".join(_quoted(harmless(str(cell))) for cell in line) + "\r\n" for line in lines)
    return text.encode("utf-8-sig", errors="replace")


def harmless(cell: str) -> str:
    """The same text, begun so that it is no formula; NUL, where many readers stop, is made visible."""
    first = next((sign for sign in cell if sign.isprintable() and not sign.isspace()), "")
    marked = cell.startswith(CONTROL) or first in FORMULA
    return ("'" if marked else "") + cell.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'
