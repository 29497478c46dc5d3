"""Tokens an Asana answer hands out: opaque, and nobody can make one up.

They carry their own contents, so the stand-in forgets nothing and stores
nothing; an offset or sync token of another stand-in, or a changed one, is none.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

_MAC = 12


class Tokens:
    def __init__(self) -> None:
        self._secret = secrets.token_bytes(16)

    def seal(self, **contents: Any) -> str:
        plain = json.dumps(contents).encode()
        return urlsafe_b64encode(self._mac(plain) + plain).decode()

    def open(self, token: str) -> dict[str, Any] | None:
        """What was sealed, or None where the token is not ours."""
        try:
            sealed = urlsafe_b64decode(token.encode())
        except ValueError:
            return None
        plain = sealed[_MAC:]
        if not hmac.compare_digest(sealed[:_MAC], self._mac(plain)):
            return None
        contents: dict[str, Any] = json.loads(plain)
        return contents

    def _mac(self, plain: bytes) -> bytes:
        return hmac.digest(self._secret, plain, hashlib.sha256)[:_MAC]
