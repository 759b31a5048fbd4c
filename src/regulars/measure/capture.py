"""Channels that meet demand which is there already: what they seem to bring, others may have caused."""

from __future__ import annotations

import re
from typing import Final

# Somebody who types the brand's name, or a coupon page on the way to the till, was coming anyway.
_NAMES: Final = re.compile(
    r"brand(ed)?[\s_-]*(search|term|keyword|zone)|search[\s_-]*brand|affiliate|cashback|coupon|deal[\s_-]?site|retarget"
    r"|remarketing|品牌词|品牌专区|品专|联盟|淘客|返利|优惠券|重定向|再营销",
    re.IGNORECASE,
)


def captures(channel: str) -> bool:
    """Whether a channel's name says that it harvests demand: brand search, affiliates, coupons, retargeting.

    >>> captures("Brand Search"), captures("淘客联盟"), captures("search")
    (True, True, False)
    """
    return bool(_NAMES.search(channel))
