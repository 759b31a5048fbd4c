"""The kept report by mail: as a PDF to the address of the settings, never without one, and no turn fails for it."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from regulars.act.channels.base import TransportError
from regulars.act.mime import AddressError, Email, build
from regulars.home import Settings
from regulars.web.audit.models import Entry
from regulars.web.report import mailing

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 7, tzinfo=UTC)
ON = {"report_to": "owner@shop.example", "smtp_host": "mail.shop.example", "smtp_from": "hello@shop.example"}


class Post:
    """Takes messages, or fails."""

    def __init__(self, fails=False):
        self.taken, self.closed, self.fails = [], False, fails

    def send(self, message):
        if self.fails:
            raise TransportError("no connection", fatal=True)
        self.taken.append(message)

    def close(self):
        self.closed = True


def mailed(tmp_path, monkeypatch, fails=False, **settings):
    files = [tmp_path / f"2026-05.{language}.{form}" for language in ("zh-hans", "en") for form in ("html", "pdf")]
    for file in files:
        file.write_bytes(b"%PDF-1.7 " + file.name.encode())
    post = Post(fails)
    monkeypatch.setattr(mailing, "transport_for", lambda home: (post, ""))
    home = SimpleNamespace(settings=Settings(company="灯塔茶", **settings))
    return mailing.report_mailed(home, files, NOW), post


def test_the_report_goes_out_as_a_pdf_in_the_language_of_the_company(tmp_path, monkeypatch):
    done, post = mailed(tmp_path, monkeypatch, **ON)
    assert done
    assert post.closed
    read = email.message_from_bytes(build(post.taken[0]), policy=email.policy.default)
    assert (read["To"], read["Subject"]) == ("owner@shop.example", "灯塔茶：2026-05 的报告")
    files = list(read.iter_attachments())
    assert [(f.get_filename(), f.get_content_type()) for f in files] == [("2026-05.zh-hans.pdf", "application/pdf")]
    assert files[0].get_content() == b"%PDF-1.7 2026-05.zh-hans.pdf"
    assert "附件" in read.get_body(("plain",)).get_content()
    assert Entry.objects.filter(action="report_mailed").exists()


def test_without_an_address_or_a_server_nothing_goes_out(tmp_path, monkeypatch):
    for missing in ON:
        done, post = mailed(tmp_path, monkeypatch, **(ON | {missing: ""}))
        assert (done, post.taken) == (False, [])
    assert mailing.report_mailed(SimpleNamespace(settings=Settings(**ON)), [], NOW) is False


def test_a_server_that_does_not_answer_fails_no_turn(tmp_path, monkeypatch):
    done, post = mailed(tmp_path, monkeypatch, fails=True, **ON)
    assert not done
    assert post.closed
    assert Entry.objects.filter(action="report_not_mailed").exists()


def test_a_name_that_could_break_a_header_is_not_attached():
    one = Email(
        "k", "a@b.example", "c@d.example", "s", "t", "<p>t</p>", NOW, files=(("a\r\nb", "application/pdf", b""),)
    )
    with pytest.raises(AddressError):
        build(one)
