"""The sandbox: what would have been sent, as ``.eml`` files, plainly marked as not sent."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

from regulars.act.channels.base import Channel, ChannelSettings, Transport, TransportError
from regulars.act.mime import AddressError, Email, build

MARK = "[NOT SENT 未发送]"


class SandboxTransport:
    """Write messages into a folder, one file each; the same message overwrites its own file."""

    state = "sandboxed"

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    def send(self, message: Email) -> None:
        """Write one message; the file appears whole or not at all."""
        marked = replace(
            message,
            subject=f"{MARK} {message.subject}",
            headers=(*message.headers, ("X-Regulars-Sandbox", "NOT SENT: written to a file only")),
        )
        try:
            content = build(marked)
        except AddressError as error:
            raise TransportError(str(error), permanent=True) from error
        name = re.sub(r"[^A-Za-z0-9-]+", "-", message.key)[:60] + "-" + message.message_id[1:9]
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = self.folder / f".{name}.part"
            part.write_bytes(content)
            os.replace(part, self.folder / f"{name}.eml")
        except OSError as error:
            raise TransportError(f"cannot write to {self.folder}: {error.strerror}", fatal=True) from error

    def close(self) -> None:
        """Nothing is open."""


def _open(settings: ChannelSettings) -> Transport:
    if settings.sandbox is None:
        raise ValueError("the sandbox needs a folder")
    return SandboxTransport(settings.sandbox)


CHANNEL = Channel("sandbox", "沙盒（不会发出）", "Sandbox (nothing is sent)", ("sandbox",), _open)
