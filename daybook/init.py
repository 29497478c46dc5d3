"""What `daybook init` leaves behind: a configuration to fill in, and a master key nobody else has."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from config import example
from daybook import schemas
from daybook.clocks import utc_now
from daybook.errors import Outside, Wrong
from daybook.installed import connector_types

KEY_BYTES = 32


def begin(folder: Path, state: Path) -> Iterator[str]:
    """Write the files and tell, line by line, what was written and what comes next.

    Takes    state: the folder for the database
    Raises   Wrong where one is there already: nothing is overwritten
    """
    file, key = folder / "daybook.yaml", folder / "credentials" / "master-key"
    schema = folder / "daybook.schema.json"
    for path in (file, key, schema):
        if path.exists():
            raise Wrong(
                f"{path} is there already. Nothing was written. Go on with it, or choose another folder."
            )
    today = utc_now().astimezone().date().isoformat()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        key.parent.mkdir(mode=0o700, exist_ok=True)
        _write(key, new_master_key() + "\n", 0o600)
        _write(file, example.text(state, today), 0o640)
        _write(schema, json.dumps(schemas.configuration(connector_types()), indent=1), 0o644)
    except OSError as error:
        raise Outside(
            f"{error.filename} cannot be written ({error.strerror}). "
            "Choose another folder, or get the right to write there."
        ) from None
    yield f"Written into {folder}:"
    yield "  daybook.yaml            what is read, of whom and why, and where it is posted"
    yield "  daybook.schema.json     for your editor: it completes words and marks typos"
    yield "  credentials/master-key  seals all content: keep a copy elsewhere, nobody can restore it"
    yield ""
    yield "Fill in daybook.yaml: why you do this, your tools, people, projects and mail server. Put each"
    yield "secret it names as ${credential:NAME} into a file credentials/NAME, readable by nobody else."
    yield ""
    yield f"Next: daybook check -c {file}"


def new_master_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _write(path: Path, text: str, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
