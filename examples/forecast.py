# %% [markdown]
# # What comes next
#
# Four years of weekly sales in two markets and two products. What will the next
# quarter bring, how sure is that, and do the parts add up to the whole?

# %%
from __future__ import annotations

import numpy as np
import pandas as pd

from regulars.measure import Forecast

rng = np.random.default_rng(7)
weeks = pd.date_range("2023-01-02", periods=230, freq="7D")
year = 1 + 0.25 * np.sin(2 * np.pi * np.arange(230) / 52)
sizes = {("North", "tea"): 900, ("North", "cups"): 300, ("South", "tea"): 500, ("South", "cups"): 700}
cells = {key: size * year * 1.002 ** np.arange(230) * rng.lognormal(0, 0.08, 230) for key, size in sizes.items()}


def rows(name: str, sales: np.ndarray, parent: str | None = None, family: str | None = None) -> pd.DataFrame:
    """One series as rows."""
    return pd.DataFrame({"series": name, "day": weeks, "value": sales, "parent": parent, "family": family})


# %% [markdown]
# The company is the sum of its markets, and also the sum of its products.

# %%
table = [rows("company", sum(cells.values()))]
for place, family in ((0, "market"), (1, "product")):
    names = sorted({key[place] for key in cells})
    sums = {name: sum(v for key, v in cells.items() if key[place] == name) for name in names}
    table += [rows(name, own, "company", family) for name, own in sums.items()]
sales = pd.concat(table)
past = sales[sales["day"] < weeks[-13]]
model = Forecast(horizon=13).fit(past)
ahead = model.predict().pivot(index="step", columns="series", values="value")

# %%
low, value, high = model.total_[model.panel_.names.index("company")]
came = sales.loc[(sales["series"] == "company") & (sales["day"] >= weeks[-13]), "value"].sum()
print(f"Next 13 weeks: {value:,.0f} (nine times in ten {low:,.0f} to {high:,.0f}); what came: {came:,.0f}")
print(f"Markets add up: {abs(ahead['company'] - ahead['North'] - ahead['South']).max():.0e} apart at most")
print(f"Products add up: {abs(ahead['company'] - ahead['tea'] - ahead['cups']).max():.0e} apart at most")
for row in model.errors_.itertuples():
    print(f"{row.series}: {row.method}, {row.mae / row.mae_naive:.0%} of the error of repeating the last week")
assert low <= came <= high

# %% [markdown]
# Something sold now and then is another kind of series: the average over time is all that can be told.

# %%
spare = (rng.random(120) < 0.15) * rng.poisson(3, 120)
lumpy = Forecast(horizon=4).fit(pd.DataFrame({"series": "spare parts", "t": range(120), "value": spare}))
print(f"Spare parts: about {lumpy.values_[0, 0]:.2f} a week; demand is {lumpy.kinds_[0]}")
