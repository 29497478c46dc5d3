"""A configuration, or every problem in it at once (P14)."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import BaseModel, ConfigDict, SecretStr

from config.load import Loaded, Unfit, load
from config.secrets import from_machine

WELL = """\
version: 1
organisation: Northwind Studio
timezone: Europe/Berlin
policy:
  why: Two invoices were disputed this quarter.
  contact: ops@northwind.example
  effective: 2026-12-01
  tracked: {jira: [title, worklogs]}
connections:
  jira: {type: jira, site: https://northwind.atlassian.net, token: "${credential:jira}"}
schedules:
  full_time: {mon-thu: ["09:00-12:30", "13:15-18:00"], fri: ["09:00-15:00"]}
people:
  - {name: Ada Example, email: Ada@northwind.example, schedule: full_time, holidays: DE-BE}
projects:
  acme-web: {name: ACME website, client: ACME, billable: true, rounding: 15m, target: {jira: task}}
rules:
  - name: ACME issues
    when: {source: jira, container: WEB}
    then: {project: acme-web}
"""


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")
    site: str
    token: SecretStr


class Jira:
    Settings = Settings
    tracks: ClassVar = {"title": "", "worklogs": ""}


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "jira").write_text("s3cret\n")
    return tmp_path


@pytest.fixture
def loaded(folder):
    def from_text(text: str, **more: str) -> Loaded:
        for name, other in more.items():
            (folder / f"{name}.yaml").write_text(other)
        file = folder / "daybook.yaml"
        file.write_text(text)
        return load(file, {"jira": Jira}, from_machine(folder, {}))

    return from_text


@pytest.fixture
def told(loaded, folder):
    def problems(text: str, **more: str) -> list[tuple[str, str, str]]:
        with pytest.raises(Unfit) as unfit:
            loaded(text, **more)
        return [
            (f"{Path(p.place.file).name}:{p.place.line}:{p.place.column}", p.what, p.sentence)
            for p in unfit.value.problems
        ]

    return problems


def test_what_is_well_loads_with_its_settings_and_defaults(loaded):
    found = loaded(WELL)
    assert found.settings["jira"].token.get_secret_value() == "s3cret"
    assert found.configuration.people[0].email == "ada@northwind.example"
    assert found.configuration.posting.hold == 900
    rule = found.configuration.rules[0]
    assert (rule.file, rule.line) == ("daybook.yaml", 18)


def test_a_secret_never_shows_in_a_repr(loaded):
    assert "s3cret" not in repr(loaded(WELL))


def test_P14_all_problems_come_at_once_each_with_its_place(told):
    text = (
        WELL.replace("organisation:", "organisatoin:")
        .replace("mon-thu", "mon-thi")
        .replace("email: Ada@northwind.example", "email: nobody")
        .replace("rounding: 15m", "rounding: soon")
        .replace("target: {jira: task}", "target: {jria: task}")
        .replace("then: {project: acme-web}", "then: {project: acme-wbe}")
        .replace("tracked: {jira: [title", "tracked: {jira: [titel")
    )
    assert [(place, what) for place, what, _ in told(text)] == [
        ("daybook.yaml:2:1", "organisatoin"),
        ("daybook.yaml:8:20", "policy.tracked.jira[0]"),
        ("daybook.yaml:12:15", "schedules.full_time.mon-thi"),
        ("daybook.yaml:14:25", "people[0].email"),
        ("daybook.yaml:16:64", "projects.acme-web.rounding"),
        ("daybook.yaml:16:80", "projects.acme-web.target"),
        ("daybook.yaml:20:12", "rules[0].then.project"),
    ]


@pytest.mark.parametrize(
    ("well", "typo", "says"),
    [
        ("organisation:", "organisatoin:", 'Did you mean "organisation"?'),
        ("container: WEB", "contianer: WEB", 'Did you mean "container"?'),
        ("{jira: task}", "{jria: task}", 'Did you mean "jira"?'),
        ("schedule: full_time", "schedule: fulltime", 'Did you mean "full_time"?'),
        ("type: jira", "type: jirra", 'Did you mean "jira"?'),
        ("Europe/Berlin", "Europe/Berln", "write it like Europe/Berlin"),
        ("2026-12-01", "soon", "write it like 2026-12-01"),
        ("site:", "sight:", 'Did you mean "site"?'),
        ("holidays: DE-BE", "holidays: XX", "no country or region"),
        ("version: 1", "version: 2", "it may be 1"),
    ],
)
def test_P14_a_typo_is_answered_with_what_was_meant(told, well, typo, says):
    assert any(says in sentence for _, _, sentence in told(WELL.replace(well, typo)))


def test_P14_a_required_word_that_is_misspelt_is_one_problem_and_not_missing_too(told):
    assert [(what, sentence) for _, what, sentence in told(WELL.replace("contact:", "contcat:"))] == [
        ("policy.contcat", 'is not a word Daybook knows. Did you mean "contact"?')
    ]


def test_P14_the_message_shows_the_offending_line(loaded):
    with pytest.raises(Unfit, match=r"organisatoin: Northwind Studio"):
        loaded(WELL.replace("organisation:", "organisatoin:"))


@pytest.mark.parametrize(
    ("written", "shown", "marked"),
    [
        ("version: 1\npeople:\n  \t- name: Ada\n", "  →- name: Ada", 2),
        ("version: 1\nposting: {\thodl: 5m}\n", "posting: {→hodl: 5m}", 11),
        ("version: 1\npeople: []\t\nrules: []\n", "people: []→", 10),
        ('organisation: "a\x85b\u2028c"\nversion: 1\n  bogus: 1\n', "  bogus: 1", 7),
        ('version: 1\norganisation: "\x1b[2J"\n', 'organisation: "�[2J"', 15),
        (b"\xef\xbb\xbfversion: 1\n# \xc3\xa4\norganisation: B\xfcro\n", "organisation: B�ro", 15),
        (f"version: 1\npeople: []\nposting: {{{' ' * 300}hodl: 5m}}\n", f"... {' ' * 79}hodl: 5m}}", 83),
    ],
)
def test_P14_the_mark_stands_under_what_is_wrong(tmp_path, written, shown, marked):
    """Otto's editor shows a tab as eight spaces, and a file of one line is longer than his screen."""
    file = tmp_path / "daybook.yaml"
    file.write_bytes(written.encode() if isinstance(written, str) else written)
    with pytest.raises(Unfit) as unfit:
        load(file)
    line, mark = str(unfit.value).splitlines()[2:4]
    assert line == f"        | {shown}"
    assert mark == f"        | {' ' * marked}^"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (
            "https://ada:secret@daybook.example",
            "has a @, and what stands beside it; write",
        ),
        ("https://daybook.example?a=b#c", "has a ?, and what stands beside it"),
        ("https://daybook.example/#c", "has a #, and what stands beside it"),
        ("https://daybook.example/times", "has a path; the page needs a name of its own"),
        ("https://daybook.example:0", "has no port from 1 to 65535."),
        ("https://daybook.example:99999", "Port out of range"),
        ("http://daybook.example", "must begin with https://"),
    ],
)
def test_P14_the_address_of_the_page_is_a_name_and_nothing_else(told, url, says):
    ((place, what, sentence),) = told(f'{WELL}page: {{url: "{url}"}}\n')
    assert (place, what) == ("daybook.yaml:21:8", "page.url")
    assert says in sentence


@pytest.mark.parametrize("proxy", ["my-proxy", "10.0.4.0/33", "10.0.4.7/24"])
def test_P14_a_proxy_is_an_address_or_a_network(told, proxy):
    ((_, what, sentence),) = told(f"{WELL}page: {{url: https://daybook.example, proxies: [{proxy}]}}\n")
    assert (what, "write it like 10.0.4.7 or 10.0.4.0/24" in sentence) == ("page.proxies[0]", True)


def test_a_missing_credential_is_named_with_where_it_was_looked_for(told, folder):
    (folder / "credentials" / "jira").unlink()
    ((place, what, sentence),) = told(WELL)
    assert (place, what) == ("daybook.yaml:10:61", "connections.jira.token")
    assert sentence == (
        f"names the credential jira, which is not there. Put it into {folder}/credentials/jira."
    )


def test_a_secret_is_not_fetched_by_who_only_looks(folder):
    (folder / "daybook.yaml").write_text(WELL.replace("${credential:jira}", "${file:/nowhere}"))
    assert load(folder / "daybook.yaml").configuration.people


def test_an_include_adds_its_lists_and_keeps_its_places(loaded, told):
    more = "people:\n  - {name: Ben Example, email: ben@northwind.example}\n"
    found = loaded(WELL + "include: [people.yaml]\n", people=more)
    assert [person.name for person in found.configuration.people] == ["Ada Example", "Ben Example"]
    typo = told(WELL + "include: [people.yaml]\n", people=more.replace("email", "e-mail"))
    sentence = 'is not a word Daybook knows. Did you mean "email"?'
    assert ("people.yaml:2:25", "people[1].e-mail", sentence) in typo


def test_P08_a_policy_in_a_file_of_its_own_is_read_and_refused_by_that_files_lines(loaded, told):
    before, _, after = WELL.partition("policy:\n")
    lines = after.splitlines(keepends=True)
    main = f"{before}{''.join(lines[4:])}include: [policy.yaml]\n"
    own = "".join(["policy:\n", *lines[:4]])
    assert loaded(main, policy=own).configuration.policy == loaded(WELL).configuration.policy
    assert told(main, policy=own.replace("  why", "  groups: {minimum: 4}\n  why")) == [
        (
            "policy.yaml:2:12",
            "policy.groups.minimum",
            "is 4; it must be at least 5.",
        )
    ]
    missing = own.replace("  contact: ops@northwind.example\n", "")
    assert told(main, policy=missing) == [("policy.yaml:1:1", "policy.contact", "is missing.")]


def test_P08_half_a_policy_is_taken_from_nowhere(told):
    assert told(WELL + "include: [policy.yaml]\n", policy="policy: {notice: 1}\n") == [
        ("policy.yaml:1:1", "policy", "is already set in another file.")
    ]


@pytest.mark.parametrize(
    ("line", "what", "sentence"),
    [
        (
            "retention: {drafts: forever}",
            "policy.retention.drafts",
            "has no end. A policy needs one, for example 90 days.",
        ),
        (
            "tracked: {jira: [titel]}",
            "policy.tracked.jira[0]",
            "is 'titel'; jira can track title or worklogs. Did you mean \"title\"?",
        ),
        (
            "roles: {salried: {digest: never}}",
            "policy.roles.salried",
            'is nobody\'s role. Did you mean "salaried"?',
        ),
        (
            "roles: {salaried: {tracked: {jira: [labels]}}}",
            "policy.roles.salaried.tracked.jira[0]",
            "is 'labels', which is not read of everybody; a role is read less, never more.",
        ),
        (
            "roles: {salaried: {tracked: {asana: []}}}",
            "policy.roles.salaried.tracked.asana",
            "is not under policy.tracked.",
        ),
        ("notice: 0", "policy.notice", "is 0; it must be at least 1."),
    ],
)
def test_P14_what_a_policy_may_not_say_is_refused_by_name_and_line(told, line, what, sentence):
    text = WELL.replace("schedule: full_time,", "role: salaried, schedule: full_time,")
    kept = text.replace("  tracked: {jira: [title, worklogs]}\n", "") if line.startswith("tracked") else text
    ((place, *said),) = told(kept.replace("  contact:", f"  {line}\n  contact:"))
    assert said == [what, sentence]
    assert place.startswith("daybook.yaml:6:")


def test_P3_a_policy_without_a_reason_is_refused_by_name_and_line(told):
    assert told(WELL.replace("  why: Two invoices were disputed this quarter.\n", "")) == [
        ("daybook.yaml:4:1", "policy.why", "is missing.")
    ]


def test_P6_a_rule_knows_its_file_and_line_in_an_include_too(loaded, told):
    more = "rules:\n  - name: Calls\n    when: {title: acme}\n    then: {project: acme-web}\n"
    first, second = loaded(WELL + "include: [acme.yaml]\n", acme=more).configuration.rules
    assert [(rule.file, rule.line) for rule in (first, second)] == [("daybook.yaml", 18), ("acme.yaml", 2)]
    invented = more.replace("when:", "file: mine.yaml\n    when:")
    assert told(WELL + "include: [acme.yaml]\n", acme=invented) == [
        ("acme.yaml:3:5", "rules[1].file", "is not a word Daybook knows.")
    ]


def test_P14_a_target_must_be_a_task_of_its_tool_and_a_connection_that_exists(told):
    assert told(WELL.replace("target: {jira: task}", "target: {jira: Task}")) == [
        (
            "daybook.yaml:16:79",
            "projects.acme-web.target",
            "names 'Task' at 'jira', which is not an issue key, like WEB-12. "
            "Write task for the one the draft is about.",
        )
    ]
    rule = WELL.replace("then: {project: acme-web}", "then: {project: acme-web, target: {jria: WEB-1}}")
    assert told(rule) == [
        (
            "daybook.yaml:20:31",
            "rules[0].then.target",
            "names the connection 'jria', which is not under connections. Did you mean \"jira\"?",
        )
    ]


def test_an_include_that_is_not_there_is_a_problem_and_no_crash(told):
    ((place, _, sentence),) = told(WELL + "include: [rules.yaml]\n")
    assert place == "daybook.yaml:21:11"
    assert "cannot be read" in sentence


def test_a_faulty_rule_does_not_hide_the_faults_of_others(told):
    rules = WELL.replace("when: {source: jira, container: WEB}", "when: {sauce: jira}") + (
        "  - name: Later\n    when: {title: beta}\n    then: {project: betta}\n"
    )
    assert [what for _, what, _ in told(rules)] == ["rules[0].when.sauce", "rules[1].then.project"]


def test_S11_a_pattern_that_looks_around_is_refused_in_words(told):
    rule = WELL.replace("container: WEB", 'title: {regex: "(?=x)"}')
    ((place, what, sentence),) = told(rule)
    assert (place, what) == ("daybook.yaml:19:34", "rules[0].when.title.regex")
    assert "Look-around and back-references are not available" in sentence


@pytest.mark.parametrize(
    ("hurry", "place"),
    [("posting: {look_after: 30s}", "21:11"), ("pulling: {timeout: 5m}", "1:1")],
)
def test_R02_an_entry_is_never_looked_for_while_it_may_still_be_on_its_way(told, hurry, place):
    assert [(where, what) for where, what, _ in told(f"{WELL}{hurry}\n")] == [
        (f"daybook.yaml:{place}", "posting.look_after")
    ]


def test_a_policy_that_still_says_the_examples_reason_is_refused(told):
    from core.policy import EXAMPLE_WHY

    text = WELL.replace("Two invoices were disputed this quarter.", EXAMPLE_WHY)
    ((_, what, sentence),) = told(text)
    assert what == "policy.why"
    assert "still the example's text" in sentence


def test_the_example_that_init_writes_is_well_but_for_its_reason(folder):
    from config import example

    file = folder / "daybook.yaml"
    file.write_text(example.text(folder, "2026-12-01"))
    with pytest.raises(Unfit) as unfit:
        load(file)
    assert [problem.what for problem in unfit.value.problems] == ["policy.why"]


def test_a_running_program_keeps_the_places_of_its_settings_and_not_of_everybody(loaded):
    everywhere = loaded(WELL)
    kept = everywhere.at_large()
    site = ("connections", "jira", "site")
    assert kept.problem(site, "is away.") == everywhere.problem(site, "is away.")
    assert kept.configuration is everywhere.configuration
    assert not [path for path in kept.document.places if path[:1] in (("people",), ("rules",))]
    assert ("people", 0, "email") in everywhere.document.places
