"""Who the customers are, what each is worth, who is leaving and what they will want next."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "BasketRules": "affinity",
    "CLV": "clv",
    "BetaGeo": "bgnbd",
    "GammaGamma": "gamma_gamma",
    "KMeansSegments": "clusters",
    "ModelCard": "cards",
    "ModifiedBetaGeo": "mbgnbd",
    "RFM": "rfm",
    "RuleSegments": "segments",
    "SegmentProfile": "segments",
    "UnscaledFeatures": "logit",
    "Understanding": "turn",
    "WeightedScore": "weighted_score",
    "activity": "lifecycle",
    "churn_probability": "churn",
    "discounted_cash_flow": "clv",
    "expected_worth": "clv",
    "logit_probability": "logit",
    "market_table": "markets",
    "persona_words": "personas",
    "referrals": "network",
    "understand": "turn",
    "voice_summary": "voice",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    # Imported when first asked for: the web process starts without scipy and scikit-learn.
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
