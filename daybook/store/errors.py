"""How the store says no.

StoreRefused         a person must act: a foreign or newer database, a wrong key, another daemon
StoreUnavailable     not now: the disk or a lock; nothing of this step was saved
"""

from __future__ import annotations

from daybook.errors import Outside, Wrong


class StoreRefused(Wrong):
    """This store cannot be used as it stands. Nothing in it was changed."""


class StoreUnavailable(Outside):
    """The database could not be read or written just now. Nothing of this step was saved."""
