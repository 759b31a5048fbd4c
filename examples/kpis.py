"""Key figures of a company that grows by a day: fit once, then add each new day."""

# %%
import datetime as dt

import numpy as np
import pandas as pd

from regulars.measure import KPIS, Kpis

START = dt.date(2026, 1, 5)
rng = np.random.default_rng(7)


def orders_of(first: int, last: int) -> pd.DataFrame:
    """Orders of a tea shop: about 30 a day, from 800 customers, through three channels."""
    day = np.repeat(np.arange(first, last), rng.poisson(30, last - first))
    at = (
        pd.to_datetime(START)
        + pd.to_timedelta(day, unit="D")
        + pd.to_timedelta(rng.integers(9, 21, len(day)), unit="h")
    )
    amount = rng.lognormal(9.5, 0.6, len(day)).round().astype(int)
    when = at.tz_localize("UTC")
    return pd.DataFrame({
        "source": "till", "id": [f"{first}-{n}" for n in range(len(day))], "revision": 0, "recorded_at": when,
        "at": when, "day": at.date, "kind": "sale", "status": "paid", "amount": amount, "ordered": amount,
        "currency": "CNY", "customer": [f"c{n}" for n in (800 * rng.random(len(day)) ** 2).astype(int)],
        "channel": rng.choice(["shop", "search", "wechat"], len(day), p=[0.5, 0.3, 0.2]), "market": "cn",
    })  # fmt: skip


def spend_of(first: int, last: int) -> pd.DataFrame:
    """Four hundred yuan a day for search."""
    days = [START + dt.timedelta(days=n) for n in range(first, last)]
    at = pd.to_datetime(days, utc=True)
    return pd.DataFrame({
        "source": "ads", "id": [d.isoformat() for d in days], "revision": 0, "recorded_at": at, "at": at, "day": days,
        "days": 1, "channel": "search", "market": "cn", "amount": 40_000, "currency": "CNY",
    })  # fmt: skip


def noon(day: int) -> dt.datetime:
    """The moment a day is counted."""
    return dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC) + dt.timedelta(days=day)


# %% The first eight weeks at once, then two days one by one: yesterday's work is not done again
figures = Kpis(currency="CNY", margin=0.6, grains=("week",), partners={"wechat": "Mini Programme Ltd"})
figures.fit({"orders": orders_of(0, 56), "spend": spend_of(0, 56)}, now=noon(55))
for day in (56, 57):
    figures.partial_fit({"orders": orders_of(day, day + 1), "spend": spend_of(day, day + 1)}, now=noon(day))

# %% The last whole week beside the one before
table = figures.table_
total = table[table[["channel", "market", "segment", "product", "partner"]].isna().all(axis=1)]
whole = total[total["why"] != "period_running"]
for name in ("revenue", "aov", "new_order_share", "cac", "payback_months", "channel_concentration"):
    course = whole[whole["name"] == name].sort_values("day")["value"]
    scale = 100 if KPIS[name].unit == "minor units" else 1
    print(f"{KPIS[name].en:28} {course.iloc[-1] / scale:12,.2f}   the week before {course.iloc[-2] / scale:12,.2f}")
    print(f"    {KPIS[name].en_definition}")

# %% Sales of a partner, told by the channel they sell in
partner = table[table["partner"].notna() & (table["name"] == "revenue")].sort_values("day")
print(f"{partner['partner'].iloc[-1]} sold {partner['value'].iloc[-2] / 100:,.2f} in that week.")
print(f"Counted up to {figures.until_}, two days of them added one by one.")
