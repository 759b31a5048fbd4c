"""Where does the next yuan go: an exact split over saturating channels, with the price of one more."""

from regulars.decide import BudgetAllocator
from regulars.decide.curves import Curves

curves = Curves.make(
    ["search", "wechat", "douyin"],
    ceiling=[120.0, 60.0, 90.0],  # new customers a week at unlimited spend
    half=[800_000.0, 300_000.0, 900_000.0],  # fen a week that bring half of them
    value=[30_000.0, 28_000.0, 22_000.0],  # fen of margin one new customer brings
)
today = [500_000, 100_000, 600_000]
plan = BudgetAllocator(total=1_200_000).decide(curves, today)
for row in plan.rows:
    print(row.channel, row.today, "->", row.proposed)
print("gain a week:", plan.gain)
print("an extra 1,000 yuan would earn:", plan.extra_earns)
print("distance to the best anybody could do:", plan.gap)
