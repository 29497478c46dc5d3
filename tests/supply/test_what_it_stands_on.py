"""The packages Daybook stands on: pinned by hash, under licences we know, in the list for machines."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.supply import licences
from tests.supply.checkers import ROOT, Checkers

LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))
PINNED = re.compile(
    r"^[\w.-]+(\[[\w,-]+\])?==\S+( ; [^\\]+)? \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+", re.MULTILINE
)


@pytest.mark.parametrize("lock", LOCKS)
def test_S18_every_package_of_a_lock_is_pinned_by_hash(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    rest = re.sub(r"^ *#.*\n", "", PINNED.sub("", text), flags=re.MULTILINE)
    assert rest.strip() == ""
    assert licences.locked(lock)


def test_S18_what_is_listed_is_what_a_server_gets() -> None:
    assert licences.LOCK in (ROOT / "deploy" / "install").read_text("utf-8")


def test_S18_every_licence_is_one_we_know_and_the_page_lists_them(checkers: Checkers) -> None:
    said = licences.found()
    assert {name: licence for name, licence in said.items() if licence not in licences.TAKEN} == {}
    assert {_plain(name) for name in said} == {_plain(name) for name in licences.locked(licences.LOCK)}
    assert licences.DOCUMENT.read_text("utf-8") == licences.document(said), "make licences"


def test_S18_the_list_for_machines_names_every_package_with_its_hashes(
    checkers: Checkers, tmp_path: Path
) -> None:
    written = tmp_path / "sbom.json"
    done = checkers.run("cyclonedx-py", "requirements", "--of", "JSON", "-o", written, licences.LOCK)
    assert done.returncode == 0, done.stderr  # it holds its result against the schema of CycloneDX
    parts = json.loads(written.read_text())["components"]
    assert {_plain(part["name"]) for part in parts} == {
        _plain(name) for name in licences.locked(licences.LOCK)
    }
    assert all(
        hashed["alg"] == "SHA-256"
        for part in parts
        for place in part["externalReferences"]
        for hashed in place["hashes"]
    )


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
