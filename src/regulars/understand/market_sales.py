"""Which markets bring what: revenue, customers, growth and coverage per market."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from regulars.lake.frames import same_kind, to_arrow
from regulars.understand.days import as_dates, company_days, day_number


def market_table(
    orders: Any, *, until: date, days: int = 90, demand: Mapping[str, float] | None = None, zone: str = "UTC"
) -> Any:
    """One row per market over the last ``days`` days and the same number before.

    ``revenue`` is net money (paid sales less refunds), ``growth`` = revenue /
    revenue before - 1 (null when nothing was sold before), ``share`` of all
    revenue, ``customers`` and ``new_customers`` (first purchase ever in these
    days), ``coverage`` = customers ever / demand, where ``demand`` gives the
    number of possible customers you see in the market. Largest revenue first.

    >>> orders = {"customer": ["a", "b"], "market": ["DE", "FR"], "amount": [5, 20],
    ...           "day": ["2026-01-01", "2026-01-02"]}
    >>> table = market_table(orders, until=date(2026, 1, 31), demand={"DE": 4})
    >>> [(r["market"], r["coverage"]) for r in table.to_pylist()]
    [('FR', None), ('DE', 0.25)]
    """
    table = to_arrow(orders)
    frame = pd.DataFrame(
        {
            "market": table.column("market").to_pandas(),
            "customer": table.column("customer").to_pandas(),
            "amount": table.column("amount").to_pandas(),
            "day": company_days(table, zone) if table.num_rows else np.empty(0, dtype=np.int64),
            "kind": table.column("kind").to_pandas() if "kind" in table.column_names else "sale",
            "status": table.column("status").to_pandas() if "status" in table.column_names else "paid",
        }
    )
    end = day_number(until)
    frame = frame[frame["market"].notna() & (frame["day"] <= end) & (frame["kind"] != "void")]
    sales = frame[(frame["kind"] == "sale") & (frame["status"] == "paid")]
    now, before = frame[frame["day"] > end - days], frame[frame["day"].between(end - 2 * days + 1, end - days)]
    bought = sales[sales["customer"].notna()]
    first = bought.sort_values("day", kind="stable").drop_duplicates("customer")
    out = pd.DataFrame(index=pd.Index(sorted(frame["market"].unique()), name="market"))
    out["revenue"] = now.groupby("market")["amount"].sum()
    out["revenue_before"] = before.groupby("market")["amount"].sum()
    out["orders"] = sales[sales["day"] > end - days].groupby("market").size()
    out["customers"] = bought[bought["day"] > end - days].groupby("market")["customer"].nunique()
    out["new_customers"] = first[first["day"] > end - days].groupby("market").size()
    ever = bought.groupby("market")["customer"].nunique().reindex(out.index)
    out = out.fillna(0).astype("int64")
    total = int(out["revenue"].sum())
    revenue, old = out["revenue"].to_numpy(float), out["revenue_before"].to_numpy(float)
    out["growth"] = np.divide(revenue - old, old, out=np.full(len(out), np.nan), where=old > 0)
    out["share"] = revenue / total if total else np.nan
    sizes = pd.Series({k: float(v) for k, v in (demand or {}).items()}, dtype=float).reindex(out.index)
    out["coverage"] = ever / sizes.where(sizes > 0)
    out["from_day"] = as_dates(np.full(len(out), end - days + 1)).to_pandas().to_numpy()
    out = out.sort_values("revenue", ascending=False, kind="stable").reset_index()
    return same_kind(pa.Table.from_pandas(out, preserve_index=False), orders)
