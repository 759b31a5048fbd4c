"""What customers are worth to the channel that brought them: mean CLV, and the value of one new customer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from regulars.lake.frames import to_arrow

Figure = tuple[str, pd.Series, str, str, tuple[str, ...]]


def customers_worth(won: Any, scores: Any) -> pd.DataFrame:
    """One row per customer: ``channel, market, day, first_amount, currency, clv`` (minor units; NaN if unscored)."""
    rows: pd.DataFrame = won.to_pyarrow().to_pandas()
    rows["day"] = pd.to_datetime(rows["day"]).dt.as_unit("s")
    given = to_arrow(scores).select(["customer", "name", "value"]).to_pandas()
    own = given[given["name"] == "clv"].drop_duplicates("customer", keep="last").set_index("customer")["value"]
    rows["clv"] = rows["customer"].map(own).astype(float)
    return rows.rename(columns={"amount": "first_amount"})


def worth(rows: pd.DataFrame, currency: str, opened: pd.Timestamp) -> Iterator[Figure]:
    """Mean CLV in all, per acquisition channel and per market of the first order."""
    rows = rows[rows["clv"].notna()]
    if rows.empty:
        return
    period = pd.Series(opened, index=rows.index, name="period")
    for by in ((), ("channel",), ("market",)):
        yield "clv", rows.groupby([period, *(rows[c] for c in by)], dropna=True)["clv"].mean(), currency, "all", by
