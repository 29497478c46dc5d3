"""What Daybook says, in the language of whom it says it to.

English is written where it is said, in the code and in the templates. Every other language is one file in
this folder, named for its language (de.po, pt-BR.po) in the form of gettext: drop one more in, and people can
be spoken to in it. What a file leaves out, or fills in otherwise than the English, is said in English.

    with speaking("de"):
        _("Booked on {project}", project="ACME")            # Gebucht auf ACME
        ngettext("{number} draft", "{number} drafts", 3)    # 3 Entwürfe
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache, lru_cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any, NamedTuple

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from core import sentences
from core.said import Said
from core.sentences import Sentences
from core.texts import Catalogue
from core.texts.english import CLOCK, COUNTED, DAY, TEXTS

FOLDER = Path(__file__).parent
SOURCE = "en"
_WISHED = re.compile(r"\s*(?P<name>[A-Za-z-]{2,35})\s*(?:;\s*q=(?P<weight>[01](?:\.\d{1,3})?))?\s*")
MOST_WISHED = 20
"""Languages of one browser; more are nobody's."""


class Language(NamedTuple):
    """One language, ready to speak."""

    name: str
    """As a page and a mail state it: de, pt-BR."""
    locale: Locale
    texts: NullTranslations
    sentences: Sentences
    """What the reconciler says in it."""


# --- which there are ---------------------------------------------------------------------------------------


def installed() -> list[str]:
    """Every language that somebody can be spoken to in."""
    return [SOURCE, *sorted(file.stem for file in FOLDER.glob("*.po"))]


def wished(header: str, otherwise: str) -> str:
    """The first of a browser's languages that there is.

    Source   RFC 9110, 12.5.4 (Accept-Language)
    """
    found = [match for part in header.split(",")[:MOST_WISHED] if (match := _WISHED.fullmatch(part))]
    found.sort(key=lambda match: -float(match["weight"] or 1))
    known = {name.lower(): name for name in installed()}
    for match in found:
        name = match["name"].lower()
        if match["weight"] and not float(match["weight"]):
            continue
        if there := known.get(name) or known.get(name.partition("-")[0]):
            return there
    return otherwise


@cache
def language(name: str) -> Language:
    """A language as its file has it; one without a file is English."""
    if name == SOURCE or not (file := FOLDER / f"{name}.po").is_file():
        return Language(SOURCE, Locale(SOURCE), NullTranslations(), sentences.ENGLISH)
    locale = Locale.parse(name, sep="-")
    from daybook.languages import files  # a house that speaks English alone reads none

    texts = files.texts(file)
    return Language(name, locale, texts, Sentences(_catalogue(texts, locale)))


def _catalogue(texts: NullTranslations, locale: Locale) -> Catalogue:
    """The reconciler's sentences: their context is their name."""

    def counted(name: str, number: int) -> str:
        return texts.npgettext(name, *COUNTED[name], number)

    clock, day = texts.pgettext("clock", CLOCK), texts.pgettext("date", DAY)
    return Catalogue(
        texts={name: texts.pgettext(name, text) for name, text in TEXTS.items()},
        counted=counted,
        clock=lambda at: str(format_time(at, clock, locale=locale)),
        date=lambda on: str(format_date(on, day, locale=locale)),
    )


# --- saying it ---------------------------------------------------------------------------------------------

_SPOKEN: ContextVar[str] = ContextVar("spoken", default=SOURCE)


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Everything said inside is said in this language."""
    before = _SPOKEN.set(name)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def spoken() -> Language:
    """The language that is being spoken."""
    return language(_SPOKEN.get())


def _(text: str, /, **words: object) -> str:
    """A sentence in the language that is being spoken, with its words filled in."""
    if isinstance(text, Said):
        return _again(text)
    said = spoken().texts.gettext(text) if text else ""  # an empty one would be the file's own header
    return said.format(**words) if words else said


def ngettext(one: str, many: str, number: int, /, **words: object) -> str:
    """A sentence in the form its number asks for; `{number}` is filled in."""
    return spoken().texts.ngettext(one, many, number).format(number=number, **words)


def pgettext(context: str, text: str, /, **words: object) -> str:
    """A sentence whose English says two things that another language tells apart."""
    said = spoken().texts.pgettext(context, text)
    return said.format(**words) if words else said


def _again(sentence: Said) -> str:
    """What core said in English."""
    words = {name: _word(word) for name, word in sentence.words.items()}
    texts = spoken().texts
    if sentence.many is None:
        return texts.gettext(sentence.form).format(**words)
    return texts.ngettext(sentence.form, sentence.many, words["number"]).format(**words)


def _word(word: Any) -> Any:
    match word:
        case Said():
            return _again(word)
        case date():
            return full_date(word)
        case list() | tuple():
            return ", ".join(str(_word(one)) for one in word)
    return word


class Later(str):
    """A sentence that stands in a module: it is looked up where it is shown, not where it is written.

    Shown by str(), an f-string, a template or format(). Whatever looks at the letters themselves sees the
    English: join, json.dumps, +, slices and ==.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return spoken().texts.gettext(str.__str__(self))

    def __format__(self, form: str) -> str:
        return format(str(self), form)

    def format(self, *words: object, **named: object) -> str:
        return str(self).format(*words, **named)


def say() -> Sentences:
    """What the reconciler says in it."""
    return spoken().sentences


# --- days and numbers --------------------------------------------------------------------------------------


def dated(day: date, form: str) -> str:
    """A day as its language writes it.

    Takes    form: a pattern of the CLDR that was looked up like a sentence
    """
    return _dated(day, form, _SPOKEN.get())


def full_date(day: date) -> str:
    return dated(day, pgettext("full date", "d MMMM y"))


@lru_cache(4096)
def _dated(day: date, form: str, name: str) -> str:
    return format_date(day, form, locale=language(name).locale)


def decimal(number: float) -> str:
    return format_decimal(number, locale=spoken().locale)
