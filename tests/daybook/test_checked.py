"""What daybook check finds around a store that is there (issue: full disk, read-only state directory)."""

from __future__ import annotations

import pytest

from daybook.check import Finding, findings
from daybook.store.errors import StoreUnavailable
from daybook.store.store import Store
from tests.daybook.test_policies import Office, clock, office

__all__ = ["clock", "office"]


def of_the_disk(office: Office) -> Finding:
    (found,) = (one for one in findings(office.file, online=False, clock=office.clock) if one.what == "disk")
    return found


def test_a_disk_with_room_that_takes_what_is_written_is_well(office: Office) -> None:
    office.start()
    assert of_the_disk(office).well
    assert "takes what is written, and has room." in of_the_disk(office).sentence


def test_R12_a_disk_that_is_nearly_full_or_takes_nothing_is_said(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.start()
    monkeypatch.setattr(Store, "shortage", lambda _: "The disk lacks 3.0 MiB. Make room.")
    assert of_the_disk(office) == ("disk", False, "The disk lacks 3.0 MiB. Make room.", "")

    def refuses(_: Store) -> None:
        raise StoreUnavailable("The database did not do its part (attempt to write a readonly database).")

    monkeypatch.setattr(Store, "prove", refuses)
    assert "readonly database" in of_the_disk(office).sentence
    assert not of_the_disk(office).well


def test_a_store_that_cannot_be_is_said_once_and_where_it_is_named(office: Office) -> None:
    office.write()
    written = office.file.read_text().replace("sqlite:///", "mysql://")
    office.file.write_text(written)
    line = next(n for n, text in enumerate(written.splitlines(), 1) if text.startswith("store:"))
    said = findings(office.file, online=False, clock=office.clock)
    (found,) = (one for one in said if one.what in ("store", "disk"))
    assert found.place.startswith(f"{office.file}:{line}:")
    assert "store.url names a mysql database" in found.sentence
