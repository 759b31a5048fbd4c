"""Who is worth what: RFM, CLV with an interval, and the chance that each customer is still there.

Works in a notebook, without a server: any table of orders goes in, the same kind of table comes out.
"""

# %% A company's orders.
from datetime import datetime
from zoneinfo import ZoneInfo

import pyarrow as pa

from regulars.demo import simulate
from regulars.understand import CLV, RFM, RuleSegments
from regulars.understand.customer_equity import cohort_names, concentration, customer_equity
from regulars.understand.regression_ltv import RegressionLTV

company = simulate(people=1_000, seed=3, until=datetime(2026, 6, 1, tzinfo=ZoneInfo("Asia/Shanghai")))
orders = company.facts["orders"].to_pandas()

summary = RFM(zone="Asia/Shanghai").fit(orders).scored_
print(RuleSegments().fit(summary).profiles_[0])

# %% What each customer will bring in a year, with an interval.
model = CLV(horizon_days=365, margin=0.6, discount_rate=0.10, zone="Asia/Shanghai").fit(orders)
worth = model.predict()
best = worth.to_pandas().nlargest(5, "clv")
print(best.to_string(index=False))
print("all customers together:", round(worth.to_pandas()["clv"].sum() / 100), "CNY")

# %% How far to believe it: every candidate stood at past days and foretold what followed.
for trial in model.rolling_.trials:
    print(f"{trial.days:>4} days ahead  {trial.model:<11} total {trial.bias:+.1%}  score {trial.log_score:.4f}")
test = model.rolling_
print(f"In use: {test.chosen}; on the last {test.holdout.days} days the total was {test.holdout.bias:+.1%} off.")

# %% How few hold half of it, and which cohorts they came in.
spread = concentration(worth["clv"].to_numpy())
print(f"{spread.half:.0%} of the customers hold half of all worth.")
_, cohort = cohort_names(pa.array(summary.column("first_day")))
for row in customer_equity(worth, cohort):
    print(f"{row.key}: {row.customers} customers, {row.equity / 100:,.0f} CNY still to come")

# %% A second opinion that assumes nothing on how people buy: the first 90 days foretell the next 180.
check = RegressionLTV(window_days=90, horizon_days=180, zone="Asia/Shanghai").fit(orders).card_.holdout
print(f"Regression: total {check.bias:+.0%} off on {check.customers} newcomers, error {check.mae / 100:,.0f} CNY each.")
