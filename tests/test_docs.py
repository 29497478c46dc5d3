"""The documents say what the program does: names exist, links lead somewhere, made parts are fresh."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any, get_args

import click
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from connectors.contract import CursorExpired, Paced, Refused, Unavailable, Unclear
from connectors.layers.filtered import WORDS, masked, unwanted
from core.model import Activity, Kind
from core.wording import words
from daybook.__main__ import daybook
from daybook.mail import letters
from daybook.wiring import read, terms
from docs import (
    browser,
    cookbook_tried,
    every,
    make,
    pictures,
    recovery_tried,
    rollout_tried,
    rooms,
    worked_day,
)
from docs.reference import anchor

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PROMISES = [f"P{number}" for number in range(1, 15)]
LINK = re.compile(r"(?:\]\(|src=\")([^)\"\s]+)")


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def written_tests() -> set[str]:
    files = (ROOT / "tests").rglob("test_*.py")
    return {name for file in files for name in re.findall(r"def (test_\w+)", file.read_text("utf-8"))}


def links() -> Iterator[tuple[Path, str]]:
    for document in DOCUMENTS:
        for link in LINK.findall(document.read_text("utf-8")):
            if not link.startswith("https://"):
                yield document, link


def headings(document: Path) -> set[str]:
    found = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {anchor(heading) for heading in found}


def unknown(document: str) -> set[str]:
    """The tests that a document names and nobody wrote."""
    return set(re.findall(r"`(test_\w+)`", document)) - written_tests()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_test_a_document_names_exists(document):
    assert unknown(document.read_text("utf-8")) == set()


def test_a_name_that_no_test_has_is_seen():
    made_up = "test_S99_" + "nobody_wrote_this"
    assert unknown(text("docs/security.md") + f"`{made_up}`") == {made_up}


def test_every_row_of_the_security_table_that_holds_names_a_test():
    rows = re.findall(r"^\| (.+?) \| (yes|partly|no) \| (.+) \|$", text("docs/security.md"), re.MULTILINE)
    assert len(rows) > 50
    assert [section for section, holds, how in rows if holds == "yes" and "`test_" not in how] == []


def test_the_security_table_leaves_no_section_of_the_standard_out():
    """OWASP ASVS 5.0.0: so many sections each of its chapters has, but for WebRTC's."""
    sections = (5, 4, 7, 4, 4, 8, 6, 4, 2, 7, 7, 3, 4, 3, 4, 5)
    there = {f"{chapter}.{number + 1}" for chapter, many in enumerate(sections, 1) for number in range(many)}
    _, intro, *chapters = re.split(r"^##+ (?=Against|V\d)", text("docs/security.md"), flags=re.MULTILINE)
    left_out = re.findall(r"\d+\.\d+", intro.partition("Left out")[2])
    rows = [row for said in chapters for row in re.findall(r"^\| (\d[\d., ]*)", said, re.MULTILINE)]
    told = [number for row in rows for number in re.findall(r"\d+\.\d+", row)]
    assert sorted(left_out + told) == sorted(there)


NO_PROSE = re.compile(
    r"<!-- made: .*?<!-- end -->|^ *```.*?^ *```$|^ *[|<!].*?$|^    .*?$", re.MULTILINE | re.DOTALL
)
WIDEST = 126


def overlong(document: str) -> list[str]:
    """The lines written by hand that run out of an editor's window; in figures.md a bench wrote some."""
    return [line for line in NO_PROSE.sub("", document).splitlines() if len(line) > WIDEST]


@pytest.mark.parametrize(
    "document", [path for path in DOCUMENTS if path.name != "figures.md"], ids=lambda path: path.name
)
def test_lines_end_where_their_neighbours_do(document):
    assert overlong(document.read_text("utf-8")) == []


def test_a_line_that_runs_on_is_seen():
    runs_on = "word " * 40
    planted = f"{runs_on}\n| {runs_on}|\n\n```\n{runs_on}\n```\n<!-- made: x -->\n{runs_on}\n<!-- end -->\n"
    assert overlong(planted) == [runs_on]


@pytest.mark.parametrize("promise", PROMISES)
def test_the_readme_names_a_test_for_every_promise(promise):
    (row,) = re.findall(rf"^\| \*\*{promise}\*\* .*$", text("README.md"), re.MULTILINE)
    assert re.search(rf"`test_(?:P\d+_)*{promise}_\w+`", row)


def test_what_is_made_from_the_program_is_fresh():
    assert make.stale() == [], "bring them up to date with: make docs ARGS=--words"


def test_the_map_leaves_no_module_out():
    named = set(re.findall(r"`([\w.]+?)(?:\.py)?`", rooms.told(ROOT)))
    modules = {path.stem for room in rooms.ROOMS for path in (ROOT / room).rglob("*.py")}
    inner = {name.rpartition(".")[2] for name in named}
    assert modules - {"__init__"} <= inner


def test_every_link_of_ours_leads_somewhere():
    for document, link in links():
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), f"{document.name}: {link}"
        if anchor:
            assert anchor in headings(target), f"{document.name}: {link}"


def test_the_worked_day_is_what_propose_says(monkeypatch):
    monkeypatch.chdir(ROOT)
    arguments = ["propose", "-c", str(worked_day.CONFIGURATION), "--now", worked_day.NOW]
    answer = CliRunner().invoke(daybook, arguments, input=text(str(worked_day.ACTIVITIES)))
    assert answer.exit_code == 0, answer.output
    said = [json.loads(line) for line in answer.stdout.splitlines()]
    assert said == [json.loads(line) for line in text(str(worked_day.DAYS)).splitlines()]


def test_the_command_in_the_document_is_the_one_that_was_run():
    command = (
        f"daybook propose -c {worked_day.CONFIGURATION} --now {worked_day.NOW} < {worked_day.ACTIVITIES}"
    )
    assert f"    {command}\n" in text("docs/reconciler.md")


@pytest.mark.parametrize("team", cookbook_tried.NOW)
def test_every_configuration_of_the_cookbook_is_well(team, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("credentials").mkdir(mode=0o700)
    for name, secret in {**rollout_tried.SECRETS, "asana-token": "none"}.items():
        (Path("credentials") / name).write_text(secret)
        (Path("credentials") / name).chmod(0o600)
    shutil.copy(ROOT / cookbook_tried.EXAMPLES / f"{team}.yaml", "daybook.yaml")
    answer = CliRunner().invoke(daybook, ["check"])
    assert answer.exit_code == 0, answer.output


@pytest.mark.parametrize("team", cookbook_tried.NOW)
def test_P11_what_the_cookbook_tries_is_what_its_policy_lets_through(team):
    loaded = read(ROOT / cookbook_tried.EXAMPLES / f"{team}.yaml", secrets=False)
    for line in text(f"{cookbook_tried.EXAMPLES}/{team}.jsonl").splitlines():
        said = json.loads(line)
        assert said.pop("person")
        activity, allowed = Activity(**said), terms(loaded.configuration, said["source"])
        assert unwanted(activity, allowed) == ""
        assert masked(activity, allowed) == activity


def test_no_word_of_a_law_firms_titles_reaches_a_target():
    activities = text(f"{cookbook_tried.EXAMPLES}/law.jsonl").splitlines()
    titles = {word for line in activities for word in words(json.loads(line)["title"]).split()}
    drafts = cookbook_tried.proposed("law", ROOT)["drafts"]
    posted = [draft["text"] for draft in drafts if draft["target"] != "none"]
    assert len(posted) == 4
    said = {word for one in posted for word in words(one).split()}
    assert said & titles == {"0388"}  # the number of a matter, which stands for what must not be named


def test_the_guide_to_connectors_names_every_kind_word_and_fault():
    guide = text("docs/writing-a-connector.md")
    faults = {Unavailable, Paced, Refused, CursorExpired, Unclear}
    for name in {*get_args(Kind), *WORDS, *(fault.__name__ for fault in faults)}:
        assert f"`{name}`" in guide, name


@pytest.mark.parametrize("name", daybook.commands)
def test_every_command_is_in_the_documents(name):
    assert f"daybook {name}" in text("docs/operating.md")
    assert re.search(rf"`(daybook )?{name}\b", text("CHANGELOG.md"))


def commands(document: str) -> Iterator[list[str]]:
    """Every command line a document shows, as words."""
    for line in re.findall(r"^ *\$ (daybook .+)$|`(daybook [^`]+)`", text(document), re.MULTILINE):
        yield shlex.split(" ".join(line))[1:]


@pytest.mark.parametrize("words", [*commands("docs/rollout.md"), *commands("docs/recovery.md")], ids=" ".join)
def test_every_command_that_a_document_names_is_one_that_the_program_takes(words):
    command: click.Command = daybook
    while isinstance(command, click.Group):
        command = command.commands[words[0]]
        words = words[1:]
    command.make_context("tried", words)


@pytest.mark.parametrize(
    ("document", "tried"), [("docs/rollout.md", rollout_tried), ("docs/recovery.md", recovery_tried)]
)
def test_every_command_that_a_document_prints_was_run_for_it(document, tried):
    typed = [line for _, commands in tried.PRINTED for line in commands.splitlines()]
    printed = {line for line in typed if line.startswith("daybook ")}
    shown = set(re.findall(r"^\$ (daybook .+)$", text(document), re.MULTILINE))
    assert shown == printed


def test_without_chromium_there_are_no_pictures_and_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    (line,) = pictures.take(tmp_path / "images")
    assert line == "No pictures: chromium is missing. On Debian: apt-get install chromium"
    assert not (tmp_path / "images").exists()


def test_every_kind_of_mail_has_its_picture():
    assert {*every.MAILS} == {*get_args(letters.Kind)}


@pytest.mark.skipif(not browser.is_there(), reason="needs Debian's chromium")
def test_a_picture_is_as_wide_as_asked_and_dark_where_asked(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<style>@media (prefers-color-scheme: dark) { body { background: black } }</style>")
    with browser.opened() as chromium:
        light = chromium.picture(page.as_uri(), 390, 100)
        dark = chromium.picture(page.as_uri(), 390, 100, dark=True, sharp=2.0)
    assert [int.from_bytes(png[16:20]) for png in (light, dark)] == [390, 780]
    assert light != dark


SHOWN = re.compile(r"`(daybook [a-z][^`]*)`|^ *(?:\$ |-> |sudo .*?)?(daybook [a-z].*)$", re.MULTILINE)
MANUAL = "docs/operating.md"


def typed(document: str) -> Iterator[list[str]]:
    """Every command of ours that a document shows, inline or in a block, up to a comment or a pipe."""
    for found in SHOWN.finditer(document):
        in_block = found[2] and (found[0].startswith("    ") or found[0].lstrip().startswith(("$ ", "-> ")))
        if found[1] or in_block:
            line = re.split(r" [#<>|\\]|\n", f"{found[1] or found[2]} ")[0]
            yield re.sub(r"[\[\]\"]", " ", line).split()[1:]


def surprising(words: list[str]) -> list[str]:
    """What of it the program does not take: a command or an option that it does not have."""
    command: click.Command = daybook
    rest = list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        if rest[0] not in command.commands:
            return rest[:1] if re.fullmatch("[a-z][a-z-]*", rest[0]) and command is daybook else []
        command = command.commands[rest.pop(0)]
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    options = {word.partition("=")[0].rstrip(",.;") for word in rest if re.match("--?[a-z]", word)}
    return sorted(options - known - {"--help", "--version"})


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_and_option_a_document_shows_is_one_of_ours(document):
    shown = list(typed(document.read_text("utf-8")))
    assert [(words, wrong) for words in shown if (wrong := surprising(words))] == []


def test_a_command_or_an_option_that_is_none_of_ours_is_seen():
    planted = "Try `daybook chek`.\n\n    daybook check --on-line   # whole\n\n$ daybook people --forget x\n"
    assert [surprising(words) for words in typed(planted)] == [["chek"], ["--on-line"], ["--forget"]]
    assert len(list(typed(text(MANUAL)))) > 50


def fragments() -> Iterator[tuple[str, str]]:
    for document in DOCUMENTS:
        for block in re.findall(
            r"^ *```yaml\n(.*?)^ *```", document.read_text("utf-8"), re.MULTILINE | re.DOTALL
        ):
            yield document.name, dedent(block)


def joined(whole: Any, part: Any) -> Any:
    if isinstance(whole, dict) and isinstance(part, dict) and "type" not in part:
        return whole | {key: joined(whole.get(key), value) for key, value in part.items()}
    if isinstance(whole, list) and isinstance(part, list) and "email" in part[0]:
        said = {person["email"] for person in part}
        return [*part, *(person for person in whole if person["email"] not in said)]
    return part


@pytest.mark.parametrize(("document", "block"), list(fragments()))
def test_every_piece_of_yaml_in_a_document_is_a_piece_of_a_configuration(document, block, tmp_path):
    said = YAML(typ="safe").load(block)
    if "cases" in said:
        assert block in text("docs/examples/team.cases.yaml")
        return
    whole = joined(YAML(typ="safe").load(text("docs/examples/agency.yaml")), said)
    (tmp_path / "daybook.yaml").write_text(json.dumps(whole, default=str))
    loaded = CliRunner().invoke(daybook, ["propose", "-c", str(tmp_path / "daybook.yaml")], input="")
    assert loaded.exit_code == 0, str(loaded.exception)


def test_a_misspelt_piece_of_yaml_is_seen(tmp_path):
    with pytest.raises(AssertionError, match="urll"):
        test_every_piece_of_yaml_in_a_document_is_a_piece_of_a_configuration(
            "planted", "page: {urll: https://daybook.example}\n", tmp_path
        )
