"""Alerts: what is out of line, what made it so, when a level moved, and whether the facts themselves are sound.

Works in a notebook, without a server: rows of (day, value) go in, by figure and channel where you have them.
"""

# %% Half a year of orders in three channels; one channel stops for two days, another loses a quarter for good.
import numpy as np
import pandas as pd

from regulars.measure import ChangePoints, Monitor
from regulars.measure.decomposition import causes, clearest
from regulars.measure.drift import drift_of_shares

rng = np.random.default_rng(4)
days = pd.date_range("2026-01-05", periods=182)
week = np.array([1, 0.9, 0.95, 1.05, 1.3, 1.5, 0.8])[np.arange(182) % 7]
usual = {"search ads": 60, "shop": 40, "mail": 25}
orders = pd.DataFrame({name: rng.poisson(level * week) for name, level in usual.items()}, index=days)
orders.loc[days[-9:-7], "search ads"] = 0
orders.loc[days[-21:], "mail"] = rng.poisson(0.6 * 25 * week[-21:])

# %% Every channel and the whole company, watched together.
parts = orders.rename_axis("day").reset_index().melt("day", var_name="channel")
whole = orders.sum(axis=1).rename_axis("day").rename("value").reset_index().assign(channel=None)
model = Monitor().fit(pd.concat([whole, parts]).assign(figure="orders"))
print(f"{model.watched_} series watched, an alarm when chance would ring once in {1 / model.p_:,.0f} comparisons")
for alarm in model.alarms_.itertuples():
    where = "all channels" if pd.isna(alarm.channel) else alarm.channel
    print(
        f"{alarm.day:%d %b} to {alarm.end:%d %b}, {where}: {alarm.value:.0f} orders, "
        f"usual {alarm.expected:.0f} ({alarm.kind})"
    )

# %% Why: parts that add up to the change exactly.
then, before = orders.iloc[-9:-7].sum(), orders.iloc[-65:-9]
told = before.groupby(before.index.day_of_week).median().loc[orders.index[-9:-7].day_of_week].sum()
parts = causes("channel", list(orders), then.tolist(), told.tolist(), before.std().tolist(), round(told.sum()))
_by, taken = clearest({"channel": parts})
print(f"of {sum(c.change for c in parts):+} orders, {taken[0].name} explains {taken[0].share:.0%}")

# %% When did mail move to another level?
for place in ChangePoints(cost="count").fit(orders["mail"].rolling(7).sum().iloc[6::7]).change_points_:
    print(f"mail stands at another level since the week that ends {days[6::7][place]:%d %b}")

# %% Do customers still come the same way?
old, new = (orders.iloc[:-28].sum().to_dict(), orders.iloc[-28:].sum().to_dict())
moved = drift_of_shares("channels", old, new)
print(f"channels: stability index {moved.psi:.3f}, {moved.grade} drift")
