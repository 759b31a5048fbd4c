from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from regulars.act.channels.base import TransportError
from regulars.act.channels.email.transport import EmailTransport
from regulars.act.mime import Email

MAIL = Email("k", "shop@example.com", "li@example.com", "您好", "正文", "<p>x</p>", datetime(2026, 5, 1, tzinfo=UTC))


@dataclass
class Server:
    port: int
    certificate: Path
    envelopes: list

    @property
    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))


class AnyPort(Controller):
    """The system chooses the port; the controller's own readiness probe then needs the real one."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that speaks STARTTLS with its own certificate and takes mail only after a log-in."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    envelopes: list = []

    class Handler:
        async def handle_DATA(self, server, session, envelope):
            envelopes.append((session.ssl is not None, session.authenticated, envelope.rcpt_tos))
            return "250 OK"

    def login(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (b"shop", b"secret"), handled=False)

    controller = AnyPort(
        Handler(), hostname="127.0.0.1", port=0, tls_context=context, require_starttls=True, auth_required=True,
        authenticator=login,
    )  # fmt: skip
    controller.start()
    yield Server(controller.port, folder / "cert.pem", envelopes)
    controller.stop()


def test_mail_goes_out_encrypted_and_logged_in(server: Server) -> None:
    transport = EmailTransport("127.0.0.1", server.port, user="shop", password="secret", context=server.trusting)
    transport.send(MAIL)
    transport.send(replace(MAIL, key="k2", to_address="b@example.com"))
    transport.close()
    assert server.envelopes == [(True, True, ["li@example.com"]), (True, True, ["b@example.com"])]


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_password_stops_the_batch_and_is_not_repeated_in_the_error(server: Server, password: str) -> None:
    transport = EmailTransport("127.0.0.1", server.port, user="shop", password=password, context=server.trusting)
    with pytest.raises(TransportError) as error:
        transport.send(MAIL)
    assert error.value.fatal
    assert str(error.value).startswith("535")


def test_a_certificate_nobody_vouches_for_is_refused(server: Server) -> None:
    before = len(server.envelopes)
    with pytest.raises(TransportError, match="certificate") as error:
        EmailTransport("127.0.0.1", server.port, user="shop", password="secret").send(MAIL)
    assert error.value.fatal
    assert len(server.envelopes) == before


def test_no_tls_at_all_is_refused_by_this_server(server: Server) -> None:
    with pytest.raises(TransportError) as error:
        EmailTransport("127.0.0.1", server.port, tls="none").send(MAIL)
    assert "530" in str(error.value)
