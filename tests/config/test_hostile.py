"""Hostile and unlucky files: each is refused in words, quickly and in little memory (S-09)."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.load import Unfit, load

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


def refusal(file: Path) -> str:
    with pytest.raises(Unfit) as unfit:
        load(file)
    return str(unfit.value)


def test_S09_a_hostile_file_is_refused_in_words_within_half_a_second(hostile):
    took = []
    for _ in range(2):  # the better of two: others may use this machine
        began = time.process_time()
        said = refusal(hostile)
        took.append(time.process_time() - began)
    assert min(took) < 0.5
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


def test_what_is_wrong_thousands_of_times_is_shown_fifty_times(tmp_path):
    file = tmp_path / "daybook.yaml"
    file.write_text("version: 1\n" * 1_000)
    said = refusal(file).splitlines()
    assert said[0].endswith("999 problems.")
    assert said[-1] == "  ... and 949 more."


def test_five_thousand_people_are_read(tmp_path):
    file = tmp_path / "daybook.yaml"
    lines = (
        f"  - {{name: Person {number}, email: p{number}@northwind.example, team: studio, role: salaried, "
        "timezone: Europe/Berlin}\n"
        for number in range(5_000)
    )
    file.write_text(f"version: 1\npeople:\n{''.join(lines)}")
    assert len(load(file).configuration.people) == 5_000
