"""Writes of what the owner says about markets."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from regulars.web.audit.services import record
from regulars.web.markets.models import FactorWeight, MarketNote
from regulars.web.markets.queries import FACTORS

MOST = 10**12


class MarketProblem(ValueError):
    """A figure that cannot be kept: says why in the owner's words."""


def number(text: str, title: str, low: float, high: float) -> float | None:
    """A figure as typed; empty is none."""
    plain = text.strip().replace(",", "").replace("，", "").rstrip("%％")
    if not plain:
        return None
    try:
        value = float(plain)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise MarketProblem(
            _("%(title)s is a number from %(low)s to %(high)s.")
            % {"title": title, "low": f"{low:,.0f}", "high": f"{high:,.0f}"}
        )
    return value


def markets_weigh(weights: Mapping[str, float], sizes: Mapping[str, float | None],
                  competition: Mapping[str, float | None], by: str) -> None:  # fmt: skip
    """Keep the weights and what is known of each market; competition in percent.

    Raises ``MarketProblem`` when nothing would count.
    """
    if not sum(weights.get(name, 0.0) for name in FACTORS):
        raise MarketProblem(_("At least one weight must be above 0."))
    with transaction.atomic():
        for name in FACTORS:
            FactorWeight.objects.update_or_create(factor=name, defaults={"weight": weights.get(name, 0.0)})
        for market in sizes:
            share = competition.get(market)
            size = sizes[market]
            MarketNote.objects.update_or_create(
                market=market,
                defaults={"size": None if size is None else round(size),
                          "competition": None if share is None else share / 100},
            )  # fmt: skip
        record(by, "markets_weigh", ",".join(f"{k}:{weights.get(k, 0):g}" for k in FACTORS))


def markets_reset(by: str) -> None:
    """Forget all of it: even weights, nothing said about any market."""
    with transaction.atomic():
        FactorWeight.objects.all().delete()
        MarketNote.objects.all().delete()
        record(by, "markets_reset", "")
