from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from regulars.act.mime import AddressError, Email, address, build, one_line

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def mail(**changes: object) -> Email:
    given = {
        "key": "spring/p1", "from_address": "shop@example.com", "from_name": "小店", "to_address": "li@example.com",
        "to_name": "李梅", "subject": "您好", "text": "正文\n第二行", "html": "<p>正文</p>", "date": AT,
    }  # fmt: skip
    return Email(**(given | changes))  # type: ignore[arg-type]


def parsed(**changes: object) -> email.message.EmailMessage:
    return email.message_from_bytes(build(mail(**changes)), policy=email.policy.default)  # type: ignore[return-value]


def test_the_standard_library_reads_back_what_was_put_in() -> None:
    message = parsed(text="正文\n.\n. 点\nFrom 你", html="<p>正文 & 😀</p>")
    assert not message.defects
    assert message["From"].addresses[0].display_name == "小店"
    assert message["To"].addresses[0].addr_spec == "li@example.com"
    assert message["Subject"] == "您好"
    assert message["Date"].datetime == AT
    assert message.get_content_type() == "multipart/alternative"
    plain, html = message.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().splitlines() == ["正文", ".", ". 点", "From 你"]
    assert html.get_content().rstrip("\r\n") == "<p>正文 & 😀</p>"


TEXT = st.text(max_size=120)
# A lone surrogate cannot be said in UTF-8, and decode_header reads "?" for it as we write it.
HEADER = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@given(HEADER, HEADER, HEADER)
@example("您好\r\nBcc: victim@example.com", "李\nX: y", 'a"b\\c')
@example("=?utf-8?b?aGk=?=", "=?x", "a, b <c@d.e>;")
@example("long words " * 10, "名" * 60, "n" * 120)
@example("a  b", " ", "x" * 100)
def test_no_header_can_be_smuggled_in_and_every_header_survives(subject: str, to_name: str, from_name: str) -> None:
    raw = build(mail(subject=subject, to_name=to_name, from_name=from_name))
    head = raw.partition(b"\r\n\r\n")[0]
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert all(len(line) <= 78 for line in head.split(b"\r\n"))
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
    assert names == [b"From", b"To", b"Subject", b"Date", b"Message-ID", b"MIME-Version", b"Content-Type"]
    message = email.message_from_bytes(raw)
    assert str(make_header(decode_header(message["Subject"].replace("\r\n", "")))) == one_line(subject)
    for header, name in (("To", to_name), ("From", from_name)):
        shown, where = parseaddr(message[header].replace("\r\n", ""))
        assert where in ("li@example.com", "shop@example.com")
        assert str(make_header(decode_header(shown))).strip() == one_line(name)


@given(TEXT, TEXT)
@example("line\r\nline\rline\n", "\x00")
@example("x" * 2000, "=" * 200)
@example("trailing blank \n\ttab\t\n", "--boundary--")
def test_every_body_survives_and_no_line_is_too_long(text: str, html: str) -> None:
    raw = build(mail(text=text, html=html))
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.isascii()
    parts = email.message_from_bytes(raw).get_payload()
    for part, said in zip(parts, (text, html), strict=True):
        back = part.get_payload(decode=True).decode().replace("\r\n", "\n")
        wanted = said.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
        assert back.rstrip("\n") == wanted.rstrip("\n")


def test_one_click_unsubscribe_is_offered_as_rfc_8058_says() -> None:
    message = parsed(unsubscribe_url="https://shop.example/u/abc", unsubscribe_mailto="stop@shop.example")
    assert message["List-Unsubscribe"] == "<https://shop.example/u/abc>, <mailto:stop@shop.example>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain = parsed(unsubscribe_url="http://127.0.0.1:8321/u/abc")
    assert plain["List-Unsubscribe"] == "<http://127.0.0.1:8321/u/abc>"
    assert plain["List-Unsubscribe-Post"] is None
    assert parsed()["List-Unsubscribe"] is None


@pytest.mark.parametrize(
    "bad",
    ["", "li", "li@", "@example.com", "li@example.com\r\nBcc: x@y.z", "l i@example.com", "li@exa mple.com",
     "<li@example.com>", "li@example.com,x@y.z", "李@example.com", "a@-b.com", "a@" + "b" * 260],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(bad: str) -> None:
    with pytest.raises(AddressError):
        build(mail(to_address=bad))


def test_a_header_name_or_unsubscribe_address_that_would_break_out_is_refused() -> None:
    with pytest.raises(AddressError):
        build(mail(headers=(("X\r\nBcc", "x"),)))
    with pytest.raises(AddressError):
        build(mail(unsubscribe_url="https://x/>\r\nBcc: y"))


def test_the_message_id_belongs_to_the_key() -> None:
    assert mail().message_id == mail(subject="other").message_id != mail(key="spring/p2").message_id
    assert address(" Li@Example.com ") == "Li@Example.com"
