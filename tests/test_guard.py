"""The guard of the tests: nothing here speaks to anything but this machine."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

import pytest


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.com", "169.254.169.254"])
def test_every_way_out_of_this_machine_fails_the_test(host: str, refused_addresses: list[str]) -> None:
    with pytest.raises(pytest.fail.Exception, match="leave the machine"):
        socket.create_connection((host, 443), timeout=0.1)
    assert refused_addresses == [host]
    refused_addresses.clear()


def test_a_way_out_tried_in_a_thread_that_swallows_it_is_remembered(refused_addresses: list[str]) -> None:
    def careless() -> None:
        with suppress(BaseException):
            socket.create_connection(("192.0.2.1", 443), timeout=0.1)

    thread = threading.Thread(target=careless)
    thread.start()
    thread.join()
    assert refused_addresses == ["192.0.2.1"]
    refused_addresses.clear()


def test_this_machine_may_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()
