"""E-mail by SMTP: one connection for a batch, each recipient answered for by itself."""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl

from regulars.act.channels.base import Channel, ChannelSettings, Transport, TransportError
from regulars.act.mime import AddressError, Email, address, build

_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
_LONGEST = 300


def _said(code: int, answer: bytes | str) -> str:
    """The server's words without the addresses in them, for logs and screens."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {_ADDRESS.sub('…@…', ' '.join(text.split()))}"[:_LONGEST]


def _refused(code: int, answer: bytes | str) -> TransportError:
    """4xx is worth another try, 5xx is not; 421 means that the server is closing on everybody."""
    return TransportError(_said(code, answer), permanent=code >= 500, fatal=code == 421)


class EmailTransport:
    """Send over SMTP; ``tls`` is ``starttls``, ``ssl`` or ``none``.

    The connection opens with the first message and stays for the batch. When it
    breaks before a message's text was sent, the message is safe to try again; when it
    breaks after, nobody can know, and the error says ``unknown``.
    """

    state = "sent"

    def __init__(
        self,
        host: str,
        port: int = 587,
        *,
        user: str = "",
        password: str = "",
        tls: str = "starttls",
        timeout: float = 30.0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        if tls not in ("starttls", "ssl", "none"):
            raise ValueError(f"tls = {tls!r} is not one of starttls, ssl, none")
        if user and tls == "none" and host not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("a password must not cross the network without TLS: set tls to starttls or ssl")
        self.host, self.port, self.user, self.password = host, port, user, password
        self.tls, self.timeout, self.context = tls, timeout, context
        self._smtp: smtplib.SMTP | None = None

    def _connect(self) -> smtplib.SMTP:
        if self._smtp is not None:
            return self._smtp
        context = self.context or ssl.create_default_context()
        try:
            if self.tls == "ssl":
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=context)
            else:
                smtp = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        except smtplib.SMTPResponseException as error:
            raise TransportError(_said(error.smtp_code, error.smtp_error), fatal=True) from error
        except (OSError, smtplib.SMTPException) as error:
            raise TransportError(f"no connection to {self.host}:{self.port}: {error}", fatal=True) from error
        try:
            if self.tls == "starttls":
                smtp.starttls(context=context)
            if self.user:
                smtp.login(self.user, self.password)
        except smtplib.SMTPResponseException as error:
            smtp.close()
            raise TransportError(_said(error.smtp_code, error.smtp_error), fatal=True) from error
        except (OSError, smtplib.SMTPException) as error:
            smtp.close()
            raise TransportError(
                f"cannot start TLS or log in at {self.host}:{self.port}: {error}", fatal=True
            ) from error
        self._smtp = smtp
        return smtp

    def send(self, message: Email) -> None:
        """Hand one message over; returns only after the server said 250 to it."""
        try:
            payload, sender, to = build(message), address(message.from_address), address(message.to_address)
        except AddressError as error:
            raise TransportError(str(error), permanent=True) from error
        reused = self._smtp is not None
        try:
            self._envelope(sender, to)
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            self.close()
            if not reused:
                raise TransportError(f"the connection broke: {error}", fatal=True) from error
            # Servers close idle connections; nothing of this message was sent yet, so once more is safe.
            try:
                self._envelope(sender, to)
            except (OSError, smtplib.SMTPServerDisconnected) as again:
                self.close()
                raise TransportError(f"the connection broke: {again}", fatal=True) from again
        self._text(payload)

    def _envelope(self, sender: str, to: str) -> None:
        smtp = self._connect()
        smtp.ehlo_or_helo_if_needed()
        for code, answer in (smtp.mail(sender), smtp.rcpt(to), smtp.docmd("DATA")):
            if code not in (250, 251, 354):
                self._reset(code)
                raise _refused(code, answer)

    def _text(self, payload: bytes) -> None:
        smtp = self._connect()
        stuffed = re.sub(rb"(?m)^\.", b"..", payload)
        try:
            smtp.send(stuffed + b".\r\n")
            code, answer = smtp.getreply()
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            self.close()
            raise TransportError(f"the connection broke while the text was sent: {error}", unknown=True) from error
        if code != 250:
            self._reset(code)
            raise _refused(code, answer)

    def _reset(self, code: int) -> None:
        if code == 421 or self._smtp is None:
            self.close()
            return
        try:
            self._smtp.rset()
        except (OSError, smtplib.SMTPException):
            self.close()

    def close(self) -> None:
        """Say goodbye and close; safe to call twice."""
        if self._smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._smtp.sock and self._smtp.quit()
            self._smtp.close()
            self._smtp = None


def _open(settings: ChannelSettings) -> Transport:
    default = "none" if not settings.tls else "ssl" if settings.port == 465 else "starttls"
    return EmailTransport(
        settings.host,
        settings.port,
        user=settings.user,
        password=settings.password,
        tls=settings.options.get("tls", default),
        timeout=float(settings.options.get("timeout", "30")),
    )


CHANNEL = Channel("email", "电子邮件", "E-mail", ("host",), _open)
