"""Every sentence the reconciler says to a contributor: one catalogue per language, the same names in each.

To add a language, translate english.py into a module beside it, keep every word in braces, and name it here.
Text that follows a number stands in `counted`, once for each form the language has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from core.texts.catalogue import Catalogue
from core.texts.english import ENGLISH
from core.texts.german import GERMAN

__all__ = ["CATALOGUES", "Catalogue", "Language"]

Language = Literal["en", "de"]

CATALOGUES: Mapping[Language, Catalogue] = {"en": ENGLISH, "de": GERMAN}
