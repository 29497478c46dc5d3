"""What `daybook init` leaves behind: a configuration to fill in, and a master key nobody else has."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from config import example
from config.schema import Configuration
from daybook.errors import Outside, Wrong

KEY_BYTES = 32


def begin(folder: Path) -> Iterator[str]:
    """Write the files and tell, line by line, what was written and what comes next.

    Raises   Wrong where one is there already: nothing is overwritten
    """
    file, key = folder / "daybook.yaml", folder / "credentials" / "master-key"
    for path in (file, key):
        if path.exists():
            raise Wrong(f"{path} is there already. Nothing was written; remove it to begin anew.")
    today = date.today().isoformat()  # noqa: DTZ011 - a date for a person to look at and change
    try:
        folder.mkdir(parents=True, exist_ok=True)
        key.parent.mkdir(mode=0o700, exist_ok=True)
        _write(key, new_master_key() + "\n", 0o600)
        _write(file, example.text(folder, today), 0o640)
        _write(folder / "daybook.schema.json", json.dumps(Configuration.model_json_schema(), indent=1), 0o644)
    except OSError as error:
        raise Outside(f"{folder} cannot be written ({error.strerror}).") from None
    yield f"{file}  the configuration: say why (policy.why), name your tools and your pilot group"
    yield f"{key}  the master key: keep a copy in a safe place; without it everything sealed is lost"
    yield f"{folder / 'credentials'}  one file for each ${{credential:NAME}} the configuration refers to"
    yield f"Next: daybook check -c {file}"


def new_master_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _write(path: Path, text: str, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
