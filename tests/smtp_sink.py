"""A real SMTP server in its own process: writes one line per accepted message, then says 250; keeps the text beside."""

from __future__ import annotations

import asyncio
import email
import json
import os
import sys

from aiosmtpd.smtp import SMTP


class Sink:
    def __init__(self, path: str) -> None:
        self.file = open(path, "ab", buffering=0)  # noqa: SIM115
        self.texts = open(f"{path}.texts", "a", encoding="ascii")  # noqa: SIM115

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone"):
            return "550 5.1.1 no such user gone@example.com"
        if address.startswith("busy"):
            return "451 4.7.1 try later"
        if address.startswith("closing"):
            return "421 4.3.2 closing down"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("spam"):
            return "554 5.7.1 refused"
        if envelope.rcpt_tos[0].startswith("vanish"):
            os.kill(os.getpid(), 9)
        message = email.message_from_bytes(envelope.content)
        self.texts.write(json.dumps(envelope.content.decode("latin-1")) + "\n")
        self.texts.flush()
        self.file.write(f"{envelope.rcpt_tos[0]} {message['Message-ID']}\n".encode())
        os.fsync(self.file.fileno())
        return "250 OK"


async def main(path: str) -> None:
    loop = asyncio.get_running_loop()
    sink = Sink(path)
    server = await loop.create_server(lambda: SMTP(sink, enable_SMTPUTF8=False, loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
