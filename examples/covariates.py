"""What makes customers buy more often or leave sooner, and what the calendar has to do with it.

Covariates must be known at the first purchase: here the channel a customer came
through and the market it is in. The seasonal clock needs nothing but orders.
"""

# %% The demo company, and how each customer first came
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from regulars.demo import simulate
from regulars.understand import RFM, ModifiedBetaGeo, ParetoNBD, SeasonalClock, StaticCovariates

ZONE = "Asia/Shanghai"
company = simulate(people=1_500, seed=3, until=datetime(2026, 6, 1, tzinfo=ZoneInfo(ZONE)))
orders = company.facts["orders"].to_pandas()
summary = RFM(zone=ZONE).fit(orders).scored_.to_pandas()
first = orders.sort_values("at").drop_duplicates("customer").set_index("customer")["channel"]
summary["channel"] = summary["customer"].map(first).astype(str)

# %% Which channel brings people who buy often, and who stay?
for model in (ParetoNBD(penalizer=0.5), ModifiedBetaGeo(penalizer=0.5)):
    fitted = StaticCovariates(model=model, purchase=["channel"], leaving=["channel"], penalizer=0.5).fit(summary)
    test = fitted.likelihood_ratio_
    print(f"{model.name}: covariates gain {test.statistic / 2:.1f} in log-likelihood, p = {test.p_value:.3f}")
usual = summary["channel"].mode()[0]
for effect in sorted(fitted.effects_, key=lambda e: e.p_value)[:4]:
    print(
        f"  {effect.covariate}, beside {usual}: {effect.on} x {effect.factor:.2f} "
        f"(95 %: {effect.factor_low:.2f} to {effect.factor_high:.2f})"
    )

# %% Forecast with what is known of each
quarter = fitted.conditional_expected_purchases(90, summary)
low, high = fitted.conditional_expected_purchases_interval(90, summary)
best = int(np.argmax(quarter))
print(
    f"expected next quarter: {quarter.sum():.0f} purchases; the best customer {quarter[best]:.1f} "
    f"({low[best]:.1f} to {high[best]:.1f})"
)

# %% Does the calendar matter?
clock = SeasonalClock(zone=ZONE, holidays={"Singles' Day": ["2025-11-11", "2026-11-11"]}).fit(orders)
for kind, chance in clock.chances_.items():
    print(f"{kind}: chance that luck alone gives such a difference {chance:.3f}")
for factor in clock.factors_:
    print(f"  {factor.name}: {factor.factor:.2f} ({factor.low:.2f} to {factor.high:.2f})")
print(f"the next 90 days are worth {clock.horizon(90):.1f} usual days")

# %% What a customer will still bring, in purchases of today at 15 % a year
plain = ParetoNBD(penalizer=0.5).fit(summary)
worth = plain.dert(np.log(1.15) / 365, summary["frequency"], summary["recency"], summary["T"])
half = int(np.searchsorted(np.cumsum(np.sort(worth)[::-1]), worth.sum() / 2)) + 1
print(f"all purchases still to come, discounted: {worth.sum():.0f}; half of them from {half} of {len(worth)} customers")
