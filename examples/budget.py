"""Where does the next yuan go: an exact split over saturating channels, with the price of one more."""

# %% The curves: new customers a week at unlimited spend, the spend that brings half, what one is worth
from regulars.decide import BudgetAllocator, Curves, InfeasibleError
from regulars.decide.budget import Group

curves = Curves.make(
    ["search", "wechat", "douyin"],
    ceiling=[120.0, 60.0, 90.0],
    half=[800_000.0, 300_000.0, 900_000.0],  # fen
    value=[30_000.0, 28_000.0, 22_000.0],
)
today = [500_000, 100_000, 600_000]

# %% The best split of 12,000 yuan a week
plan = BudgetAllocator(total=1_200_000).decide(curves, today)
for row in plan.rows:
    print(row.channel, row.today, "->", row.proposed)
print("gain a week:", round(plan.gain.value), "an extra 1,000 yuan would earn:", round(plan.extra_earns))
print("distance to the best anybody could do:", plan.gap)

# %% What we do not know for sure, as draws: the chance of a gain, and the split that is best for the worst fifth
drawn = curves.draw(200, worth_sd=[0.1, 0.2, 0.6], scale_sd=0.3)
plan = BudgetAllocator(total=1_200_000).decide(drawn, today)
print(f"chance of a gain: {plan.sure:.0%}; half of the draws gain more than {plan.quantiles['0.5']:,.0f}")
safe = BudgetAllocator(total=1_200_000, risk=0.2).decide(drawn, today)
print("safe split:", safe.solution.tolist(), "beside", plan.solution.tolist())

# %% An S-shaped channel that needs a minimum, a group limit, and no move of more than half
shaped = Curves.make(
    ["search", "wechat", "tv"], ceiling=[120, 60, 300], half=[8e5, 3e5, 2e6], value=3e4, form="hill", shape=[1, 1, 2.5]
)
plan = BudgetAllocator(total=2_500_000).decide(
    shaped, today, minimums={"tv": 1_500_000}, groups=[Group("online", ["search", "wechat"], high=1_400_000)]
)
print("with television:", plan.solution.tolist(), "bound", round(plan.bound), "gap", f"{plan.gap:.0e}")

# %% Eight weeks ahead, when half of an effect goes over into the next week
weeks = BudgetAllocator(total=1_200_000).over_weeks(drawn, today, carry_over={"search": 0.2, "douyin": 0.6})
print("douyin week by week:", weeks.solution[2].tolist(), "gain", round(weeks.gain.value))

# %% Wishes that cannot hold together are named
try:
    BudgetAllocator(total=1_200_000).decide(curves, today, low={"search": 900_000, "douyin": 500_000, "wechat": 1})
except InfeasibleError as error:
    print(error)
