"""Peers in environments of their own, made once and kept beside other caches."""

from __future__ import annotations

import os
import subprocess
import venv
from pathlib import Path


def python_with(requirement: str) -> Path | None:
    """The Python of an environment that has this; None where it cannot be installed."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = caches / "daybook-bench" / requirement
    python = folder / "bin" / "python"
    if (folder / "ready").exists():
        return python
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement]
    try:
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run(install, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    (folder / "ready").touch()
    return python
