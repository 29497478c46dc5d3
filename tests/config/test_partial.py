"""However many faults a configuration has, all are told in their places, and none ends the telling (P14)."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from config.load import Unfit, load
from config.text import Path_, spoken

WELL = YAML(typ="safe", pure=True).load("""\
version: 1
policy: {why: We agreed., contact: otto@northwind.example, effective: "2026-12-01", tracked: {jira: [title]}}
connections: {jira: {type: jira}, asana: {type: asana}}
schedules:
  full_time: {mon-thu: ["09:00-12:30", "13:15-18:00"], fri: "09:00-15:00"}
  mornings: {mon: "09:00-12:00"}
people:
  - {name: Ada, email: ada@northwind.example, team: studio, role: salaried, schedule: full_time,
     accounts: {jira: a}}
  - {name: Ben, email: ben@northwind.example, schedule: mornings, days_off: ["2026-12-24", "2026-12-28"],
     before: [{until: "2026-06-30", holidays: DE}, {until: "2026-08-31", schedule: full_time}]}
rollout: {stage: expand, cohorts: {pilot: [ada@northwind.example], expand: [ben@northwind.example]}}
projects:
  acme: {name: ACME, client: ACME, rounding: {to: 15m, mode: up}, target: {jira: task}}
  beta: {name: Beta, target: {asana: task}}
  joint: {name: Joint, share: {acme: 50, beta: 50}}
rules:
  - {name: Calls, when: {source: jira, kind: [meeting, focus], team: studio},
     then: {project: acme, confidence: sure}}
  - {name: Both, when: {title: both, who: ada@northwind.example}, then: {share: {acme: 40, beta: 60}}}
  - {name: Away, when: {any: [{title: away}, {all: {response: declined}}]}, then: {ignore: true}}
reconcile:
  increment: 15m
  teams: {studio: {min_entry: 10m, tentative: ignore}}
  roles: {salaried: {min_entry: 15m}}
  people: {ada@northwind.example: {min_entry: 20m}}
posting: {hold: 15m, look_after: 120s}
pulling: {every: 15m, timeout: 30s}
mail: {from: Daybook <daybook@northwind.example>, smtp: "mail.northwind.example:587"}
page: {url: "https://daybook.northwind.example"}
""")

Fault = tuple[Path_, Any]
"""What to write where; LEFT_OUT and MISSPELT stand for themselves."""

LEFT_OUT, MISSPELT = object(), object()
ODDITIES = (LEFT_OUT, MISSPELT, None, [], {}, "7 parsecs", -1, 1_000_000, True, ["x"], {"x": {"x": "x"}})


def places(part: Any, path: Path_ = ()) -> Iterator[Path_]:
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for name, inner in items:
        yield (*path, name)
        yield from places(inner, (*path, name))


def planted(*faults: Fault) -> dict[str, Any]:
    value: dict[str, Any] = deepcopy(WELL)
    for path, oddity in faults:
        holder: Any = value
        for part in path[:-1]:
            holder = holder[part]
        if oddity in (LEFT_OUT, MISSPELT) and isinstance(holder, dict):
            taken = holder.pop(path[-1])
            holder.update({f"{path[-1]}x": taken} if oddity is MISSPELT else {})
        else:
            holder[path[-1]] = "x" if oddity in (LEFT_OUT, MISSPELT) else oddity
    return value


def told(value: dict[str, Any]) -> set[str]:
    """The settings that are complained about; JSON is YAML."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "daybook.yaml"
        file.write_text(json.dumps(value, indent=1))
        try:
            load(file)
        except Unfit as unfit:
            assert all(problem.place.line for problem in unfit.problems)
            return {problem.what for problem in unfit.problems}
    return set()


def own(fault: Fault) -> set[str]:
    """What is said about a fault at its own place when it is the only one."""
    path, oddity = fault
    here = spoken((*path[:-1], f"{path[-1]}x") if oddity is MISSPELT and isinstance(path[-1], str) else path)
    return {what for what in told(planted(fault)) if what.startswith((here, spoken(path)))}


def apart(faults: tuple[Fault, ...]) -> bool:
    """No fault stands within another."""
    return not any(one[: len(other)] == other for (one, _), (other, _) in permutations(faults, 2))


PLACES = list(places(WELL))
near = st.sampled_from(sorted(WELL)).flatmap(
    lambda part: st.lists(
        st.sampled_from([path for path in PLACES if path[0] == part]), min_size=2, max_size=3
    )
)
far = st.lists(st.sampled_from(PLACES), min_size=2, max_size=3)
several = (near | far).flatmap(
    lambda paths: st.tuples(*(st.tuples(st.just(path), st.sampled_from(ODDITIES)) for path in paths))
)
"""Two or three faults, half of the time in one part of the file."""


def test_what_is_well_has_no_fault() -> None:
    assert told(WELL) == set()


@settings(max_examples=150, deadline=None)
@given(several.filter(apart))
def test_P14_any_faults_together_are_all_named_and_never_break_the_check(faults: tuple[Fault, ...]) -> None:
    together = told(planted(*faults))
    for fault in faults:
        assert own(fault) <= together


@pytest.mark.parametrize("number", [0, 1])
def test_P14_what_is_wrong_beside_a_day_that_was_left_out_is_told_with_it(number: int) -> None:
    before = ("people", 1, "before", number)
    slips = planted(((*before, "until"), LEFT_OUT), ((*before, "holidays"), "7 parsecs"))
    assert told(slips) == {f"people[1].before[{number}].until", f"people[1].before[{number}].holidays"}


def test_P14_two_slips_under_reconcile_are_told_together() -> None:
    slips = planted(
        (("reconcile", "increment"), "7 parsecs"), (("reconcile", "roles", "salaried", "min_entry"), MISSPELT)
    )
    assert told(slips) == {"reconcile.increment", "reconcile.roles.salaried.min_entryx"}


def test_P14_an_unknown_project_in_a_share_that_does_not_add_up_is_told_with_it() -> None:
    slips = planted((("projects", "joint", "share"), {"acme": 50, "betta": 40}))
    assert told(slips) == {"projects.joint.share", "projects.joint.share.betta"}


def test_P14_a_rule_without_one_of_its_conditions_is_not_taken_for_another() -> None:
    slips = planted((("rules", 0, "when"), {"sauce": "jira"}), (("rules", 1, "when"), {"sauce": "jira"}))
    assert told(slips) == {"rules[0].when.sauce", "rules[1].when.sauce"}


def test_P14_what_stands_after_a_faulty_one_keeps_its_place() -> None:
    slips = planted(
        (("rollout", "cohorts", "pilot"), ["nobody", "mara@northwind.example"]),
        (("people", 0), "Ada"),
        (("people", 1, "schedule"), "full_tmie"),
    )
    assert {
        "rollout.cohorts.pilot[0]",
        "rollout.cohorts.pilot[1]",
        "people[0]",
        "people[1].schedule",
    } <= told(slips)
