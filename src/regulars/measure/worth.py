"""What customers are worth to the channel that brought them: mean CLV, and the value of one new customer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from regulars.lake.frames import to_arrow
from regulars.measure.amounts import divide
from regulars.measure.cubes import Cubes

Figure = tuple[str, pd.Series, str, str, tuple[str, ...]]


def customers_worth(won: Any, scores: Any) -> pd.DataFrame:
    """One row per customer: ``channel, market, day, first_amount, currency, clv, spent`` (NaN: unscored)."""
    rows: pd.DataFrame = won.to_pyarrow().to_pandas()
    rows["day"] = pd.to_datetime(rows["day"]).dt.as_unit("s")
    given = to_arrow(scores).select(["customer", "name", "value"]).to_pandas()
    for name in ("clv", "spent"):
        own = given[given["name"] == name].drop_duplicates("customer", keep="last").set_index("customer")["value"]
        rows[name] = rows["customer"].map(own).astype(float)
    return rows.rename(columns={"amount": "first_amount"})


def worth(rows: pd.DataFrame, cube: Cubes, currency: str, margin: float) -> Iterator[Figure]:
    """Mean CLV in all, per acquisition channel and per market of the first order, and LTV over CAC of the same."""
    scored = rows[rows["clv"].notna()]
    if scored.empty:
        return
    for by in ((), ("channel",), ("market",)):
        period = pd.Series(cube.opened, index=scored.index, name="period")
        clv = scored.groupby([period, *(scored[c] for c in by)], dropna=True)["clv"].mean()
        yield "clv", clv, currency, "all", by
        won = cube.sums(cube.won, "all", by, ["n"])["n"]
        earned = cube.sums(cube.earned[cube.earned["currency"] == currency], "all", by, ["revenue"])["revenue"]
        spent = cube.sums(cube.spend[cube.spend["currency"] == currency], "all", by, ["amount"])["amount"]
        yield "ltv_cac", divide(margin * divide(earned, won) + clv, divide(spent, won)), currency, "all", by
