from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from pathlib import Path

import pytest

from regulars.act.channels.base import TransportError
from regulars.act.channels.sandbox.transport import SandboxTransport
from regulars.act.mime import Email

MAIL = Email(
    "plan/p1", "shop@example.com", "li@example.com", "您好", "正文", "<p>x</p>", datetime(2026, 5, 1, tzinfo=UTC)
)


def test_files_are_whole_mails_marked_as_not_sent(tmp_path: Path) -> None:
    sandbox = SandboxTransport(tmp_path / "sandbox")
    sandbox.send(MAIL)
    sandbox.send(MAIL)
    (file,) = (tmp_path / "sandbox").iterdir()
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert message["Subject"] == "[NOT SENT 未发送] 您好"
    assert message["X-Regulars-Sandbox"].startswith("NOT SENT")
    assert message["To"] == "li@example.com"


def test_keys_that_look_alike_or_climb_out_get_files_of_their_own(tmp_path: Path) -> None:
    from dataclasses import replace

    for key in ("a/b", "a-b", "../../a"):
        SandboxTransport(tmp_path / "s").send(replace(MAIL, key=key))
    assert len(list((tmp_path / "s").iterdir())) == 3
    assert [p.name for p in tmp_path.iterdir()] == ["s"]


def test_a_folder_that_cannot_be_written_stops_the_batch(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TransportError) as error:
        SandboxTransport(tmp_path / "file").send(MAIL)
    assert error.value.fatal
