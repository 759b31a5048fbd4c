"""Whom to write to: those whom a message moves, not those who would buy anyway.

A mailing with a random half held back, invented so that the truth is known: it
moves people who have been away, and puts off those who bought last week.
"""

# %% The mailing, and who bought
import numpy as np
import pandas as pd

from regulars.understand import Uplift
from regulars.understand.qini import qini_area
from regulars.understand.uplift_policy import doubly_robust, policy_value, treat
from regulars.understand.uplift_race import race

rng = np.random.default_rng(5)
n = 8_000
people = pd.DataFrame({
    "days_away": rng.exponential(60, n).round(),
    "orders": rng.poisson(3, n) + 1,
    "channel": rng.choice(["search", "wechat", "fair"], n),
})  # fmt: skip
written = rng.integers(0, 2, n)
anyway = 0.06 + 0.03 * np.minimum(people["orders"], 6) - 0.0005 * np.minimum(people["days_away"], 120)
moved = np.where(people["days_away"] < 10, -0.05, 0.10 * np.minimum(people["days_away"], 120) / 120)
bought = (rng.random(n) < anyway + written * moved).astype(float)

# %% What the message changed on average
model = Uplift().fit(people, written, bought)
[effect] = model.effects_
print(f"The message brought {effect.value:+.1%} more buyers [{effect.low:+.1%} to {effect.high:+.1%}].")

# %% Which learner ranks people best? Only what is not luck counts
found = race(people, written, bought, repeats=2)
for one in found.runners:
    print(f"  {one.name:13s} Qini area {one.area:+.4f} [{one.low:+.4f} to {one.high:+.4f}]")
print(f"Verdict: {found.code}; used: {found.chosen}.")

# %% Whom to write to, when an order brings 30 and a letter costs 1
half = rng.random(n) < 0.5
score = Uplift().fit(people[half], written[half], bought[half]).predict(people[~half])["uplift"]
gamma = doubly_robust(people[~half], written[~half], bought[~half])
rule = policy_value(treat(score, margin=30, cost=1), gamma, margin=30, cost=1)
print(
    f"Writing to the {rule.share:.0%} it pays for earns {rule.over_nobody.value:.2f} a head over writing to nobody "
    f"[{rule.over_nobody.low:.2f} to {rule.over_nobody.high:.2f}],"
)
print(
    f"and {rule.over_everybody.value:+.2f} over writing to everybody "
    f"[{rule.over_everybody.low:+.2f} to {rule.over_everybody.high:+.2f}]."
)
area = qini_area(bought[~half], score, written[~half])
print(f"Chance would have a Qini area of 0; this ranking has {area.value:.4f} [{area.low:.4f} to {area.high:.4f}].")
