"""What messages changed: people who got them beside people held back, newest measurement of each plan and action."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings

from regulars.tables import why_codes
from regulars.web.bridge.lake import lake

NAMES = ("lift_orders", "lift_revenue", "realised", "predicted")


def outcome_rows() -> list[dict[str, Any]]:
    """One row a plan and action: every newest outcome by name, people treated and held back, its verdict."""
    store = lake()
    mark = store.watermark("outcomes", "loop")
    return [] if mark is None else _rows(str(settings.HOME.lake_path), mark)


@lru_cache(maxsize=2)
def _rows(_path: str, _mark: int) -> list[dict[str, Any]]:
    table = lake().table("outcomes")
    columns = ("plan", "subject", "name", "value", "low", "high", "treated", "held", "why", "made_by", "made_at")
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for r in table.select(*columns).order_by("made_at").to_pyarrow().to_pylist():
        if r["name"] in NAMES:
            one = newest.setdefault((r["plan"], r["subject"]), {"plan": r["plan"], "action": r["subject"]})
            one[r["name"]] = {k: r[k] for k in ("value", "low", "high", "why", "made_by", "made_at")}
            if r["name"] == "lift_orders":
                one |= {"treated": r["treated"], "held": r["held"], "why": r["why"], "made_by": r["made_by"],
                        "made_at": r["made_at"], **judged(r)}  # fmt: skip
    found = [r for r in newest.values() if "lift_orders" in r]
    return sorted(found, key=lambda r: (r["made_at"], r["plan"], r["action"]), reverse=True)


def judged(row: dict[str, Any]) -> dict[str, Any]:
    """What one comparison proves, and the smallest difference it could have seen.

    >>> judged({"low": 0.01, "high": 0.08, "why": "detectable=0.03"})
    {'verdict': 'gain', 'detectable': 0.03, 'unfair': False}
    >>> [judged({"low": low, "high": high, "why": ""})["verdict"] for low, high in ((-0.02, 0.08), (-0.2, -0.1))]
    ['undecided', 'none']
    """
    codes = why_codes(row["why"])
    low, high, unfair = row["low"], row["high"], "sample_ratio_off" in codes
    smallest = codes.get("detectable")
    if low is None or high is None or "window_open" in codes:
        verdict = "counting"
    elif unfair:
        verdict = "unfair"
    else:
        verdict = "gain" if low > 0 else "none" if high <= 0 else "undecided"
    return {"verdict": verdict, "detectable": float(smallest) if smallest else None, "unfair": unfair}
