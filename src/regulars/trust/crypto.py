"""Secrets of one installation: encrypted fields, blind indexes and signed tokens.

Keys are files in one folder, newest first by name, readable by their owner only.
Rotating adds a key; old ones still decrypt until everything has been rewritten.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class KeyFolderError(RuntimeError):
    """The keys folder is missing a key, or others may read it."""


class TokenError(ValueError):
    """A token is forged, for another purpose, or too old; ``code`` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _write_once(path: Path, content: bytes) -> None:
    """Create a file only its owner may read; one that is already there stays as it is."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@dataclass(frozen=True)
class Keys:
    """The keys of one installation: ``field-NNNN.key`` to encrypt, ``index.key`` to look up and sign.

    >>> import tempfile
    >>> keys = Keys.open(Path(tempfile.mkdtemp()) / "keys")
    >>> keys.decrypt(keys.encrypt("李梅"))
    '李梅'
    """

    folder: Path
    fields: tuple[bytes, ...] = field(repr=False)
    index: bytes = field(repr=False)

    @classmethod
    def open(cls, folder: Path | str) -> Keys:
        """Read the keys, making the folder and the first ones when there are none.

        Raises ``KeyFolderError`` when a key file is open to other users, or when old
        keys vanished while the look-up key is still there (encrypted data would be lost).
        """
        folder = Path(folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (folder / "index.key").exists() and not list(folder.glob("field-*.key")):
            _write_once(folder / "field-0001.key", base64.urlsafe_b64encode(secrets.token_bytes(32)))
            _write_once(folder / "index.key", base64.urlsafe_b64encode(secrets.token_bytes(32)))
        paths = sorted(folder.glob("field-*.key"), reverse=True)
        for path in (*paths, folder / "index.key"):
            if not path.exists():
                raise KeyFolderError(f"{path} is missing: put it back from a backup; nothing can be read without it")
            if path.stat().st_mode & 0o077:
                raise KeyFolderError(f"{path} can be read by other users: run chmod 600 on it")
        if not paths:
            raise KeyFolderError(f"{folder} holds no field-*.key: put it back from a backup")
        read = [path.read_bytes().strip() for path in paths]
        index = base64.urlsafe_b64decode((folder / "index.key").read_bytes().strip())
        return cls(folder, tuple(read), index)

    def rotate(self) -> Keys:
        """Add a new key that encrypts from now on; the old ones still decrypt."""
        newest = max(int(path.stem.partition("-")[2]) for path in self.folder.glob("field-*.key"))
        path = self.folder / f"field-{newest + 1:04d}.key"
        _write_once(path, base64.urlsafe_b64encode(secrets.token_bytes(32)))
        return Keys.open(self.folder)

    @cached_property
    def _fernet(self) -> MultiFernet:
        from cryptography.fernet import Fernet, MultiFernet

        return MultiFernet([Fernet(key) for key in self.fields])

    def encrypt(self, text: str) -> str:
        """Encrypt a field under the newest key (Fernet: AES-128-CBC and HMAC-SHA256)."""
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, sealed: str) -> str:
        """Decrypt a field under any key of the folder.

        Raises ``ValueError`` when the text was changed or its key is gone.
        """
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise ValueError("this field cannot be decrypted: it was changed, or its key is gone") from error

    def renew(self, sealed: str) -> str:
        """The same field under the newest key."""
        return self._fernet.rotate(sealed.encode()).decode()

    def secret(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose, so that no two uses share one."""
        return hmac.digest(self.index, purpose.encode(), hashlib.sha256)

    def blind(self, purpose: str, value: str) -> str:
        """The blind index of a value: equal values look equal, and nothing else shows."""
        return hmac.digest(self.secret(f"blind:{purpose}"), value.encode(), hashlib.sha256).hex()

    def sign(self, purpose: str, subject: str, *, now: datetime, valid: timedelta | None = None) -> str:
        """An opaque token for one purpose and subject, safe in a URL; ``valid`` None never ends.

        The subject is encrypted, so a link gives no customer key away.
        """
        ends = None if valid is None else int((now + valid).timestamp())
        body = json.dumps([purpose, subject, ends, secrets.token_urlsafe(6)], separators=(",", ":"))
        return self.encrypt(body).rstrip("=")

    def open_token(self, purpose: str, token: str, *, now: datetime) -> str:
        """The subject of a token, when it is ours, for this purpose and still valid.

        Raises ``TokenError`` with code ``token_forged``, ``token_purpose`` or ``token_expired``.
        """
        try:
            body = json.loads(self.decrypt(token + "=" * (-len(token) % 4)))
            found, subject, ends, _ = body
        except ValueError as error:
            raise TokenError("token_forged") from error
        if found != purpose:
            raise TokenError("token_purpose")
        if ends is not None and now.astimezone(UTC).timestamp() >= ends:
            raise TokenError("token_expired")
        return str(subject)
