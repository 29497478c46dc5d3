"""What administrators may write about projects and rules, and the sentences they get for the rest."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from core.rules import MOST_RULES, Problem, Project, Rounding, Rule, Then, When, containers, problems, targets

from .says import says

TEMPLATE = "{title}, {task}, {container}, {project}, {client}"
PROJECTS = {
    "acme-web": Project(name="ACME website", target={"jira": "task"}),
    "beta": Project(name="Beta"),
}


def rule(name: str = "ACME", when: Any = None, then: Any = None, line: int | None = None) -> Rule:
    return Rule.model_validate(
        {"name": name, "when": when or {"title": name}, "then": then or {"project": "beta"}, "line": line}
    )


def refusals(model: Any, written: object) -> list[tuple[tuple[int | str, ...], str]]:
    with pytest.raises(ValidationError) as refusal:
        TypeAdapter(model).validate_python(written)
    return [(error["loc"], error["msg"].removeprefix("Value error, ")) for error in refusal.value.errors()]


def test_one_value_and_a_list_of_one_are_the_same() -> None:
    one = When.model_validate(
        {"container": "WEB", "kind": "meeting", "audience": 2, "any": {"title": "acme"}}
    )
    many = When.model_validate(
        {
            "container": [{"words": "WEB"}],
            "kind": ["meeting"],
            "audience": [{"min": 2, "max": 2}],
            "any": [{"title": ["acme"]}],
        }
    )
    assert one == many


@pytest.mark.parametrize("written", ["6m", 6, {"to": "6m"}, {"to": 6, "mode": "nearest"}])
def test_rounding_is_written_short_or_in_full(written: object) -> None:
    project = Project.model_validate({"name": "Law", "rounding": written})
    assert project.rounding == Rounding(to=6, mode="nearest")


@pytest.mark.parametrize(
    "pattern", [r"(?=acme)call", r"(?<!acme)call", r"(a)\1", "a++", "((a{100}){100}){100}", "(", "[a"]
)
@says("unless regex: (RE2) or exact: is asked for")
def test_S11_what_RE2_refuses_is_refused_in_its_place(pattern: str) -> None:
    ((where, sentence),) = refusals(When, {"title": [{"regex": pattern}]})
    assert where == ("title", 0, "regex")
    assert sentence.startswith("RE2 refuses this pattern: ")
    assert sentence.endswith("Look-around and back-references are not available.")


def test_S11_patterns_and_lists_have_a_length_to_keep() -> None:
    assert refusals(When, {"title": {"regex": "a" * 1001}})
    assert refusals(When, {"title": "a" * 1001})
    assert refusals(When, {"labels": ["a"] * 1001})
    When.model_validate({"title": {"regex": "a" * 1000}, "labels": ["a"] * 1000})


@pytest.mark.parametrize(
    ("model", "written", "where", "sentence"),
    [
        (When, {"titel": "acme"}, ("titel",), "Extra inputs are not permitted"),
        (When, {"title": []}, ("title",), "is empty; name at least one, or leave the line out"),
        (When, {"title": None}, ("title",), "is empty; name at least one, or leave the line out"),
        (When, {"container": 1201}, ("container", 0), "1201 is not text; put it in quotes"),
        (
            When,
            {"title": "***"},
            ("title",),
            "'***' has no letter or digit to look for; use regex or exact",
        ),
        (
            When,
            {"title": {"regex": "a", "exact": "b"}},
            ("title", 0),
            "takes one of words, regex and exact",
        ),
        (When, {"audience": {"min": 3, "max": 2}}, ("audience", 0), "has a min above its max"),
        (When, {"audience": {}}, ("audience", 0), "takes min, max or both"),
        (Rounding, {"to": "0m"}, ("to",), "is no step to round to; take 1m to 8h"),
        (Then, {}, (), "says nothing; name a project, or ignore: true"),
        (
            Then,
            {"project": "beta", "ignore": True},
            (),
            "says both ignore and project; an ignored activity has no draft",
        ),
        (
            Then,
            {"share": {"acme-web": 50, "beta": "40 %"}},
            ("share",),
            "adds up to 90 %, not 100 %; write 100 for each where all are billed in full",
        ),
        (Then, {"share": {"acme-web": 100, "beta": 0}}, ("share",), "has a project with 0 %; leave it out"),
        (
            Project,
            {"name": "Joint", "share": {"acme-web": 50, "beta": 40}},
            ("share",),
            "adds up to 90 %, not 100 %; write 100 for each where all are billed in full",
        ),
        (
            Project,
            {"name": "Internal", "target": {"asana": 1201000000000777}},
            ("target",),
            "names 1201000000000777 at 'asana', which is not text; put it in quotes",
        ),
        (
            Then,
            {"text": "{guests}"},
            ("text",),
            f"'{{guests}}' cannot be filled in; a text may name {TEMPLATE}",
        ),
        (
            Then,
            {"text": "{title.__class__}"},
            ("text",),
            f"'{{title.__class__}}' cannot be filled in; a text may name {TEMPLATE}",
        ),
        (
            Then,
            {"text": "{title"},
            ("text",),
            "has a brace without its partner; write {{ or }} for a brace itself",
        ),
    ],
)
def test_P14_a_slip_is_answered_in_its_place(
    model: Any, written: object, where: tuple[int | str, ...], sentence: str
) -> None:
    assert refusals(model, written) == [(where, sentence)]


def test_P14_a_list_with_one_bad_word_is_not_called_empty_as_well() -> None:
    assert [where for where, _ in refusals(When, {"kind": "meting"})] == [("kind", 0)]


def test_a_text_may_hold_braces_and_every_word_it_knows() -> None:
    Then(text="{{x}} {title} {task} {container} {project} {client}")


def test_several_clients_may_be_billed_in_full_but_only_where_a_rule_says_so() -> None:
    assert Then(share={"acme-web": 100, "beta": 100}).booked_on == "acme-web"


def test_the_largest_share_is_the_project_and_the_first_of_equals() -> None:
    assert Then(share={"acme-web": 30, "beta": 70}).booked_on == "beta"
    assert Then(share={"acme-web": 50, "beta": 50}).booked_on == "acme-web"
    assert Then(project="beta", share={"acme-web": 50, "beta": 50}).booked_on == "beta"


def test_a_well_written_file_has_no_problems() -> None:
    assert (
        problems(PROJECTS, [rule("ACME"), rule("Beta", then={"share": {"acme-web": 50, "beta": 50}})]) == []
    )


@says("each has a name")
def test_P14_a_name_is_given_once() -> None:
    found = problems(PROJECTS, [rule("ACME", line=4), rule("Beta"), rule("ACME", when={"labels": "x"})])
    assert found == [
        (("rules", 2, "name"), "'ACME' is the name of another rule (line 4); each needs its own"),
    ]


def test_P14_an_unknown_project_is_answered_with_the_nearest() -> None:
    rules = [
        rule("A", then={"project": "acme-wbe"}),
        rule("B", then={"share": {"acme-web": 50, "betta": 50}}),
        rule("C", then={"project": "zzzzzz"}),
    ]
    assert problems(PROJECTS, rules) == [
        (
            ("rules", 0, "then", "project"),
            "'acme-wbe' is not a project Daybook knows. Did you mean 'acme-web'?",
        ),
        (
            ("rules", 1, "then", "share", "betta"),
            "'betta' is not a project Daybook knows. Did you mean 'beta'?",
        ),
        (("rules", 2, "then", "project"), "'zzzzzz' is not a project Daybook knows."),
    ]


def test_P14_a_rule_books_on_a_project_that_has_a_part_in_its_share() -> None:
    apart = rule("A", then={"project": "beta", "share": {"acme-web": 100}})
    assert problems(PROJECTS, [apart]) == [
        (("rules", 0, "then", "project"), "is 'beta', which has no part in its share")
    ]


def test_P14_a_project_shares_its_time_with_projects_that_exist() -> None:
    joint = Project(name="Joint", share={"acme-web": 50, "betta": 50})
    assert problems({**PROJECTS, "joint": joint}, []) == [
        (
            ("projects", "joint", "share", "betta"),
            "'betta' is not a project Daybook knows. Did you mean 'beta'?",
        )
    ]


def test_P6_a_problem_names_the_file_of_the_other_rule_where_there_are_several() -> None:
    first = rule("ACME", line=4).model_copy(update={"file": "acme.yaml"})
    ((_, sentence),) = problems(PROJECTS, [first, rule("ACME", when={"labels": "x"}, line=9)])
    assert sentence == "'ACME' is the name of another rule (acme.yaml line 4); each needs its own"


def test_P14_a_rule_that_can_never_win_is_named() -> None:
    twice = [rule("ACME", line=4), rule("Same", when={"title": ["ACME"]})]
    assert problems(PROJECTS, twice) == [
        (("rules", 1, "when"), "asks the same as 'ACME' (line 4), which always wins; delete one"),
    ]
    everything = Rule(name="All", when=When(), then=Then(project="beta"))
    assert problems(PROJECTS, [rule("A"), everything, rule("B"), rule("C")]) == [
        (("rules", 1, "when"), "holds for everything, so the 2 below it never match; move it to the end"),
    ]
    assert problems(PROJECTS, [rule("A"), everything]) == []


def test_S11_a_file_of_too_many_rules_is_refused() -> None:
    rules = [rule(f"Client {number}") for number in range(MOST_RULES + 1)]
    found: list[Problem] = problems(PROJECTS, rules)
    assert found == [(("rules",), "are 10001; Daybook takes 10000")]


def test_S11_a_file_of_too_many_regular_expressions_is_refused_however_deep_they_stand() -> None:
    some = [{"regex": f"^client {number}"} for number in range(1_000)]
    deep = {"any": [{"title": some}, {"none": {"container": some}}], "all": {"labels": some}}
    assert problems(PROJECTS, [rule("A", when=deep), rule("B", when={"all": deep, "title": "b"})]) == [
        (("rules",), "hold 6000 regular expressions; Daybook takes 5000")
    ]
    assert problems(PROJECTS, [rule("A", when=deep)]) == []


def test_every_connection_something_is_posted_to_is_listed_with_its_place() -> None:
    rules = [rule("A", then={"target": {"asana": "1201"}}), rule("B", then={"target": {"none": "kept here"}})]
    assert list(targets(PROJECTS, rules)) == [
        (("projects", "acme-web", "target"), "jira", "task"),
        (("rules", 0, "then", "target"), "asana", "1201"),
    ]


def test_the_schema_explains_every_field_and_hides_what_the_loader_sets() -> None:
    schema = TypeAdapter(tuple[Project, Rule]).json_schema()
    for name, model in schema["$defs"].items():
        for field, described in model["properties"].items():
            assert described.get("description"), f"{name}.{field}"
    assert schema["$defs"]["Rule"]["properties"].keys() == {"name", "when", "then"}


def test_the_containers_rules_name_are_those_they_ask_for_each_once():
    rules = [
        rule(when={"container": ["WEB", {"exact": "1201"}, {"regex": "^APP"}]}),
        rule("Other", when={"any": [{"container": "OPS"}, {"all": [{"container": "WEB"}]}]}),
        rule("But", when={"title": "acme", "none": [{"container": "HR"}]}),
    ]
    assert containers(rules) == ("WEB", "1201", "OPS")
