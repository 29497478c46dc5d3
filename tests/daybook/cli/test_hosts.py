"""Three that work and two pages on one database: one is killed, one frozen, one cut off, and nothing is lost.

The minute in which they miss each other is hastened here (tests/hosts/host.py); `make hosts` takes all of it.
"""

from __future__ import annotations

import signal
from datetime import time, timedelta
from pathlib import Path

import httpx

from daybook.sandbox.outside import Outside
from daybook.store.workers import BEAT, GIVEN_UP
from daybook.wiring import read
from tests.daybook.cli.test_killed import Stalling
from tests.daybook.cli.test_several import confirm, many
from tests.hosts.office import DISPATCHER, LONG, SENDER, office, until
from tests.postgres import Cluster

WRONG_INPUT = 2
TIMES = 4.0


def test_a_demonstration_has_its_digests_at_whatever_minute_it_runs(file: Path) -> None:
    mail = read(file, secrets=False).configuration.mail
    assert mail is not None
    assert (mail.digest_at, mail.digest_until, mail.every_day) == (time(0), time(23, 59, 59), True)


def test_R11_P8_P10_whoever_is_killed_frozen_or_cut_off_the_others_do_it_once_and_the_page_answers(
    outside: Outside, file: Path, cluster: Cluster, postgresql: str
) -> None:
    assert timedelta(minutes=1) > GIVEN_UP + BEAT, "what is hastened here"
    stalled = Stalling(outside, took_it=False)
    with office(file, outside, cluster, postgresql, times=TIMES) as here:
        *_, near, far = here.start("run", "run", "worker", "page", "page")
        until(stalled.stalled.is_set)
        dying = here.host(here.asked(SENDER))
        dying.kill()
        far.line.cut()
        stalled.go_on.set()
        here.comes_to(lambda: here.mails == here.members, without=[dying, far])
        dying.again()  # as systemd would
        before, shown = here.written(), here.drafts(near)[0]
        assert confirm(shown).status_code == 200
        until(lambda: here.host(here.asked(DISPATCHER)) is not dying)
        frozen = here.host(here.asked(DISPATCHER))
        frozen.freeze()
        here.comes_to(lambda: here.written() == before + many(shown), without=[frozen, far])
        assert here.answers(near)
        frozen.wake()
        assert frozen.process.wait(LONG) == WRONG_INPUT
        assert "took over from this one" in frozen.said
        far.line.mend()
        assert far.process.wait(LONG) == WRONG_INPUT, "a page that was cut off starts again too"
        far.again()
        until(lambda: here.answers(far))
        assert httpx.get(shown.url.replace(near.page, far.page)).status_code == 200
        assert (here.mails, here.written()) == (here.members, before + many(shown))
        near.process.send_signal(signal.SIGTERM)
        assert near.process.wait(LONG) == 0
