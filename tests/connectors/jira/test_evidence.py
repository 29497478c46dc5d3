"""Payloads in, activities out: an issue's past as a table, and what Jira writes in more than one way."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Sighting
from connectors.jira import evidence
from connectors.jira.evidence import Lens, about, of_issue, of_worklog
from connectors.jira.history import BULK, Statuses, bursts, stretches
from connectors.jira.shapes import Comment, History, Issue, Status, Worklog, read
from core.model import LONGEST, Activity
from tests.core.says import says

BORN = datetime(2026, 11, 2, 8, tzinfo=UTC)
STATUSES = {
    "todo": "new",
    "doing": "indeterminate",
    "review": "indeterminate",
    "done": "done",
    "odd": "undefined",
}


def hour(n: float) -> datetime:
    return BORN + timedelta(hours=n)


def status(name: str | None) -> dict[str, Any] | None:
    return name and {"id": f"s-{name}", "name": name, "statusCategory": {"key": STATUSES[name]}}


def statuses(*names: str) -> Statuses:
    return Statuses(read(Status, map(status, STATUSES), Counter(), ""), names)


def person(account: str | None) -> dict[str, Any] | None:
    return account and {"accountId": account, "displayName": account.title()}


def an_issue(state: str = "done", assignee: str | None = "ada", **fields: Any) -> Issue:
    known = {
        "updated": hour(9).isoformat(),
        "created": BORN.isoformat(),
        "status": status(state),
        "assignee": person(assignee),
        "summary": "Draw the map",
    }
    raw = {"id": "10000", "key": "ACME-1", "fields": known | fields}
    (issue,) = read(Issue, [raw], Counter(), "")
    return issue


def change(number: int, at: float, author: str | None, *moves: tuple[str, str | None, str | None]) -> History:
    items = [
        {
            "field": field,
            "fieldId": field,
            "from": before and ("s-" if field == "status" else "") + before,
            "fromString": before,
            "to": after and ("s-" if field == "status" else "") + after,
            "toString": after,
        }
        for field, before, after in moves
    ]
    raw = {"id": str(number), "author": person(author), "created": hour(at).isoformat(), "items": items}
    (history,) = read(History, [raw], Counter(), "")
    return history


LENS = Lens(people={"ada": ["Ada"], "ben": ["Ben"]}, since=hour(-1000), statuses=statuses())


def seen(
    issue: Issue, histories: Sequence[History], lens: Lens = LENS
) -> tuple[list[tuple[str, float, float | None]], Counter[str]]:
    """(who, from hour, to hour) of every presence, and what was left out."""
    skipped: Counter[str] = Counter()
    sighting, _ = of_issue(issue, histories, [], lens, skipped)
    spans = [
        (who, (a.start - BORN) / timedelta(hours=1), a.end and (a.end - BORN) / timedelta(hours=1))
        for who, a in sighting.activities
        if a.kind == "presence"
    ]
    return spans, skipped


START = change(1, 1, "ada", ("status", "todo", "doing"))
GIVE = change(2, 3, "ada", ("assignee", "ada", "ben"))
REVIEW = change(3, 4, "ben", ("status", "doing", "review"))
FINISH = change(4, 6, "ben", ("status", "review", "done"))

ALL_FOUR = [START, GIVE, REVIEW, FINISH]
THEIRS: list[tuple[str, float, float | None]] = [("Ada", 1, 3), ("Ben", 3, 6)]
STRANGE = [change(1, 1, "ada", ("status", "todo", "odd"))]
PASTS: list[tuple[str, Issue, list[History], list[tuple[str, float, float | None]]]] = [
    ("handed over, then done", an_issue("done", "ben"), ALL_FOUR, THEIRS),
    ("told in any order", an_issue("done", "ben"), [FINISH, GIVE, START, REVIEW], THEIRS),
    ("told twice", an_issue("done", "ben"), [START, *ALL_FOUR], THEIRS),
    ("still in progress", an_issue("doing"), [START], [("Ada", 1, None)]),
    ("born in progress, never changed", an_issue("doing"), [], [("Ada", 0, None)]),
    ("never in progress", an_issue("todo"), [], []),
    ("nobody's", an_issue("doing", None), [START], []),
    ("a stranger's", an_issue("doing", "mara"), [START], []),
    ("a category we do not know is no work", an_issue("odd"), STRANGE, []),
    (
        "both at one moment, in one change",
        an_issue("doing", "ben"),
        [change(1, 2, "mara", ("status", "todo", "doing"), ("assignee", None, "ben"))],
        [("Ben", 2, None)],
    ),
    (
        "there and back in the same second",
        an_issue("doing"),
        [
            change(8, 1, "ada", ("status", "doing", "todo")),
            change(9, 1, "ada", ("status", "todo", "doing")),
        ],
        [("Ada", 0, None)],
    ),
    (
        "taken away and given back",
        an_issue("doing"),
        [change(5, 2, "mara", ("assignee", "ada", None)), change(6, 3, "mara", ("assignee", None, "ada"))],
        [("Ada", 0, 2), ("Ada", 3, None)],
    ),
    (
        "opened again",
        an_issue("doing"),
        [
            START,
            change(2, 3, "ada", ("status", "doing", "done")),
            change(3, 5, "mara", ("status", "done", "doing")),
        ],
        [("Ada", 1, 3), ("Ada", 5, None)],
    ),
    (
        "changed before it was created, as after an import",
        an_issue("doing"),
        [change(1, -5, "ada", ("status", "todo", "doing"))],
        [("Ada", 0, None)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("issue", "histories", "spans"), [p[1:] for p in PASTS], ids=[p[0] for p in PASTS])
@says(
    "| presence | a task was assigned to the contributor and in an in-progress state | start, end (may be "
    "open) |",
    "presence comes from the change log: the intervals in which the issue was assigned to the "
    "contributor and in a status of the in progress category",
)
def test_an_issues_past(issue: Issue, histories: list[History], spans: object) -> None:
    assert seen(issue, histories) == (spans, Counter())


GAPS: list[tuple[str, Issue, list[History]]] = [
    ("status", an_issue("done"), [START]),
    ("assignee", an_issue("doing", "ada"), [START, GIVE]),
    ("creation", an_issue("doing", created=None), [START]),
]


@pytest.mark.parametrize(("issue", "histories"), [gap[1:] for gap in GAPS], ids=[gap[0] for gap in GAPS])
def test_a_log_that_does_not_lead_to_where_the_issue_stands_shows_no_presence_and_says_so(
    issue: Issue, histories: list[History]
) -> None:
    assert seen(issue, histories) == ([], Counter({evidence.HAS_GAPS: 1}))
    skipped: Counter[str] = Counter()
    sighting, complete = of_issue(issue, histories, [], LENS, skipped)
    assert not complete
    assert {a.kind for _, a in sighting.activities} == {"touch"}, "what she did herself is still true"


def raw_change(**changes: Any) -> dict[str, Any]:
    known = {"id": "1", "author": person("ada"), "created": "2026-11-02T10:00:00.000+0100", "items": []}
    return known | changes


@pytest.mark.parametrize("created", ["2026-11-02T10:00:00.000+0100", 1793610000000, "1793610000000"])
def test_the_time_of_a_change_may_be_text_or_milliseconds(created: Any) -> None:
    (history,) = read(History, [raw_change(created=created)], Counter(), "")
    assert history.created == datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw", [None, "x", [], {}, raw_change(created="soon"), raw_change(created=None), raw_change(id="x"),
            raw_change(items=[{"field": ["status"]}]), raw_change(created="2026-11-02T10:00:00")]
)  # fmt: skip
def test_a_change_that_cannot_be_read_is_left_out_and_counted(raw: Any) -> None:
    skipped: Counter[str] = Counter()
    assert len(read(History, [raw, raw_change()], skipped, "odd")) == 1
    assert skipped == {"odd": 1}


def test_a_status_named_without_its_id_is_found_by_its_name() -> None:
    """Seen in the wild: `to` is null and only `toString` says where it went."""
    raw = raw_change(
        items=[{"field": "status", "from": "s-todo", "fromString": "todo", "to": None, "toString": "doing"}]
    )
    (history,) = read(History, [raw], Counter(), "")
    assert seen(an_issue("doing"), [history]) == ([("Ada", 1, None)], Counter())


def test_an_old_log_names_fields_without_ids() -> None:
    raw = raw_change(items=[{"field": "status", "from": "s-todo", "to": "s-doing"}])
    (history,) = read(History, [raw], Counter(), "")
    assert seen(an_issue("doing"), [history])[0] == [("Ada", 1, None)]


def test_a_log_that_names_people_by_their_old_logins_is_dropped_not_guessed() -> None:
    """Seen in logs from before 2019: `to` is "ada.l", the assignee has an account id."""
    old = change(1, 1, "ada", ("assignee", None, "ada.l"))
    assert seen(an_issue("doing"), [old])[0] == []


@pytest.mark.parametrize(
    ("names", "spans"),
    [
        ((), [("Ada", 1, 4)]),
        (("Review",), [("Ada", 2, 4)]),
        (("DOING", "todo"), [("Ada", 0, 2)]),
        (("x",), []),
    ],
)
@says("(or those the mapping names)")
def test_an_administrator_may_name_the_statuses_that_mean_work(names: tuple[str, ...], spans: object) -> None:
    past = [
        change(1, 1, "ada", ("status", "todo", "doing")),
        change(2, 2, "ada", ("status", "doing", "review")),
        change(3, 4, "ada", ("status", "review", "done")),
    ]
    lens = Lens(LENS.people, LENS.since, statuses(*names))
    assert seen(an_issue("done"), past, lens)[0] == spans


def test_equally_named_statuses_count_only_where_all_of_them_mean_work() -> None:
    both = [
        {"id": "1", "name": "Open", "statusCategory": {"key": "indeterminate"}},
        {"id": "2", "name": "Open", "statusCategory": {"key": "new"}},
    ]
    known = Statuses(read(Status, both, Counter(), ""))
    life = stretches(an_issue("doing"), [change(1, 1, "ada", ("status", "todo", "doing"))])
    assert life is not None
    assert known.are_work(life[-1].status._replace(id="1"))
    assert not known.are_work(life[-1].status._replace(id=None, name="Open"))


def activities(sighting: Sighting, kind: str) -> list[Activity]:
    return [activity for _, activity in sighting.activities if activity.kind == kind]


def test_a_presence_longer_than_any_evidence_shows_its_end() -> None:
    long_ago = (hour(0) - 2 * LONGEST).isoformat()
    sighting, _ = of_issue(
        an_issue("done", created=long_ago),
        [change(1, 1, "ada", ("status", "doing", "done"))],
        [],
        LENS,
        Counter(),
    )
    (presence,) = activities(sighting, "presence")
    assert (presence.end, presence.start) == (hour(1), hour(1) - LONGEST)


def test_what_ended_before_the_window_is_not_shown() -> None:
    lens = Lens(LENS.people, hour(5), LENS.statuses)
    sighting, _ = of_issue(an_issue("done", "ben"), [START, GIVE, REVIEW, FINISH], [], lens, Counter())
    shown = [(who, a.kind, a.start) for who, a in sighting.activities]
    assert shown == [("Ben", "touch", hour(6)), ("Ben", "presence", hour(3))]


@says("comment, transition, edit, completion by the contributor", "touches made by automation rules")
def test_own_changes_and_comments_are_touches_and_others_are_not() -> None:
    comments = read(
        Comment,
        [
            {"id": "1", "author": person("ada"), "created": hour(2).isoformat(), "body": "secret"},
            {"id": "2", "author": person("mara"), "created": hour(3).isoformat()},
            {"id": "3", "author": {"accountId": "bot", "accountType": "app"}, "created": hour(3).isoformat()},
            {"id": "4", "author": None, "created": hour(3).isoformat()},
        ],
        Counter(),
        "",
    )
    robot = raw_change(id="7", author={"accountId": "ada", "accountType": "app"})
    skipped: Counter[str] = Counter()
    sighting, _ = of_issue(
        an_issue("doing"), [START, *read(History, [robot], Counter(), "")], comments, LENS, skipped
    )
    assert [(a.uid, a.start) for a in activities(sighting, "touch")] == [
        ("touch/10000/1", hour(1)),
        ("comment/10000/1", hour(2)),
    ]
    assert skipped == {evidence.BY_AUTOMATION: 2}
    assert "secret" not in sighting.model_dump_json()


def test_P4_an_issue_that_moved_to_another_project_says_the_same_things_under_its_new_key() -> None:
    """By these names the reconciler knows its draft again (core/renamed.py)."""
    moved = change(9, 5, "mara", ("Key", "ACME-1", "BETA-7"))
    issues = an_issue("doing"), replace(an_issue("doing"), key="BETA-7")
    before, after = (of_issue(one, [START, moved], [], LENS, Counter())[0] for one in issues)
    assert before.origin == after.origin
    names = [[(a.kind, a.uid, a.start, a.end) for _, a in said.activities] for said in (before, after)]
    assert names[0] == names[1] != []
    assert {a.task for _, a in after.activities} == {"BETA-7"}
    assert {a.container for _, a in after.activities} == {"BETA"}


def _many(count: int, apart: timedelta) -> dict[str, list[History]]:
    return {
        str(n): [change(n, n * apart / timedelta(hours=1), "ada", ("priority", None, "High"))]
        for n in range(count)
    }


@pytest.mark.parametrize(
    ("count", "seconds", "bulk"),
    [(BULK, 6, True), (BULK - 1, 0, False), (BULK, 6.7, False), (40, 0, True), (3 * BULK, 5, True)],
)
@says("bulk edits (many issues in one minute) or integrations weigh nothing")
def test_many_issues_changed_in_one_minute_are_one_click_on_a_list(
    count: int, seconds: float, bulk: bool
) -> None:
    histories = _many(count, timedelta(seconds=seconds))
    found = bursts(histories, LENS.people)
    assert bool(found) == bulk
    assert "ada" not in repr(found)
    lens = Lens(LENS.people, LENS.since, LENS.statuses, found)
    skipped: Counter[str] = Counter()
    touches = [
        touch
        for changes in histories.values()
        for touch in activities(of_issue(an_issue("todo"), changes, [], lens, skipped)[0], "touch")
    ]
    assert len(touches) == (0 if bulk else count)
    assert skipped[evidence.IN_BULK] == (count if bulk else 0)


def test_ten_changes_of_one_issue_are_no_bulk_edit() -> None:
    assert bursts({"1": [change(n, 0, "ada") for n in range(40)]}, LENS.people) == []


def test_an_activity_says_what_it_is_about_in_plain_words() -> None:
    issue = an_issue(
        "doing",
        summary="Pay \u202einvoice\u202c\x00\n  now",
        labels=["Q4", "\u200b", "x" * 9000],
        components=[{"name": "Web"}, {"name": "Q4"}],
    )
    sighting, _ = of_issue(issue, [], [], LENS, Counter())
    (presence,) = activities(sighting, "presence")
    assert (presence.title, presence.task, presence.container) == ("Pay invoice now", "ACME-1", "ACME")
    assert (
        presence.labels[0] == "Q4" and presence.labels[-1] == "Web" and max(map(len, presence.labels)) == 128
    )
    assert (presence.updated, presence.source) == (hour(9), "jira")


@pytest.mark.parametrize("summary", [None, "", "  ", "\x00"])
def test_no_title_is_none(summary: str | None) -> None:
    sighting, _ = of_issue(an_issue("doing", summary=summary), [], [], LENS, Counter())
    assert [activity.title for _, activity in sighting.activities] == [None]


def a_worklog(**changes: Any) -> dict[str, Any]:
    known = {
        "id": "77",
        "issueId": "10000",
        "author": person("ada"),
        "started": "2026-11-02T10:00:00.000+0100",
        "updated": "2026-11-02T11:00:00.000+0100",
        "timeSpentSeconds": 5400,
        "comment": "secret",
    }
    return known | changes


@pytest.mark.parametrize(("seconds", "minutes"), [(5400, 90), (0, 0), (29, 0), (30, 1), (90, 2), (89, 1)])
@says("| logged | worklog / time-tracking entry that already exists | day or start, minutes |")
def test_a_worklog_is_time_already_accounted_for(seconds: int, minutes: int) -> None:
    (log,) = read(Worklog, [a_worklog(timeSpentSeconds=seconds)], Counter(), "")
    sighting = of_worklog(log, about(an_issue(), ()), LENS, Counter())
    ((who, logged),) = sighting.activities
    assert (who, logged.kind, logged.minutes, logged.uid) == ("Ada", "logged", minutes, "logged/77")
    assert (logged.start, logged.end) == (datetime(2026, 11, 2, 9, tzinfo=UTC), None)
    assert (logged.task, logged.container, logged.title) == ("ACME-1", "ACME", "Draw the map")
    assert "secret" not in sighting.model_dump_json()


@pytest.mark.parametrize(
    "raw",
    [a_worklog(timeSpentSeconds=-60), a_worklog(timeSpentSeconds=None), a_worklog(started=None), {}, None],
)
def test_a_worklog_that_cannot_be_read_is_counted(raw: Any) -> None:
    skipped: Counter[str] = Counter()
    assert read(Worklog, [raw], skipped, "odd") == []
    assert skipped == {"odd": 1}


def test_a_worklog_without_an_issue_we_read_says_nothing_and_is_counted() -> None:
    skipped: Counter[str] = Counter()
    (log,) = read(Worklog, [a_worklog()], Counter(), "")
    assert of_worklog(log, None, LENS, skipped) == Sighting(origin="worklog/77")
    assert skipped == {evidence.ELSEWHERE: 1}


# --- what real sites said ----------------------------------------------------------------------------------


class Everybody(dict[str | None, Sequence[str]]):
    """Whoever has an account id takes part."""

    def __contains__(self, account: object) -> bool:
        return bool(account)

    def get(self, account: str | None, default: Any = ()) -> Any:
        return ["somebody"] if account else default


def recorded(folder: Path) -> Iterator[dict[str, Any]]:
    """Every object in every payload, inner ones too."""
    for file in sorted(folder.iterdir()):
        if file.suffix == ".jsonl":
            documents = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        else:
            documents = [json.loads(file.read_text("utf-8"))] if file.suffix == ".json" else []
        yield from _objects(documents)


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from _objects(inner)


@says("An Activity is one observation, already normalised by a connector")
def test_every_recorded_payload_becomes_activities_or_a_named_refusal(shared: Path) -> None:
    found = list(recorded(shared / "corpus" / "jira"))
    skipped: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    known = read(Status, [o for o in found if "statusCategory" in o], skipped, "status")
    lens = Lens(Everybody(), datetime(2000, 1, 1, tzinfo=UTC), Statuses(known))
    for raw in [o for o in found if "key" in o and isinstance(o.get("fields"), dict)]:
        for issue in read(Issue, [raw], skipped, evidence.NOT_AN_ISSUE):
            log = (raw.get("changelog") or {}).get("histories", [])
            shown = issue.fields.comment.comments if issue.fields.comment else []
            histories = read(History, log, skipped, evidence.NOT_A_CHANGE)
            comments = read(Comment, shown, skipped, evidence.NOT_A_COMMENT)
            sighting, _ = of_issue(issue, histories, comments, lens, skipped)
            kinds.update(activity.kind for _, activity in sighting.activities)
    for log in read(Worklog, [o for o in found if "timeSpentSeconds" in o], skipped, evidence.NOT_A_WORKLOG):
        kinds.update(
            activity.kind for _, activity in of_worklog(log, about(an_issue(), ()), lens, skipped).activities
        )
    histories = read(History, [o for o in found if "items" in o and "created" in o], skipped, "history")
    assert (len(histories), kinds) == (1039, {"touch": 740, "presence": 10, "logged": 8})
    # parents and links come as issues with a few fields; requests are recorded beside their answers
    assert skipped == {
        evidence.NOT_AN_ISSUE: 67,
        evidence.NOT_A_WORKLOG: 7,
        evidence.HAS_GAPS: 7,
        evidence.BY_AUTOMATION: 22,
        "status": 7,
    }
