# %% [markdown]
# # Did the outdoor campaign work? A test in some cities
#
# People cannot be drawn by lot for a poster. Cities can: run it in some, leave the others alone, and ask what the
# chosen cities would have sold without it. Then the same question by the clock, where there is one market only.

# %%
import numpy as np
import pandas as pd

from regulars.measure import GeoLift, Switchback
from regulars.measure.geo_lift import geo_power

rng = np.random.default_rng(11)
weeks = pd.date_range("2025-06-02", periods=60, freq="7D")
season = 1 + 0.15 * np.sin(np.arange(60) / 8) + rng.normal(0, 0.02, 60).cumsum() / 4
sizes = rng.uniform(2_000, 40_000, 18)
sales = sizes[:, None] * season * (1 + rng.normal(0, 0.03, (18, 60)))
cities = [f"city {i + 1:02d}" for i in range(18)]
table = pd.DataFrame({"market": np.repeat(cities, 60), "day": np.tile(weeks, 18), "revenue": sales.ravel()})
chosen = ["city 03", "city 11"]

# %% [markdown]
# ## Before: what would such a test see?

# %%
power = geo_power(table[table["day"] < weeks[52]], treated=chosen, periods=8)
for effect, chance in zip(power.effects, power.power, strict=True):
    print(f"An effect of {effect:4.0%} would be seen in {chance:4.0%} of such tests")
print(f"Seen four times out of five: {power.detectable:.1%} or more")

# %% [markdown]
# ## After: the campaign ran for the last eight weeks and truly added 7 %

# %%
ran = table["market"].isin(chosen) & (table["day"] >= weeks[52])
table.loc[ran, "revenue"] *= 1.07
lift = GeoLift().fit(table, treated=chosen, start=weeks[52])
low, high = lift.interval_
print(f"The campaign added {lift.effect_:,.0f} [{low:,.0f} to {high:,.0f}], {lift.relative_:+.1%}")
print(f"Chance makes such a difference in {lift.p_value_:.1%} of {lift.placements_} other pairs of cities")
print("Compared with:", ", ".join(f"{m} {w:.0%}" for m, w in sorted(lift.weights_.items(), key=lambda x: -x[1])[:4]))

# %% [markdown]
# ## One market only: switch by the week

# %%
switch = Switchback(block=7, carry=1, seed=2)
plan = switch.plan(periods=140)
weekday = np.tile([90, 92, 95, 99, 120, 140, 110], 20)
sold = weekday + 8 * plan["on"].to_numpy() + np.random.default_rng(5).normal(0, 6, 140)
found = switch.fit(plan.assign(sold=sold), outcome="sold")
low, high = found.interval_
print(f"Switched on, a day sells {found.effect_:+.1f} [{low:+.1f} to {high:+.1f}], p = {found.p_value_:.3f}")
