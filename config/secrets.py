"""References to secrets: the file names them, the machine holds them.

`${credential:NAME}` is a file NAME in the directory systemd's LoadCredential=
made (or one beside the configuration named `credentials`), `${file:/path}` any
file, `${env:NAME}` a variable. A secret is read when the program starts to use
it, never when the file is only looked at.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

REFERENCE = re.compile(r"\$\{(credential|file|env):([^}]*)\}")

Resolve = Callable[[str, str], str]
"""(kind, name) -> the secret's text. Raises Missing."""


class Missing(Exception):
    """A secret that is not where the configuration says; the message is for the administrator."""


def from_machine(
    beside: Path, environment: Mapping[str, str] = os.environ, opened: set[Path] | None = None
) -> Resolve:
    """Reads secrets where this machine keeps them.

    Takes    beside: the folder of the configuration
             opened: is given the files that are read
    """
    opened = set() if opened is None else opened
    given, ours = environment.get("CREDENTIALS_DIRECTORY"), beside / "credentials"

    def resolve(kind: str, name: str) -> str:
        if kind == "env":
            if name not in environment:
                raise Missing(f"names the variable {name}, which is not set")
            return environment[name].strip()
        if kind == "credential":
            # LoadCredential=daybook:FOLDER, a whole folder at once, calls each file in it daybook_NAME
            places = [Path(given) / name, Path(given) / f"daybook_{name}"] if given else []
            places.append(ours / name)
            found = [place for place in places if _is_there(place)]
            if Path(name).name != name or not found:
                if not given and ours.exists() and not os.access(ours, os.X_OK, effective_ids=True):
                    raise Missing(
                        f"names the credential {name}, and {ours} is closed to this account. Give commands "
                        "as root, or as the account that Daybook runs as"
                    )
                then = (
                    ". A service gets it at its next start: systemd hands secrets over then" if given else ""
                )
                raise Missing(
                    f"names the credential {name}, which is not there. Put it into {ours / name}{then}"
                )
            file = found[0]
        else:
            file = Path(name) if Path(name).is_absolute() else beside / name
        opened.add(file)
        return _text(file)

    return resolve


def _is_there(file: Path) -> bool:
    try:
        return file.is_file()
    except PermissionError:  # the folder is closed to us, as root's is to the daemon's account
        return False


def left_alone(kind: str, name: str) -> str:
    """For commands that only look at the file: the reference stands in for the secret."""
    return f"${{{kind}:{name}}}"


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise Missing(f"names the file {file}, which cannot be read ({reason})") from None


def filled(text: str, resolve: Resolve) -> str:
    """The text with every reference replaced.

    Raises   Missing, also where something only looks like one
    """
    if "${" in REFERENCE.sub("", text):
        raise Missing("has a ${...} that Daybook does not know; write it like ${credential:NAME}")
    return REFERENCE.sub(lambda found: resolve(found[1], found[2]), text)
