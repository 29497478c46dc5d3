"""What a spam filter makes of our mails: SpamAssassin by its own rules, asking nobody (E-10)."""

from __future__ import annotations

import mailbox
import os
import re
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from daybook.languages import installed
from tests.daybook.mail import said

MOST = 0.5
POINTS = re.compile(r"score=(-?[\d.]+)")


def scored(mails: list[bytes], folder: Path) -> list[str]:
    """What it says of each mail, in one run: a start takes a second."""
    program = shutil.which("spamassassin")
    if program is None:
        pytest.skip("needs SpamAssassin; on Debian: apt-get install spamassassin")
    with closing(mailbox.mbox(folder / "in")) as box:
        for number, mail in enumerate(mails):
            box.add(f"X-Number: {number}\n".encode() + mail)  # they come back in another order
    run = subprocess.run(
        [program, "--local", "--mbox", "--prefspath=/dev/null", "--cf=use_bayes 0"],
        input=(folder / "in").read_bytes(),
        capture_output=True,
        check=True,
        timeout=120,
        env={"HOME": str(folder), "PATH": os.environ["PATH"]},
    )
    (folder / "out").write_bytes(run.stdout)
    with closing(mailbox.mbox(folder / "out")) as box:
        found = {int(one["X-Number"]): str(one["X-Spam-Status"]) for one in box}
    return [found[number] for number in range(len(mails))]


def points(status: str) -> float:
    said = POINTS.search(status)
    assert said, status
    return float(said[1])


def as_junk_says_it(mail: bytes) -> bytes:
    """The same mail, with one of our words as those say it who do not mean it."""
    raw = mail.replace(b">Unsubscribe<", b">Stop these e-mails<")
    assert raw != mail
    return raw


def test_E10_no_mail_of_ours_looks_like_junk_in_any_language(tmp_path: Path) -> None:
    mails = {(kind, name): mail for name in installed() for kind, mail in said.every(name).items()}
    planted = as_junk_says_it(mails["digest", "en"])
    *ours, junk = scored([*(mail for mail in mails.values()), planted], tmp_path)
    assert not {which: of for which, of in zip(mails, ours, strict=True) if points(of) > MOST}
    assert points(junk) > MOST, f"one that says Stop these e-mails is to be seen: {junk}"
