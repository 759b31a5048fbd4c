"""The firms that sell for the demo company, and those that might: what was agreed, expected and paid."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

# Shares of the company's revenue a year, expected of a partner by market; the rest is in minor units a year.
SHARES: Final[dict[str, dict[str, float]]] = {
    "huazhong": {"manufacturing": 0.05, "healthcare": 0.04, "education": 0.05},
    "yunshi": {"ecommerce": 0.08, "media": 0.03},
    "kaiyuan": {"software": 0.10, "gaming": 0.04},
    "jiaoyu": {"education": 0.09},
    "jinrui": {"finance": 0.06, "healthcare": 0.03},
    "yishu": {"media": 0.07, "gaming": 0.05},
}
# Name, region, way to sell, contract a year.
_FIRMS: Final = {
    "huazhong": ("华中代理", "华中", "agent", 60_000_00),
    "yunshi": ("云市集", "线上", "marketplace", 48_000_00),
    "kaiyuan": ("开源集成", "华南", "reseller", 75_000_00),
    "jiaoyu": ("知行教育渠道", "华北", "agent", 52_000_00),
    "jinrui": ("金睿方案", "华东", "reseller", 70_000_00),
    "yishu": ("艺数传媒", "华东", "agent", 40_000_00),
}


def demo_partners(revenue: int, markets: list[str], today: date) -> dict[str, list[dict[str, Any]]]:
    """``partners``, ``agreements`` and ``payments`` of a company with this revenue a year in these markets.

    The agents channel and the marketplace are partners' business; four more firms have made an offer.
    """
    scale = max(revenue, 1) / 10_000_000_00
    partners = []
    for code, (name, region, mode, cost) in _FIRMS.items():
        expected = {m: int(revenue * share) for m, share in SHARES[code].items() if m in markets}
        if not expected:
            continue
        partners.append({
            "code": code, "name": name, "region": region, "mode": mode, "cost": int(cost * scale), "capacity": None,
            "state": "signed" if code in ("huazhong", "yunshi") else "candidate", "expected": expected,
        })  # fmt: skip
    start = date(today.year - 1, 1, 1)
    tier = int(revenue * 0.01)
    terms: dict[str, Any] = {"markets": [], "currency": "CNY", "rounding": "half_up", "cap": None, "exclusive": False}
    agreements = [
        {"uid": "demo-huazhong", "partner": "huazhong", "start": start, "end": None, "terms": {
            **terms, "mode": "agent", "channels": ["agents"],
            "tiers": [[0, 100_000], [tier, 125_000], [3 * tier, 150_000]], "rule": "marginal",
            "tier_period": "quarter", "guarantee": int(tier * 0.05), "commitment": tier,
            "payment_days": 30}},
        {"uid": "demo-yunshi", "partner": "yunshi", "start": start, "end": None, "terms": {
            **terms, "mode": "marketplace", "channels": ["marketplace"], "tiers": [[0, 80_000]], "rule": "marginal",
            "tier_period": "month", "guarantee": 0, "commitment": 0, "payment_days": 15}},
    ]  # fmt: skip
    payments = [
        {"partner": "yunshi", "due": today - timedelta(days=30 * k + 5), "amount": tier,
         "paid": today - timedelta(days=30 * k + 5) + timedelta(days=4 if k % 4 == 1 else -2)}
        for k in range(1, 9)
    ]  # fmt: skip
    return {"partners": partners, "agreements": agreements, "payments": payments}
