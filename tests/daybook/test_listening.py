"""The socket the page listens on."""

from __future__ import annotations

import socket

from daybook.daemon import _bound


def test_a_page_is_not_kept_back_until_its_head_arrived():
    with (
        _bound("127.0.0.1:0") as listening,
        socket.create_connection(listening.getsockname()),
        listening.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
