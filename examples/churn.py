# %% [markdown]
# Who is leaving? A company of contracts: a hazard learnt from person-periods, with reasons,
# and what customers do next, judged on days the models had not seen.

# %%
from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from regulars.demo import simulate
from regulars.understand import Behaviour, ChurnHazard
from regulars.understand.behaviour_features import history
from regulars.understand.contract_features import contract_rows, training_periods
from regulars.understand.person_periods import contracts, life_table

NOW = datetime(2026, 6, 1, tzinfo=UTC)
company = simulate(people=1500, seed=4, until=NOW)
past = history(company.facts, until=NOW.date(), currency="CNY")

# %% How long contracts last, counted (Kaplan and Meier).
lives = contracts(company.facts["subscriptions"], until=NOW.date())
seen = lives.periods > 0
curve = life_table(lives.periods[seen], lives.left[seen])
print(f"{seen.sum()} contracts: {curve.survival[2]:.0%} are still there after 3 months, "
      f"{curve.survival[11]:.0%} after 12.")  # fmt: skip

# %% Who will end theirs, and why: every month somebody could have left is a row.
at, period, left = training_periods(lives, most=4000)
rows = contract_rows(past, lives, at, lives.starts(at, period), period)
hazard = ChurnHazard(group="customer", folds=3, model="logistic").fit(rows, left)
best = hazard.trials_[0]
print(f"Asked about contracts it had not seen, it ranks who leaves above who stays {best.auc:.0%} of the time "
      f"[{best.auc_low:.0%}-{best.auc_high:.0%}]; by lot it would be 50%.")  # fmt: skip

live = np.flatnonzero(lives.running)
today = contract_rows(past, lives, live, np.full(len(live), past.until + 1), lives.period_now[live])
risk = hazard.leave_within(today, periods=3)
names, parts, _base = hazard.reasons(today)
for i in np.argsort(-risk)[:3]:
    strongest = names[int(parts[i].argmax())]
    print(f"{today['customer'][int(i)]}: {risk[i]:.0%} to leave within 3 months, most of all because of {strongest}.")

# %% Who buys within 30 days, and whom a call for 20 yuan pays if an order brings 300.
behaviour = Behaviour(gain=30_000, cost=2_000, sample=1000, folds=2, models=("logistic", "boosting"))
behaviour.fit_history(past)
whom = behaviour.threshold_
assert whom is not None
print(f"{behaviour.winner_} wins; the best tenth holds {behaviour.lift_[1].gain:.0%} of all buyers. "
      f"Call from a chance of {whom.chance:.0%} on: {whom.share:.0%} of the customers, "
      f"{whom.profit / 100:,.0f} yuan against {whom.everybody / 100:,.0f} for calling all.")  # fmt: skip
