"""An e-mail as bytes: text and HTML in UTF-8, built by hand because speed counts here.

The standard library's ``EmailMessage`` costs about a hundred times as much per
message; what is built here is parsed back with it in the tests.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Final

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*")
_ATOM: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_KIND: Final = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_HEADER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_URL: Final = re.compile(r"[!-;=?-~]+")
_WORD_BYTES: Final = 42  # 42 bytes are 56 base64 characters: with =?utf-8?b??= under the 75 of RFC 2047
_LINE: Final = 76


class AddressError(ValueError):
    """An address that cannot be put into a message."""


@dataclass(frozen=True)
class Email:
    """One e-mail to one person, ready to be sent.

    ``key`` names it once and for all and becomes its Message-ID. ``unsubscribe_url``
    must be https to be offered as one click (RFC 8058). ``files`` are attached: plain name, kind such as
    application/pdf, bytes.
    """

    key: str
    from_address: str
    to_address: str
    subject: str
    text: str
    html: str
    date: datetime
    from_name: str = ""
    to_name: str = ""
    reply_to: str = ""
    unsubscribe_url: str = ""
    unsubscribe_mailto: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str, bytes], ...] = ()

    @property
    def message_id(self) -> str:
        """The Message-ID: the same for the same key, so that a bounce finds its message."""
        domain = address(self.from_address).rpartition("@")[2]
        return f"<{hashlib.sha256(self.key.encode()).hexdigest()[:32]}@{domain}>"


def address(value: str) -> str:
    """An address safe to put into a header and an SMTP command, its domain in ASCII.

    Raises ``AddressError`` for anything but ``name@domain``: a line break in an
    address would let its owner write headers of their own.

    >>> address("li@例子.中国")
    'li@xn--fsqu00a.xn--fiqs8s'
    """
    local, _, domain = value.strip().rpartition("@")
    try:
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        ascii_domain = ""
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(ascii_domain) or len(value) > 254:
        raise AddressError("this is not an e-mail address; write it like name@example.com")
    return f"{local}@{ascii_domain}"


def one_line(text: str) -> str:
    """The text without line breaks and control characters, so that it cannot end a header."""
    clean = _CONTROL.sub(" ", text).strip()
    return clean.encode("utf-8", "replace").decode() if not clean.isascii() else clean


def encoded(text: str, used: int = 0) -> str:
    """A header value: plain ASCII folded at blanks, or RFC 2047 words split between characters.

    ``used`` is how much of the first line the header's name takes.

    >>> encoded("Hello")
    'Hello'
    >>> encoded("您好")
    '=?utf-8?b?5oKo5aW9?='
    """
    text = one_line(text)
    words = text.split(" ")
    if text.isascii() and "=?" not in text and "" not in words and max(map(len, words)) < _LINE - used:
        return _folded(words, used)
    if not text:
        return ""
    return "\r\n ".join(f"=?utf-8?b?{binascii.b2a_base64(part, newline=False).decode()}?=" for part in _parts(text))


def _folded(words: list[str], used: int) -> str:
    lines, line = [], words[0]
    for word in words[1:]:
        if used + len(line) + 1 + len(word) > _LINE:
            lines.append(line)
            line, used = word, 1
        else:
            line += f" {word}"
    return "\r\n ".join([*lines, line])


def _parts(text: str) -> list[bytes]:
    """The text in UTF-8 pieces that never cut a character in two."""
    raw = text.encode()
    parts = []
    while raw:
        cut = min(_WORD_BYTES, len(raw))
        while cut < len(raw) and raw[cut] & 0xC0 == 0x80:
            cut -= 1
        parts.append(raw[:cut])
        raw = raw[cut:]
    return parts


def _mailbox(name: str, where: str) -> str:
    name, where = one_line(name), address(where)
    if not name:
        return where
    if not name.isascii() or "=?" in name or len(name) > 50:
        shown = (
            encoded(name)
            if not name.isascii()
            else "\r\n ".join(
                f"=?utf-8?b?{binascii.b2a_base64(part, newline=False).decode()}?=" for part in _parts(name)
            )
        )
    elif _ATOM.fullmatch(name):
        shown = name
    else:
        shown = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{shown}\r\n <{where}>"


def _body(kind: str, text: str) -> str:
    """One part: quoted-printable while it is ASCII, base64 when it is not."""
    text = re.sub(r"\r\n|\r|\n", "\r\n", text)
    if text.isascii() and "\x00" not in text:
        how, body = "quoted-printable", binascii.b2a_qp(f"{text}\r\n".encode(), istext=True).decode()
    else:
        raw = base64.encodebytes(text.encode("utf-8", "replace"))
        how, body = "base64", raw.decode().replace("\n", "\r\n")
    return f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {how}\r\n\r\n{body}"


def _unsubscribe(email: Email) -> list[str]:
    uris = []
    for uri in (email.unsubscribe_url, f"mailto:{email.unsubscribe_mailto}" if email.unsubscribe_mailto else ""):
        if uri and not _URL.fullmatch(uri):
            raise AddressError("the unsubscribe address holds a blank or a character that must be escaped")
        if uri:
            uris.append(f"<{uri}>")
    if not uris:
        return []
    lines = ["List-Unsubscribe: " + ",\r\n ".join(uris)]
    if email.unsubscribe_url.startswith("https://"):
        lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    return lines


def build(email: Email) -> bytes:
    """The message as bytes with CRLF line ends: multipart/alternative in UTF-8, in multipart/mixed where it has files.

    Raises ``AddressError`` for an address, URL, file or header name that cannot stand in a header.
    """
    boundary = "=_" + hashlib.sha256(email.key.encode()).hexdigest()[:40]  # "=_" cannot stand in either encoding
    lines = [
        f"From: {_mailbox(email.from_name, email.from_address)}",
        f"To: {_mailbox(email.to_name, email.to_address)}",
        f"Subject: {encoded(email.subject, 9)}",
        f"Date: {format_datetime(email.date)}",
        f"Message-ID: {email.message_id}",
        *_unsubscribe(email),
    ]
    if email.reply_to:
        lines.append(f"Reply-To: {address(email.reply_to)}")
    for name, value in email.headers:
        if not _HEADER_NAME.fullmatch(name):
            raise AddressError(f"{name!r} cannot be the name of a header")
        lines.append(f"{name}: {encoded(value, len(name) + 2)}")
    around = f"{boundary}m"
    lines.append("MIME-Version: 1.0")
    if email.files:
        lines += [f'Content-Type: multipart/mixed;\r\n boundary="{around}"', "", f"--{around}"]
    lines += [f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"', ""]
    parts = f"--{boundary}\r\n".join(["", _body("plain", email.text), _body("html", email.html)])
    whole = "\r\n".join(lines) + f"\r\n{parts}--{boundary}--\r\n"
    if email.files:
        whole += "".join(f"--{around}\r\n{_attached(*file)}" for file in email.files) + f"--{around}--\r\n"
    return whole.encode("ascii")


def _attached(name: str, kind: str, data: bytes) -> str:
    if not _FILE_NAME.fullmatch(name) or not _KIND.fullmatch(kind):
        raise AddressError(f"{name!r} of kind {kind!r} cannot be attached")
    text = base64.b64encode(data).decode("ascii")
    rows = [text[i : i + _LINE] for i in range(0, len(text), _LINE)]
    heads = [f"Content-Type: {kind}", "Content-Transfer-Encoding: base64",
             f'Content-Disposition: attachment; filename="{name}"', ""]  # fmt: skip
    return "\r\n".join([*heads, *rows]) + "\r\n"
