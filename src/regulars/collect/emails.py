"""E-mail addresses in one spelling."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_ADDRESS: Final = re.compile(
    r"[^\s@<>,;:\"'()\[\]*#]{1,64}@(?:[^\s@<>,;:\"'()\[\]*#.]{1,63}\.)+[^\s@<>,;:\"'()\[\]*#.\d]{2,63}"
)


def clean_email(text: str) -> str | None:
    """An address in lower case, also out of "Ada <ada@x.org>"; ``None`` when it is masked or no address.

    >>> clean_email("Ada <ADA@Lovelace.com>"), clean_email("rim***@qq.com"), clean_email("mailto:a@b.co")
    ('ada@lovelace.com', None, 'a@b.co')
    """
    t = unicodedata.normalize("NFKC", text).strip().removeprefix("mailto:")
    inner = re.search(r"<([^<>]+@[^<>]+)>", t)
    t = (inner.group(1) if inner else t).strip(" .,;'\"()[]")
    if not _ADDRESS.fullmatch(t) or ".." in t or t[0] == ".":
        return None
    return t.casefold()


def is_email(text: str) -> bool:
    """Whether a text is one address.

    >>> is_email("a@b.com"), is_email("a@b")
    (True, False)
    """
    return clean_email(text) is not None
