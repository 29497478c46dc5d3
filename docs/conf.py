"""How Sphinx builds the pages of this folder: make site.

The pages are written for a code host. What only a site needs is added while they are read: the contents at
the side, which are the lists of index.md, and no links to files that the site does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "Daybook"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "Daybook"
html_copy_source = False
html_show_copyright = False
exclude_patterns = ["examples", "images"]
highlight_language = "none"
myst_heading_anchors = 4
linkcheck_timeout = 20

CHAPTER = re.compile(r"^## (?P<caption>.+)\n(?P<text>(?:(?!## ).*\n)*)", re.MULTILINE)
PAGE = re.compile(r"\]\(([\w-]+)\.md\)")
OUTSIDE = re.compile(r"\[(?P<text>[^\]]*)\]\(\.\./[^)]*\)")
CONTENTS = """
```{{toctree}}
:hidden:
:caption: {}
{}
```
"""


def contents(index: str) -> Iterator[str]:
    """A list for the side of every page, from each chapter of the index."""
    for chapter in CHAPTER.finditer(index):
        yield CONTENTS.format(chapter["caption"], "\n".join(PAGE.findall(chapter["text"])))


def read(_: Sphinx, page: str, source: list[str]) -> None:
    text = OUTSIDE.sub(r"\g<text>", source[0])
    source[0] = text + "".join(contents(text)) if page == "index" else text


def setup(app: Sphinx) -> None:
    app.connect("source-read", read)
