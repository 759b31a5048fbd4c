"""Phone numbers in E.164, with the company's own country as the default."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import Final

import phonenumbers

_CN_MOBILE: Final = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_LANGUAGE_REGION: Final = {"zh": "CN", "zh-hans": "CN", "zh-hant": "TW", "en": "US", "ja": "JP", "ko": "KR", "de": "DE",
                           "fr": "FR", "es": "ES", "pt": "BR", "it": "IT"}  # fmt: skip
_TYPES: Final = re.compile(r"^(?:tel|phone|mobile|手机|电话)\s*[:：]", re.IGNORECASE)


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    lines = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8").splitlines()
    return {p[2]: p[0] for p in (line.split("\t") for line in lines if not line.startswith("#")) if len(p) > 2}


def region_of(zone: str, language: str = "") -> str:
    """The country whose numbers need no prefix: by time zone, else by language.

    >>> region_of("Asia/Shanghai"), region_of("UTC", "en")
    ('CN', 'US')
    """
    return _zones().get(zone) or _LANGUAGE_REGION.get(language.lower(), "CN")


def clean_phone(text: str, region: str = "CN") -> str | None:
    """A number in E.164, with the extension after ``;ext=``; ``None`` when masked or no number.

    A number that does not exist in ``region`` and names no country keeps its bare
    digits: it can be dialled by who knows the country, and matches itself.

    >>> clean_phone("139-0000-1111"), clean_phone("+1 418 656 9254 ext 102")
    ('+8613900001111', '+14186569254;ext=102')
    >>> clean_phone("138****0000"), clean_phone("905-555-1234")
    (None, '9055551234')
    """
    t = unicodedata.normalize("NFKC", text).strip()
    if re.search(r"\d\.\d*e\+?\d|\*|#{2}|x{3}", t, re.IGNORECASE):
        return None
    t = _TYPES.sub("", t).removeprefix("tel:").split(":::")[0]
    if region == "CN" or t.startswith(("+86", "0086")):
        quick = _CN_MOBILE.fullmatch(re.sub(r"[\s\-().]", "", t))
        if quick:
            return "+86" + quick.group(1)
    digits = re.sub(r"[\s\-().\u00b7/]", "", t)
    bare = digits if re.fullmatch(r"\d{7,15}", digits) else None
    try:
        number = phonenumbers.parse(t, region)
    except phonenumbers.NumberParseException:
        return bare
    # a number without its country must really exist there, or it is another country's
    fits = phonenumbers.is_possible_number if t.startswith(("+", "00")) else phonenumbers.is_valid_number
    if not fits(number):
        return bare
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{written};ext={number.extension}" if number.extension else written
