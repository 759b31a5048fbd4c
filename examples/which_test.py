"""Which test to run next: what spend brought, what the weeks could not decide, and what a test of it would be worth.

Works in a notebook, without a server. The company is simulated, so the truth is known.
"""

# %% Two years of a shop: search goes up and down, the agency's video budget hardly ever changes.
import numpy as np
import pandas as pd

from regulars.measure import MixModel, holiday_effects
from regulars.measure.steady import Steady
from regulars.measure.which_test import which_test

rng = np.random.default_rng(4)
weeks = pd.date_range("2024-01-01", periods=104, freq="7D")
search = rng.lognormal(9.2, 0.7, 104)
video = 12_000 * rng.uniform(0.96, 1.04, 104)
festival = holiday_effects(weeks, "CN")["spring_festival"].to_numpy()
brought = {"search": 60_000 * search / (search + 9_000), "video": 45_000 * video / (video + 6_000)}
revenue = 160_000 - 50_000 * festival + brought["search"] + brought["video"] + rng.normal(0, 5_000, 104)
table = pd.DataFrame({"week": weeks, "search": search, "video": video, "revenue": revenue, "festival": festival})

# %% What did 1 of spend bring back?
settings = {"saturation": "hill", "chains": 2, "warmup": 200, "draws": 200, "holdout_weeks": 0}
columns = {"target": "revenue", "spend": ["search", "video"], "date": "week", "controls": ["festival"]}
model = MixModel(**settings).fit(table, **columns)
for one in model.roas_.itertuples():
    truth = brought[one.channel].sum() / table[one.channel].sum()
    print(
        f"{one.channel}: {one.mean:.1f} back per 1 spent, between {one.low:.1f} and {one.high:.1f} (truth {truth:.1f})"
    )
for one in model.identified_.itertuples():
    print(f"{one.channel}: {'the weeks tell' if one.identified else 'not decided: ' + one.reason}")

# %% Which test is worth its cost? A unit of revenue leaves 0.5 of profit.
today = [float(table[c].tail(8).mean()) for c in model.channels_]
for test in which_test(Steady(model), today, noise=5_000.0, profit=0.5):
    print(
        f"test {test.channel}: {test.weeks} weeks at {test.low:,.0f} and {test.weeks} at {test.high:,.0f} a week is "
        f"worth {test.value:,.0f} and costs {test.cost:,.0f}; it changes the plan with a chance of {test.chance:.0%}"
    )

# %% The test is run: eight weeks without video cost 30,000 a week. One row, and the model knows.
ran = pd.DataFrame([{
    "id": "1", "channel": "video", "start": weeks[80], "end": weeks[87] + pd.Timedelta(days=6),
    "delta": float(brought["video"][80:88].sum()), "se": 15_000.0,
}])  # fmt: skip
after = MixModel(**settings).fit(table, **columns, lift_tests=ran).roas_.set_index("channel").loc["video"]
print(f"after the test, video: {after['mean']:.1f}, between {after['low']:.1f} and {after['high']:.1f}")
