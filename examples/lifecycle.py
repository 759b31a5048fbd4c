# %%
"""Where customers stand, who will move next, and what to do: lifecycle states by model, on the demo company."""

from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.demo import simulate
from regulars.tables import ACTIVITY_STATES
from regulars.understand import Lifecycle
from regulars.understand.strategy import goals_for

until = datetime(2026, 6, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
orders = simulate(people=1_000, seed=3, until=until).facts["orders"].to_pandas()

# %% States today: from the chance to order again beside what it was right after the last order.
life = Lifecycle(zone="Asia/Shanghai", until=until, currency="CNY").fit(orders)
today = life.predict().to_pandas()
print("judged by", life.method_, "-", today["activity"].value_counts().to_dict())

# %% How long customers stay in a state (who is still there counts), and when they are lost.
for state, stay in life.staying_.items():
    typical = f"half have left after {stay.median:.0f} month ends" if stay.median else "more than half are still there"
    print(f"{state}: {typical} ({stay.n} stays)")
months, low, high = life.transitions_.steps_until(ACTIVITY_STATES.index("lost"))
loyal = ACTIVITY_STATES.index("loyal")
print(f"a loyal customer is lost after {months[loyal]:.0f} months on average [{low[loyal]:.0f}-{high[loyal]:.0f}]")

# %% Is the forecast of the next state better than a plain table of moves, on months it has not seen?
test = life.next_.comparison_
print(f"log-loss {test.logit:.3f} against {test.matrix:.3f}; gain {test.gain:.3f} [{test.low:.3f}, {test.high:.3f}]")

# %% Who will slip, and what to do.
today["goal"], _ = goals_for(today["activity"], [0] * len(today))
print(today.nlargest(5, "slip")[["customer", "activity", "next", "slip", "goal"]].to_string(index=False))
