"""What the market watch speaks for, as tests of the plan: tried on some first, because a signal is no proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any, Final

import pyarrow as pa

from regulars import __version__
from regulars.decide.view import View
from regulars.tables import DECISIONS, why

MADE_BY: Final = f"decide.market_tests/{__version__}"
# More at once nobody runs; those with the largest gain come first.
MOST: Final = 5
# What the plan can try; a signal that speaks for less is for the owner to judge.
TRIED: Final = ("reprice", "raise_bid", "test", "add_channel")


@dataclass(frozen=True)
class MarketTests:
    """How many signals spoke for something, and how many tests of them are in the plan."""

    spoken: int
    planned: int
    made_by: str
    decisions: pa.Table | None = None


def market_tests_board(view: View) -> MarketTests | None:
    """The board of this turn; None while the market watch speaks for nothing."""
    found = view.findings.get("market_watch")
    if found is None:
        return None
    spoken = list(_body(found).get("proposals", ()))
    if not spoken:
        return None
    tried = [p for p in spoken if p["action"] in TRIED and (p["low"] is None or p["low"] > 0)][:MOST]
    return MarketTests(len(spoken), len(tried), MADE_BY, _rows(view, tried) if tried else None)


def _body(found: Any) -> Mapping[str, Any]:
    return asdict(found) if is_dataclass(found) and not isinstance(found, type) else found


def _rows(view: View, tried: list[Mapping[str, Any]]) -> pa.Table:
    ids = [f"{view.plan}#w#{p['action']}:{p['product']}:{p['market']}"[:80] for p in tried]
    own = [p["gain"] is not None and p["currency"] == view.settings.currency for p in tried]
    columns = {
        "id": ids, "plan": view.plan, "kind": "test", "made_by": MADE_BY, "made_at": view.now,
        "lake_version": view.lake_version,
        "subject": [(p["product"] or p["market"] or p["watched"] or p["action"])[:100] for p in tried],
        "channel": [p["why"].get("bid_channel") for p in tried],
        **{c: [float(p[k]) if ok else None for p, ok in zip(tried, own, strict=True)]
           for c, k in (("value", "gain"), ("low", "low"), ("high", "high"))},
        "why": [why({"market_watch": p["action"], **p["why"]}) for p in tried],
    }  # fmt: skip
    seen = {one: i for i, one in reversed(list(enumerate(ids)))}
    table = DECISIONS.fill(columns, len(tried))
    return table.take(sorted(seen.values()))
