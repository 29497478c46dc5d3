"""How the store says no.

StoreRefused         a person must act: a foreign or newer database, a wrong key, another daemon
  StoreMoved         it was taken elsewhere, and is the truth no longer
StoreUnavailable     not now: the disk or a lock; nothing of this step was saved
"""

from __future__ import annotations

from daybook.errors import Outside, Wrong


class StoreRefused(Wrong):
    """This store cannot be used as it stands. Nothing in it was changed."""


class StoreMoved(StoreRefused):
    """Takes    to: what the database is called that is the truth now"""

    def __init__(self, name: str, to: str) -> None:
        super().__init__(
            f"{name} was moved. {to} is the store since then. Nothing was done here. Name that one in "
            "store.url, and remove this one once you are sure: it holds people's data."
        )
        self.to = to


class StoreUnavailable(Outside):
    """The database could not be read or written just now. Nothing of this step was saved."""
