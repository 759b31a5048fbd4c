"""Weekly tables with one column per channel: which columns are spend, impressions and clicks of which channel."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from regulars.collect.headers import normal
from regulars.collect.profile import profile
from regulars.collect.words import words

if TYPE_CHECKING:
    from regulars.collect.sheet import Sheet

_SPEND: Final = r"spends?|costs?|ad_?spend|investment|expense|花费|消耗|费用|投放|投入|成本|支出|广告费|ausgaben|kosten|gasto|custo|depenses?"  # noqa: E501
_SHOWN: Final = r"impressions?|impr|impressionen|exposures?|views?|展示|曝光|展现|展示量|曝光量|展现量|i"
_CLICKED: Final = r"clicks?|clics|klicks|点击|点击量|clicks?_p|p"
_MEASURES: Final = {"spend": rf"{_SPEND}|s", "impressions": _SHOWN, "clicks": _CLICKED}
_CHANNELS: Final = words("channels")


def split_header(header: str) -> tuple[str, str] | None:
    """Split a wide column's header into its channel and measure.

    >>> split_header("tv_S"), split_header("search_clicks_P"), split_header("Facebook Spend")
    (('tv', 'spend'), ('search', 'clicks'), ('facebook', 'spend'))
    >>> split_header("抖音花费")
    ('抖音', 'spend')
    >>> split_header("Channel0_impression"), split_header("spend_google"), split_header("revenue")
    (('channel0', 'impressions'), ('google', 'spend'), None)
    """
    t = re.sub(r"\([^)]*\)|（[^）]*）|\[[^\]]*\]", "", header).strip()
    t = re.sub(r"[\s\-.]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", t)).casefold().strip("_")
    for measure, named in _MEASURES.items():
        for pattern in (rf"(.+?)_(?:{named})", rf"(?:{named})_(.+)"):
            found = re.fullmatch(pattern, t)
            if found and found.group(1) not in ("total", "all", "sum", "competitor_sales"):
                channel = found.group(1)
                if measure == "spend" and pattern.startswith("(?:") and t.startswith("s_"):
                    continue
                return re.sub(r"_(?:clicks?|impressions?|spend|cost|media|ad|ads)$", "", channel).replace(
                    "_", " "
                ), measure
    cjk = re.fullmatch(rf"([\u3400-\u9fffa-z0-9]+?)(?:广告)?(?:({_SPEND})|(展示|曝光|展现)量?|(点击)量?)", t)
    if (
        cjk
        and re.search(r"[\u3400-\u9fff]", t)
        and cjk.group(1) not in ("总", "合计", "广告", "推广", "现金", "平均", "营销")
    ):
        return cjk.group(1), "spend" if cjk.group(2) else "impressions" if cjk.group(3) else "clicks"
    return None


def wide_columns(sheet: Sheet) -> dict[str, dict[str, int]]:
    """Channel -> measure -> column, when the table is wide; empty when it is not.

    A table is wide when one column holds dates and at least two hold spend of
    different channels, by suffix or prefix or by bare channel names.
    """
    found: dict[str, dict[str, int]] = defaultdict(dict)
    bare: dict[str, dict[str, int]] = {}
    for i, header in enumerate(sheet.header):
        p = profile(sheet, i)
        if p.count and p.number < 0.8:
            continue
        parts = split_header(header)
        if parts:
            found[parts[0]].setdefault(parts[1], i)
        elif normal(header).key in _CHANNELS or normal(header).bare in _CHANNELS:
            bare[" ".join(normal(header).tokens)] = {"spend": i}
    spending = {c: m for c, m in found.items() if "spend" in m}
    if len(spending) < 2 and len(bare) >= 2 and not spending:
        found, spending = defaultdict(dict, bare), bare
    if len(spending) < 2:
        return {}
    dated = any(profile(sheet, i).date >= 0.9 and normal(h).key not in _CHANNELS for i, h in enumerate(sheet.header))
    return dict(found) if dated or sheet.num_rows == 0 else {}


def channel_of(header: str) -> str:
    """The channel a wide column is about.

    >>> channel_of("tv_S"), channel_of("TikTok")
    ('tv', 'TikTok')
    """
    parts = split_header(header)
    return parts[0] if parts else header.strip()
