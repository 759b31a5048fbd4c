"""Trying out three adverts whose orders come days later, with a floor, and spreading a day's money."""

# %%
import numpy as np

from regulars.decide import Bandit, DailyPacing, DelayCurve
from regulars.decide.bandit_delay import yes_no_arm
from regulars.decide.bandit_traffic import advise

rng = np.random.default_rng(2)
rates = {"photo": 0.05, "quote": 0.09, "price": 0.05}

# %% What came of 6,000 exposures of the last three weeks; an order comes about two days later
arms = {}
for name, rate in rates.items():
    age, delay = rng.uniform(0, 21, 2_000), rng.exponential(2.0, 2_000)
    seen = (rng.random(2_000) < rate) & (delay <= np.minimum(age, 7.0))
    curve = DelayCurve(window=7.0).fit(delay[seen], age[seen])
    arms[name] = yes_no_arm(np.ones(2_000), seen, age, curve)
plan = Bandit(arms, floor=0.05).decide(100, seed=1)
for name, share in plan.propensities.items():
    print(
        f"{name}: rate {arms[name].mean:.1%}, best with {plan.best[name]:.0%}, shown {share:.0%} of the time from now"
    )

# %% Is there enough traffic, and is it time to stop?
advice = advise(Bandit(arms), a_week=2_000, weeks_left=4)
print(f"Advice: {advice.code} ({advice.arm}); settling on it is expected to lose {advice.loss:.3%} of exposures.")

# %% A day's 240 yuan in fen follows the evening traffic and is never overspent
day = DailyPacing(24_000, [0.2] * 8 + [1.0] * 10 + [2.0] * 4 + [0.5] * 2)
print(f"At 20:00 up to {day.allowance(20) / 100:.2f} yuan, in all at most {sum(day.decide(0).solution) / 100:.2f}.")
