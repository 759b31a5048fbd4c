"""A segment in two sentences, in Chinese or English, with its real numbers."""

from __future__ import annotations

from regulars.tables import currency_digits
from regulars.understand.segments import Feature, SegmentProfile

NAMES = {
    "en": {
        "champions": "Champions", "loyal": "Loyal customers", "potential_loyalist": "Potential loyalists",
        "new": "New customers", "promising": "Promising", "needs_attention": "Need attention",
        "about_to_sleep": "About to sleep", "at_risk": "At risk", "cant_lose": "Can't lose them",
        "hibernating": "Hibernating", "lost": "Lost",
    },
    "zh-hans": {
        "champions": "冠军客户", "loyal": "忠诚客户", "potential_loyalist": "潜力客户", "new": "新客户",
        "promising": "有希望的客户", "needs_attention": "需要关注", "about_to_sleep": "即将沉睡",
        "at_risk": "有流失风险", "cant_lose": "不能失去", "hibernating": "沉睡客户", "lost": "已流失",
    },
}  # fmt: skip

# What a feature's mean reads like; {value} and {all} are the segment's and everybody's.
PHRASES = {
    "en": {
        "days_since_last": "last bought {value:,.0f} days ago (all: {all:,.0f})",
        "orders": "{value:,.1f} orders each (all: {all:,.1f})",
        "spent": "{value} spent each (all: {all})",
        "monetary": "{value} per repeat purchase (all: {all})",
        "T": "customers for {value:,.0f} days (all: {all:,.0f})",
    },
    "zh-hans": {
        "days_since_last": "上次购买在 {value:,.0f} 天前（全体 {all:,.0f} 天）",
        "orders": "人均 {value:,.1f} 单（全体 {all:,.1f} 单）",
        "spent": "人均消费 {value}（全体 {all}）",
        "monetary": "复购每次 {value}（全体 {all}）",
        "T": "成为客户 {value:,.0f} 天（全体 {all:,.0f} 天）",
    },
}
MONEY = ("spent", "monetary")


def persona_words(profile: SegmentProfile, language: str = "en", currency: str = "CNY", features: int = 3) -> str:
    """Describe a segment: size, worth, and the figures that set it apart most.

    >>> who = SegmentProfile("rules", "champions", 120, 0.1, 900_000.0, 500_000.0, "rfm_rules/1",
    ...                      (Feature("orders", 9.4, 3.1, 1.7),))
    >>> persona_words(who, "en")
    'Champions: 120 customers (10%), expected to bring CNY 9,000.00. What sets them apart: 9.4 orders each (all: 3.1).'
    >>> persona_words(who, "zh-hans")
    '冠军客户：120 人（10%），预计还会带来 CNY 9,000.00。与众不同之处：人均 9.4 单（全体 3.1 单）。'
    """
    if language not in NAMES:
        raise ValueError(f"language is one of {', '.join(NAMES)}, not {language!r}")
    chinese = language == "zh-hans"
    name = NAMES[language].get(profile.key, f"{'群组' if chinese else 'Group'} {profile.key}")
    worth = _money(profile.worth, currency)
    apart = [_phrase(f, language, currency) for f in profile.features[:features] if f.name in PHRASES[language]]
    if chinese:
        text = f"{name}：{profile.size:,} 人（{profile.share:.0%}），预计还会带来 {worth}。"
        return text + (f"与众不同之处：{'；'.join(apart)}。" if apart else "")
    text = f"{name}: {profile.size:,} customers ({profile.share:.0%}), expected to bring {worth}."
    return text + (f" What sets them apart: {'; '.join(apart)}." if apart else "")


def _phrase(feature: Feature, language: str, currency: str) -> str:
    words = PHRASES[language][feature.name]
    if feature.name in MONEY:
        return words.format(value=_money(feature.mean, currency), all=_money(feature.everybody, currency))
    return words.format(value=feature.mean, all=feature.everybody)


def _money(minor: float, currency: str) -> str:
    digits = currency_digits(currency)
    return f"{currency} {minor / 10**digits:,.{digits}f}"
