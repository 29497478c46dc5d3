"""The plain pages of the sandbox: a mailbox, and what arrived at the targets."""

from __future__ import annotations

import html

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222 }
body { margin: 2rem auto; max-width: 46rem; padding: 0 1rem }
iframe { width: 100%; height: 70vh; border: 1px solid #ccc; border-radius: 6px; background: #fff }
pre { background: #f6f6f4; padding: 1rem; overflow: auto }
dl { display: grid; grid-template-columns: 6rem 1fr } dd { margin: 0 }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .3rem .6rem }
tr { border-bottom: 1px solid #ddd } li { margin: .4rem 0 } time { color: #666 } a { color: #1d4f91 }
"""


def page(title: str, body: str, refresh: int = 0) -> str:
    """A whole document. Units: refresh in seconds, 0 for never."""
    again = f'<meta http-equiv="refresh" content="{refresh}">' if refresh else ""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"{again}"
        f"<title>{html.escape(title)}</title><style>{STYLE}</style>{body}</html>"
    )
