"""Hostile and unlucky files: each is refused in words, quickly and in little memory (S-09)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.load import Unfit, load
from tests.cost import cost

ROOT = Path(__file__).parents[2]
MIB = 2**20
LETTERS = "bcdefghijklm"
HOSTILE = {
    "a bomb of aliases": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("a" + LETTERS, LETTERS, strict=False)
    ),
    "an alias of itself": "&a [*a]\n",
    "a merge key": "a: &a {x: 1}\nb:\n  <<: *a\n",
    "a tag that runs a program": "a: !!python/object/apply:os.system [ls]\n",
    "a list as long as may be": f"a: [{'1,' * 500_000}]\n",
    "brackets without end": "[" * 1_000_000,
    "braces without end": "{a: " * 200_000,
    "mappings without end": "".join(f"{' ' * depth}a:\n" for depth in range(1_400)),
    "keys without end": "".join(f"k{number}: 1\n" for number in range(90_000)),
    "a key said again and again": "version: 1\n" * 90_000,
    "questions without end": "? " * 300_000,
    "comments without end": "#\n" * 500_000,
    "documents without end": "---\na: 1\n" * 100_000,
    "a number of 900,000 digits": f"version: {'9' * 900_000}",
    "another in base 16": f"version: 0x{'f' * 900_000}",
    "a number beyond all numbers": "version: 1e999999999\n",
    "a text of a megabyte": f"a: '{'x' * 1_000_000}'\n",
    "a text that never ends": 'a: "' + '\\"' * 400_000,
    "a list for a key": "version: 1\n? [a, b]\n: 1\n",
    "a byte of nothing": "a: \0\n",
    "no text at all": bytes(range(256)) * 4_000,
    "more than a megabyte": "#" * (MIB + 1),
    "an include of itself": "version: 1\ninclude: [daybook.yaml]\n",
    "an include that never ends": "version: 1\ninclude: [/dev/zero]\n",
    "a tab": "version: 1\npeople:\n\t- name: Ada\n",
    "a mark of order in the middle": "version: 1\n\ufeffpeople: []\n",
    "lines that end in carriage returns only": "version: 1\rorganisation Northwind\r",
    "text of the last century": "organisation: B\xfcro\n".encode("latin-1"),
    "text of two bytes a letter": "version: 1\n".encode("utf-16"),
    "half a letter": b"organisation: \xc3",
    "nothing": "",
    "a list": "- 1\n",
    "a word": "daybook\n",
}


@pytest.fixture(params=HOSTILE)
def hostile(request, tmp_path) -> Path:
    written = HOSTILE[request.param]
    file = tmp_path / "daybook.yaml"
    file.write_bytes(written.encode() if isinstance(written, str) else written)
    return file


def rules(first: int, last: int) -> str:
    lines = (
        f"  - {{name: Rule {n}, when: {{title: client {n}}}, then: {{ignore: true}}}}\n"
        for n in range(first, last)
    )
    return f"rules:\n{''.join(lines)}"


def refusal(file: Path) -> str:
    with pytest.raises(Unfit) as unfit:
        load(file)
    return str(unfit.value)


def people(number: int) -> str:
    lines = (
        f"  - {{name: Person {n}, email: p{n}@northwind.example, team: studio, role: salaried, "
        "timezone: Europe/Berlin}\n"
        for n in range(number)
    )
    return f"version: 1\npeople:\n{''.join(lines)}"


@pytest.fixture(scope="session")
def honest(tmp_path_factory) -> float:
    """What an honest file of 2,500 people costs, about a second."""
    file = tmp_path_factory.mktemp("honest") / "daybook.yaml"
    file.write_text(people(2_500))
    return cost(lambda: load(file), times=1)


def test_S09_a_hostile_file_is_refused_in_words_and_costs_less_than_an_honest_one(hostile, honest):
    """The dearest takes about a third of a second."""
    assert cost(lambda: refusal(hostile), times=2) < honest
    said = refusal(hostile)
    assert f"{hostile}: " in said.splitlines()[0]
    assert len(said) < 20_000


def test_S09_all_of_them_together_within_a_hundred_megabytes(tmp_path):
    for number, written in enumerate(HOSTILE.values()):
        file = tmp_path / f"{number}.yaml"
        file.write_bytes(written.encode() if isinstance(written, str) else written)
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from config.load import Unfit, load\n"
        "for file in Path(sys.argv[1]).iterdir():\n"
        "    try: load(file)\n"
        "    except Unfit: pass\n"
        "print(Path('/proc/self/status').read_text())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=True, cwd=ROOT
    )
    # getrusage would give the peak of whoever started it, where that is larger
    (peak,) = [line.split()[1] for line in ran.stdout.splitlines() if line.startswith("VmHWM:")]
    assert int(peak) < 100 * 1024


def test_a_file_that_cannot_be_read_has_that_one_problem(tmp_path):
    file = tmp_path / "daybook.yaml"
    file.write_text("a: [1\nb: 2\n")
    assert "1 problem." in refusal(file)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("policy: {why: x, contact:", "1:26  the file  ends in the middle of a setting. Is the file whole?"),
        ('organisation: "North', "1:21  the file  ends in the middle of a setting. Is the file whole?"),
        (
            "version: 1\norganisation Northwind\ntimezone: x\n",
            "3:1  the file  lacks a colon after the name of a setting",
        ),
        ("organisation: Northwind: Studio\n", "1:24  the file  has a colon where none can be."),
        ("store:\n  url: a\n   key: b\n", "Does it begin where its neighbours do, and"),
        (
            "people:\n  - name: a\n - name: b\n",
            "3:2  the file  begins further in or out than its neighbours.",
        ),
        ("organisation: @north\n", "1:15  the file  has text that begins with a sign YAML knows."),
        ("rules: *x\n", "1:8  the file  has an alias (*). Write it out"),
        ("version: 1\n---\nversion: 1\n", "2:1  the file  begins a second document (---)."),
        ('organisation: "a\\qb"\n', "has a backslash in double quotes."),
    ],
)
def test_P14_what_yaml_does_not_take_is_said_in_words_of_the_file(tmp_path, written, says):
    file = tmp_path / "daybook.yaml"
    file.write_text(written)
    assert says in refusal(file)


def test_what_is_wrong_thousands_of_times_is_shown_fifty_times(tmp_path):
    file = tmp_path / "daybook.yaml"
    file.write_text("version: 1\n" * 1_000)
    said = refusal(file).splitlines()
    assert said[0].endswith("999 problems.")
    assert said[-1] == "  ... and 949 more."


def test_S09_a_hundred_thousand_rules_are_refused_whether_in_one_file_or_in_many(tmp_path, honest):
    file, each = tmp_path / "daybook.yaml", 5_000
    file.write_text(f"version: 1\n{rules(0, 100_000)}")
    assert "is larger than 1 MiB. Move long lists to files of their own" in refusal(file)
    for first in range(0, 100_000, each):
        (tmp_path / f"{first}.yaml").write_text(rules(first, first + each))
    names = ", ".join(f"{first}.yaml" for first in range(0, 100_000, each))
    file.write_text(f"version: 1\ninclude: [{names}]\n")
    said = refusal(file)
    assert "2:1  include  names more than Daybook reads of one configuration: 10,000 rules" in said
    assert cost(lambda: refusal(file), times=2) < honest


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (
            "../rules.yaml",
            "which leads out of the folder of this file. Name it by its whole path, from / on.",
        ),
        ("link.yaml", "which leads out of the folder of this file."),
        ("{outside}", "which others can write. Let it belong to Daybook's account or to root alone."),
        ("pipe", "which is no file."),
        ("daybook.yaml", "which is read already. Name each file once."),
        ("own.yaml, ./own.yaml", "names ./own.yaml, which is read already."),
        ("gone.yaml", "which cannot be read (No such file or directory)."),
    ],
)
def test_an_include_stays_in_its_folder_or_says_who_owns_it(tmp_path, name, says):
    folder, outside = tmp_path / "etc", tmp_path / "rules.yaml"
    folder.mkdir()
    outside.write_text(rules(0, 1))
    outside.chmod(0o666)
    (folder / "own.yaml").write_text(rules(1, 2))
    (folder / "link.yaml").symlink_to(outside)
    os.mkfifo(folder / "pipe")
    file = folder / "daybook.yaml"
    file.write_text(f"version: 1\ninclude: [{name.format(outside=outside)}]\n")
    said = refusal(file)
    assert says in said
    assert f"{file}:2:" in said
    outside.chmod(0o644)
    file.write_text(f"version: 1\ninclude: [own.yaml, {outside}]\n")
    assert len(load(file).configuration.rules) == 2


def test_an_include_of_an_include_is_refused_so_there_are_no_circles(tmp_path):
    (tmp_path / "more.yaml").write_text("include: [daybook.yaml]\n")
    file = tmp_path / "daybook.yaml"
    file.write_text("version: 1\ninclude: [more.yaml]\n")
    assert "more.yaml:1:1  include  belongs into the main file" in refusal(file)


def test_S11_a_pattern_that_would_run_for_ever_runs_no_longer_than_its_text(tmp_path):
    """RE2 takes as long as the text is; what it has no quick way for, it refuses with its line."""
    file = tmp_path / "daybook.yaml"
    rule = "version: 1\nrules:\n  - {{name: R, when: {{title: {{regex: '{0}'}}}}, then: {{ignore: true}}}}\n"
    file.write_text(rule.format("(a+)+$"))
    assert load(file).configuration.rules
    for pattern, says in (("(?=a)b", "Look-around"), ("((a{900}){900}){900}", "invalid repetition size")):
        file.write_text(rule.format(pattern))
        said = refusal(file)
        assert f"{file}:3:" in said and says in said


def test_five_thousand_people_are_read(tmp_path):
    file = tmp_path / "daybook.yaml"
    file.write_text(people(5_000))
    assert len(load(file).configuration.people) == 5_000
