"""Who the customers are, what each is worth, who is leaving and what they will want next."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "BasketRules": "affinity",
    "Behaviour": "behaviour",
    "BetaDiscreteWeibull": "bdw",
    "BetaGeo": "bgnbd",
    "BetaGeoBetaBinomial": "bgbb",
    "ChurnHazard": "churn",
    "CLV": "clv",
    "CrossSell": "cross_sell",
    "EASE": "ease",
    "GammaGamma": "gamma_gamma",
    "HierarchicalSegments": "hierarchical",
    "KMeansSegments": "clusters",
    "LabelledSegments": "labelled_segments",
    "LeakDetector": "leaks",
    "Lifecycle": "lifecycle",
    "Markets": "markets",
    "MixtureSegments": "mixtures",
    "ModelCard": "cards",
    "ModifiedBetaGeo": "mbgnbd",
    "Needs": "needs",
    "ParetoNBD": "pareto_nbd",
    "Personas": "personas",
    "ReferralNetwork": "network",
    "RFM": "rfm",
    "RuleSegments": "segments",
    "SeasonalClock": "seasonal_clock",
    "SegmentMembers": "segment_members",
    "SegmentProfile": "segments",
    "Sentiment": "sentiment",
    "ShiftedBetaGeometric": "sbg",
    "StaticCovariates": "covariates",
    "Topics": "topics",
    "Understanding": "turn",
    "UnscaledFeatures": "logit",
    "Uplift": "uplift",
    "WeightedScore": "weighted_score",
    "activity": "lifecycle",
    "churn_probability": "churn",
    "discounted_cash_flow": "clv",
    "expected_worth": "clv",
    "logit_probability": "logit",
    "market_table": "market_sales",
    "persona_words": "personas",
    "referrals": "network",
    "segment_people": "segment_query",
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
