"""Who has a minute that two meetings want: each reason counts before all that come after it."""

from __future__ import annotations

import pytest

from .day_sheet import DaySheet
from .says import says

LATER, EARLIER = "updated=08:30", "updated=08:00"


@pytest.mark.parametrize(
    ("wins", "loses", "said"),
    [
        pytest.param(
            f"z 10:00..12:00 response=tentative audience=80 {EARLIER}",
            f"a 10:30..11:00 response=accepted audience=3 {LATER}",
            "draft z 120 confirmed",
            id="the contributor's own decision",
        ),
        pytest.param(
            f"z 10:00..12:00 response=accepted audience=80 {EARLIER}",
            f"a 10:30..11:00 response=tentative audience=3 {LATER}",
            "",
            id="accepted over tentative",
        ),
        pytest.param(
            f"z 10:00..12:00 response=accepted audience=3 {EARLIER}",
            f"a 10:30..11:00 response=accepted audience=80 {LATER}",
            "",
            id="narrower audience",
        ),
        pytest.param(
            f"z 10:00..12:00 response=accepted audience=3 {LATER}",
            f"a 10:30..11:00 response=accepted audience=3 {EARLIER}",
            "",
            id="later edited",
        ),
        pytest.param(
            f"z 10:30..11:00 response=accepted audience=3 {LATER}",
            f"a 10:00..12:00 response=accepted audience=3 {LATER}",
            "",
            id="shorter",
        ),
        pytest.param(
            f"a 10:00..11:00 response=accepted audience=3 {LATER}",
            f"z 10:00..11:00 response=accepted audience=3 {LATER}",
            "",
            id="id",
        ),
    ],
)
@says(
    "Overlaps are resolved so that no minute counts twice: contributor's own decision, then accepted over "
    "tentative, then narrower audience, then later edited, then shorter, then id"
)
def test_P4_what_comes_first_outweighs_all_that_comes_later(wins: str, loses: str, said: str) -> None:
    written = DaySheet(f"meeting {loses}\nmeeting {wins}\n{said}")
    got = written.got()
    length = {line[1]: _length(line[2]) for line in written.lines if line[0] == "meeting"}
    both = min(length.values())
    loser = loses.split()[0]
    beaten = got.get(loser, "0").split()[-1]
    assert int(beaten) == length[loser] - both
    assert said or got[wins.split()[0]] == str(length[wins.split()[0]])


def _length(span: str) -> int:
    start, end = (int(time[:2]) * 60 + int(time[3:]) for time in span.split(".."))
    return end - start
