"""Masks: show enough of a name, e-mail or phone to recognise it, not enough to use it."""

from __future__ import annotations

import re
from typing import Final

_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_EMAIL: Final = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
# Seven digits or more, with the blanks and dashes people put between them.
_PHONE: Final = re.compile(r"(?<![\w.-])(?!\d{4}-\d\d-\d\d\b)\+?\d(?:[ -]?\d){6,14}(?![\w-]|\.\d)")
# Surnames of two characters, so that 欧阳娜娜 keeps 欧阳 and not half of it.
_LONG_SURNAMES: Final = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "夏侯",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "长孙",
        "宇文",
        "司徒",
        "端木",
        "令狐",
        "东方",
        "南宫",
        "独孤",
        "申屠",
        "轩辕",
        "百里",
    ]
)


def mask_name(name: str) -> str:
    """A name with all but the surname (Chinese) or the initials (Latin) hidden.

    >>> mask_name("李梅"), mask_name("欧阳娜娜"), mask_name("Grace Hopper")
    ('李*', '欧阳**', 'G**** H*****')
    """
    name = " ".join(name.split())
    if _HAN.search(name) and " " not in name:
        kept = 2 if name[:2] in _LONG_SURNAMES and len(name) > 2 else 1
        return name[:kept] + "*" * (len(name) - kept) if len(name) > 1 else "*"
    return (
        " ".join(word[0] + "*" * (len(word) - 1) if len(word) > 1 else "*" for word in name.split(" ")) if name else ""
    )


def mask_email(address: str) -> str:
    """An e-mail address with its first letter and its domain left.

    >>> mask_email("li.mei@example.com"), mask_email("a@example.com"), mask_email("nonsense")
    ('l***@example.com', '***@example.com', '***')
    """
    local, at, domain = address.strip().rpartition("@")
    if not at or not local or not domain:
        return "***" if address.strip() else ""
    return f"{local[0] if len(local) > 1 else ''}***@{domain}"


def mask_phone(number: str) -> str:
    """A phone number with its first three and last two digits left when it is long enough.

    >>> mask_phone("+86 138-0013-8000"), mask_phone("13800138000"), mask_phone("12345")
    ('+861********00', '138******00', '*****')
    """
    digits = "".join(c for c in number if c.isdigit())
    plus = "+" if number.strip().startswith("+") else ""
    if len(digits) < 7:
        return plus + "*" * len(digits)
    return f"{plus}{digits[:3]}{'*' * (len(digits) - 5)}{digits[-2:]}"


def mask_text(text: str) -> str:
    """A line for a log, with every e-mail address and phone number in it masked.

    >>> mask_text("550 no such user li.mei@example.com, call +86 138 0013 8000")
    '550 no such user l***@example.com, call +861********00'
    """
    text = _EMAIL.sub(lambda found: mask_email(found[0]), text)
    return _PHONE.sub(lambda found: mask_phone(found[0]), text)
