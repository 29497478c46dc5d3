"""What an answer to one of our mails says: yes on its first line, or words for its contributor to read.

Never guessed: what is not exactly one of a few words is no yes, however friendly it sounds.
"""

from __future__ import annotations

import unicodedata
from itertools import takewhile, zip_longest

from core.model import Noun

YES = frozenset({"ok", "okay", "confirmed", "bestätigt"})
"""In every language that Daybook writes, whichever the mail was in."""
AROUND = " .!,*_\u00a0\u200b\ufeff\"'„“”«»"
"""What people and mail programs put around a word."""
QUOTES = ">"
ENDS = ("-----", "_____", "From: ", "Von: ")
INTRODUCES = frozenset({"wrote", "wrote:", "schrieb", "schrieb:"})
DATES = ("on ", "am ")
"""How the line begins that introduces what they answer, where a long address breaks it in two."""
CLOSES = frozenset(
    line.casefold()
    for line in (
        "Best", "Regards", "Best regards", "Kind regards", "Thanks", "Thank you", "Cheers", "Danke",
        "Gruß", "Grüße", "Viele Grüße", "Liebe Grüße", "Beste Grüße", "Mit freundlichen Grüßen",
        "Freundliche Grüße", "LG", "VG", "MfG",
    )
)  # fmt: skip
PROGRAMS = (("sent from ", ""), ("get outlook for ", ""), ("gesendet von ", ""), ("von meinem ", " gesendet"))
"""How the line begins and ends that a mail program puts under what people write."""
LONGEST = 2_000
"""Characters of an answer that are kept for its contributor."""


class Reply(Noun):
    """An answer, without what it quotes."""

    yes: bool
    words: str
    """What they wrote; below a yes, without what everybody's mails end with."""


def said(text: str, name: str) -> Reply:
    """What an answer says.

    Takes    text: its readable part, lines of plain text; name: of who it is from, with which they sign
    """
    lines = [unicodedata.normalize("NFC", line).strip() for line in text.splitlines()]
    first = next((number for number, line in enumerate(lines) if line.strip(AROUND)), len(lines))
    own = [
        line for line, _ in takewhile(_goes_on, zip_longest(lines[first:], lines[first + 1 :], fillvalue=""))
    ]
    yes = bool(own) and own[0].strip(AROUND).casefold() in YES
    if yes:
        unsigned = takewhile(lambda line: not _signs(line, name), own[1:])
        own = [line for line in unsigned if not _closes(line)]
    words = "\n".join(line for line in own if not line.startswith(QUOTES))
    return Reply(yes=yes, words=words.strip()[:LONGEST])


def _goes_on(lines: tuple[str, str]) -> bool:
    """Not where a signature begins, or the mail that they answer. Takes    lines: one, and the next"""
    line, after = lines
    broken = line.casefold().startswith(DATES) and "@" in after and _introduces(f"{line} {after}")
    return not (line == "--" or line.startswith(ENDS) or _introduces(line) or broken)


def _introduces(line: str) -> bool:
    return line.endswith(":") and not INTRODUCES.isdisjoint(line.casefold().split())


def _signs(line: str, name: str) -> bool:
    """Their own name, or the part of it that they go by."""
    words = [word.strip(AROUND) for word in line.casefold().split()]
    return bool(words) and {*words[:2]} <= {*name.casefold().split()}


def _closes(line: str) -> bool:
    bare = line.strip(AROUND).casefold()
    return bare in CLOSES or any(bare.startswith(begin) and bare.endswith(end) for begin, end in PROGRAMS)
