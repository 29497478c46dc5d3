"""The same mails by `email` and smtplib: built from their headers and both texts, on one connection.

python -m bench.digests.alone FOLDER HOST:PORT FIRST LAST: some of the mails in a folder, by their numbers
"""

from __future__ import annotations

import email
import json
import smtplib
import sys
import time
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

OF_PARTS = ("content-type", "content-transfer-encoding", "mime-version")

Said = tuple[list[tuple[str, str]], str, str]
"""Headers, text and HTML."""


def said(mail: bytes) -> Said:
    """What it says, to be built again."""
    message = email.message_from_bytes(mail, policy=SMTP)
    text, page = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None and page is not None, "a mail of ours has both"
    headers = [(name, str(value)) for name, value in message.items() if name.lower() not in OF_PARTS]
    return headers, text.get_content(), page.get_content()


def built(headers: list[tuple[str, str]], text: str, page: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    for name, value in headers:
        message[name] = value
    message.set_content(text)
    message.add_alternative(page, subtype="html")
    return message


def main(folder: Path, smtp: str, first: int, last: int) -> None:
    mails = [said((folder / f"{number:06}").read_bytes()) for number in range(first, last)]
    host, _, port = smtp.partition(":")
    begun, worked = time.perf_counter(), time.process_time()
    with smtplib.SMTP(host, int(port)) as server:
        for mail in mails:
            server.send_message(built(*mail))
    print(json.dumps({"seconds": time.perf_counter() - begun, "processor": time.process_time() - worked}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
