"""Mail addresses: what counts as one, and that two spellings of it are the same."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

# what RFC 5322 calls a dot-atom on both sides; anything else needs quoting or SMTPUTF8
_PLAIN = r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@[\w-]+(\.[\w-]+)+"


def address(text: str) -> str:
    """The address, in lower case. Raises ValueError."""
    local, at, domain = text.strip().rpartition("@")
    if not (at and local and "." in domain) or any(c.isspace() or c in ",;<>" for c in text.strip()):
        raise ValueError("is not an e-mail address; write it like ada@northwind.example")
    if not re.fullmatch(_PLAIN, text.strip(), re.ASCII):
        raise ValueError("has characters that not every mail server takes in an address")
    return text.strip().lower()


Address = Annotated[str, AfterValidator(address)]
