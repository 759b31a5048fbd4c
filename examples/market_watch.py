# %% [markdown]
# What competitors do, and what it speaks for: prices that change, a stock-out, and demand
# that rises in a market we do not serve yet. The habits are made here, so the answers are known.

# %%
import datetime as dt

import numpy as np
import pandas as pd

from regulars.collect.watch.feeds import read_feed
from regulars.collect.watch.pages import read_page
from regulars.measure import MarketWatch

rng = np.random.default_rng(3)
until = dt.date(2026, 3, 1)
days = pd.date_range(end=until, periods=2 * 364)

# %% A page and a feed, read without running anything that is in them.
offer = read_page(b'<meta property="og:price:amount" content="9.20"><meta property="og:price:currency" content="CNY">')
news = read_feed(b"<rss><channel><item><guid>1</guid><title>Rival lowers prices</title></item></channel></rss>")
print(f"The page asks {offer.price} {offer.currency}; the feed says: {news[0].title}.")

# %% Our tea costs about 10.00, the rival's about 9.00; for each 1 % our price rises, we sell 4 % less.
theirs = np.repeat(900 * np.exp(rng.normal(0, 0.04, len(days) // 14)), 14)
ours = np.repeat(1000 * np.exp(rng.normal(0, 0.06, len(days) // 14)), 14).round()
units = rng.poisson(20 * (ours / theirs / 1.1) ** -4.0)
sales = pd.DataFrame({"day": days, "product": "tea", "market": "cn", "currency": "CNY", "quantity": units,
                      "amount": units * ours})  # fmt: skip
shared = {"watched": "Rival", "product": "", "market": "", "currency": ""}
signals = pd.concat([
    pd.DataFrame({**shared, "at": days, "kind": "price", "product": "tea", "value": theirs, "currency": "CNY"}),
    pd.DataFrame({**shared, "at": days[-84:], "kind": "demand", "watched": "", "market": "jp",
                  "value": 100 * np.exp(rng.normal(0, 0.05, 84)) * np.where(np.arange(84) < 56, 1, 1.4)}),
])  # fmt: skip

# %%
watch = MarketWatch(margin=0.6).fit(signals, sales, until=until)
gap, curve = watch.gaps_.iloc[0], watch.elasticities_.iloc[0]
print(f"Our price is {gap['gap']:+.0%} against theirs [{gap['low']:+.0%} to {gap['high']:+.0%} in 28 days].")
print(
    f"Sales move by {curve['elasticity']:.1f} % for each 1 % of our price [{curve['low']:.1f} to {curve['high']:.1f}]."
)
for p in watch.proposals_:
    gain = "its gain cannot be said" if p.gain is None else (
        f"{p.gain / 100:,.0f} CNY a week [{(p.low or 0) / 100:,.0f} to {(p.high or 0) / 100:,.0f}]")  # fmt: skip
    print(f"Proposal: {p.action} {p.product or p.market}{f' {p.change:+.0%}' if p.change else ''}: {gain}.")
