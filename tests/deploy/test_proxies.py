"""nginx and Caddy with our examples, before something that says what it was asked."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from daybook.front import ASKER
from tests.ports import free_port

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NAME = "daybook.northwind.example"
TOKEN = "a-link-that-nobody-opened-yet"
PAGE = "127.0.0.1:8787"


class Proxy(NamedTuple):
    """One that runs."""

    port: int
    folder: Path
    """Whatever it writes is there."""

    def written(self) -> str:
        files = [
            path for path in self.folder.rglob("*") if path.suffix in (".log", ".err") and path.is_file()
        ]
        return "".join(path.read_text("utf-8", "replace") for path in files)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate that nobody else signed."""
    folder = tmp_path_factory.mktemp("tls")
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name.from_rfc4514_string(f"CN={NAME}")
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "privkey.pem").write_bytes(key.private_bytes(pem, kind, serialization.NoEncryption()))
    return folder


class Echo(BaseHTTPRequestHandler):
    """Says which headers came; breaks off where it is asked to."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if "broken" in self.path:
            self.close_connection = True
            return
        said = str(self.headers).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def page() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def nginx(folder: Path, page: str, port: int) -> list[str]:
    """Our example inside what Debian's nginx.conf has around it; what starts it."""
    text = (DEPLOY / "nginx/daybook.conf").read_text("utf-8").replace(PAGE, page)
    text = re.sub(r"listen \[::\]:\d+.*;\n", "", text)
    text = text.replace("listen 80;", f"listen 127.0.0.1:{free_port()};").replace(
        "listen 443", f"listen 127.0.0.1:{port}"
    )
    text = text.replace("/etc/ssl/daybook", str(folder)).replace("/var/log/nginx", str(folder))
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    first = f"daemon off; pid {folder}/pid; error_log {folder}/start.err;\nevents {{}}\n"
    (folder / "nginx.conf").write_text(f"{first}http {{ {paths} {text} }}\n", "utf-8")
    return ["nginx", "-e", f"{folder}/start.err", "-c", f"{folder}/nginx.conf"]


def caddy(folder: Path, page: str, port: int) -> list[str]:
    """Our example with a certificate of its own; what starts it."""
    text = (DEPLOY / "caddy/Caddyfile").read_text("utf-8").replace(PAGE, page)
    text = text.replace(
        "{\n\t#", f"{{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system {folder}\n\t#", 1
    )
    own = f"https://{NAME}:{port} {{\n\ttls {folder}/fullchain.pem {folder}/privkey.pem\n"
    text = text.replace(f"\n{NAME} {{\n", f"\n{own}")
    (folder / "Caddyfile").write_text(text, "utf-8")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", f"{folder}/Caddyfile"]


@pytest.fixture(scope="module", params=[nginx, caddy])
def proxy(request: pytest.FixtureRequest, folder: Path, page: str) -> Iterator[Proxy]:
    configure: Callable[[Path, str, int], list[str]] = request.param
    if not shutil.which(configure.__name__):
        pytest.skip(f"needs Debian's {configure.__name__}")
    own, port = folder / configure.__name__, free_port()
    own.mkdir()
    for name in ("fullchain.pem", "privkey.pem"):
        shutil.copy(folder / name, own)
    command = configure(own, page, port)
    with (own / "said.err").open("w") as said:
        program = subprocess.Popen(
            command, stderr=said, stdout=said, env={"HOME": str(own), "PATH": "/usr/sbin:/usr/bin"}
        )
    try:
        while not _answers(port):
            assert program.poll() is None, Proxy(port, own).written()
            time.sleep(0.02)
        yield Proxy(port, own)
    finally:
        program.terminate()
        program.wait(30)


def _answers(port: int) -> bool:
    with socket.socket() as ours:
        return ours.connect_ex(("127.0.0.1", port)) == 0


def asked(proxy: Proxy, path: str, folder: Path, **headers: str) -> http.client.HTTPResponse:
    """The answer, over TLS, to who asks under our name."""
    trust = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
    plain = socket.create_connection(("127.0.0.1", proxy.port), timeout=30)
    connection = http.client.HTTPSConnection(NAME, context=trust)
    connection.sock = trust.wrap_socket(plain, server_hostname=NAME)
    connection.request("GET", path, headers={"Host": NAME, "Connection": "close", **headers})
    return connection.getresponse()


def test_who_asks_is_said_and_what_a_stranger_says_of_it_is_not_believed(proxy: Proxy, folder: Path) -> None:
    answer = asked(proxy, "/", folder, **{"X-Forwarded-For": "203.0.113.9"})
    said = answer.read().decode()
    assert answer.status == 200
    assert re.findall(r"X-Forwarded-For: (.*)", said, re.IGNORECASE) == ["127.0.0.1"]
    assert re.findall(r"Host: (.*)", said.replace("X-Forwarded-Host", "")) == [NAME]
    assert re.findall(r"X-Forwarded-Proto: (.*)", said, re.IGNORECASE) == ["https"]


def test_W04_browsers_keep_to_TLS_for_two_years(proxy: Proxy, folder: Path) -> None:
    with asked(proxy, "/", folder) as answer:
        assert answer.getheader("Strict-Transport-Security") == "max-age=63072000; includeSubDomains"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
def test_TLS_older_than_1_2_is_refused(proxy: Proxy, folder: Path) -> None:
    """By the proxy: the asker would speak it."""
    old = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", proxy.port), timeout=30) as plain,
        pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"),
    ):
        old.wrap_socket(plain, server_hostname=NAME)


def test_HTTP_2_is_spoken(proxy: Proxy, folder: Path) -> None:
    trust = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
    trust.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", proxy.port), timeout=30) as plain,
        trust.wrap_socket(plain, server_hostname=NAME) as connection,
    ):
        assert connection.selected_alpn_protocol() == "h2"


def test_S04_no_link_is_written_down_also_where_the_page_breaks(proxy: Proxy, folder: Path) -> None:
    with asked(proxy, f"/l/{TOKEN}", folder, Referer=f"https://{NAME}/l/{TOKEN}") as answer:
        assert answer.status == 200
    with asked(proxy, f"/l/{TOKEN}-broken", folder) as answer:
        assert answer.status == 502
    assert TOKEN not in proxy.written()


def test_what_the_check_asks_from_outside_is_passed_on(proxy: Proxy, folder: Path) -> None:
    with asked(proxy, ASKER, folder) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz"])
def test_what_is_for_the_inside_is_not_seen_from_outside(proxy: Proxy, folder: Path, path: str) -> None:
    with asked(proxy, path, folder) as answer:
        assert answer.status == 404


@pytest.mark.parametrize(("path", "status"), [("/metrics", 404), (f"/l/{TOKEN}-broken", 502)])
def test_S06_what_a_proxy_words_itself_says_in_which_letters(
    proxy: Proxy, folder: Path, path: str, status: int
) -> None:
    with asked(proxy, path, folder) as answer:
        kind, said = answer.getheader("Content-Type", ""), answer.read()
        assert answer.status == status
        assert not said or kind.lower() == "text/html; charset=utf-8"
