"""A configuration as two of them are compared: by what each setting means, however it is written.

It may be kept where the file itself is not, so what is secret, and whoever is named, stand in it as marks: of
the same value under the same salt the same, and of no use for anything else. What the policy says is not
marked: everybody it is about can read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from pydantic import SecretStr
from pydantic_core import to_jsonable_python

from config.complaints import GIVEN
from config.load import Loaded
from config.schema import Configuration
from config.text import Path_

Form = Mapping[str, Any]

SET_BY_US = {"rules": {"__all__": {"file", "line"}}}
SHORT = ("projects", "rules", "schedules")
"""Where what is left out means the same wherever it is."""
APART = ("connections", "include", "people")
"""Said otherwise than as they are."""
ORDERED = (("rules",), ("projects",))
"""What is known by name and still has an order: the first rule that matches wins, and the page lists projects
as they stand."""
ORDER = "order"
ABSENT = object()


class Changed(NamedTuple):
    """One setting that is another than before, or one rule, person, project that is new or gone."""

    path: Path_
    """In the later file; of what is gone there, as it was known."""
    before: Any
    after: Any
    """ABSENT on the side where there is nothing."""

    @property
    def sentence(self) -> str:
        if self.before is ABSENT:
            return "is new."
        if self.after is ABSENT:
            return "is gone."
        if self.path in ORDERED:
            return "stand in another order."
        if any(isinstance(one, str) and one.startswith(MARK) for one in (self.before, self.after)):
            return "is another than before."
        return f"was {GIVEN.repr(self.before)}, is {GIVEN.repr(self.after)}."


MARK = "mark:"


def form(loaded: Loaded, salt: str = "") -> Form:
    """What a configuration says, in JSON.

    Takes    salt: kept beside a form that is kept, and of 16 random bytes then
    """
    said, marks = loaded.configuration, _Marks(loaded, salt)
    whole = {
        **said.model_dump(),
        **said.model_dump(include={*SHORT}, exclude=SET_BY_US, exclude_defaults=True),
    }
    narrower = said.reconcile.model_dump(include={"teams", "roles", "people"}, exclude_unset=True)
    whole["reconcile"] |= narrower  # what is not stated there is another's to say
    kept = {name: marks.form(part, (name,)) for name, part in whole.items() if name not in APART}
    settings = {
        name: {"type": one.type, **loaded.settings[name].model_dump()}
        for name, one in said.connections.items()
        if name in loaded.settings
    }
    people = [{name: marks.of(part) for name, part in one.items()} for one in whole["people"]]
    return {**kept, "connections": marks.form(settings, ("connections",)), "people": people}


def changed(before: Form, after: Form) -> list[Changed]:
    """Which settings differ, in the order of the later file; then what is gone.

    What is new or gone with all that is under it is told once.
    """
    was = {key: value for key, _, value in _settings(before)}
    known, there = {part for key in was for part in _parts(key)}, dict[Path_, Path_]()
    found = dict[Path_, Changed]()
    for key, path, value in _settings(after):
        there |= {part: path[: len(part)] for part in _parts(key)}
        if key not in was:
            new = next((part for part in _parts(key) if part not in known), key)
            found[new] = Changed(path[: len(new)], ABSENT, None)
        elif (earlier := was.pop(key)) != value and not _same_order(key, earlier, value):
            found[key] = Changed(path, earlier, value)
    for key in was:
        gone = next((part for part in _parts(key) if part not in there), key)
        found[gone] = Changed((*there.get(gone[:-1], gone[:-1]), *_named(gone[-1:])), None, ABSENT)
    return [*found.values()]


def under(running: Form, configuration: Configuration) -> Configuration:
    """A configuration with what decides on drafts as another's form has it.

    Raises   ValueError where an earlier program wrote another form
    """
    said = running["reconcile"] | {"people": configuration.reconcile.people}
    parts = {name: running[name] for name in (*SHORT, "timezone")}
    decides = Configuration.model_validate({"version": 1, "reconcile": said, **parts})
    return configuration.model_copy(update={name: getattr(decides, name) for name in (*parts, "reconcile")})


class _Marks:
    """Puts marks in the place of what must not be kept."""

    def __init__(self, loaded: Loaded, salt: str) -> None:
        self._salt, self._written = salt.encode(), loaded.document.value
        self._people = {person.email for person in loaded.configuration.people}

    def of(self, value: Any) -> str:
        plain = value.get_secret_value() if isinstance(value, SecretStr) else to_jsonable_python(value)
        return MARK + blake2b(repr(plain).encode(), digest_size=12, key=self._salt[:64]).hexdigest()

    def form(self, value: Any, path: Path_) -> Any:
        if isinstance(value, dict):
            return {self._name(key): self.form(part, (*path, key)) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.form(part, (*path, number)) for number, part in enumerate(value)]
        if isinstance(value, SecretStr) or path == ("store", "url") or self._is_referred_to(path):
            return self.of(value)
        return self._name(to_jsonable_python(value)) if path[0] != "policy" else to_jsonable_python(value)

    def _name(self, word: Any) -> Any:
        return self.of(word) if isinstance(word, str) and word in self._people else word

    def _is_referred_to(self, path: Path_) -> bool:
        """It comes from elsewhere than the file, which may be where secrets are."""
        written = self._written
        for part in path:
            inside = isinstance(written, dict) or (isinstance(written, list) and isinstance(part, int))
            try:
                written = written[part] if inside else None
            except (KeyError, IndexError):
                return False
        return isinstance(written, str) and "${" in written


def _settings(part: Any, key: Path_ = (), path: Path_ = ()) -> Iterator[tuple[Path_, Path_, Any]]:
    """Each with what it is known by, and where it stands: rules are known by name and not by number."""
    if isinstance(part, Mapping):
        if key in ORDERED:
            yield (*key, ORDER), path, [*part]
        for name, inner in part.items():
            yield from _settings(inner, (*key, name), (*path, name))
        return
    if not isinstance(part, list | tuple) or not all(isinstance(one, Mapping) for one in part) or not part:
        if part not in (None, [], ()):
            yield key, path, part
        return
    names = [one.get("email") or one.get("name") for one in part]
    if None in names or len(set(names)) < len(names):
        names = [*range(len(part))]
    elif key in ORDERED:
        yield (*key, ORDER), path, names
    for number, (name, one) in enumerate(zip(names, part, strict=True)):
        yield from _settings(one, (*key, name), (*path, number))


def _parts(key: Path_) -> Iterator[Path_]:
    """All that a setting is in, the widest first, and itself."""
    return (key[:many] for many in range(1, len(key) + 1))


def _same_order(key: Path_, before: Any, after: Any) -> bool:
    """Of those that are in both: what came or went is said of itself."""
    ordered = key[-1:] == (ORDER,) and key[:-1] in ORDERED
    return ordered and [one for one in before if one in after] == [one for one in after if one in before]


def _named(last: Path_) -> Path_:
    """A person is known by a mark, which says nothing to anybody."""
    return () if str(last[0]).startswith(MARK) else last
