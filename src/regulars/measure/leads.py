"""First contacts: whom a channel's spend reaches at once, and the share of them who buy later."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import ibis
import numpy as np
import pandas as pd

from regulars.measure.channel_weeks import pulled
from regulars.measure.cubes import Cubes, first_day
from regulars.measure.response import Curve

# Whoever has not bought two months after the first contact hardly ever does; the shares are those of one year.
RIPE_DAYS: Final = 60
YEAR_DAYS: Final = 365
# Fewer first contacts than this for each new customer say no more than the customers themselves.
MORE: Final = 1.3
FEWEST: Final = 200
FEWEST_BOUGHT: Final = 30
Z90: Final = 1.645


@dataclass(frozen=True)
class Leads:
    """First contacts by channel and week instead of new customers, and the share who buy: (value, standard error)."""

    weekly: pd.DataFrame
    share: dict[str, tuple[float, float]]


def leads(cube: Cubes, weekly: pd.DataFrame, today: pd.Timestamp) -> Leads | None:
    """The table of ``channel_weeks`` with first contacts as conversions; None where they tell no more than customers.

    A new customer is late (days or weeks after the spend) and drawn by lot from those reached: counting everybody at
    the first contact shows what the spend did two or three times as sharply, and at once. The share who buy is that of
    people first met between ``RIPE_DAYS`` and a year and that ago, each channel's pulled to all by its scatter. It is
    taken as the same for every level of spend.
    """
    if not cube.touched or float(weekly["conversions"].sum()) <= 0:
        return None
    met = _met(cube)
    met = met[met["channel"].isin(weekly["channel"])]
    ripe = met[(met["day"] <= today - pd.Timedelta(days=RIPE_DAYS))
               & (met["day"] > today - pd.Timedelta(days=RIPE_DAYS + YEAR_DAYS))]  # fmt: skip
    sums = ripe.groupby("channel")[["n", "bought"]].sum()
    if sums["n"].sum() < FEWEST or sums["bought"].sum() < FEWEST_BOUGHT:
        return None
    counted = met.groupby([first_day(met["day"], "week").rename("week"), "channel"])["n"].sum()
    keys = pd.MultiIndex.from_frame(weekly[["week", "channel"]])
    people = counted.reindex(keys).fillna(0.0).to_numpy(dtype=float)
    if people.sum() < MORE * float(weekly["conversions"].sum()):
        return None
    overall = float(sums["bought"].sum() / sums["n"].sum())
    each = (sums["bought"] + overall) / (sums["n"] + 1.0)
    variance = each * (1 - each) / sums["n"].clip(lower=1.0)
    found = pulled(each.to_numpy(), variance.to_numpy())
    share = {str(c): (float(p), float(s)) for c, p, s in zip(sums.index, *found, strict=True)}
    share |= {str(c): (overall, overall) for c in weekly["channel"].unique() if c not in share}
    return Leads(weekly.assign(conversions=people), share)


def in_customers(curve: Curve, share: tuple[float, float]) -> Curve:
    """A curve of first contacts as one of new customers: ceiling and baseline times the share who buy."""
    p = share[0]
    draws = curve.draws.copy()
    draws[:, [0, 2]] *= p
    a, b, c = curve.ceiling
    d, e, f = curve.baseline
    return replace(curve, ceiling=(p * a, p * b, p * c), baseline=(p * d, p * e, p * f), draws=draws,
                   flags=(*curve.flags, "by_first_contact"))  # fmt: skip


def in_contacts(tests: pd.DataFrame, share: dict[str, tuple[float, float]]) -> pd.DataFrame:
    """Experiments that count customers as ones that count first contacts: each customer stands for 1 / share of those.

    >>> ran = pd.DataFrame({"channel": ["search"], "delta": [10.0], "se": [2.0]})
    >>> in_contacts(ran, {"search": (0.5, 0.01)})[["delta", "se"]].values.tolist()
    [[20.0, 4.0]]
    """
    overall = float(np.mean([p for p, _ in share.values()]))
    each = tests["channel"].map({c: p for c, (p, _) in share.items()}).fillna(overall).astype(float)
    return tests.assign(delta=tests["delta"] / each, se=tests["se"] / each)


def with_share(worth: tuple[float, float, float], share: tuple[float, float]) -> tuple[float, float, float]:
    """The worth of a customer with the error of the share who buy in its interval."""
    value, low, high = worth
    if share[0] <= 0 or value <= 0:
        return worth
    extra = (Z90 * share[1] / share[0]) ** 2
    down, up = (np.hypot(end / value - 1, np.sqrt(extra)) for end in (low, high))
    return value, max(value * (1 - float(down)), 0.0), value * (1 + float(up))


def _met(cube: Cubes) -> pd.DataFrame:
    """People by day and channel of their first contact, and how many of them became customers."""
    touches: Any = cube.expressions["touches"]
    known = touches.filter(touches.customer.notnull() & touches.channel.notnull())
    own = ibis.window(group_by=[known.customer], order_by=[known["at"], known.source, known.id])
    first = known.mutate(number=ibis.row_number().over(own))
    first = first.filter(first.number == 0).select("customer", "day", "channel")
    won: Any = cube.expressions["won"]
    buyers = won.select(buyer=won.customer).distinct()
    both = first.left_join(buyers, [first.customer == buyers.buyer])
    sums = both.group_by(["day", "channel"]).aggregate(n=both.count(), bought=both.buyer.count())
    frame: pd.DataFrame = sums.to_pyarrow().to_pandas()
    frame["day"] = pd.to_datetime(frame["day"]).dt.as_unit("s")
    return frame
