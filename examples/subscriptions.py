"""How long subscriptions last and what they are worth: from a curve on a napkin to contracts with a forecast.

Works in a notebook, without a server.
"""

# %% A retention curve and nothing else: how many of 1,000 customers were left after each yearly renewal.
from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.demo import simulate
from regulars.understand import BetaDiscreteWeibull, ShiftedBetaGeometric, discounted_cash_flow
from regulars.understand.contracts import ContractWorth

left = [1000, 869, 743, 653, 593, 551, 517, 491]
curve = ShiftedBetaGeometric().fit_curve(left)
low, high = curve.survival_interval(12)
print(f"After 12 years {curve.survival(12):.1%} are still there (90 % interval {low:.1%} to {high:.1%}).")

# %% Why one churn rate misleads: those who stay are ever more loyal.
average = 1 - (left[-1] / left[0]) ** (1 / 7)
first, eighth = curve.retention([1, 8])
print(f"Retention in year 1: {first:.0%}, in year 8: {eighth:.0%}; one rate says {1 - average:.0%}.")
ageing = BetaDiscreteWeibull().fit_curve(left)
print(
    f"Does loyalty change with age? c = {ageing.c_:.2f} (standard error {ageing.standard_errors_['c']:.2f}; 1 is no)."
)

# %% What a customer with three renewals behind is worth at 100 a year, ten years ahead, 10 % a year.
print(f"Worth by the curve: {100 * curve.residual(3, 10, discount=0.10):.0f}, if nobody ever left: "
      f"{discounted_cash_flow(100, rate=0.10, years=10):.0f}.")  # fmt: skip

# %% Contracts of a company: facts in, worth of every running contract out.
now = datetime(2026, 6, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
company = simulate(people=1_500, seed=3, until=now)
model = ContractWorth(horizon_days=365, margin=0.6, zone="Asia/Shanghai").fit(company.facts["subscriptions"], now=now)
worth = model.predict().to_pandas()
total = worth["clv"].sum() / 100
print(f"{len(worth)} of {model.contracts_.num_rows} contracts run; a year ahead they bring {total:,.0f} CNY.")
print(worth.nlargest(3, "clv")[["contract", "renewals", "p_renew", "expected_renewals", "clv"]].to_string(index=False))
months, points = model.curve()
print(f"After {points[-1].renewals} renewals of {months} month {points[-1].model:.0%} remain.")
