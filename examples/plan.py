"""One plan as one object: compare two, count what changes for money and people, read its memo, see what it allows.

Run: python examples/plan.py
"""

# %%
from regulars.decide import Curves, InfeasibleError, Plan
from regulars.decide.budget_input import BudgetInput
from regulars.decide.result import Estimate
from regulars.tables import DECISIONS, OUTCOMES

# %% Two channels, and three people who would get something. Money is in minor units (cents) a week.
curves = Curves.make(["search", "social"], ceiling=[900, 250], half=[60_000, 40_000], value=400)
asked = BudgetInput(curves, today=(50_000, 50_000), seen=(90_000, 90_000))
split = asked.decide()


def plan_of(name, decision, people):
    """The rows of one plan: a channel or a person each."""
    money = [
        {"id": f"{name}#b#{r.channel}", "kind": "budget", "subject": r.channel, "today": r.today,
         "proposed": r.proposed, "value": r.gain.value, "low": 0.6 * r.gain.value, "high": 1.4 * r.gain.value}
        for r in decision.rows
    ]  # fmt: skip
    offers = [
        {"id": f"{name}#p#{who}", "kind": "next_best", "customer": who, "subject": action, "channel": "email",
         "value": 900.0, "low": 200.0, "high": 1600.0}
        for who, action in people.items()
    ]  # fmt: skip
    rows = [*money, *offers]
    columns = {c: [r.get(c) for r in rows] for c in DECISIONS.names if any(c in r for r in rows)}
    gain = Estimate(split.gain.value, 0.8 * split.gain.value, 1.2 * split.gain.value)
    return Plan.read(DECISIONS.fill({**columns, "plan": name}, len(rows)), gain=gain)


first = plan_of("monday", split, {"ann": "win_back", "bo": "care", "cy": "care"})
print(f"The plan spends {first.total / 100:,.0f} a week and should earn {first.predicted.value / 100:,.0f} "
      f"[{first.predicted.low / 100:,.0f} to {first.predicted.high / 100:,.0f}] more.")  # fmt: skip

# %% What if search is frozen and the total is cut by a fifth? The answer is exact, and says what binds.
cut = asked.changed(total=80_000, frozen=["search"]).decide()
print("With search frozen and a fifth less:", {r.channel: r.proposed // 100 for r in cut.rows},
      "- what binds:", ", ".join(cut.binding))  # fmt: skip

# %% Two plans side by side: rows by what they are about, people by person.
second = plan_of("tuesday", cut, {"ann": "win_back", "bo": "thank_you", "di": "care"})
change = first.compare(second)
print(f"From one to the other: {change.money / 100:+,.0f} a week, {change.moved / 100:,.0f} moved; people: "
      f"{change.joined} more, {change.left} less, {change.switched} otherwise.")  # fmt: skip
print("The memo in codes, for a page to say in any language:", second.told(first))

# %% The owner says no to one row and yes to the rest; what that allows is what the gate holds the week to.
yes = first.decide([i for i in first.rows["id"].to_pylist() if not i.endswith("cy")], "approved")
yes = yes.decide(["monday#p#cy"], "declined")
print("In force:", [(q.unit, q.channel, q.action, q.amount) for q in yes.quotas()])

# %% Wishes that cannot hold together are named, the fewest of them.
try:
    asked.changed(total=30_000, limits={"search": {"low": 20_000}, "social": {"low": 15_000}}).decide()
except InfeasibleError as error:
    print("Cannot be:", "; ".join(f"{w.code} {w.amount / 100:,.0f}" for w in error.conflict))

# %% Later: what the measured parts promised beside what they earned.
found = OUTCOMES.fill({"plan": "monday", "subject": ["care", "care"], "name": ["predicted", "realised"],
                       "value": [1800.0, 1500.0], "low": [400.0, 600.0], "high": [3200.0, 2400.0]}, 2)  # fmt: skip
promised, earned = first.measured(found)
print(f"Care promised {promised.value / 100:.0f} [{promised.low / 100:.0f} to {promised.high / 100:.0f}] "
      f"and earned {earned.value / 100:.0f} [{earned.low / 100:.0f} to {earned.high / 100:.0f}].")  # fmt: skip
