"""What the policy allows: the whole of every table, and nothing beside it."""

import subprocess
import sys
from datetime import date, timedelta
from itertools import product
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from core.policy import (
    EXAMPLE_WHY,
    Enrolment,
    Kept,
    Policy,
    Retention,
    begun,
    kept_until,
    may_read,
    version,
)
from core.rollout import Stage, enrolled, mailed

NORTHWIND: dict[str, Any] = {
    "why": "Three clients ask for billable-hour reports, and two invoices were disputed this quarter.",
    "contact": "ops@northwind.example",
    "effective": "2026-12-01",
    "tracked": {
        "google_calendar": ["title", "time", "response", "series"],
        "jira": ["title", "status history", "own comments", "worklogs"],
    },
    "not_tracked": ["descriptions", "guests"],
    "retention": {
        "evidence": "45 days",
        "drafts": "30 days",
        "entries": "2 years",
        "access_log": "2 years",
    },
    "groups": {"minimum": 8},
    "reports": [
        {"who": "managers", "what": ["project", "billable"], "cadence": "weekly", "roles": ["client_billed"]},
        {"who": "managers", "what": ["focus time"], "cadence": "monthly", "roles": ["salaried"]},
    ],
}
AGREED = Enrolment(enrolled=True, invited=True, acknowledged="v2", covered=True)


def policy(**changes: Any) -> Policy:
    return Policy.model_validate(NORTHWIND | changes)


def test_the_example_of_the_design_reads_as_written() -> None:
    written = policy()
    assert written.retention == Retention(evidence=45, drafts=30, memory=180, entries=730, access_log=730)
    assert (written.private_events, written.back_fill, written.groups.minimum) == ("busy", 14, 8)
    assert written.reports[0].what == ("project", "billable")


@pytest.mark.parametrize(
    "why",
    [
        *("", "   ", "''", "'' ''", "...", "x", "Because."),
        *(EXAMPLE_WHY, f"  {EXAMPLE_WHY.upper()}\n", EXAMPLE_WHY.replace(" ", "\n")),
        *("时间", "理由。"),
        *(EXAMPLE_WHY.rstrip("."), f"''{EXAMPLE_WHY}''", EXAMPLE_WHY.replace(" ", "  , ")),
    ],
)
def test_P3_a_policy_needs_a_reason_of_its_own(why: str) -> None:
    with pytest.raises(ValidationError, match="why"):
        policy(why=why)


@pytest.mark.parametrize(
    "why", ["三个客户需要报告。", "請求書について争いがありました。", "ลูกค้าต้องการรายงาน", "Für Rechnungen."]
)
def test_a_reason_is_one_also_where_words_are_written_without_spaces(why: str) -> None:
    assert policy(why=why).why == why


@pytest.mark.parametrize("missing", ["why", "contact", "effective", "tracked"])
def test_a_policy_leaves_none_of_the_four_questions_open(missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        Policy.model_validate({word: value for word, value in NORTHWIND.items() if word != missing})


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"groups": {"minimum": 4}}, "minimum"),
        ({"retention": {"evidence": "forever"}}, "evidence"),
        ({"retention": {"entries": "0 days"}}, "entries"),
        ({"retention": {"entries": "11 years"}}, "entries"),
        ({"retention": {"access_log": "89 days"}}, "access_log"),
        ({"private_events": "full"}, "private_events"),
        ({"reports": [{"who": "managers", "what": [], "cadence": "weekly"}]}, "what"),
        ({"reports": [{"who": "managers", "what": ["project"], "cadence": "daily"}]}, "cadence"),
        ({"back_fill": "60 days"}, "back_fill"),
        ({"notice": "0 days"}, "notice"),
        ({"roles": {"salaried": {"digest": "hourly"}}}, "digest"),
        ({"screenshots": True}, "screenshots"),
    ],
)
def test_P12_P13_what_a_policy_may_not_say_is_refused(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(ValidationError, match=where):
        policy(**changes)


def test_every_word_of_the_policy_explains_itself() -> None:
    shape = Policy.model_json_schema()
    parts = [shape["properties"], *(part["properties"] for part in shape["$defs"].values())]
    assert [word for part in parts for word, field in part.items() if "description" not in field] == []


def test_P08_the_version_names_the_meaning_and_not_the_formatting() -> None:
    other_order = dict(reversed(NORTHWIND.items()))
    other_order["tracked"] = {
        "jira": ["worklogs", "title", "own comments", "status history"],
        "google_calendar": ["series", "response", "time", "title"],
    }
    other_order["why"] = NORTHWIND["why"].replace(" ", "\n  ")
    other_order["retention"] = NORTHWIND["retention"] | {"entries": "730 days"}
    other_order["reports"] = NORTHWIND["reports"][::-1]
    assert version(Policy.model_validate(other_order)) == version(policy())
    assert version(policy(back_fill="2 weeks")) == version(policy())


@pytest.mark.parametrize(
    "changes",
    [
        {"why": "We are curious."},
        {"contact": "someone@else.example"},
        {"effective": "2026-12-02"},
        {"tracked": {"google_calendar": ["title"]}},
        {"tracked": NORTHWIND["tracked"] | {"asana": ["title"]}},
        {"not_tracked": ["descriptions"]},
        {"private_events": "ignore"},
        {"retention": NORTHWIND["retention"] | {"evidence": "46 days"}},
        {"groups": {"minimum": 5}},
        {"reports": NORTHWIND["reports"][:1]},
        {"back_fill": "15 days"},
        {"notice": "3 weeks"},
        {"roles": {"salaried": {"digest": "weekly"}}},
    ],
)
def test_P08_every_change_of_meaning_is_another_version(changes: dict[str, Any]) -> None:
    assert version(policy(**changes)) != version(policy())


def test_the_version_is_short_and_the_same_in_every_process() -> None:
    script = "from tests.core.test_policy import policy, version; print(version(policy()))"
    said = [
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout.decode()
        for seed in ("1", "2")
    ]
    assert said == [f"{version(policy())}\n"] * 2
    assert len(version(policy())) == 12


@pytest.mark.parametrize(
    ("enrolment", "allowed"),
    [
        (
            Enrolment(enrolled=e, invited=i, acknowledged=a, covered=c, left=gone),
            (e, i, a, c, gone) == (True, True, "v2", True, False),
        )
        for e, i, a, c, gone in product(
            (True, False), (True, False), (None, "v2"), (True, False), (True, False)
        )
    ],
)
def test_P3_of_all_standings_only_one_may_be_read(enrolment: Enrolment, allowed: bool) -> None:
    verdict = may_read(enrolment)
    assert bool(verdict) is allowed
    assert verdict.reason.endswith(".")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"left": True}, "left"),
        ({"enrolled": False}, "cohort"),
        ({"invited": False}, "invited"),
        ({"acknowledged": None}, "acknowledged"),
        ({"acknowledged": "v1", "covered": False}, "v1"),
    ],
)
def test_P3_each_no_names_its_own_reason(changes: dict[str, Any], word: str) -> None:
    assert word in may_read(AGREED.model_copy(update=changes)).reason


def test_P3_nothing_is_read_before_the_policy_holds() -> None:
    assert not begun(date(2026, 12, 1), date(2026, 11, 30))
    assert begun(date(2026, 12, 1), date(2026, 12, 1))


@pytest.mark.parametrize("kept", get_args(Kept))
@pytest.mark.parametrize("endless", ["forever", "Indefinitely", None])
def test_P12_a_retention_without_end_is_refused_by_its_name(kept: Kept, endless: str | None) -> None:
    with pytest.raises(ValidationError, match="has no end") as refused:
        policy(retention={kept: endless})
    assert refused.value.errors()[0]["loc"] == ("retention", kept)


def test_P11_a_role_is_kept_less_of_and_never_more() -> None:
    lighter = policy(
        roles={"salaried": {"tracked": {"google_calendar": ["time", "descriptions"], "jira": []}}}
    )
    assert lighter.tracked_of("salaried", "google_calendar") == {"time"}
    assert lighter.tracked_of("salaried", "jira") == set()
    assert lighter.tracked_of("client_billed", "jira") == lighter.tracked_of(None, "jira")
    assert lighter.tracked_of(None, "jira") == set(NORTHWIND["tracked"]["jira"])
    assert policy(roles={"salaried": {"digest": "weekly"}}).digest_of("salaried") == "weekly"
    assert policy().digest_of(None) == "daily"


@pytest.mark.parametrize("what", get_args(Kept))
def test_P12_each_kind_is_kept_as_long_as_its_own_line_says(what: Kept) -> None:
    retention = Retention(evidence=1, drafts=2, entries=3, access_log=90, memory=5)
    days = {"evidence": 1, "drafts": 2, "entries": 3, "access_log": 90, "memory": 5}[what]
    assert kept_until(retention, what, date(2026, 11, 19)) - date(2026, 11, 19) == timedelta(days=days)


def test_P12_evidence_of_the_first_of_november_is_gone_on_the_seventeenth_of_december() -> None:
    assert kept_until(Retention(), "evidence", date(2026, 11, 1)) == date(2026, 12, 16)


COHORTS = {"pilot": ["Ada@Northwind.example"], "expand": ["ben@northwind.example"]}


@pytest.mark.parametrize(
    ("stage", "ada", "ben", "mara"),
    [
        ("shadow", True, False, False),
        ("pilot", True, False, False),
        ("expand", True, True, False),
        ("normal", True, True, True),
    ],
)
def test_P09_each_stage_reaches_its_cohorts_and_nobody_else(
    stage: Stage, ada: bool, ben: bool, mara: bool
) -> None:
    reached = [enrolled(f"{name}@northwind.example", stage, COHORTS) for name in ("ada", "ben", "mara")]
    assert [bool(verdict) for verdict in reached] == [ada, ben, mara]


@pytest.mark.parametrize("stage", ["shadow", "pilot", "expand"])
def test_P09_without_cohorts_nobody_is_reached(stage: Stage) -> None:
    assert not enrolled("ada@northwind.example", stage, {})


def test_a_shadow_run_mails_nobody() -> None:
    assert [stage for stage in get_args(Stage) if not mailed(stage)] == ["shadow"]
