"""A mail system of our own for tests: Postfix takes and delivers, Dovecot lets a mailbox be read.

    def test_...(postbox: Postbox): postbox.smtp, postbox.imap      host:port, on loopback
                                    postbox.mailbox("ada")          what lies in somebody's mailbox

Both are Debian's, run as processes of this one with folders and ports of their own, and know no other host:
mail for example.org stays here, mail for anybody else is refused. Nothing of it is left when the tests end.
"""

from __future__ import annotations

import grp
import mailbox
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from email.message import Message
from pathlib import Path

import pytest

from tests.ports import free_port

DOMAIN = "northwind.example"
PEOPLE = ("ada", "ben", "daybook")
PASSWORD = "for-tests-only"
SECONDS = 60
"""The longest a server may take to start, or a mail to arrive."""

GONE, LATER = "gone", "full"
"""Mailboxes that are refused when a mail is sent, for good and for now; `bounces` is refused afterwards."""

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log/postfix
maillog_file_prefixes = {folder}
myhostname = mx.{domain}
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access texthash:{folder}/refused, permit_mynetworks, reject
default_transport = error:5.4.4 no mail leaves here
relay_transport = error:5.4.4 no mail leaves here
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ {boxes} }}
virtual_alias_maps =
alias_maps =
local_recipient_maps =
transport_maps = inline:{{ {{ bounces@{domain} = fails: }} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
recipient_delimiter = +
smtputf8_enable = no
"""

_REFUSED = """
{gone}@{domain}  550 5.1.1 No such mailbox
{later}@{domain}  450 4.2.2 Mailbox full
"""

_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
error     unix  - - n - - error
retry     unix  - - n - - error
virtual   unix  - n n - - virtual
fails     unix  - n n - - pipe user=nobody argv=/bin/sh -c {{ exit 67 }}
anvil     unix  - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
"""

_DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log/dovecot
protocols = imap
auth_failure_delay = 0
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
default_login_user = {login}
default_internal_user = {login}
default_internal_group = {group}
mail_location = maildir:{folder}/mail/%n
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%n
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""


class Postbox:
    """One mail system; mail is delivered to whom it is for, or comes back, within a moment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ports = [free_port(), free_port()]
        self.smtp, self.imap = (f"127.0.0.1:{port}" for port in ports)
        self.certificate = folder / "cert.pem"
        owner = pwd.getpwnam("dovecot")
        said = {
            "folder": folder,
            "domain": DOMAIN,
            "gone": GONE,
            "later": LATER,
            "uid": owner.pw_uid,
            "gid": owner.pw_gid,
            "login": "dovenull",
            "group": grp.getgrgid(owner.pw_gid).gr_name,
            "password": PASSWORD,
            "boxes": ", ".join(f"{{ {one}@{DOMAIN} = {one}/ }}" for one in (*PEOPLE, "bounces")),
        }
        for name in ("queue", "data", "mail", "run", "log", "postfix"):
            (folder / name).mkdir(mode=0o755)
        folder.chmod(0o755)
        postfix = pwd.getpwnam("postfix")
        os.chown(folder / "data", postfix.pw_uid, postfix.pw_gid)
        os.chown(folder / "mail", owner.pw_uid, owner.pw_gid)
        _certificate(folder)
        (folder / "postfix/main.cf").write_text(_MAIN.format(**said))
        (folder / "refused").write_text(_REFUSED.format(**said))
        (folder / "postfix/master.cf").write_text(_MASTER.format(port=ports[0]))
        (folder / "dovecot.conf").write_text(_DOVECOT.format(port=ports[1], **said))
        self._dovecot: subprocess.Popen[bytes] | None = None
        self._run("postfix", "-c", str(folder / "postfix"), "start")
        self.open()
        _until_answers(ports[0])

    def open(self) -> None:
        """Let mailboxes be read."""
        self._dovecot = subprocess.Popen(
            ["setpriv", "--pdeathsig=TERM", "dovecot", "-F", "-c", str(self.folder / "dovecot.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _until_answers(int(self.imap.rpartition(":")[2]))

    def shut(self) -> None:
        """Nobody reads a mailbox any more; mail still arrives."""
        if self._dovecot is not None:
            self._dovecot.terminate()
            self._dovecot.wait(SECONDS)
            self._dovecot = None

    def stop(self) -> None:
        self.shut()
        with suppress(RuntimeError):
            self._run("postfix", "-c", str(self.folder / "postfix"), "abort")

    def mailbox(self, person: str) -> list[Message]:
        """What lies in somebody's mailbox, once all that is on its way has arrived."""
        until = time.monotonic() + SECONDS
        while self._on_its_way():
            assert time.monotonic() < until, "it is on its way still"
            time.sleep(0.02)
        place = self.folder / "mail" / person
        return list(mailbox.Maildir(str(place), create=False)) if place.exists() else []

    def empty(self) -> None:
        """Nothing lies in any mailbox any more."""
        for person in PEOPLE:
            self.mailbox(person)
            if (place := self.folder / "mail" / person).exists():
                mailbox.Maildir(str(place), create=False).clear()

    def _on_its_way(self) -> bool:
        # What comes back goes once from the last to the one before it, so these two are looked into again.
        queues = ("maildrop", "incoming", "active", "incoming", "active")
        return any(any((self.folder / "queue" / name).rglob("?*")) for name in queues)

    def _run(self, *words: str) -> None:
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{words[0]}: {done.stderr}{done.stdout}")


@pytest.fixture(scope="session")
def postbox() -> Iterator[Postbox]:
    """One for all tests of this process. A test that shuts it opens it again."""
    if not (shutil.which("postfix") and shutil.which("dovecot")):
        pytest.skip("needs Postfix and Dovecot; on Debian: apt-get install postfix dovecot-imapd")
    if os.geteuid() != 0:
        pytest.skip("needs root: Postfix starts as nobody else")
    folder = Path(tempfile.mkdtemp(prefix="daybook-mail-"))
    started = None
    try:
        started = Postbox(folder)
        yield started
    finally:
        if started is not None:
            started.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _certificate(folder: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
        check=True,
        capture_output=True,
    )  # fmt: skip


def _until_answers(port: int) -> None:
    until = time.monotonic() + SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
