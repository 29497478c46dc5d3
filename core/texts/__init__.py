"""Every sentence the reconciler says to a contributor, by name: in English here, in another by its catalogue.

Text that follows a number stands in `COUNTED`, once for each form that English has.
"""

from __future__ import annotations

from core.texts.catalogue import Catalogue
from core.texts.english import ENGLISH

__all__ = ["ENGLISH", "Catalogue"]
