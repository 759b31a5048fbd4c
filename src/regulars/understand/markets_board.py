"""What the page of markets shows: figures, map, groups, and what the potential is computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc

from regulars.understand.cards import ModelCard
from regulars.understand.market_facts import market_facts
from regulars.understand.markets import Direction, Markets, Place
from regulars.understand.segments import SegmentProfile, describe
from regulars.understand.view import View

MADE_BY = "smacof+ward/1"
ATTRIBUTES = ("conversion", "growth", "order_value", "repeat", "churn", "clv", "satisfaction", "asks")
# Errors of these are of the logarithm.
RELATIVE = ("conversion", "growth", "asks")


@dataclass(frozen=True)
class MarketsBoard:
    """``markets`` are rows of ``market_facts``; ``personas`` what sets the customers of each apart."""

    markets: tuple[dict[str, Any], ...]
    places: tuple[Place, ...]
    directions: tuple[Direction, ...]
    stress: float
    silhouette: float | None
    limits: tuple[str, ...]
    personas: tuple[SegmentProfile, ...]
    made_by: str
    cards: tuple[ModelCard, ...]


def markets_board(view: View) -> MarketsBoard | None:
    """The markets of a company; None while fewer than two have customers."""
    facts = market_facts(view)
    if facts.num_rows < 2:
        return None
    errors = {}
    for name in ATTRIBUTES:
        if f"{name}_error" in facts.column_names:
            error = facts.column(f"{name}_error").to_numpy()
            errors[name] = error * facts.column(name).to_numpy() if name in RELATIVE else error
    found = Markets().fit(facts.select(["market", *ATTRIBUTES]), errors=errors)
    rows = tuple(
        {k: None if isinstance(v, float) and not np.isfinite(v) else v for k, v in row.items()}
        for row in facts.to_pylist()
    )
    card = ModelCard(
        model="markets",
        version=MADE_BY,
        trained_from=None,
        trained_to=str(view.now.date()),
        n=facts.num_rows,
        features=found.names_,
        parameters=(("groups", float(len({p.group for p in found.places_})), None),),
        holdout=None,
        limits=found.limits_,
        metrics=(
            ("stress", found.stress_, None, None),
            *((("silhouette", found.silhouette_, None, None),) if found.silhouette_ is not None else ()),
        ),
        data="orders, people, feedback",
    )
    return MarketsBoard(
        rows, found.places_, found.directions_, found.stress_, found.silhouette_, found.limits_,
        _personas(view, {str(r["market"]) for r in rows}), MADE_BY, (card,),
    )  # fmt: skip


def _personas(view: View, shown: set[str]) -> tuple[SegmentProfile, ...]:
    at = pc.index_in(view.rfm.column("customer"), value_set=view.people.column("customer").combine_chunks())
    market = view.people.column("market").take(pc.fill_null(at, 0))
    known = np.asarray(pc.and_(at.is_valid(), pc.is_in(market, value_set=_texts(shown))).to_numpy(), dtype=bool)
    if not known.any():
        return ()
    labels = market.to_numpy(zero_copy_only=False)[known].astype(str)
    figures = {
        name: np.asarray(view.rfm.column(name).to_numpy(), dtype=np.float64)[known]
        for name in ("days_since_last", "orders", "spent", "monetary", "T")
    }
    worth = view.worth.column("clv").to_numpy()[known]
    return describe(labels, figures, figures["spent"], worth, method="markets", made_by=MADE_BY)


def _texts(values: set[str]) -> Any:
    import pyarrow as pa

    return pa.array(sorted(values), pa.string())
