"""Who is worth what: RFM, CLV with an interval, and the chance that each customer is still there.

Works in a notebook, without a server: any table of orders goes in, the same kind of table comes out.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.demo import simulate
from regulars.understand import CLV, RFM, RuleSegments

company = simulate(people=1_000, seed=3, until=datetime(2026, 6, 1, tzinfo=ZoneInfo("Asia/Shanghai")))
orders = company.facts["orders"].to_pandas()

summary = RFM(zone="Asia/Shanghai").fit(orders).scored_
print(RuleSegments().fit(summary).profiles_[0])

worth = CLV(horizon_days=365, margin=0.6, discount_rate=0.10, zone="Asia/Shanghai").fit(orders).predict()
best = worth.to_pandas().nlargest(5, "clv")
print(best.to_string(index=False))
print("all customers together:", round(worth.to_pandas()["clv"].sum() / 100), "CNY")
