"""A sentence that remembers its form and what fills it in, so that it can be said in another language.

Core speaks English and knows no other language. To everybody who asks no further a Said is that English text;
who shows it to somebody looks its form up in their language and fills in the same words.

    Said("Everything through {day} is closed.", day=date(2026, 11, 2))
    counted("{number} day", "{number} days", 3)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, TypeAlias

from pydantic import PlainSerializer, PlainValidator, SkipValidation

Sentence = SkipValidation[str]
"""A field that keeps a Said as it is; validated, it would be plain text again. As JSON it is its English."""


Word: TypeAlias = str | int | date | Sequence["Word"]
"""What fills a sentence in: text, another Said, a whole number, a day, or a list of them."""


class Said(str):
    """One sentence, in English."""

    __slots__ = ("form", "many", "words")

    form: str
    many: str | None
    """The form for more than one, where `number` is among its words."""
    words: Mapping[str, Word]

    def __new__(cls, form: str, /, **words: Word) -> Said:
        return _made(form, None, words)

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (self.form, self.many, dict(self.words))


def worded(text: str) -> str:
    """Marks the form of a sentence that stands in a module, so that the language files have it."""
    return text


def counted(one: str, many: str, number: int, /, **words: Word) -> Said:
    """A sentence in the form its number asks for; `{number}` is filled in."""
    return _made(one, many, {"number": number, **words})


def _full(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _made(form: str, many: str | None, words: Mapping[str, Word]) -> Said:
    text = form if many is None or words["number"] == 1 else many
    said = str.__new__(Said, text.format(**{name: _english(word) for name, word in words.items()}))
    said.form, said.many, said.words = form, many, words
    return said


def _english(word: object) -> object:
    match word:
        case date():
            return _full(word)
        case list() | tuple():
            return ", ".join(str(_english(one)) for one in word)
    return word


# --- written down ------------------------------------------------------------------------------------------


def written(sentence: object) -> Any:
    """A sentence as JSON has it: plain text as it is, a Said with its form and its words."""
    match sentence:
        case Said():
            words = {name: written(word) for name, word in sentence.words.items()}
            many = {} if sentence.many is None else {"many": sentence.many}
            return {"form": sentence.form, **many, "words": words}
        case date():
            return {"day": date.isoformat(sentence)}  # also of an instant: it is said as its day
        case list() | tuple():
            return [written(one) for one in sentence]
    return sentence


def read(sentence: Any) -> Any:
    """The same sentence again."""
    match sentence:
        case {"form": str(form), "words": dict(words)} if sentence.keys() <= {"form", "many", "words"}:
            return _made(form, sentence.get("many"), {name: read(word) for name, word in words.items()})
        case {"day": str(day)} if len(sentence) == 1:
            return date.fromisoformat(day)
        case list():
            return [read(one) for one in sentence]
    return sentence


def _sentence(given: Any) -> str:
    said = read(given)
    if not isinstance(said, str):
        raise ValueError("is no sentence")
    return said


Kept = Annotated[str, PlainValidator(_sentence), PlainSerializer(written, when_used="json")]
"""A field that keeps a Said as it is, also as JSON, so that whoever reads it later reads their language."""
