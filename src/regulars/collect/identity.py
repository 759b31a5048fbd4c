"""Which identities say who a person is, and when two rows are the same person."""

from __future__ import annotations

import re
from typing import Final

_BLOCKED: Final = re.compile(
    r"0+|1+|9+|-+|\d|null|none|nan|n/?a|na|unknown|anonymous|anonym|guest|test|tester|demo|admin|root|user|customer|undefined|true|false|"
    r"未知|匿名|匿名用户|游客|散客|无|测试|默认|\[object object\]"
)
_BLOCKED_EMAIL: Final = re.compile(
    r"(?:test|tests|testing|none|noemail|no-?email|no-?reply|noreply|null|na|n/a|anonymous|unknown)@.*|"
    r".*@(?:test\.(?:com|cn|org)|example\.invalid|invalid|localhost|noemail\.com|none\.com|mailinator\.com)"
)
_SHARED_EMAIL: Final = re.compile(r"(?:info|sales|office|admin|support|contact|hello|team|mail|service|kf|kefu)@.*")


def is_blocked(kind: str, value: str) -> bool:
    """Whether a value stands for nobody, so that it must never join people.

    A single digit is a fair customer number, so external ids block zeros and
    words only.

    >>> is_blocked("external_id", "0000"), is_blocked("external_id", "4"), is_blocked("email", "test@shop.com")
    (True, False, True)
    """
    v = value.strip().casefold()
    if not v:
        return True
    if kind == "email":
        return bool(_BLOCKED_EMAIL.fullmatch(v))
    if kind == "phone":
        digits = re.sub(r"\D", "", v.split(";")[0])
        return len(digits) < 5 or len(set(digits[-8:])) == 1
    if kind == "external_id" and v.isdigit():
        return set(v) == {"0"}
    return bool(_BLOCKED.fullmatch(v))
