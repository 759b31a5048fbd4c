"""Orders and revenue credited to channels by first, last and linear touch, counted where the facts live."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from regulars.measure.sales import LOOKBACK_DAYS, credited, touched

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODELS: Final = ("first", "last", "linear")


def attribution(orders: Any, touches: Any, *, lookback_days: int = LOOKBACK_DAYS, credit: Any = None) -> pd.DataFrame:
    """Orders and revenue credited to each channel by first, last and linear touch, per month.

    Each paid order counts once in every model: its touches at or before it, at most
    ``lookback_days`` days old, share it (first: the oldest; last: the newest; linear:
    1/n each). Without such a touch the channel of the order is its only touch, and
    without that ``direct``. Linear money is rounded so that totals match to the minor unit.

    Args:
        orders: the orders table (Ibis).
        touches: the touches table (Ibis).
        lookback_days: how old a touch may be and still count.
        credit: the result of ``sales.credited`` for the same arguments, if it is at hand.

    Returns a frame ``model, month, channel, currency, orders, revenue`` (minor units).
    """
    whole = credited(orders, touches, lookback_days) if credit is None else credit
    month = whole.day.truncate("M").cast("date")
    parts = []
    for model in ("first", "last"):
        grouped = whole.group_by(month=month, channel=whole[f"{model}_channel"], currency=whole.currency)
        rows = grouped.aggregate(orders=whole.count(), revenue=whole.amount.sum()).to_pyarrow().to_pandas()
        parts.append(rows.assign(model=model))
    parts.append(_linear(orders, touches, whole, lookback_days).assign(model="linear"))
    columns = ["model", "month", "channel", "currency", "orders", "revenue"]
    frame: pd.DataFrame = pd.concat(parts, ignore_index=True)[columns]
    return frame


def _linear(orders: Any, touches: Any, whole: Any, lookback_days: int) -> pd.DataFrame:
    """Linear touch; only sums per (month, channel, path length) cross over, divided here to keep totals exact."""
    pairs = touched(orders, touches, lookback_days)
    pairs = pairs.mutate(month=pairs.day.truncate("M").cast("date"))
    shared = pairs.group_by(["month", "touch_channel", "currency", "n"]).aggregate(
        orders=pairs.count(), revenue=pairs.amount.sum()
    )
    alone = whole.filter(whole.touches == 0)
    alone = alone.mutate(month=alone.day.truncate("M").cast("date"))
    rest = alone.group_by(month=alone.month, touch_channel=alone.last_channel, currency=alone.currency).aggregate(
        orders=alone.count(), revenue=alone.amount.sum()
    )
    sums = pd.concat([shared.to_pyarrow().to_pandas(), rest.to_pyarrow().to_pandas().assign(n=1)], ignore_index=True)
    for column in ("orders", "revenue"):
        sums[column] = sums[column].astype(float) / sums["n"].astype(float)
    keys = ["month", "touch_channel", "currency"]
    frame = sums.groupby(keys, dropna=False)[["orders", "revenue"]].agg(math.fsum).reset_index()
    frame["revenue"] = frame.groupby(["month", "currency"])["revenue"].transform(lambda v: whole_units(v.to_numpy()))
    named: pd.DataFrame = frame.rename(columns={"touch_channel": "channel"})
    return named


def whole_units(parts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round parts to whole units so that they still add up to their (whole) total: largest remainders first.

    >>> whole_units(np.array([33.3333333, 33.3333333, 33.3333334])).tolist()
    [33, 33, 34]
    """
    floor = np.floor(parts).astype(np.int64)
    missing = round(math.fsum(parts)) - int(floor.sum())
    order = np.argsort(-(parts - floor), kind="stable")
    floor[order[:missing]] += 1
    return floor
