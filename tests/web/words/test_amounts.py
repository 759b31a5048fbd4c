"""Amounts, counts and times read as an owner writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation

from regulars.web.words.amounts import money_text, percent_text
from regulars.web.words.times import ago_text

NOW = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "zh", "en"),
    [
        (0, "CNY", "¥0", "¥0"), (9_017, "CNY", "¥90.17", "¥90.17"), (12_345_00, "CNY", "¥12,345", "¥12,345"),
        (1_832_000_00, "CNY", "¥183万", "¥1.83M"), (12_345_678_90, "CNY", "¥1,235万", "¥12.3M"),
        (5_000_000_000_00, "CNY", "¥50亿", "¥5B"), (-1_240_00, "USD", "−$1,240", "−$1,240"),
        (1500, "JPY", "JP¥1,500", "JP¥1,500"), (1_234_5, "KWD", "KWD 12.345", "KWD 12.345"), (None, "CNY", "–", "–"),
    ],
)  # fmt: skip
def test_money(amount, currency, zh, en):
    assert money_text(amount, currency) == en or translation.get_language() != "en"
    with translation.override("zh-hans"):
        assert money_text(amount, currency) == zh
    with translation.override("en"):
        assert money_text(amount, currency) == en


def test_signs_and_shares():
    with translation.override("en"):
        assert money_text(86_000, "CNY", sign=True) == "+¥860"
    assert [percent_text(x) for x in (None, 0, 0.0834, 0.183, 1)] == ["–", "0%", "8.3%", "18%", "100%"]
    assert percent_text(-0.14, sign=True) == "−14%"


@pytest.mark.parametrize(
    ("away", "en", "zh"),
    [
        (timedelta(seconds=20), "just now", "刚刚"), (timedelta(minutes=1), "1 minute ago", "1 分钟前"),
        (timedelta(hours=5), "5 hours ago", "5 小时前"), (timedelta(days=3), "3 days ago", "3 天前"),
        (timedelta(days=100), "3 months ago", "3 个月前"), (timedelta(days=800), "2 years ago", "2 年前"),
        (timedelta(days=-2), "in 2 days", "2 天后"),
    ],
)  # fmt: skip
def test_how_long_ago(away, en, zh):
    with translation.override("en"):
        assert ago_text(NOW - away, NOW) == en
    with translation.override("zh-hans"):
        assert ago_text(NOW - away, NOW) == zh


def test_tags_escape_what_people_wrote():
    page = Template('{{ name|label:"channel" }}{{ text|money }}{% why codes %}')
    shown = page.render(Context({"name": "<b>x</b>", "text": 100, "codes": "<script>=1"}))
    assert "<b>" not in shown
    assert "<script>" not in shown
