"""How Daybook compares text: as people mean it, not as bytes.

Two texts are the same when they differ only in case or in how Unicode spells them. A title is a row of
words, and whatever is neither letter, digit nor accent stands between words: `stand up` is in "Stand-up!",
*Food* is not in "FoodTruck", and `C++` asks for no more than the word C. Scripts without dependable spaces
(Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese) have no word edges to respect: there each character
counts as a word, so 会議 is found inside 週次会議.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

import re2

# The prolonged sound mark ー belongs to no script, and would otherwise be a letter of the word before it.
_UNSPACED = re2.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}ー\p{Bopomofo}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
)


class _Edges(dict[int, str]):
    """What `str.translate` makes of each character: a part of a word, a word of its own, or a space."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if unicodedata.category(character)[0] not in "LNM":
            made = " "
        else:
            made = f" {character} " if _UNSPACED.fullmatch(character) else character
        if code < 0x10000:  # all that people write every day; the rarer ones shall not fill the memory
            self[code] = made
        return made


_EDGES = _Edges()
_EDGES_ASCII = "".join(_EDGES[code] for code in range(128))
"""The same for plain titles, three times as fast."""

# No keys: WEB-012 (a zero in front), WEB-12-1 and MY-WEB-1 (parts of longer names), web-12.example (a host).
_ISSUE_KEY = re.compile(r"(?<![\w.-])([A-Za-z][A-Za-z0-9_]+)-([1-9][0-9]{0,8})(?!\w|-\d|\.\w)")


def same_spelling(text: str) -> str:
    """The text with each accented letter spelled one way; case and everything else untouched."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """What two texts have in common when only case, width or spelling of accents tells them apart."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def words(text: str) -> str:
    """The words of a text, folded, a space on both sides of each; a row of words is then a plain substring.

    Gives    " acme weekly call " for "ACME: weekly call"; "" where there is no word
    """
    folded = fold(text)
    found = folded.translate(_EDGES_ASCII if folded.isascii() else _EDGES).split()
    return f" {' '.join(found)} " if found else ""


def project_key(task: str | None, container: str | None) -> str | None:
    """The key that the names of a container's tasks begin with, in upper case: WEB of WEB-12 in WEB."""
    key = (container or "").upper()
    return key if key and (task or "").upper().startswith(f"{key}-") else None


def issue_key(title: str, containers: Collection[str]) -> str | None:
    """The first issue key in a title whose project exists at the source.

    Takes    the project keys of the source, in upper case; without them COVID-19 and UTF-8 would be issues
    Gives    `WEB-12`, in upper case
    """
    if not containers:
        return None
    for project, number in _ISSUE_KEY.findall(title):
        if project.upper() in containers:
            return f"{project.upper()}-{number}"
    return None
