"""JQL as far as clients of this kind speak it: text in, a test of one issue out.

Knows the fields at the end of this module, = != < <= > >= ~ !~, in, not in, is,
is not, was with DURING, AND, OR, NOT, parentheses and ORDER BY. Anything else is
an error in Jira's words, never a guess. Quoted dates are in the asker's own time zone and
to the minute; unquoted digits are epoch milliseconds.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.jira.sandbox_nouns import EPOCH, PRIORITIES, Issue, instant
from connectors.jira.sandbox_world import World

Test = Callable[[Issue], bool]

MOST_ORDERS = 7
RESERVED = frozenset(
    "abort access add after alias all alter and any as asc audit avg before begin between boolean break "
    "by byte catch cf char character check checkpoint collate collation column commit connect continue "
    "count create current date decimal declare decrement default defaults define delete delimiter desc "
    "difference distinct divide do double drop else empty encoding end equals escape exclusive exec "
    "execute exists explain false fetch file field first float for from function go goto grant greater "
    "group having identified if immediate in increment index initial inner inout input insert int integer "
    "intersect intersection into is isempty isnull join last left less like limit lock long max min minus "
    "mode modify modulo more multiply next noaudit not notin nowait null number object of on option or "
    "order outer output power previous prior privileges public raise raw remainder rename resource return "
    "returns revoke right row rowid rownum rows select session set share size sqrt start strict string "
    "subtract sum synonym table then to trans transaction trigger true uid union unique update user "
    "validate values view when whenever where while with".split()
)
TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<sign><=|>=|!=|!~|[=<>~(),!])|(?P<word>[\w:-]+))"""
)
ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
SPANS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


class JqlError(ValueError):
    """The message is Jira's."""


@dataclass(frozen=True)
class Reader:
    """Who asks, and what they may know: one query means different things to different people."""

    world: World
    account: str | None
    zone: ZoneInfo
    now: datetime
    projects: frozenset[str]
    """Ids of the projects they may browse."""


@dataclass(frozen=True)
class Query:
    test: Test | None
    """None without a restriction."""
    orders: tuple[tuple[Callable[[Issue], Any], bool], ...]
    """(what to sort by, descending), the most important first."""

    def run(self, issues: Iterable[Issue]) -> list[Issue]:
        """The issues that match, newest first unless ordered."""
        found = [issue for issue in issues if self.test is None or self.test(issue)]
        found.sort(key=lambda issue: issue.id, reverse=True)
        for key, descending in reversed(self.orders):
            found.sort(key=key, reverse=descending)
        return found


def parse(jql: str, reader: Reader) -> Query:
    """Raises JqlError."""
    return _Parser(jql, reader).query()


# --- words -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Word:
    text: str
    kind: str
    """word, text (it stood in quotes), sign, or end."""
    place: str
    """For messages."""

    def says(self, keyword: str) -> bool:
        return self.kind in ("word", "sign") and self.text.lower() == keyword


def _words(jql: str) -> list[Word]:
    words, at = [], 0
    while jql[at:].strip():
        match = TOKEN.match(jql, at)
        if match is None:
            raise _strange(jql, at)
        kind = match.lastgroup or ""
        text = re.sub(r"\\(.)", r"\1", match[kind][1:-1]) if kind == "text" else match[kind]
        words.append(Word(text, kind, f"(line 1, character {match.start(kind) + 1})"))
        at = match.end()
    return [*words, Word("the end of the query", "end", f"(line 1, character {len(jql) + 1})")]


def _strange(jql: str, at: int) -> JqlError:
    at += len(jql[at:]) - len(jql[at:].lstrip())
    return JqlError(
        f"Error in the JQL Query: The character '{jql[at]}' is a reserved JQL character. You must enclose it "
        f"in a string or use the escape '\\u{ord(jql[at]):04x}' instead. (line 1, character {at + 1})"
    )


# --- fields ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Field:
    name: str
    of: Callable[[Reader, Issue], Any]
    """What the issue says: one value, None, or a set where it can say several."""
    means: Callable[[Reader, Word], Any]
    """The value, or the set of values, a word of the query stands for."""
    signs: str = "= !="
    sort: Callable[[Issue], Any] | None = None
    remembered: bool = False
    """Whether WAS may ask for what the issue said earlier."""

    def was(self, reader: Reader, wanted: Collection[Any], span: tuple[datetime, datetime] | None) -> Test:
        """An issue that said so at any time, or at any within the span."""
        first, last = span or (EPOCH, reader.now)

        def test(issue: Issue) -> bool:
            said = list(_said(issue, self.name, self.of(reader, issue)))
            ends = [since for since, _ in said[1:]] + [reader.now]
            return any(
                value in wanted and since <= last and end > first
                for (since, value), end in zip(said, ends, strict=True)
            )

        return test

    def among(self, reader: Reader, wanted: Collection[Any], inside: bool) -> Test:
        """An issue that says nothing is neither inside a list nor outside of it."""

        def test(issue: Issue) -> bool:
            said = self.of(reader, issue)
            if said in (None, set()):
                return False
            return (not said.isdisjoint(wanted) if isinstance(said, set) else said in wanted) is inside

        return test

    def ordered(self, reader: Reader, sign: str, bound: Any) -> Test:
        of, holds = self.of, ORDERED[sign]
        if self.name == "worklogDate":
            return lambda issue: any(holds(said, bound) for said in of(reader, issue))
        return lambda issue: holds(of(reader, issue), bound)

    def containing(self, reader: Reader, words: str, inside: bool) -> Test:
        return lambda issue: (words.lower() in self.of(reader, issue).lower()) is inside

    def empty(self, reader: Reader, empty: bool) -> Test:
        return lambda issue: (self.of(reader, issue) in (None, set(), "")) is empty


def _said(issue: Issue, field: str, now: Any) -> Iterator[tuple[datetime, Any]]:
    """Since when this field had which value, the first one first."""
    changes = [(change.at, item) for change in issue.changes for item in change.items if item.field == field]
    yield issue.created, changes[0][1].was if changes else now
    for at, item in changes:
        yield at, item.to


def _unknown(word: Word, field: str) -> JqlError:
    return JqlError(f"The value '{word.text}' does not exist for the field '{field}'.")


def _instant(reader: Reader, word: Word) -> datetime:
    if word.kind == "word" and word.text.isdecimal() and reader.world.takes_milliseconds:
        return instant(int(word.text))
    if span := re.fullmatch(r"([+-]?)(\d+)([wdhm])", word.text):
        away = SPANS[span[3]] * int(span[2])
        return reader.now - away if span[1] == "-" else reader.now + away
    shape = re.fullmatch(r"(\d{4})[-/](\d\d?)[-/](\d\d?)(?: (\d\d?):(\d\d))?", word.text)
    if shape is not None:
        year, month, day, hour, minute = (int(part or 0) for part in shape.groups())
        with suppress(ValueError):
            return datetime(year, month, day, hour, minute, tzinfo=reader.zone).astimezone(UTC)
    raise JqlError(
        f"Date value '{word.text}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
        "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
    )


def _project(reader: Reader, word: Word) -> str:
    for project in reader.world.projects.values():
        named = word.text.lower() in (project.key.lower(), project.name.lower(), project.id)
        if named and project.id in reader.projects:
            return project.id
    raise _unknown(word, "project")


def _issue(reader: Reader, word: Word) -> int:
    try:
        issue = reader.world.issue(word.text)
    except KeyError:
        issue = None
    if issue is None or issue.project.id not in reader.projects:
        raise JqlError(f"An issue with key '{word.text}' does not exist for field 'key'.")
    return issue.id


def _status(reader: Reader, word: Word) -> set[str]:
    """Every status of that name: team-managed projects have their own, equally named."""
    known = reader.world.statuses.values()
    found = {status.id for status in known if word.text.lower() in (status.name.lower(), status.id)}
    if not found:
        raise _unknown(word, "status")
    return found


def _category(_: Reader, word: Word) -> str:
    names = {"new": "new", "to do": "new", "indeterminate": "indeterminate", "in progress": "indeterminate"}
    names |= {"done": "done", "2": "new", "4": "indeterminate", "3": "done"}
    if word.text.lower() not in names:
        raise _unknown(word, "statusCategory")
    return names[word.text.lower()]


def _resolution(_: Reader, word: Word) -> str | None:
    if word.text.lower() == "unresolved":
        return "unresolved"
    if word.text.lower() == "done":
        return "done"
    raise _unknown(word, "resolution")


def _dates(reader: Reader, issue: Issue) -> set[Any]:
    return {worklog.started.astimezone(reader.zone).date() for worklog in issue.worklogs.values()}


def _lower(_: Reader, word: Word) -> str:
    return word.text.lower()


def _exact(_: Reader, word: Word) -> str:
    return word.text


MOMENTS = "< <= > >= = !="
_ALL = (
    Field("updated", lambda _, issue: issue.updated, _instant, MOMENTS, lambda issue: issue.updated),
    Field("created", lambda _, issue: issue.created, _instant, MOMENTS, lambda issue: issue.created),
    Field("project", lambda _, issue: issue.project.id, _project, sort=lambda issue: issue.project.key),
    Field("key", lambda _, issue: issue.id, _issue, sort=lambda issue: (issue.project.key, issue.id)),
    Field("parent", lambda _, issue: issue.parent and issue.parent.id, _issue),
    Field(
        "status",
        lambda _, issue: issue.status.id,
        _status,
        sort=lambda issue: issue.status.id,
        remembered=True,
    ),
    Field("statusCategory", lambda _, issue: issue.status.category, _category),
    Field("resolution", lambda _, issue: "done" if issue.resolved else "unresolved", _resolution),
    Field(
        "assignee",
        lambda _, issue: issue.assignee,
        _exact,
        sort=lambda issue: issue.assignee or "~",
        remembered=True,
    ),
    Field("reporter", lambda _, issue: issue.reporter, _exact, sort=lambda issue: issue.reporter or "~"),
    Field(
        "priority",
        lambda _, issue: issue.priority and issue.priority.lower(),
        _lower,
        sort=lambda issue: -PRIORITIES.index(issue.priority) if issue.priority in PRIORITIES else -9,
    ),
    Field("summary", lambda _, issue: issue.summary, _exact, "~ !~", lambda issue: issue.summary.lower()),
    Field("labels", lambda _, issue: set(map(str.lower, issue.labels)), _lower),
    Field("component", lambda _, issue: set(map(str.lower, issue.components)), _lower),
    Field("issuetype", lambda _, issue: issue.kind.lower(), _lower, sort=lambda issue: issue.kind),
    Field("worklogAuthor", lambda _, issue: {log.author for log in issue.worklogs.values()}, _exact),
    Field(
        "worklogDate",
        _dates,
        lambda reader, word: _instant(reader, word).astimezone(reader.zone).date(),
        MOMENTS,
    ),
)
FIELDS = {field.name.lower(): field for field in _ALL}
FIELDS |= dict.fromkeys(("id", "issue", "issuekey"), FIELDS["key"]) | {"type": FIELDS["issuetype"]}
PEOPLE = ("assignee", "reporter", "worklogAuthor")


# --- the grammar -------------------------------------------------------------------------------------------


class _Parser:
    def __init__(self, jql: str, reader: Reader) -> None:
        self.reader = reader
        self.words = _words(jql)
        self.at = 0

    @property
    def next(self) -> Word:
        return self.words[self.at]

    def took(self, *keywords: str) -> bool:
        """Step over these words if they come next."""
        coming = self.words[self.at : self.at + len(keywords)]
        if len(coming) < len(keywords) or not all(map(Word.says, coming, keywords)):
            return False
        self.at += len(keywords)
        return True

    def take(self, wanted: str, *kinds: str) -> Word:
        if self.next.kind not in kinds:
            raise self.unexpected(wanted)
        self.at += 1
        return self.words[self.at - 1]

    def expect(self, sign: str) -> None:
        if not self.took(sign):
            raise self.unexpected(f"'{sign}'")

    def unexpected(self, wanted: str) -> JqlError:
        return JqlError(
            f"Error in the JQL Query: Expecting {wanted} but got '{self.next.text}'. {self.next.place}"
        )

    def query(self) -> Query:
        bare = self.next.kind == "end" or self.next.says("order")
        test = None if bare else self.either()
        orders = []
        if self.took("order", "by"):
            orders.append(self.order())
            while self.took(","):
                orders.append(self.order())
        if self.next.kind != "end":
            raise self.unexpected("either 'OR' or 'AND'")
        if len(orders) > MOST_ORDERS:
            raise JqlError(f"The 'ORDER BY' clause can contain a maximum of {MOST_ORDERS} fields.")
        return Query(test, tuple(orders))

    def order(self) -> tuple[Callable[[Issue], Any], bool]:
        field = self.field()
        if field.sort is None:
            raise JqlError(f"Field '{field.name}' does not support sorting.")
        descending = self.took("desc")
        if not descending:
            self.took("asc")
        return field.sort, descending

    def either(self) -> Test:
        test = self.both()
        while self.took("or"):
            test = _or(test, self.both())
        return test

    def both(self) -> Test:
        test = self.one()
        while self.took("and"):
            test = _and(test, self.one())
        return test

    def one(self) -> Test:
        if self.took("not") or self.took("!"):
            test = self.one()
            return lambda issue: not test(issue)
        if self.took("("):
            test = self.either()
            self.expect(")")
            return test
        return self.clause(self.field())

    def field(self) -> Field:
        word = self.take("a field name", "word", "text")
        if word.text.lower() not in FIELDS:
            raise JqlError(f"Field '{word.text}' does not exist or you do not have permission to view it.")
        return FIELDS[word.text.lower()]

    def clause(self, field: Field) -> Test:
        if self.took("is"):
            full = self.took("not")
            if not (self.took("empty") or self.took("null")):
                raise self.unexpected("'EMPTY' or 'NULL'")
            return field.empty(self.reader, not full)
        if self.took("in"):
            return field.among(self.reader, self.values(field), inside=True)
        if self.took("not", "in"):
            return field.among(self.reader, self.values(field), inside=False)
        if self.took("was"):
            return self.history(field)
        sign = self.take("an operator", "sign").text
        if sign not in field.signs.split():
            raise JqlError(f"The operator '{sign}' is not supported by the '{field.name}' field.")
        if sign in ("=", "!=") and (self.took("empty") or self.took("null")):
            return field.empty(self.reader, sign == "=")
        found = self.value(field)
        if sign in ORDERED:
            return field.ordered(self.reader, sign, found)
        if sign in ("~", "!~"):
            return field.containing(self.reader, found, sign == "~")
        return field.among(self.reader, found if isinstance(found, set) else {found}, sign == "=")

    def history(self, field: Field) -> Test:
        if not field.remembered:
            raise JqlError(f"History searches do not support the '{field.name}' field.")
        found = self.value(field)
        span = None
        if self.took("during"):
            self.expect("(")
            first = self.moment()
            self.expect(",")
            span = first, self.moment()
            self.expect(")")
        return field.was(self.reader, found if isinstance(found, set) else {found}, span)

    def moment(self) -> datetime:
        return _instant(self.reader, self.take("a date", "word", "text"))

    def values(self, field: Field) -> set[Any]:
        self.expect("(")
        found: set[Any] = set()
        while True:
            one = self.value(field)
            found |= one if isinstance(one, set) else {one}
            if self.took(")"):
                return found
            self.expect(",")

    def value(self, field: Field) -> Any:
        word = self.take("either a value, list or function", "word", "text")
        if self.took("("):
            return self.called(word, field)
        if word.kind == "word" and word.text.lower() in RESERVED:
            raise JqlError(
                f"Error in the JQL Query: '{word.text}' is a reserved JQL word. You must surround it in "
                f"quotation marks to use it as a field value. {word.place}"
            )
        return field.means(self.reader, word)

    def called(self, word: Word, field: Field) -> Any:
        self.expect(")")
        if word.says("currentuser") and field.name in PEOPLE:
            return self.reader.account
        if word.says("now") and field.means is _instant:
            return self.reader.now
        raise JqlError(f"Unable to find JQL function '{word.text}()'.")


def _and(left: Test, right: Test) -> Test:
    return lambda issue: left(issue) and right(issue)


def _or(left: Test, right: Test) -> Test:
    return lambda issue: left(issue) or right(issue)
