"""What is true of the simulated company, in one JSON-serialisable dictionary."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from regulars.demo import campaigns, company, feedback, subscriptions, touches, usage
from regulars.demo.clock import Clock
from regulars.demo.world import PLAIN, World


def removal_effects(starts: np.ndarray) -> dict[str, float]:
    """Share of orders lost when a channel disappears, for the given share of starts per channel."""
    whole = float(starts @ touches.absorption())
    out = {}
    for j, key in enumerate(company.CHANNEL_KEYS):
        kept = starts.copy()
        kept[j] = 0.0
        out[key] = 1.0 - float(kept @ touches.absorption(remove=j)) / whole
    return out


def truth(
    clock: Clock, scale: float, seed: int, people: int, starts: np.ndarray, world: World = PLAIN
) -> dict[str, Any]:
    """Every parameter a model may try to recover, with its unit in the key or beside it."""
    buy = company.Purchases()
    answer = campaigns.market_answer()
    convert = touches.absorption()
    return {
        "company": {"zh": company.NAME_ZH, "en": company.NAME_EN, "zone": company.ZONE, "currency": company.CURRENCY},
        "seed": seed,
        "people": people,
        "scale": scale,
        "origin": clock.origin.isoformat(),
        "purchases": {
            "model": "BG/NBD", "who": "buyer_kind = one_off, orders whose id starts with o", "unit": "days",
            "r": buy.r, "alpha": buy.alpha, "a": buy.a, "b": buy.b,
            "note": "time runs in season days, on average one a day; somebody may order twice on one day, so "
            "counting days with an order gives a rate a few per cent lower",
        },
        "season_scale": clock.season_scale,
        "spend_per_order": {"model": "Gamma-Gamma", "unit": "minor units", "p": buy.p, "q": buy.q, "v": buy.v,
                            "mean": buy.p * buy.v / (buy.q - 1)},
        "refund_share": buy.refund_share,
        "unpaid_share": buy.unpaid_share,
        "subscriptions": {
            "model": "shifted beta-geometric", "unit": "months", "by": "plan at the start",
            "plans": {p.key: {"alpha": p.alpha, "beta": p.beta, "price": p.price, "share": p.share}
                      for p in company.PLANS},
            "upgrade": company.UPGRADE, "downgrade": company.DOWNGRADE,
            "refund_share": subscriptions.REFUND,
        },
        "responses": {
            "model": "new people a week ~ Poisson(baseline + ceiling * x / (x + half))", "grain": "week",
            "channels": {
                c.key: {
                    "ceiling": c.ceiling * scale, "half": round(c.half * scale * 100), "baseline": c.baseline * scale,
                    "conversion": float(convert[j]), "subscriber_share": c.subscriber_share,
                    "customers_ceiling": c.ceiling * scale * float(convert[j]),
                    "customers_baseline": c.baseline * scale * float(convert[j]),
                }
                for j, c in enumerate(world.channels)
            },
            "half_unit": "minor units a week",
        },
        "paths": {
            "model": "absorbing Markov chain of first order", "channels": list(company.CHANNEL_KEYS),
            "next": [list(row) for row in company.NEXT_TOUCH], "convert": list(company.CONVERT),
            "starts": [float(s) for s in starts], "removal_effect": removal_effects(starts),
            "gap_days": touches.GAP_DAYS,
        },
        "messages": {
            "unit": "extra orders per person reached, within the days named", "days": company.EFFECT_DAYS,
            "effects": dict(company.EFFECTS), "other": company.OTHER_EFFECT, "holdout": company.HOLDOUT,
            "by_market": {m.key: float(answer[i]) for i, m in enumerate(company.MARKETS)},
            "past": [{"action": a, "days_before_end": d, "plan": p} for a, d, p in campaigns.PAST],
        },
        "referrals": {"per_customer": company.REFERRALS, "shape": company.REFERRAL_SHAPE,
                      "mean_days": company.REFERRAL_DAYS, "conversion": float(convert[-1])},
        "segments": {
            "share": dict(zip(company.SEGMENTS, company.SEGMENT_SHARE, strict=True)),
            "products": [p.sku for p in company.PRODUCTS],
            "first_product": dict(zip(company.SEGMENTS, map(list, company.FIRST_PRODUCT), strict=True)),
            "same_basket": [list(row) for row in company.SAME_BASKET], "second_line": buy.second_line,
        },
        "markets": {m.key: {"share": m.share, "zh": m.zh} for m in company.MARKETS},
        "usage": {"fade_days": usage.FADE_DAYS, "fade_to": usage.FADE_TO,
                  "plans": {p.key: asdict(p)["gpu_week"] for p in company.PLANS}},
        "feedback": {"tickets_a_month": feedback.TICKETS_A_MONTH, "first_response_median_s": feedback.FIRST_RESPONSE_S,
                     "nps_answers": feedback.NPS_ANSWERS, "review_share": feedback.REVIEW_SHARE},
    }  # fmt: skip
