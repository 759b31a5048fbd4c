"""What did each channel really bring in, when no order says where it came from?

Two and a half years of an invented company, so that the truth is known: search
earns 4 for each unit spent, the poster wall 1.5, and the sponsorship is paid the
same every week, so no model can tell what it does. A test can.
"""

# %% The company's weeks
import numpy as np
import pandas as pd

from regulars.measure import MixModel

rng = np.random.default_rng(11)
n = 130
weeks = pd.DataFrame({"week": pd.date_range("2023-01-02", periods=n, freq="7D")})
weeks["search"] = 1000 * np.exp(rng.normal(0, 0.4, n))
weeks["posters"] = 1500 * np.exp(rng.normal(0, 0.4, n)) * (np.arange(n) % 10 < 5)
weeks["sponsor"] = 800.0


def brought(spend: pd.Series, decay: float, half: float, roas: float) -> np.ndarray:
    """Effect week by week of spend that is carried over and saturates, with a given return in all."""
    weights = decay ** np.arange(9)
    effect = np.tanh(0.55 * np.convolve(spend, weights / weights.sum())[:n] / half)
    return roas * spend.sum() * effect / effect.sum()


parts = [brought(weeks["search"], 0.2, 2000, 4), brought(weeks["posters"], 0.6, 1500, 1.5),
         brought(weeks["sponsor"], 0.3, 1000, 2)]  # fmt: skip
season = 1500 * np.sin(2 * np.pi * np.arange(n) / 52.18)
weeks["sales"] = 12_000 + 20 * np.arange(n) + season + sum(parts) + rng.normal(0, 500, n)

# %% What the weeks alone can say
asked = {"target": "sales", "spend": ["search", "posters", "sponsor"], "date": "week"}
model = MixModel(draws=250, warmup=250).fit(weeks, **asked)
for row, told in zip(model.roas_.itertuples(), model.identified_.itertuples(), strict=True):
    verdict = "the data decided" if told.identified else told.reason.replace("_", " ")
    print(f"{row.channel:8s} brings {row.mean:.2f} for 1 spent [{row.low:.2f} to {row.high:.2f}]: {verdict}")
print(f"Chains agree to {model.diagnostics_['r_hat']:.3f}; {model.diagnostics_['divergences']} divergences.")
h = model.holdout_
print(f"The last {h.weeks} weeks, unseen: {h.wmape:.1%} off; last year's weeks would be {h.wmape_seasonal_naive:.1%}.")

# %% What one more unit brings, today and at double the spend
curve = model.response("search", [1000, 1100, 2000, 2200])["mean"].to_numpy()
today, double = (curve[1] - curve[0]) / 100, (curve[3] - curve[2]) / 200
print(f"Search: the next unit brings {today:.2f} today, {double:.2f} at double the spend.")

# %% The sponsorship is stopped for eight weeks, and sales fall by 12,000, give or take 2,500
test = pd.DataFrame({"name": ["stop"], "channel": ["sponsor"], "market": [None], "start": ["2025-01-06"],
                     "end": ["2025-03-02"], "spend": [None], "delta": [12_000.0], "se": [2_500.0]})  # fmt: skip
after = MixModel(draws=250, warmup=250, holdout_weeks=0).fit(weeks, **asked, lift_tests=test).roas_
was, now = model.roas_.iloc[2], after.iloc[2]
print(f"Sponsor before the test: {was.low:.2f} to {was.high:.2f}; after it: {now.low:.2f} to {now.high:.2f}.")
