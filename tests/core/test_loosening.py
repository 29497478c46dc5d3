"""Which change of a policy lets more happen: each field by example, and the order as a whole by search."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.loosening import differences, loosened, strictest
from core.policy import Policy, Report, Retention
from tests.core.test_policy import NORTHWIND, policy

BILLING = {"who": ["a@b.de"], "projects": ["acme"]}
FIELDS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"tracked": {"jira": ["title"]}}, {"tracked": {"jira": ["title", "labels"]}}, "policy.tracked.jira"),
    ({"tracked": {}}, {"tracked": {"asana": ["title"]}}, "policy.tracked.asana"),
    ({"not_tracked": ["guests", "screen"]}, {"not_tracked": ["guests"]}, "policy.not_tracked"),
    ({"private_events": "ignore"}, {"private_events": "busy"}, "policy.private_events"),
    ({"groups": {"minimum": 8}}, {"groups": {"minimum": 7}}, "policy.groups.minimum"),
    ({"reports": []}, {}, "policy.reports.0"),
    (
        {"reports": [NORTHWIND["reports"][0] | {"cadence": "monthly"}]},
        {"reports": [NORTHWIND["reports"][0]]},
        "policy.reports.0",
    ),
    (
        {"reports": [NORTHWIND["reports"][0]]},
        {"reports": [NORTHWIND["reports"][0] | {"what": ["project", "billable", "client"]}]},
        "policy.reports.0",
    ),
    (
        {"reports": [NORTHWIND["reports"][0]]},
        {"reports": [NORTHWIND["reports"][0] | {"roles": []}]},
        "policy.reports.0",
    ),
    ({"managers": ["a@b.de"]}, {"managers": ["b@c.de", "a@b.de"]}, "policy.managers"),
    ({}, {"delegates": {"days": 1}}, "policy.delegates"),
    ({"delegates": {"days": 7}}, {"delegates": {"days": 8}}, "policy.delegates.days"),
    ({}, {"billing": BILLING}, "policy.billing.who"),
    ({"billing": BILLING}, {"billing": BILLING | {"who": ["b@c.de", "a@b.de"]}}, "policy.billing.who"),
    ({"billing": BILLING}, {"billing": BILLING | {"projects": ["beta", "acme"]}}, "policy.billing.projects"),
    ({"billing": BILLING}, {"billing": BILLING | {"text": True}}, "policy.billing.text"),
    ({"back_fill": 7}, {"back_fill": 14}, "policy.back_fill"),
    ({"notice": 14}, {"notice": 13}, "policy.notice"),
    (
        {"roles": {"salaried": {"tracked": {"jira": ["worklogs"]}}}},
        {"roles": {"salaried": {"tracked": {"jira": ["worklogs", "title"]}}}},
        "policy.roles.salaried.tracked.jira",
    ),
    ({"roles": {"salaried": {"tracked": {"jira": []}}}}, {}, "policy.roles.salaried.tracked.jira"),
    *(
        ({"retention": {kept: 20}, "back_fill": 1}, {"retention": {kept: 21}, "back_fill": 1}, f"policy.{at}")
        for kept, at in ((kept, f"retention.{kept}") for kept in Retention.model_fields)
        if kept != "access_log"
    ),
    (
        {"retention": {"access_log": 91}},
        {"retention": {"access_log": 90}},
        "policy.retention.access_log",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("tight", "loose", "what"), FIELDS, ids=[f"{what}-{n}" for n, (*_, what) in enumerate(FIELDS)]
)
def test_P08_each_field_has_a_looser_side(tight: dict[str, Any], loose: dict[str, Any], what: str) -> None:
    before, after = policy(**tight), policy(**loose)
    assert what in [one.what for one in loosened(before, after)]
    assert not loosened(after, before) or "reports" in what
    assert all(one.sentence.endswith(".") for one in differences(before, after))
    assert loosened(before, strictest(before, after)) == []


def test_P08_another_reason_is_another_agreement() -> None:
    other = policy(why="We are curious.")
    assert [one.what for one in loosened(policy(), other)] == ["policy.why"]
    assert [one.what for one in loosened(other, policy())] == ["policy.why"]
    assert strictest(policy(), other).why == policy().why


@pytest.mark.parametrize(
    "changes", [{"contact": "else@northwind.example"}, {"roles": {"salaried": {"digest": "weekly"}}}]
)
def test_who_is_asked_and_how_often_mail_comes_is_neither(changes: dict[str, Any]) -> None:
    assert {one.direction for one in differences(policy(), policy(**changes))} == {"other"}


def test_a_difference_says_before_and_after_and_a_sentence() -> None:
    (found,) = differences(policy(), policy(retention=NORTHWIND["retention"] | {"evidence": 90}))
    assert (found.before, found.after, found.direction) == ("45 days", "90 days", "looser")
    assert found.sentence == "What calendars and tools said is kept for 90 days, not for 45 days."


def test_P07_a_log_kept_for_less_long_is_looser_and_waits() -> None:
    before, after = policy(retention={"access_log": 730}), policy(retention={"access_log": 90})
    assert [one.what for one in loosened(before, after)] == ["policy.retention.access_log"]
    assert strictest(before, after).retention.access_log == 730


def test_when_a_policy_begins_and_how_it_is_written_is_no_difference() -> None:
    again = policy(effective="2027-01-01", why=NORTHWIND["why"].replace(" ", "\n "))
    assert differences(policy(), again) == []


def test_what_no_rule_is_written_for_is_looser_when_it_changes() -> None:
    class Further(Policy):
        screenshots: bool = False

    before, after = (Further.model_validate(NORTHWIND | {"screenshots": said}) for said in (False, True))
    (found,) = loosened(before, after)
    assert found.what == "policy.screenshots"
    assert strictest(before, after) == before


# --- as an order -------------------------------------------------------------------------------------------

WORDS = st.lists(st.sampled_from(["title", "time", "labels"]), unique=True)
REPORTS = st.lists(
    st.builds(
        lambda what, cadence, roles: {"who": "managers", "what": what, "cadence": cadence, "roles": roles},
        st.lists(st.sampled_from(["project", "client", "billable"]), min_size=1, unique=True),
        st.sampled_from(get_args(Report.model_fields["cadence"].annotation)),
        st.sampled_from([[], ["salaried"], ["billed"]]),
    ),
    max_size=3,
)
FEW = st.integers(min_value=1, max_value=3)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    return Policy.model_validate(
        {
            "why": "Invoices were disputed.",
            "contact": "ops@northwind.example",
            "effective": date(2026, 12, 1),
            "tracked": draw(st.dictionaries(st.sampled_from(["jira", "asana"]), WORDS)),
            "not_tracked": draw(st.lists(st.sampled_from(["guests", "screen"]), unique=True)),
            "private_events": draw(st.sampled_from(["ignore", "busy"])),
            "retention": {"evidence": draw(FEW) + 2, "entries": draw(FEW), "access_log": draw(FEW) + 89},
            "groups": {"minimum": draw(FEW) + 4},
            "reports": draw(REPORTS),
            "managers": draw(st.lists(st.sampled_from(["mara@b.de", "otto@b.de"]), unique=True)),
            "back_fill": draw(FEW),
            "notice": draw(FEW),
            "roles": draw(
                st.dictionaries(
                    st.sampled_from(["salaried", "billed"]),
                    st.fixed_dictionaries(
                        {
                            "tracked": st.dictionaries(st.sampled_from(["jira", "asana"]), WORDS),
                            "digest": st.sampled_from(["daily", "weekly"]),
                        }
                    ),
                )
            ),
        }
    )


@given(policies(), policies())
def test_S20_the_strictest_of_two_is_looser_than_neither(one: Policy, other: Policy) -> None:
    meanwhile = strictest(one, other)
    assert loosened(one, meanwhile) == []
    assert loosened(other, meanwhile) == []
    Policy.model_validate(meanwhile.model_dump())


@given(policies(), policies())
def test_S20_it_is_no_stricter_than_it_must_be_and_stays_itself(one: Policy, other: Policy) -> None:
    assert differences(one, strictest(one, one)) == []
    if not loosened(one, other):
        assert loosened(strictest(one, other), other) == []
    meanwhile = strictest(one, other)
    assert differences(meanwhile, strictest(meanwhile, other)) == []


@given(policies(), policies(), policies())
def test_S20_looser_is_an_order(one: Policy, other: Policy, third: Policy) -> None:
    assert loosened(one, one) == []
    if not loosened(one, other) and not loosened(other, third):
        assert loosened(one, third) == []
    if not loosened(one, other) and not loosened(other, one):
        assert {difference.direction for difference in differences(one, other)} <= {"other"}
