"""What people typed into a tool, as one plain line that is safe to store, mail and show (S-07, W-07)."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 1024
"""Of a title: what the nouns hold."""
BIDI = dict.fromkeys(
    map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
)
"""Marks that turn text around: with one of them in a title, `10 min` can be shown as something else."""
BREAKS = frozenset({"Cc", "Zl", "Zp"})
ESCAPE = re.compile(
    r"\\(?:uD[89AB][0-9A-F]{2}\\uD[C-F][0-9A-F]{2}|(uD[89A-F][0-9A-F]{2})|.)", re.ASCII | re.IGNORECASE
)
"""In JSON; its group is one that names half a character."""


def plain(text: str, longest: int = LONGEST) -> str:
    """One line without control characters, marks of direction or halves of characters, cut at `longest`."""
    if not text.isascii() or not text.isprintable():
        kept = text[: 4 * longest].translate(BIDI)  # five megabytes of title are cut before they are read
        text = "".join(_plain(character) for character in kept)
    return " ".join(text[: 2 * longest].split())[:longest].rstrip()


def _plain(character: str) -> str:
    match unicodedata.category(character):
        case "Cs":  # half a surrogate pair: no file, mail or database takes it
            return "\ufffd"
        case category:
            return " " if category in BREAKS else character


def whole(written: bytes) -> str:
    """JSON as a tool wrote it, with a sign for each half of a character: nothing but JSON can hold one."""
    text = written.decode("utf-8-sig", "replace")
    if "\\ud" not in text and "\\uD" not in text:
        return text
    return ESCAPE.sub(lambda found: r"\ufffd" if found[1] else found[0], text)
