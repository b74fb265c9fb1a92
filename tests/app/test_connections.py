"""Connections: who sends nothing, or half a request, is let go of, and nothing of it is printed."""

import socket
import time
from contextlib import suppress

import pytest

from segscore.app import protocol
from support.applications import until, workspace_of
from support.serving import served

ASK = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
FORM = b"POST /evaluate HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nmodel=net"


@pytest.fixture
def application(tmp_path, monkeypatch):
    """An application whose patience is short."""
    monkeypatch.setattr(protocol, "PATIENCE", 0.3)
    with served(workspace_of(tmp_path, images=2)) as running:
        until(lambda: running._server.started)
        yield running


@pytest.fixture
def port(application):
    """Its port."""
    return application._socket.getsockname()[1]


def connected(port):
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def answer_of(connection, end=b"\0"):
    """Return all that comes until the connection is closed or broken off, or an end of it has come."""
    found = b""
    with suppress(ConnectionResetError):
        while not found.endswith(end) and (part := connection.recv(4096)):
            found += part
    return found


def assert_answers(connection):
    """Check that a request is answered, here by a refusal."""
    connection.sendall(ASK)
    assert answer_of(connection, b"</html>\n").startswith(b"HTTP/1.1 421")


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HT", ASK[:-2], b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 9],
    ids=["nothing", "half a line", "no end of the head", "many headers"],
)
def test_who_does_not_end_a_request_is_let_go_of(port, sent):
    with connected(port) as connection:
        connection.sendall(sent)
        assert answer_of(connection) == b""


def test_who_sends_a_request_byte_by_byte_has_no_longer(port):
    begin = time.monotonic()
    with connected(port) as connection, suppress(ConnectionError):
        for i in range(1000):
            connection.sendall(b"GET /"[i : i + 1] or b"x")
            time.sleep(0.02)
    assert time.monotonic() - begin < 15


def test_who_does_not_send_the_rest_of_a_form_is_let_go_of(port):
    with connected(port) as connection:
        connection.sendall(FORM)
        answer_of(connection)  # which ends


def test_a_connection_lives_on_from_request_to_request(port):
    with connected(port) as connection:
        for _ in range(3):
            assert_answers(connection)
            time.sleep(2 * protocol.PATIENCE)


def test_there_are_no_more_connections_than_can_be_served(port, monkeypatch):
    monkeypatch.setattr(protocol, "MOST", 3)
    monkeypatch.setattr(protocol, "PATIENCE", 60.0)
    held = [connected(port) for _ in range(3)]
    try:
        with connected(port) as connection:
            assert answer_of(connection) == b""
    finally:
        for one in held:
            one.close()


STRANGE = [
    b"\x16\x03\x01\x02\x00\x01\x00 secret",
    b"secret \xff\xfe HTTP/9.9\r\n\r\n",
    ASK + b"secret\r\n\r\n",
    ASK[:-2] + b"secret header\r\n\r\n",
    ASK[:-2] + b"Connection: upgrade\r\nUpgrade: secret\r\n\r\n",
    ASK[:-2] + b"Cookie: \xff\xfesecret=\xff\r\n\r\n",
    ASK[:-2] + b"a: " + b"secret" * 20_000 + b"\r\n\r\n",
    b"GET /%ff%00secret?token=%ff HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    FORM + b"secret" * 100,
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nsecret\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsecretsecret\r\n",
    ASK + ASK[:-2] + b"secret header\r\n\r\n",
]


@pytest.mark.parametrize("sent", STRANGE)
def test_nothing_that_strangers_send_is_printed(application, port, capfd, caplog, sent):
    application._server.config.timeout_keep_alive = 0.3  # seconds until an answered connection is closed
    with connected(port) as connection:
        connection.sendall(sent)
        answer_of(connection)
    with connected(port) as connection:
        assert_answers(connection)
    assert capfd.readouterr() == ("", "")
    assert caplog.text == ""
