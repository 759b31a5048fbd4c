# %% [markdown]
# Do customers stay, and where are they lost on the way? Cohorts and the funnel of a small shop,
# made here with known habits, so that what is told can be checked.

# %%
import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa

from regulars.measure import Cohorts, Funnel
from regulars.tables import TABLES

rng = np.random.default_rng(7)
now = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
people = 1_500
first_seen = pd.Timestamp(now) - pd.to_timedelta(rng.uniform(0, 360, people), unit="D")
channel = rng.choice(["search", "friends"], people)
who = np.array([f"p{i:04d}" for i in range(people)])


def rows(table: str, at: pd.DatetimeIndex, customer: np.ndarray, **own: object) -> pa.Table:
    """Facts as the lake keeps them."""
    at = pd.DatetimeIndex(at).as_unit("us")
    shared = {"source": "shop", "id": [f"{table}{i}" for i in range(len(at))], "revision": 0, "recorded_at": at,
              "at": at, "day": at.date, "customer": list(customer)}  # fmt: skip
    return TABLES[table].fill({**shared, **own}, len(at))


# %% Friends of customers buy more often than people who searched, and everybody comes back less every month.
buys = rng.random(people) < np.where(channel == "friends", 0.6, 0.3)
first = first_seen + pd.to_timedelta(rng.exponential(6, people), unit="D")
days, buyers = [first[buys]], [who[buys]]
for month in range(1, 12):
    again = buys & (rng.random(people) < 0.4 * 0.85**month)
    days.append(first[again] + pd.Timedelta(days=30 * month))
    buyers.append(who[again])
at = pd.DatetimeIndex(np.concatenate(days))
bought = at <= pd.Timestamp(now)
orders = rows("orders", at[bought], np.concatenate(buyers)[bought], kind="sale", status="paid", currency="CNY",
              amount=rng.integers(5_000, 20_000, bought.sum()), ordered=0, channel="shop")  # fmt: skip
touches = rows("touches", first_seen, who, kind="visit", channel=channel)

# %% Cohorts by the month of the first order.
cohorts = Cohorts(grain="month").fit(orders, until=now.date())
for row in cohorts.curve_[cohorts.curve_["age"].isin([1, 3, 6])].itertuples():
    print(f"{row.age} month(s) after the first order, {row.retention:.0%} order [{row.low:.0%}-{row.high:.0%}].")
worth = cohorts.revenue_[(cohorts.revenue_["age"] == 6) & cohorts.revenue_["complete"]]
print(f"After six months a customer has paid {worth['per_customer'].mean() / 100:,.0f} CNY on average.")

# %% The funnel, those who have not bought yet counted as still waiting.
funnel = Funnel().fit({"touches": touches, "orders": orders}, now=now)
for row in funnel.waits_[(funnel.waits_["step"] == "known") & (funnel.waits_["cut"] != "")].itertuples():
    print(f"Of those who came through {row.cut}, {row.within_30:.0%} buy within 30 days "
          f"[{row.within_30_low:.0%}-{row.within_30_high:.0%}]; half of them within {row.usual:.1f} days.")  # fmt: skip
