"""Who should hear from us, and would another way to choose earn more?

A shop with 3,000 customers, invented: e-mails are cheap, ten calls are all the owner
has time for, and forty vouchers are in stock.
"""

# %% The people and what could be done
import numpy as np

from regulars.decide import Action, NextBestAction, OffPolicy, Prior, Uplift
from regulars.decide.off_policy import arm_means, chosen

rng = np.random.default_rng(7)
n = 3_000
states = rng.choice(["active", "at_risk", "lost"], n, p=[0.5, 0.3, 0.2])
people = {
    "customer": [f"c{i:04d}" for i in range(n)], "activity": states, "email_ok": rng.random(n) < 0.7,
    "phone_ok": rng.random(n) < 0.3, "aov": rng.lognormal(9, 0.5, n), "clv": rng.lognormal(9.5, 1, n),
    "p_alive": rng.uniform(0.2, 0.95, n), "expected_orders": rng.lognormal(0.5, 0.7, n),
    "recent": rng.poisson(0.5, n),
}  # fmt: skip
actions = (
    Action("note", ("active", "at_risk"), "order", "email", Prior(0.006, 0.003)),
    Action("voucher", ("at_risk", "lost"), "order", "email", Prior(0.02, 0.008), discount=0.1),
    Action("call", ("at_risk",), "lifetime", "phone", Prior(0.04, 0.02)),
)

# %% All limits at once: consent, two messages a week, ten calls, forty vouchers; three in a hundred by lot.
rule = NextBestAction(actions, margin=0.5, channel_cost={"email": 5, "phone": 1_500}, channel_quota={"phone": 10},
                      action_quota={"voucher": 40}, contact_cap=2, fatigue=0.002, explore=0.03,
                      key="week 9")  # fmt: skip
plan = rule.decide(people, uplifts={"note": Uplift(0.006, 0.001, 4, 0.9)})
rows = plan.solution.to_pandas()
print(f"{len(rows):,} of {n:,} people hear from us; that should bring {plan.value / 100:,.0f} yuan")
print("no other choice is better by more than", f"{plan.gap:.1e}", "of that: proved")
for (action, channel), own in rows.groupby(["action", "channel"]):
    print(f"  {action} by {channel}: {len(own):,} people, {own['value'].sum() / 100:,.0f} yuan")
print("nothing for:", ", ".join(f"{why} {count:,}" for why, count in plan.left.items()))
for code in plan.binding:
    print(f"one more of {code} would earn {plan.shadow_prices[code].more / 100:,.2f} yuan")
best = rows.iloc[0]
print(f"first {best['customer']}: {best['action']}; next best {best['alternative']}")

# %% What was done by lot lets us judge another way to choose before it runs.
orders = rng.integers(0, 10, 20_000)
wrote = (rng.random(20_000) < 0.8).astype(int)
bought = rng.random(20_000) < 0.02 + 0.02 * orders + np.where(orders < 4, 0.05, -0.01) * wrote
profit = 5_000 * bought - 5 * wrote
log = OffPolicy(wrote, profit, np.where(wrote == 1, 0.8, 0.2),
                model=arm_means(wrote, profit, orders, np.arange(20_000) % 5, 2))  # fmt: skip
gains, likely = (orders < 4).astype(int), (orders >= 6).astype(int)
gap = log.difference(chosen(gains, 2), chosen(likely, 2), "dr")
print(f"writing to those who gain earns {gap.value / 100:.2f} yuan a person more than writing to the likeliest buyers "
      f"[{gap.low / 100:.2f} to {gap.high / 100:.2f}]")  # fmt: skip
