"""The file of one language: read as it stands, and as what can be spoken of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

_FILLED_IN = re.compile(r"\{\w*\}|%\(\w+\)s|%s|%d")


def read(file: Path) -> Catalog:
    """All that stands in it."""
    with file.open("rb") as stream:
        return read_po(stream, locale=file.stem.replace("-", "_"))


def texts(file: Path) -> GNUTranslations:
    """What can be said by it; what is filled in otherwise than the English is left out."""
    catalog = read(file)
    for message in list(catalog):
        if message.id and message.string and not fits(message.id, message.string):
            catalog.delete(message.id, message.context)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


def filled_in(text: str) -> set[str]:
    """What a text has places for."""
    return set(_FILLED_IN.findall(text))


def fits(ours: str | Sequence[str], theirs: str | Sequence[str]) -> bool:
    """Whether a translation has the places of the text it translates; `{number}` may be a word."""
    said = (theirs,) if isinstance(theirs, str) else theirs
    if isinstance(ours, str):
        return all(filled_in(one) == filled_in(ours) for one in said)
    free = {"{number}", "%(num)s", "%(count)s"}
    return all(filled_in(one) | free == filled_in(ours[-1]) | free for one in said)
