# %% [markdown]
# A lead score you can trust: name the columns that know the answer, leave them out,
# test on the newest leads, and see whether the world has moved since.

# %%
from __future__ import annotations

import numpy as np

from regulars.understand import LeakDetector
from regulars.understand.drift import drift
from regulars.understand.feature_matrix import FeatureMatrix
from regulars.understand.gains import auc_interval, profit_threshold
from regulars.understand.learners import LOGISTIC, chance, learner

rng = np.random.default_rng(1)
n = 3000
source = rng.choice(["search", "friend", "fair"], n, p=[0.6, 0.25, 0.15])
pages, minutes = rng.poisson(4, n), rng.gamma(2.0, 3.0, n)
minutes[n * 2 // 3 :] *= 1.6  # the new site keeps people longer
log_odds = -2.4 + 0.9 * (source == "friend") + 0.15 * pages + 0.06 * minutes
bought = rng.random(n) < 1 / (1 + np.exp(-log_odds))
leads = {
    "lead_no": np.arange(10_000, 10_000 + n), "source": source, "pages": pages, "minutes": minutes,
    "call_duration": rng.exponential(np.where(bought, 400, 90)),  # known after the call only
    "invoice": np.where(bought, "yes", ""), "bought": bought,
}  # fmt: skip

# %% Which columns know the answer?
detector = LeakDetector(outcome="bought").fit(leads)
for leak in detector.leaks_:
    print(f"Leave out {leak.column} ({leak.level}): {', '.join(leak.codes)}; alone it ranks {leak.auc:.0%} right.")

# %% An honest score: learnt from the older two thirds, tested on the newest third.
clean = detector.transform(leads).drop_columns("bought")
cut = n * 2 // 3
matrix = FeatureMatrix().fit(clean.slice(0, cut))
model = learner(LOGISTIC).fit(matrix.transform(clean.slice(0, cut)), bought[:cut])
told = chance(model, matrix.transform(clean.slice(cut)))
auc, low, high = auc_interval(bought[cut:], told)
print(f"Without them the score ranks {auc:.0%} right [{low:.0%}-{high:.0%}] on leads it had not seen.")

# %% Whom to call, if a call costs 30 and a sale brings 100.
whom = profit_threshold(bought[cut:], told, gain=100, cost=30)
print(f"Call {whom.share:.0%} of the leads: profit {whom.profit:,.0f} [{whom.low:,.0f} to {whom.high:,.0f}], "
      f"calling all {whom.everybody:,.0f}.")  # fmt: skip

# %% Has the world moved?
for column in drift(clean.slice(0, cut), clean.slice(cut)).columns[:2]:
    print(f"{column.column}: {column.level} drift (index {column.psi:.2f}).")
