"""Experiments: plan one, look at it every day without fooling oneself, and read it with less noise.

Works in a notebook, without a server: any table with one row a person goes in.
"""

# %% Before: how many days until a fifth more buyers would show?
import numpy as np
import pandas as pd

from regulars.measure import Experiment
from regulars.measure.heterogeneity import heterogeneity
from regulars.measure.power import duration, minimum_detectable
from regulars.measure.scorecard import scorecard

base = 0.10
plan = duration(0.2 * base, base * (1 - base), people_a_day=250, planned_days=28)
print(f"{plan.people:,} people needed: {plan.days} days at 250 a day; 28 days can see {plan.detectable:+.1%}")
once = minimum_detectable(base * (1 - base), 3500, 3500, method="fixed")
print(f"looking only once, at the end, 28 days could see {once:+.1%}: the difference is the price of looking")

# %% Twelve thousand people, half of them called; calls bring 3 points more buyers, and past spend tells much.
rng = np.random.default_rng(7)
n = 12_000
called = rng.random(n) < 0.5
regular = rng.random(n) < 0.4
before = np.where(regular, rng.gamma(2, 300, n), 0.0)
buys = rng.random(n) < base + np.where(regular, 0.1, 0.0) + 0.03 * called
spent = np.where(buys, 0.8 * before + rng.lognormal(4.5, 0.8, n), 0.0)
people = pd.DataFrame({"arm": np.where(called, "call", "control"), "buys": buys.astype(float), "spent": spent,
                       "before": before})  # fmt: skip

# %% What may be said today, whatever day it is.
buying = Experiment(metric="proportion", outcome="buys", control="control").fit(people)
found = buying.results_[0]
print(f"calls: {found.delta:+.1%} buyers [{found.low:+.1%}, {found.high:+.1%}], decided: {found.decided}, "
      f"better with a chance of {found.chance_better:.1%}")  # fmt: skip

# %% Looking every day: when could we have stopped?
for share in (0.1, 0.25, 0.5, 1.0):
    some = people.iloc[: int(n * share)]
    now = Experiment(outcome="buys", control="control").fit(some).results_[0]
    print(f"  after {len(some):6,} people: {now.delta:+.1%} [{now.low:+.1%}, {now.high:+.1%}] "
          f"{'decided' if now.decided else 'cannot be told yet'}")  # fmt: skip

# %% Money has whales: capped, and cleaned of what was known before (CUPED).
money = Experiment(metric="revenue", outcome="spent", covariate="before", control="control").fit(people)
plain = Experiment(metric="revenue", outcome="spent", control="control").fit(people)
print(
    f"money per head: {money.results_[0].delta:+.2f} +- {money.results_[0].se:.2f} with what was known before, "
    f"+- {plain.results_[0].se:.2f} without; {money.tail_.capped} people are capped at {money.tail_.cap:,.0f}"
)

# %% One figure decides, the other guards; and do regulars answer differently?
card = scorecard({"buys": buying, "money": money}, primary="buys", guardrails={"money": 5.0})
print(f"advice: {card.advice['call']}; " + ", ".join(f"{x.figure} is {x.code}" for x in card.lines))
groups = {}
for name, rows in people.groupby(np.where(regular, "regulars", "others")):
    sums = Experiment(outcome="buys", control="control").fit(rows).arms_
    groups[name] = (sums["call"], sums["control"])
print(f"regulars against others: {heterogeneity(groups).code.replace('_', ' ')}")
