from __future__ import annotations

import socket
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from regulars.act.channels.base import TransportError
from regulars.act.channels.email.transport import EmailTransport
from regulars.act.mime import Email

MAIL = Email(
    "k", "shop@example.com", "li@example.com", "您好", ".\n..\n正文", "<p>x</p>", datetime(2026, 5, 1, tzinfo=UTC)
)


def test_one_connection_carries_a_batch_with_refusals_between(sink) -> None:
    transport = EmailTransport("127.0.0.1", sink.port, tls="none")
    transport.send(replace(MAIL, to_address="a@example.com"))
    first = transport._smtp

    def refused(name: str) -> bool:
        with pytest.raises(TransportError) as caught:
            transport.send(replace(MAIL, key=name, to_address=f"{name}@example.com"))
        assert not caught.value.fatal
        assert "@example.com" not in str(caught.value)
        return caught.value.permanent

    for good, bad, permanent in (("b", "gone", True), ("c", "busy", False), ("d", "spam", True)):
        assert refused(bad) is permanent
        transport.send(replace(MAIL, key=good, to_address=f"{good}@example.com"))
    assert transport._smtp is first
    assert set(sink.accepted()) == {f"{n}@example.com" for n in "abcd"}
    transport.close()
    transport.close()


def test_a_server_that_is_closing_stops_the_batch(sink) -> None:
    transport = EmailTransport("127.0.0.1", sink.port, tls="none")
    with pytest.raises(TransportError) as error:
        transport.send(replace(MAIL, to_address="closing@example.com"))
    assert error.value.fatal
    assert not error.value.permanent


def test_a_connection_closed_while_idle_is_opened_again(sink) -> None:
    transport = EmailTransport("127.0.0.1", sink.port, tls="none")
    transport.send(MAIL)
    assert transport._smtp is not None
    transport._smtp.sock.shutdown(socket.SHUT_RDWR)
    transport.send(replace(MAIL, key="k2", to_address="b@example.com"))
    assert sum(sink.accepted().values()) == 2


def test_no_tls_where_tls_is_asked_for_is_an_error_not_a_downgrade(sink) -> None:
    with pytest.raises(TransportError) as error:
        EmailTransport("127.0.0.1", sink.port, tls="starttls", timeout=5).send(MAIL)
    assert error.value.fatal
    assert not sink.accepted()
    with pytest.raises(ValueError, match="password"):
        EmailTransport("smtp.example.com", user="u", password="p", tls="none")


def test_a_silent_server_times_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        transport = EmailTransport("127.0.0.1", server.getsockname()[1], tls="none", timeout=0.3)
        with pytest.raises(TransportError) as error:
            transport.send(MAIL)
    assert error.value.fatal


def test_silence_after_the_text_is_unknown() -> None:
    def serve(server: socket.socket) -> None:
        peer, _ = server.accept()
        with peer, peer.makefile("rb") as lines:
            peer.sendall(b"220 hi\r\n")
            for line in lines:
                peer.sendall(b"354 go\r\n" if line.startswith(b"DATA") else b"250 ok\r\n")
                if line.startswith(b"DATA"):
                    peer.recv(10)
                    threading.Event().wait(1.0)
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        transport = EmailTransport("127.0.0.1", server.getsockname()[1], tls="none", timeout=0.4)
        with pytest.raises(TransportError) as error:
            transport.send(MAIL)
    assert error.value.unknown
