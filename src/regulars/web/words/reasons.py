"""Reason codes of the models in words; a code without words fails ``tests/web/words/test_reasons.py``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_lazy as _

from regulars.tables import why_codes

WORDS: dict[str, object] = {
    "days_since_last": _("Last bought %(value)s days ago."),
    "orders_few": _("Few orders so far, so the estimate is wide."),
}


def sentences(codes: str | Mapping[str, object] | Iterable[str] | None) -> list[str]:
    """What the codes say, one sentence each, in the language of the page."""
    if codes is None or isinstance(codes, str):
        pairs = why_codes(codes)
    elif isinstance(codes, Mapping):
        pairs = {k: None if v is None else str(v) for k, v in codes.items()}
    else:
        pairs = {k: v for text in codes for k, v in why_codes(str(text)).items()}
    return [sentence(code, value) for code, value in pairs.items()]


def sentence(code: str, value: str | None) -> str:
    words = WORDS.get(code)
    if words is None:
        return code.replace("_", " ") + (f": {value}" if value else "")
    return str(words) % {"value": value if value is not None else ""} if "%(" in str(words) else str(words)
