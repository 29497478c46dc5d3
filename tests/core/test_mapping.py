"""Which rule wins, and what it says; the compiled rules against the plainest loop that could be written."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.mapping import Mappings, Match, attributed
from core.memory import Choice, Memory, OwnRule
from core.model import Activity
from core.recall import recalled
from core.rules import Phrase, Project, Rounding, Rule, When
from core.wording import words
from tests.cost import cost

from .says import says

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
ADA = "ada@northwind.example"

PROJECTS = {
    "acme-web": Project.model_validate(
        {
            "name": "ACME website",
            "client": "ACME",
            "category": "delivery",
            "billable": True,
            "rounding": "15m",
            "target": {"jira": "task"},
        }
    ),
    "beta": Project.model_validate({"name": "Beta", "target": {"jira": "BETA-1"}}),
    "internal": Project.model_validate({"name": "Internal", "target": {"none": "nobody asks"}}),
    "bare": Project(name="Bare"),
}


def activity(**fields: Any) -> Activity:
    given_fields: dict[str, Any] = {
        "source": "google_calendar",
        "uid": "1",
        "kind": "meeting",
        "start": START,
    }
    given_fields |= fields
    if given_fields["kind"] in ("meeting", "focus", "away"):
        given_fields["end"] = START + timedelta(hours=1)
    return Activity.model_validate(given_fields)


def rules(*written: tuple[str, Any, Any]) -> list[Rule]:
    return [
        Rule.model_validate(
            {"name": name, "when": when, "then": then, "file": "team.yaml", "line": 10 * number}
        )
        for number, (name, when, then) in enumerate(written, 1)
    ]


def matched(when: Any, then: Any = None, *, task: str | None = None, **fields: Any) -> Match:
    mappings = Mappings(
        PROJECTS, rules(("R", when, then or {"project": "bare"})), {"jira": "jira", "asana": "asana"}
    )
    return mappings.match(activity(**fields), ADA, "studio", task)


def holds(when: Any, *, task: str | None = None, **fields: Any) -> bool:
    return matched(when, task=task, **fields).rule == "R"


# Conditions


@pytest.mark.parametrize(
    ("when", "fields", "expected"),
    [
        ({}, {}, True),
        ({"source": "google_calendar"}, {}, True),
        ({"source": "jira"}, {}, False),
        ({"kind": ["focus", "meeting"]}, {}, True),
        ({"kind": "touch"}, {}, False),
        ({"container": "web"}, {"container": "WEB"}, True),
        ({"container": "WEB"}, {"container": "WEBSHOP"}, False),
        ({"container": "WEB"}, {}, False),
        ({"container": {"exact": "web"}}, {"container": "WEB"}, False),
        ({"container": {"regex": "^WEB"}}, {"container": "webshop"}, True),
        ({"labels": ["support", "warranty"]}, {"labels": ["Warranty", "old"]}, True),
        ({"labels": ["support", "warranty"]}, {"labels": ["old", "Warranty"]}, True),
        ({"labels": "support"}, {"labels": ["no support"]}, False),
        ({"domains": "acme.example"}, {"domains": ["ACME.example"]}, True),
        ({"domains": "acme.example"}, {"domains": ["notacme.example"]}, False),
        ({"domains": {"regex": r"(^|\.)acme\.example$"}}, {"domains": ["eu.acme.example"]}, True),
        ({"series": "s1"}, {"series": "s1"}, True),
        ({"all_day": True}, {"all_day": True}, True),
        ({"all_day": False}, {"all_day": True}, False),
        ({"response": ["accepted", "organizer"]}, {"response": "organizer"}, True),
        ({"response": "accepted"}, {}, False),
        ({"audience": 2}, {"audience": 2}, True),
        ({"audience": {"min": 10}}, {"audience": 9}, False),
        ({"audience": [1, {"min": 10, "max": 12}]}, {"audience": 12}, True),
        ({"audience": {"max": 3}}, {}, False),
        ({"who": "ADA@northwind.example"}, {}, True),
        ({"who": "ben@northwind.example"}, {}, False),
        ({"team": "Studio"}, {}, True),
        ({"title": "food"}, {"title": "FoodTruck"}, False),
        ({"title": "food"}, {"title": "Good FOOD!"}, True),
        ({"title": "café"}, {"title": "CAFE\u0301"}, True),
        ({"title": "会議"}, {"title": "週次会議"}, True),
        ({"title": ["acme", "beta"]}, {"title": "beta call"}, True),
        ({"title": "acme call"}, {"title": "ACME: call!"}, True),
        ({"title": "acme call"}, {"title": "call acme"}, False),
        ({"title": "acme call"}, {"title": "acme lunch, call"}, False),
        ({"title": "acme"}, {}, False),
        ({"title": {"regex": "^(all.hands|town ?hall|stand.?up)"}}, {"title": "Town hall"}, True),
        ({"title": {"regex": "^(all.hands|town ?hall|stand.?up)"}}, {"title": "No town hall"}, False),
        ({"title": {"regex": "(?-i)ACME"}}, {"title": "acme"}, False),
        ({"title": {"regex": "ZÜRICH"}}, {"title": "Zu\u0308rich"}, True),
        ({"title": {"exact": "ACME call"}}, {"title": "ACME call"}, True),
        ({"title": {"exact": "ACME call"}}, {"title": "Acme call"}, False),
        ({"title": ["nothing", {"regex": "a.me"}]}, {"title": "acme"}, True),
        ({"source": "google_calendar", "title": "acme"}, {"title": "beta"}, False),
        ({"all": [{"title": "acme"}, {"title": "call"}]}, {"title": "call acme"}, True),
        ({"all": [{"title": "acme"}, {"title": "call"}]}, {"title": "acme"}, False),
        ({"any": [{"title": "acme"}, {"domains": "acme.example"}]}, {"domains": ["acme.example"]}, True),
        ({"any": [{"title": "acme"}, {"domains": "acme.example"}]}, {"title": "beta"}, False),
        ({"any": [{"title": "acme"}, {"none": [{"labels": "x"}]}]}, {"title": "beta"}, True),
        ({"none": {"title": "acme"}}, {"title": "acme"}, False),
        ({"none": {"title": "acme"}}, {}, True),
        ({"none": [{"title": "acme"}, {"title": "beta"}]}, {"title": "beta"}, False),
        ({"title": "acme", "none": {"title": "lunch"}}, {"title": "acme lunch"}, False),
        ({"kind": "meeting", "all": [{"title": "acme"}]}, {"title": "acme"}, True),
        ({"kind": "meeting", "all": [{"title": "acme"}]}, {"title": "beta"}, False),
        ({"kind": "meeting", "any": [{"title": "acme"}]}, {"title": "acme"}, True),
        ({"kind": "meeting", "any": [{"title": "acme"}]}, {"title": "beta"}, False),
    ],
)
@says(
    "Conditions name fields of the Activity (source, kind, container, task, labels, title, domains, "
    "series, all_day, response, audience, who, team)",
    "a list means any of",
    "all, any, none combine",
)
def test_a_condition_holds_as_it_reads(when: Any, fields: dict[str, Any], expected: bool) -> None:
    assert holds(when, **fields) is expected


def test_a_task_is_the_one_in_hand_wherever_it_was_found() -> None:
    assert holds({"task": "web-12"}, task="WEB-12", title="WEB-12 review")
    assert not holds({"task": "WEB-12"}, task="WEB-123")
    assert not holds({"task": "WEB-12"})


def test_P11_a_private_activity_is_for_its_owner_to_name() -> None:
    for when in ({}, {"kind": "meeting"}, {"none": {"title": "acme"}}, {"title": "acme"}):
        assert matched(when, private=True, title="acme") == Match()


# Order


@says("Rules are read top to bottom, the first that matches wins, like mail filters")
def test_the_first_rule_that_holds_wins_whatever_it_was_filed_under() -> None:
    written = [
        ("support", {"container": "WEB", "labels": "support"}, {"project": "acme-web", "billable": False}),
        ("issues", {"source": "jira", "container": "WEB"}, {"project": "acme-web"}),
        ("title", {"title": {"regex": "login"}}, {"project": "beta"}),
        ("rest", {}, {"project": "internal"}),
    ]
    ticket = activity(source="jira", kind="touch", container="WEB", labels=("support",), title="Login broken")
    assert Mappings(PROJECTS, rules(*written)).match(ticket, ADA).rule == "support"
    assert Mappings(PROJECTS, rules(*written[1:])).match(ticket, ADA).rule == "issues"
    assert Mappings(PROJECTS, rules(*written[2:])).match(ticket, ADA).rule == "title"
    assert Mappings(PROJECTS, rules(*reversed(written))).match(ticket, ADA).rule == "rest"


def test_the_first_of_two_titles_wins_whichever_is_found_first() -> None:
    words, pattern = {"title": ["call", "sync"]}, {"title": {"regex": "acme"}}
    for first, second in ((words, pattern), (pattern, words)):
        mappings = Mappings(
            PROJECTS, rules(("first", first, {"project": "beta"}), ("second", second, {"project": "bare"}))
        )
        assert mappings.match(activity(title="ACME call"), ADA).rule == "first"


@says("then unmapped (a draft without a project is still a draft: the contributor picks)")
def test_without_a_rule_the_draft_keeps_its_title_and_the_contributor_picks() -> None:
    mappings = Mappings(PROJECTS, [])
    assert mappings.match(activity(title="Lunch"), ADA) == Match(text="Lunch")
    assert mappings.match(activity(), ADA, None, "WEB-1") == Match(text="WEB-1")
    assert mappings.match(activity(), ADA) == Match()


# Consequences


@says(
    "A consequence names project, category, billable (derived from the project unless stated), "
    "target, text template, rounding, share"
)
def test_P6_a_match_names_its_rule_and_line_and_what_the_project_says() -> None:
    found = matched({"title": "acme"}, {"project": "acme-web"}, title="ACME call", task="WEB-12")
    assert found == Match(
        rule="R",
        file="team.yaml",
        line=10,
        project="acme-web",
        category="delivery",
        billable=True,
        target="jira:WEB-12",
        text="ACME call",
        rounding=Rounding(to=15),
    )


def test_what_the_rule_says_stands_before_what_the_project_says() -> None:
    then = {
        "project": "acme-web",
        "category": "meeting",
        "billable": False,
        "target": {"asana": "1201"},
        "rounding": {"to": "6m", "mode": "up"},
        "confidence": "unsure",
        "text": "{client}, {project}: {title} ({task} in {container})",
    }
    found = matched({}, then, title="Weekly", container="board", task="WEB-12")
    assert found == Match(
        rule="R",
        file="team.yaml",
        line=10,
        project="acme-web",
        category="meeting",
        billable=False,
        target="asana:1201",
        text="ACME, ACME website: Weekly (WEB-12 in board)",
        rounding=Rounding(to=6, mode="up"),
        confidence="unsure",
    )


@pytest.mark.parametrize(
    ("project", "task", "target", "needs_task"),
    [
        ("acme-web", "WEB-12", "jira:WEB-12", False),
        ("acme-web", None, None, True),
        ("beta", None, "jira:BETA-1", False),
        ("beta", "WEB-12", "jira:BETA-1", False),
        ("internal", "WEB-12", "none", False),
        ("bare", "WEB-12", None, False),
    ],
)
def test_the_target_is_the_task_the_catch_all_or_nothing(
    project: str, task: str | None, target: str | None, needs_task: bool
) -> None:
    found = matched({}, {"project": project}, task=task)
    assert (found.target, found.needs_task) == (target, needs_task)


TOOLS = {"jira": "jira", "asana": "asana", "tempo": "plug-in"}


@pytest.mark.parametrize(
    ("connection", "fields", "task", "target"),
    [
        ("jira", {"source": "jira", "kind": "touch", "task": "WEB-1"}, "WEB-1", "jira:WEB-1"),
        ("jira", {"source": "asana", "kind": "touch", "task": "1201"}, "1201", None),
        ("asana", {"source": "asana", "kind": "presence", "task": "1201"}, "1201", "asana:1201"),
        ("jira", {"title": "WEB-1 review"}, "WEB-1", "jira:WEB-1"),
        ("asana", {"title": "WEB-1 review"}, "WEB-1", None),
        ("jira", {"task": "WEB-12"}, "WEB-12", "jira:WEB-12"),
        ("asana", {"task": "WEB-12"}, "WEB-12", None),
        ("jira", {"source": "plug-in", "kind": "touch", "task": "ENG-1"}, "ENG-1", None),
        ("jira", {"source": "plug-in", "kind": "presence", "task": "ENG-1"}, "ENG-1", None),
        ("jira", {"source": "plug-in", "kind": "logged", "task": "ENG-1", "minutes": 60}, "ENG-1", None),
        (
            "tempo",
            {"source": "plug-in", "kind": "touch", "task": "any/thing"},
            "any/thing",
            "tempo:any/thing",
        ),
        ("tempo", {"title": "WEB-1 review"}, "WEB-1", "tempo:WEB-1"),
    ],
)
def test_a_task_is_posted_only_to_the_tool_it_is_of(
    connection: str, fields: dict[str, Any], task: str, target: str | None
) -> None:
    then = {"project": "bare", "target": {connection: "task"}}
    found = Mappings(PROJECTS, rules(("R", {}, then)), TOOLS).match(activity(**fields), ADA, None, task)
    assert (found.target, found.needs_task) == (target, target is None)


def test_work_in_another_tool_is_posted_to_the_one_task_that_a_rule_names() -> None:
    then = {"project": "bare", "target": {"jira": "BETA-1"}}
    worked = activity(source="asana", kind="touch", task="1201")
    found = Mappings(PROJECTS, rules(("R", {}, then)), TOOLS).match(worked, ADA, None, "1201")
    assert (found.target, found.needs_task) == ("jira:BETA-1", False)


def remembering(project: str, target: str | None, about: str = "task:asana:1201") -> Memory:
    """A contributor who always books this task on this project."""
    choice = Choice(project=project, target=target)
    rule = OwnRule(about=about, says="always", choice=choice, shown="Plan", made=START.date())
    return Memory(rules=(rule,))


@pytest.mark.parametrize(
    ("chosen", "target"),
    [
        ("jira:task", None),
        ("jira:1201", None),
        ("jira:WEB-1", "jira:WEB-1"),
        ("asana:1201", "asana:1201"),
        ("none", "none"),
    ],
)
def test_a_remembered_project_posts_no_asana_task_to_jira_either(chosen: str, target: str | None) -> None:
    mappings = Mappings(PROJECTS, [], TOOLS)
    seen = activity(source="asana", kind="touch", task="1201", title="Plan")
    ruled = mappings.match(seen, ADA, None, "1201")
    found = recalled(ruled, remembering("acme-web", chosen), seen, "1201")
    settled = mappings.settled(ruled, found, "1201")
    assert (settled.project, settled.target, settled.needs_task) == ("acme-web", target, target is None)


def test_a_task_with_a_colon_in_its_name_is_no_issue_either() -> None:
    mappings = Mappings(PROJECTS, [], TOOLS)
    seen = activity(source="plug-in", kind="touch", task="ENG:WEB-1")
    ruled = mappings.match(seen, ADA, None, "ENG:WEB-1")
    remembered = remembering("acme-web", "jira:ENG:WEB-1", "task:plug-in:ENG:WEB-1")
    found = recalled(ruled, remembered, seen, "ENG:WEB-1")
    assert mappings.settled(ruled, found, "ENG:WEB-1").target is None


def test_a_remembered_project_brings_its_own_rounding_and_share() -> None:
    joint = Project(name="Joint", rounding=Rounding(to=15), share={"bare": 50, "beta": 50})
    mappings = Mappings(
        {**PROJECTS, "joint": joint}, rules(("R", {}, {"project": "bare", "rounding": "6m"})), TOOLS
    )
    seen = activity(source="asana", kind="touch", task="1201")
    ruled = mappings.match(seen, ADA, None, "1201")
    assert mappings.settled(ruled, ruled, "1201") is ruled
    found = mappings.settled(ruled, recalled(ruled, remembering("joint", "none"), seen, "1201"), "1201")
    assert (found.rounding, found.attributed) == (Rounding(to=15), {"bare": 50, "beta": 50})


def test_a_remembered_project_that_is_gone_says_nothing() -> None:
    mappings = Mappings(PROJECTS, rules(("R", {}, {"project": "bare"})), TOOLS)
    seen = activity(source="asana", kind="touch", task="1201")
    ruled = mappings.match(seen, ADA, None, "1201")
    found = recalled(ruled, remembering("sold", "none"), seen, "1201")
    assert mappings.settled(ruled, found, "1201") == ruled


def test_what_is_never_work_stays_so_whatever_its_project() -> None:
    mappings = Mappings(PROJECTS, rules(("R", {}, {"project": "bare"})), TOOLS)
    seen = activity(source="asana", kind="touch", task="1201")
    ruled = mappings.match(seen, ADA, None, "1201")
    never = OwnRule(about="task:asana:1201", says="never", shown="Plan", made=START.date())
    found = recalled(ruled, Memory(rules=(never,)), seen, "1201")
    assert found.ignore
    assert mappings.settled(ruled, found, "1201") is found


def test_a_share_attributes_one_hour_to_several() -> None:
    found = matched({}, {"share": {"beta": 40, "acme-web": 60}}, task="WEB-12")
    assert found.attributed == {"beta": 40, "acme-web": 60}
    assert (found.project, found.billable, found.target) == ("acme-web", True, "jira:WEB-12")


def test_a_project_may_share_its_time_and_a_rule_may_share_it_otherwise() -> None:
    projects = {**PROJECTS, "joint": Project(name="Joint", share={"acme-web": 50, "beta": 50})}
    by_project, by_rule = (
        Mappings(projects, rules(("R", {}, {"project": "joint"} | share)), TOOLS).match(activity(), ADA)
        for share in ({}, {"share": {"joint": 100, "beta": 100}})
    )
    assert (by_project.project, by_project.attributed) == ("joint", {"acme-web": 50, "beta": 50})
    assert (by_rule.project, by_rule.attributed) == ("joint", {"joint": 100, "beta": 100})


@says("one call for two clients may be attributed to both, in shares or in full")
def test_time_is_attributed_whole_in_shares_or_in_full_to_each() -> None:
    assert attributed(61, None, {}) == {}
    assert attributed(61, "a", {}) == {"a": 61}
    assert attributed(61, "a", {"a": 50, "b": 50}) == {"a": 31, "b": 30}
    assert attributed(61, "a", {"a": 100, "b": 100}) == {"a": 61, "b": 61}


def test_an_ignored_activity_says_which_rule_ignores_it() -> None:
    found = matched({"title": "lunch"}, {"ignore": True}, title="Lunch")
    assert found == Match(rule="R", file="team.yaml", line=10, text="Lunch", ignore=True)


def test_a_title_with_braces_is_not_a_template_and_no_text_outgrows_an_entry() -> None:
    assert matched({}, {"text": "{title}"}, title="{task} {0}").text == "{task} {0}"
    assert len(matched({}, {"text": "{title} {title}"}, title="x" * 1024).text) == 1024


def test_what_an_activity_does_not_have_leaves_nothing_in_its_text() -> None:
    nothing_known = {"text": "[{title}{task}{container}{client}] {project}", "project": "bare"}
    assert matched({}, nothing_known).text == "[] Bare"
    assert matched({}).text == ""
    assert matched({}, task="WEB-1").text == "WEB-1"


def test_a_project_that_is_not_there_is_refused_at_once() -> None:
    with pytest.raises(KeyError, match="gamma"):
        Mappings(PROJECTS, rules(("R", {}, {"share": {"beta": 50, "gamma": 50}})))
    with pytest.raises(KeyError, match="gamma"):
        Mappings({"joint": Project(name="Joint", share={"joint": 50, "gamma": 50})}, [])


def of_large_patterns(field: str, count: int) -> list[Rule]:
    return rules(
        *(
            (str(n), {field: {"regex": f"{n}.{{0,500}}x.{{0,400}}y"}}, {"project": "bare"})
            for n in range(count)
        )
    )


@pytest.mark.parametrize("field", ["title", "container", "team"])
def test_S11_patterns_too_large_together_are_refused_and_never_silently_unmatched(
    field: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert Mappings(PROJECTS, of_large_patterns("title", 20)).match(activity(title="7xy"), ADA).rule == "7"
    with pytest.raises(
        ValueError,
        match=f"the 200 patterns the rules look for in {field} are too large together; shorten some",
    ):
        Mappings(PROJECTS, of_large_patterns(field, 200))
    assert capfd.readouterr() == ("", "")


@says("Thousands of rules and hundreds of thousands of activities are normal")
def test_two_thousand_rules_cost_little_more_to_compile_than_ten_times_two_hundred() -> None:
    """They take about a third of a second: bench/rules.py."""
    many = rules(
        *(
            (
                str(n),
                {"source": "jira", "any": [{"title": f"client {n}"}, {"title": {"regex": f"^c{n} .*call"}}]},
                {"project": "bare"},
            )
            for n in range(2000)
        )
    )
    mappings = Mappings(PROJECTS, many)
    few = cost(lambda: Mappings(PROJECTS, many[:200]))
    assert cost(lambda: Mappings(PROJECTS, many)) < 30 * few
    assert mappings.match(activity(source="jira", title="Client 1999: kick-off"), ADA).rule == "1999"
    assert mappings.match(activity(source="jira", title="C7 weekly call"), ADA).rule == "7"


# The compiled rules give the answer of the plainest loop

WORDS = ["acme", "ACME", "call", "Café", "会議", "web-1", "food"]
PATTERNS = ["^acme", "(call|food)$", "c.l+", "[0-9]"]


def phrases(vocabulary: list[str]) -> st.SearchStrategy[Any]:
    word = st.sampled_from(vocabulary)
    form = (
        word
        | word.map(lambda text: {"exact": text})
        | st.sampled_from(PATTERNS).map(lambda text: {"regex": text})
    )
    return form | st.lists(form, min_size=1, max_size=2)


WHEN: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "source": phrases(["jira", "google_calendar"]),
            "kind": st.sampled_from(["meeting", "touch"]),
            "container": phrases(["WEB", "web", "acme"]),
            "task": phrases(["WEB-1", "WEB-2"]),
            "labels": phrases(WORDS),
            "title": phrases([*WORDS, "acme call"]),
            "audience": st.sampled_from([2, {"min": 3}, [{"max": 1}, 5]]),
            "all_day": st.booleans(),
            "who": phrases([ADA]),
            "team": phrases(["studio", "Ops"]),
            "series": phrases(["s1", "S1"]),
            "domains": phrases(["acme.example", "beta.example"]),
            "response": st.sampled_from(["accepted", ["tentative", "declined"]]),
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={name: st.lists(inner, min_size=1, max_size=2) for name in ("all", "any", "none")}
        | {"title": phrases(WORDS)},
    ),
    max_leaves=4,
)
SHORT = st.fixed_dictionaries({"title": phrases([*WORDS, "acme call"])})
RULES = st.lists(WHEN | SHORT, max_size=8).map(
    lambda whens: rules(*((f"rule {n}", when, {"project": "bare"}) for n, when in enumerate(whens)))
)
ACTIVITIES = st.builds(
    activity,
    source=st.sampled_from(["jira", "google_calendar"]),
    kind=st.sampled_from(["meeting", "touch"]),
    container=st.sampled_from([None, "WEB", "acme", "Café"]),
    labels=st.lists(st.sampled_from(WORDS), max_size=2),
    title=st.none() | st.lists(st.sampled_from([*WORDS, "acmeX"]), max_size=4).map(" ".join),
    audience=st.none() | st.integers(0, 6),
    all_day=st.booleans(),
    series=st.sampled_from([None, "s1", "S1"]),
    domains=st.lists(st.sampled_from(["acme.example", "Beta.example"]), max_size=2),
    response=st.sampled_from([None, "accepted", "declined"]),
)
TASKS = st.sampled_from([None, "WEB-1", "WEB-2", "acme"])


def agrees(name: str, phrase: Phrase, text: str | None) -> bool:
    if text is None:
        return False
    if phrase.regex is not None:
        return re.search(phrase.regex, text, re.IGNORECASE) is not None
    if phrase.exact is not None:
        return text == phrase.exact
    assert phrase.words is not None
    return (
        words(phrase.words) in words(text) if name == "title" else phrase.words.casefold() == text.casefold()
    )


def plainly_holds(when: When, seen: Activity, task: str | None) -> bool:
    texts: dict[str, list[str | None]] = {
        "source": [seen.source],
        "container": [seen.container],
        "task": [task],
        "labels": list(seen.labels),
        "title": [seen.title],
        "who": [ADA],
        "team": ["studio"],
        "series": [seen.series],
        "domains": list(seen.domains),
    }
    return (
        all(
            any(agrees(name, phrase, text) for phrase in getattr(when, name) for text in found)
            for name, found in texts.items()
            if getattr(when, name)
        )
        and (not when.kind or seen.kind in when.kind)
        and (not when.response or seen.response in when.response)
        and (when.all_day is None or seen.all_day == when.all_day)
        and (
            not when.audience
            or any(
                seen.audience is not None
                and (limits.min or 0) <= seen.audience <= (10**9 if limits.max is None else limits.max)
                for limits in when.audience
            )
        )
        and all(plainly_holds(inner, seen, task) for inner in when.all)
        and (not when.any or any(plainly_holds(inner, seen, task) for inner in when.any))
        and not any(plainly_holds(inner, seen, task) for inner in when.none)
    )


def plainly(written: list[Rule], seen: Activity, task: str | None) -> list[int]:
    return [number for number, rule in enumerate(written) if plainly_holds(rule.when, seen, task)]


@settings(max_examples=400, deadline=None)
@given(RULES, st.lists(ACTIVITIES, max_size=6), TASKS)
@says("rules are compiled once (literal indexes by source, container and task; one re2.Set for the rest)")
def test_the_compiled_rules_answer_like_a_loop_from_top_to_bottom(
    written: list[Rule], seen: list[Activity], task: str | None
) -> None:
    mappings = Mappings(PROJECTS, written)
    for one in seen:
        hold = plainly(written, one, task)
        assert mappings.matching(one, ADA, "studio", task) == hold
        first = written[hold[0]].name if hold else None
        assert mappings.match(one, ADA, "studio", task).rule == first


def test_every_rule_about_the_one_who_worked_and_their_task_is_among_those_that_hold() -> None:
    about = ({"who": ADA}, {"team": "studio"}, {"task": "WEB-1"})
    mappings = Mappings(PROJECTS, rules(*(("R", when, {"project": "bare"}) for when in about)))
    assert mappings.matching(activity(), ADA, "studio", "WEB-1") == [0, 1, 2]
    assert mappings.matching(activity(), "ben@northwind.example", "office", "WEB-2") == []


def test_a_rule_in_the_shadow_of_another_is_among_those_that_hold() -> None:
    mappings = Mappings(
        PROJECTS,
        rules(
            ("acme", {"title": "acme"}, {"project": "acme-web"}),
            ("beta", {"title": "beta"}, {"project": "beta"}),
            ("acme calls", {"title": ["acme call", "acme sync"]}, {"project": "bare"}),
            ("rest", {}, {"project": "internal"}),
        ),
    )
    assert mappings.matching(activity(title="ACME call"), ADA) == [0, 2, 3]
    assert mappings.matching(activity(title="Lunch"), ADA) == [3]
    assert mappings.matching(activity(title="ACME call", private=True), ADA) == []


@settings(max_examples=100, deadline=None)
@given(RULES, WHEN, ACTIVITIES, TASKS)
def test_a_rule_added_at_the_end_never_takes_from_those_above(
    written: list[Rule], added: dict[str, Any], seen: Activity, task: str | None
) -> None:
    before = Mappings(PROJECTS, written).match(seen, ADA, "studio", task)
    after = Mappings(PROJECTS, [*written, *rules(("added", added, {"project": "bare"}))]).match(
        seen, ADA, "studio", task
    )
    assert after == before or (before.rule is None and after.rule == "added")
