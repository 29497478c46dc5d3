"""The documents as a site: every page is in its contents, every link within it leads somewhere."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.supply.checkers import ROOT, Checkers

DOCS = ROOT / "docs"


def built(checkers: Checkers, source: Path, site: Path) -> subprocess.CompletedProcess[str]:
    return checkers.run("sphinx-build", "-W", "--keep-going", "-q", "-d", site / "read", source, site)


def test_every_link_and_every_page_of_the_site_is_there(checkers: Checkers, tmp_path: Path) -> None:
    done = built(checkers, DOCS, tmp_path)
    assert done.returncode == 0, done.stderr
    made = {page.stem for page in tmp_path.glob("*.html")}
    assert {page.stem for page in DOCS.glob("*.md")} <= made


def test_a_dead_link_a_missing_chapter_and_a_page_out_of_the_contents_are_seen(
    checkers: Checkers, tmp_path: Path
) -> None:
    planted = tmp_path / "docs"
    planted.mkdir()
    for name in ("conf.py", "index.md", "lab.md"):
        shutil.copy(DOCS / name, planted)
    (planted / "index.md").write_text("# Documents\n\n## Tried\n\n1. [Rules](lab.md).\n")
    (planted / "lab.md").write_text("# Rules\n\n[a](gone.md), [b](#gone), [c](lab.md#rules)\n")
    (planted / "lost.md").write_text("# Lost\n")
    done = built(checkers, planted, tmp_path / "site")
    assert done.returncode != 0
    assert done.stderr.count("WARNING") == 3
    for seen in (
        "lab.md:3: WARNING: 'myst' cross-reference target not found: 'gone.md'",
        "'gone'",
        "lost.md",
    ):
        assert seen in done.stderr
