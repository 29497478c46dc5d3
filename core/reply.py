"""What an answer to one of our mails says: yes on its first line, or words for its contributor to read.

Never guessed: what is not exactly one of a few words is no yes, however friendly it sounds.
"""

from __future__ import annotations

import unicodedata
from itertools import takewhile

from core.model import Noun

YES = frozenset({"ok", "okay", "confirmed", "bestätigt"})
"""In every language that Daybook writes, whichever the mail was in."""
AROUND = " .!,*_\u00a0"
"""What people and mail programs put around a word."""
QUOTES = ">"
ENDS = ("-----", "_____")
INTRODUCES = ("wrote:", "schrieb:")
LONGEST = 2_000
"""Characters of an answer that are kept for its contributor."""


class Reply(Noun):
    """An answer, without what it quotes."""

    yes: bool
    words: str
    """What they wrote: below a yes, only what stands directly under it; a signature comes after a gap."""


def said(text: str) -> Reply:
    """What an answer says.

    Takes    text: its readable part, lines of plain text
    """
    lines = [unicodedata.normalize("NFC", line).strip() for line in text.splitlines()]
    first = next((number for number, line in enumerate(lines) if line), len(lines))
    own = list(takewhile(lambda line: not _ends(line), lines[first:]))
    yes = bool(own) and own[0].strip(AROUND).casefold() in YES
    if yes:
        own = list(takewhile(bool, own[1:]))
    words = "\n".join(line for line in own if not line.startswith(QUOTES))
    return Reply(yes=yes, words=words.strip()[:LONGEST])


def _ends(line: str) -> bool:
    """Below it stands a signature, or the mail that they answer."""
    return line == "--" or line.startswith(ENDS) or line.endswith(INTRODUCES)
