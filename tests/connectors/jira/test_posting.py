"""Worklogs as Jira must see them: quiet, once, in the contributor's own name, never over a person's edit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from connectors.contract import Credential, Receipt, Refused, Unavailable, Unclear
from connectors.jira.posting import PROPERTY, JiraWriter, jira_time
from connectors.stand_in import Answer
from core.model import Entry
from tests.connectors.jira.world import JiraWorld, running

WORKLOG = "POST /issue/{issue}/worklog"


@pytest.fixture
def world() -> Iterator[JiraWorld]:
    with running() as world:
        yield world


@pytest.fixture
def writer(world: JiraWorld) -> JiraWriter:
    return world.connector().writer(world.ada, Credential(secret=SecretStr("ada-token")))


def an_entry(world: JiraWorld, **changes: Any) -> Entry:
    start = datetime.fromisoformat("2026-11-20T10:00:00+01:00")
    known = {"id": "e-1", "day": start.date(), "start": start, "minutes": 45, "text": "ACME call"}
    return Entry.model_validate(known | {"target": f"jira:{world.task}"} | changes)


def sent(world: JiraWorld, name: str) -> list[tuple[dict[str, list[str]], Any]]:
    """(parameters, body) of every request to an endpoint."""
    return [(dict(r.params), r.json()) for heard, r in world.site.heard if heard == name]


def posts(world: JiraWorld) -> int:
    return len(sent(world, WORKLOG))


def test_R03_the_key_travels_in_the_request_that_writes(world: JiraWorld, writer: JiraWriter) -> None:
    writer.post("k-1", an_entry(world))
    ((params, body),) = sent(world, WORKLOG)
    assert params == {"notifyUsers": ["false"], "adjustEstimate": ["leave"]}
    assert body == {
        "started": "2026-11-20T10:00:00.000+0100",
        "timeSpentSeconds": 2700,
        "comment": "ACME call",
        "properties": [{"key": PROPERTY, "value": {"id": "k-1"}}],
    }
    (log,) = world.there.worklogs
    assert (log.author, log.properties) == (world.ada.external, {PROPERTY: {"id": "k-1"}})


def test_what_is_written_is_what_the_official_description_takes(
    world: JiraWorld, writer: JiraWriter, shared: Path
) -> None:
    official = json.loads((shared / "specs" / "jira-cloud-v3.json").read_text("utf-8"))
    described = official["components"]["schemas"]["Worklog"]["properties"]
    writable = {name for name, field in described.items() if not field.get("readOnly")}
    receipt = writer.post("k-1", an_entry(world))
    writer.amend(receipt, "k-2", an_entry(world, minutes=30))
    for name in (WORKLOG, "PUT /issue/{issue}/worklog/{worklog}"):
        ((_, body),) = sent(world, name)
        assert body.keys() <= writable


def test_an_organisation_may_want_mails_and_estimates(world: JiraWorld) -> None:
    connector = world.connector(notify_watchers=True, estimate="auto")
    connector.writer(world.ada, Credential(secret=SecretStr("ada-token"))).post("k-1", an_entry(world))
    ((params, _),) = sent(world, WORKLOG)
    assert params == {"notifyUsers": ["true"], "adjustEstimate": ["auto"]}


def test_all_is_well_costs_one_request_and_one_proof_a_contributor(world: JiraWorld) -> None:
    connector = world.connector()
    for n in range(3):
        connector.writer(world.ada, Credential(secret=SecretStr("ada-token"))).post(f"k-{n}", an_entry(world))
    assert world.site.counts.total() == 4


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ("2026-11-02T09:00:00+01:00", "2026-11-02T09:00:00.000+0100"),
        ("2026-11-02T09:00:00Z", "2026-11-02T09:00:00.000+0000"),
        ("2026-11-02T09:00:00-03:30", "2026-11-02T09:00:00.000-0330"),
        ("2026-11-02T09:00:07.123999+05:45", "2026-11-02T09:00:07.123+0545"),
    ],
)
def test_times_are_written_in_the_only_form_jira_takes(at: str, text: str) -> None:
    assert jira_time(datetime.fromisoformat(at)) == text


@pytest.mark.parametrize("hours", [-12, 0, 14])
def test_the_time_of_day_is_the_contributors_own(world: JiraWorld, writer: JiraWriter, hours: int) -> None:
    start = datetime(2026, 11, 20, 10, tzinfo=timezone(timedelta(hours=hours)))
    receipt = writer.post("k-1", an_entry(world, start=start))
    assert world.there.worklogs[0].started == start
    assert writer.find("k-1", an_entry(world, start=start), "") == receipt


def test_R09_in_doubt_it_is_found_by_any_of_its_keys_on_any_issue(
    world: JiraWorld, writer: JiraWriter
) -> None:
    """Late in the evening, an hour later than its entry says, by one who is half a day away from UTC."""
    other = world.there.add_issue("ACME", "Elsewhere")
    start = datetime(2026, 11, 20, 23, tzinfo=timezone(timedelta(hours=-11)))
    later = an_entry(world, start=start + timedelta(hours=1), target=f"jira:{other}", minutes=5)
    receipt = writer.post("k-3", later)
    assert receipt.task == other
    world.site.heard.clear()
    assert writer.find("k-1", an_entry(world, start=start), "", ("k-2", "k-3")) == receipt
    assert writer.find("k-1", an_entry(world, start=start), "", ("k-2",)) is None
    assert len(world.site.heard) == 6, "two looks: at its issue, where else time was logged, and there"


@pytest.mark.parametrize("fault", ["drop-after", "html", "truncated", "500", "502", "503"])
def test_R06_a_lost_answer_is_one_post_and_the_look_tells_what_became_of_it(
    world: JiraWorld, writer: JiraWriter, fault: str
) -> None:
    writer.find("k-1", an_entry(world), "")  # so that the fault meets the write
    world.site.faults.script("*", fault)
    with pytest.raises(Unclear):
        writer.post("k-1", an_entry(world))
    assert posts(world) == 1
    found = writer.find("k-1", an_entry(world), "")
    assert (found is not None) == (len(world.there.worklogs) == 1) == (fault in ("drop-after", "truncated"))


@pytest.mark.parametrize("fault", ["429-seconds", "429-float", "429-date", "429-bare"])
def test_R07_too_fast_is_certainly_not_written(world: JiraWorld, writer: JiraWriter, fault: str) -> None:
    writer.find("k-1", an_entry(world), "")
    world.site.faults.script("*", fault)
    with pytest.raises(Unavailable):
        writer.post("k-1", an_entry(world))
    assert world.there.worklogs == []


def test_an_answer_that_is_no_worklog_is_unclear(world: JiraWorld, writer: JiraWriter) -> None:
    world.site.refusals[WORKLOG] = Answer(201, {"worked": True})
    with pytest.raises(Unclear):
        writer.post("k-1", an_entry(world))


def test_what_was_written_stays_written_whatever_its_answer_says_of_us(
    world: JiraWorld, writer: JiraWriter
) -> None:
    world.site.headers[WORKLOG] = {"X-AAccountId": "somebody-else"}
    receipt = writer.post("k-1", an_entry(world))
    assert [str(log.id) for log in world.there.worklogs] == [receipt.id]


def test_a_closed_issue_is_this_entrys_own_trouble_in_jiras_words(
    world: JiraWorld, writer: JiraWriter
) -> None:
    world.there.close(world.task)
    with pytest.raises(Refused) as caught:
        writer.post("k-1", an_entry(world))
    assert caught.value.whose == "entry"
    assert world.task in str(caught.value) and "non-editable workflow state" in str(caught.value)
    assert "ACME call" not in str(caught.value)


REFUSALS: list[tuple[int, Any, str, str]] = [
    # status, body, whose, said
    (
        400,
        {"errorMessages": ["You do not have the permission."], "errors": {}},
        "entry",
        "not have the permission",
    ),
    (400, {"errorMessages": ["You can not edit the issue."]}, "entry", "Choose another issue for it"),
    (400, {"errorMessages": None, "errors": {"started": "Not a time."}}, "entry", "Not a time."),
    (400, {"errorMessages": [], "errors": None}, "entry", "400"),
    (400, {"errorMessages": ["x" * 9000 + "ada@northwind.example"]}, "entry", "400"),
    (400, {"errorMessages": ["Ask ada@northwind.example\u202e now."]}, "entry", "Ask now."),
    (400, {"code": 400, "message": "scope does not match"}, "entry", "scope does not match"),
    (401, {"errorMessages": ["No."]}, "account", "credential"),
    (403, {"errorMessages": ["No."]}, "entry", "Choose another issue"),
    (404, {"errorMessages": ["No."]}, "entry", "gone, or hidden"),
    (413, {"errorMessages": ["Too many worklogs."]}, "entry", "no more worklogs. Choose another"),
]


@pytest.mark.parametrize(("status", "body", "whose", "words"), REFUSALS)
def test_a_no_says_who_must_act_and_quotes_nothing_private(
    world: JiraWorld, writer: JiraWriter, status: int, body: Any, whose: str, words: str
) -> None:
    world.site.refusals[WORKLOG] = Answer(status, body)
    with pytest.raises(Refused) as caught:
        writer.post("k-1", an_entry(world))
    assert (caught.value.whose, words in str(caught.value)) == (whose, True)
    assert "@" not in str(caught.value) and "ACME call" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_gateway_that_refuses_in_html_has_not_written(world: JiraWorld, writer: JiraWriter) -> None:
    world.site.nameless = False
    writer.find("k-1", an_entry(world), "")
    world.site.nameless = True
    world.site.refusals[WORKLOG] = Answer(403, "<h1>Blocked</h1>")
    with pytest.raises(Unavailable):
        writer.post("k-1", an_entry(world))


def test_a_token_revoked_since_is_refused_to_its_contributor(world: JiraWorld, writer: JiraWriter) -> None:
    receipt = writer.post("k-1", an_entry(world))
    world.there.revoke("ada-token")
    calls = [
        lambda: writer.post("k-2", an_entry(world)),
        lambda: writer.find("k-1", an_entry(world), ""),
        lambda: writer.amend(receipt, "k-3", an_entry(world, minutes=5)),
        lambda: writer.withdraw(receipt),
    ]
    for call in calls:
        with pytest.raises(Refused) as caught:
            call()
        assert caught.value.whose == "account"
    assert [log.seconds for log in world.there.worklogs] == [2700]


def test_bens_token_writes_nothing_in_adas_name_nor_in_his(world: JiraWorld) -> None:
    for credential in ("ben-token", "ben@northwind.example:ben-token"):
        with pytest.raises(Refused) as caught:
            world.connector().writer(world.ada, Credential(secret=SecretStr(credential))).post(
                "k-1", an_entry(world)
            )
        assert caught.value.whose == "account"
    assert posts(world) == 0


def test_a_contributor_known_to_jira_by_another_address_says_it_with_the_token(world: JiraWorld) -> None:
    world.there.add_user("ada@private.example", "own", "Ada", account_id="712020:ada-at-home")
    connector = world.connector()
    with pytest.raises(Refused):
        connector.identify(Credential(secret=SecretStr("own")), "ada@northwind.example")
    known = connector.identify(
        Credential(secret=SecretStr("ada@private.example:own")), "ada@northwind.example"
    )
    assert known.external == "712020:ada-at-home"


def test_a_look_sees_past_a_page_and_past_what_others_logged(world: JiraWorld, writer: JiraWriter) -> None:
    entry = an_entry(world)
    for n in range(5):
        world.there.add_worklog(
            world.task, world.ben.external, entry.start, 2700, properties={PROPERTY: {"id": "k-1"}}
        )
        world.there.add_worklog(
            world.task, world.ada.external, entry.start, 2700, properties={PROPERTY: {"id": f"k{n}"}}
        )
    receipt = writer.post("k-1", entry)
    world.site.twists["GET /issue/{issue}/worklog"] = lambda _, body: (
        body | {"worklogs": body["worklogs"][:2]}
    )
    assert writer.find("k-1", entry, "") == receipt
    world.site.twists["GET /issue/{issue}/worklog"] = lambda _, body: body | {"total": 99}
    assert writer.find("k-9", entry, "") is None, "a total that counts what we may not see ends too"


def test_two_records_with_one_mark_are_nobodys_guess(world: JiraWorld, writer: JiraWriter) -> None:
    entry = an_entry(world)
    for _ in range(2):
        world.there.add_worklog(
            world.task, world.ada.external, entry.start, 2700, properties={PROPERTY: {"id": "k-1"}}
        )
    with pytest.raises(Unclear):
        writer.find("k-1", entry, "")


def test_I6_a_worklog_moved_to_another_author_or_person_is_left_alone(
    world: JiraWorld, writer: JiraWriter
) -> None:
    theirs = world.record(world.ben, an_entry(world))
    receipt = Receipt(id=theirs, task=world.task, stamp="")
    with pytest.raises(Refused):
        writer.amend(receipt, "k-1", an_entry(world, minutes=5))
    with pytest.raises(Refused):
        writer.withdraw(receipt)
    assert len(world.there.worklogs) == 1


def test_our_own_worklog_comes_back_as_evidence_we_recognise(world: JiraWorld, writer: JiraWriter) -> None:
    from connectors.contract import uid_of_record

    receipt = writer.post("k-1", an_entry(world))
    world.settle()
    pages = world.walk(world.connector())
    uids = {a.uid for page in pages for s in page.sightings for _, a in s.activities}
    assert uids == {uid_of_record(receipt.id)}, "and posting made no other evidence"
