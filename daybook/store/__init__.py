"""The store: what Daybook remembers, sealed, in one database.

Start at store.py (how it is opened, read and written) and schema.py (what is in it, whose, for how long).
"""

from daybook.store.errors import StoreRefused, StoreUnavailable
from daybook.store.store import Store
from daybook.store.unit import Unit

__all__ = ["Store", "StoreRefused", "StoreUnavailable", "Unit"]
