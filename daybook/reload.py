"""A configuration read again while Daybook runs: as a whole, or not at all (P14).

Who reads is the thread that looks what is due, between two looks. What is refused changes nothing but what
`daybook status` says; what is taken is a new House, under the rules of every start: a looser policy waits for
its day, and a stage of the rollout begins once it may.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import structlog

from config.form import Changed, changed, form
from config.load import Loaded, Unfit
from config.text import Path_, Problem, spoken
from daybook import policies, supervised
from daybook.errors import Wrong
from daybook.house import House, Rereading
from daybook.store.errors import StoreRefused, StoreUnavailable
from daybook.wiring import furnished, incomplete, read
from daybook.words import count

log = structlog.get_logger()

SETTLED = 1.0
"""Seconds that a file must be left alone: one that is just being written may look whole."""
TRIES = 10
MOST_SHOWN = 20
"""Changes in one line of the log."""
FOR_GOOD: tuple[Path_, ...] = (("store",), ("page", "listen"), ("metrics",))
"""What is opened once."""
RESTART = "cannot change while Daybook runs. Start it again to change this, or put back what stood there."
NAMED = ("people", "projects", "reconcile", "rules", "schedules")
"""Whose names are no matter of a log."""


class Refusal(NamedTuple):
    """Why a configuration was not taken."""

    place: str
    """For a log: no word of the file."""
    sentence: str


def keep(house: House) -> None:
    """Write down, once, what a house runs on; for who holds the store."""
    if house.loaded is None or house.rereading.kept:
        return
    salt = secrets.token_hex(16)
    with house.store.writing() as tx:
        tx.configurations.take({"salt": salt, "said": form(house.loaded, salt)}, house.clock())
    house.rereading.kept = True


def is_over(house: House) -> bool:
    """Whether the file was to be read again, and another house came of it.

    Raises   StoreRefused; StoreUnavailable, and is asked again
    """
    if house.stopping.is_set() or not house.rereading.asked.is_set() or house.loaded is None:
        return False
    house.rereading.asked.clear()
    try:
        house.store.prove()  # what is taken, or refused, must be written down
        supervised.reloading()
        over = _reads(house)
    except StoreUnavailable:
        house.rereading.asked.set()
        raise
    if not over and not house.stopping.is_set():
        supervised.ready()  # else who begins in the other house says it, or the end has begun
    return over


def _reads(house: House) -> bool:
    assert house.loaded is not None, "asked only of a house that has it"
    try:
        loaded = _settled(house)
        if loaded is None:
            return False
        found = changed(form(house.loaded), form(loaded))
        _refuse_for_good(house, loaded, found)
        if found:
            log.info("configuration.changed", changed=_places(loaded, found))
            house.rereading.house = _furnished(house, loaded)
            return True
    except (StoreRefused, StoreUnavailable):
        raise
    except Unfit as unfit:
        _refused(house, _of_problems(unfit.problems))
    except Wrong as wrong:
        _refused(house, Refusal(str(wrong), str(wrong)))
    except Exception as error:  # whatever it broke by, what runs goes on
        log.error("configuration.broke", exc_info=error)
        _refused(house, Refusal("", f"It broke Daybook ({type(error).__name__}): its log says where."))
    else:
        log.info("configuration.unchanged")
        supervised.status("The configuration is as before; more: daybook status")
        _note(house, "")
    return False


def renewed(house: House) -> House:
    """The house that takes the place of one that is over."""
    return house.rereading.house or policies.renewed(house)


# --- reading -----------------------------------------------------------------------------------------------


def _settled(house: House) -> Loaded | None:
    """What the file says once nobody writes on it; None where we were told to stop meanwhile.

    Raises   Unfit, Wrong
    """
    assert house.file is not None and house.loaded is not None, "asked only of a house that has them"
    files = _files(house.file, house.loaded)
    stamps, written = _stamps(files), house.file
    for _ in range(TRIES):
        if house.stopping.wait(SETTLED):
            return None
        before, stamps = stamps, _stamps(files)
        if stamps != before:
            written = min(file for file in files if stamps.get(file) != before.get(file))
            continue
        try:
            loaded = _complete(house.file)
        except (Unfit, Wrong):
            if _stamps(files) == stamps:
                raise
        else:
            known, files = files, files | _files(house.file, loaded)
            if files == known and _stamps(files) == stamps:
                return loaded
    raise Wrong(f"{written} is still being written.")


def _files(file: Path, loaded: Loaded) -> frozenset[Path]:
    included = (file.parent / name for name in loaded.configuration.include)
    return frozenset((file, *included, *loaded.secrets))


def _stamps(files: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    """When those that are there were last written, and how long they are."""
    found = {}
    for file in files:
        with suppress(OSError):
            seen = file.stat()
            found[file] = (seen.st_mtime_ns, seen.st_size)
    return found


def _complete(file: Path) -> Loaded:
    loaded = read(file, secrets=True)
    if missing := incomplete(loaded.configuration):
        raise Wrong(f"{file} is not enough to run on. {' '.join(missing)}")
    return loaded


def _refuse_for_good(house: House, loaded: Loaded, found: Iterable[Changed]) -> None:
    """Raises   Unfit where something is another that was opened once"""
    fixed = {path for path in FOR_GOOD for one in found if one.path[: len(path)] == path}
    if fixed:
        assert house.file is not None, "what was loaded has a file"
        raise Unfit(house.file, [loaded.problem(path, RESTART) for path in fixed])


def _furnished(house: House, loaded: Loaded) -> House:
    """Another house in the place of one, on the same store and for the same signals."""
    another = furnished(loaded, house.store, house.clock, house.stopping, kept=house.manners)
    another = replace(
        another,
        file=house.file,
        work_is_waiting=house.work_is_waiting,
        renewing=house.renewing,
        rereading=Rereading(asked=house.rereading.asked),
        follows=house.follows,
    )
    return policies.renewed(another) if another.follows else another


# --- telling -----------------------------------------------------------------------------------------------


def _refused(house: House, refusal: Refusal) -> None:
    log.warning("configuration.refused", reason=refusal.place)
    supervised.status(f"A changed configuration was refused, the one before goes on: {refusal.place}")
    _note(house, refusal.sentence)


def _note(house: House, refusal: str) -> None:
    with house.store.writing() as tx:
        tx.configurations.refuse(refusal, house.clock())


def _of_problems(problems: Sequence[Problem]) -> Refusal:
    first, more = problems[0], len(problems) - 1
    besides = f" And {count(more, 'more problem')}." if more else ""
    place = _at(first)
    return Refusal(f"{place}.{besides}", f"{place}  {first.what}  {first.sentence}{besides}")


def _places(loaded: Loaded, found: Sequence[Changed]) -> list[str]:
    """Where something is another, in no word that somebody chose."""
    said = []
    for one in found:
        word = one.path[0] if one.path[0] in NAMED else spoken(one.path)
        said.append(f"{_at(loaded.problem(one.path, ''))} {word}")
    more = [f"and {len(said) - MOST_SHOWN} more"] if len(said) > MOST_SHOWN else []
    return said[:MOST_SHOWN] + more


def _at(problem: Problem) -> str:
    return f"{problem.place.file}:{problem.place.line}:{problem.place.column}"
