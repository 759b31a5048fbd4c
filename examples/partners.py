"""Which way to sell, which partners to sign, and what one of them earned."""

# %%
from datetime import date

from regulars.decide import ModeChoice, Offer, PartnerChoice
from regulars.decide.agreements import Agreement, Tier
from regulars.decide.commission import Commission
from regulars.decide.commission_lines import Order

# %% Four ways to sell in one market: never one ranking alone
ways = {
    "own site": {"margin": 90, "reach": 25, "control": 10, "cost": 20},
    "agent": {"margin": 72, "reach": 35, "control": 6, "cost": 8},
    "marketplace": {"margin": 65, "reach": 60, "control": 4, "cost": 12},
    "reseller": {"margin": 55, "reach": 45, "control": 3, "cost": 5},
}
said = {("margin", "reach"): 1, ("margin", "control"): 3, ("reach", "cost"): 2, ("margin", "cost"): 2}
plan = ModeChoice(judgements=said).decide(ways)
print("Weights:", {c: round(w, 2) for c, w in plan.weights.items()})
print("First by TOPSIS:", plan.solution[0], "- other rankings name:", sorted(set(plan.winners.values())))
flip = min(plan.flips["topsis:vector"].items(), key=lambda f: abs(f[1].change))
print(f"It turns when {flip[0]} gets {flip[1].change:+.0%} of the weight: then {flip[1].winner}")
print("Share of all weights for each:", {m: f"{r[0]:.0%}" for m, r in plan.acceptability.ranks.items()})

# %% Which partners to sign within 100,000 a year
offers = [
    Offer("North Trade", 40_000, {"north": 0.5}, quality=0.9),
    Offer("South & Co", 50_000, {"south": 0.4}, quality=0.8),
    Offer("Both Coasts", 60_000, {"north": 0.6, "south": 0.3}, quality=0.7),
]
choice = PartnerChoice(budget=100_000, demand={"north": 1_000_000, "south": 800_000}).decide(offers)
print("Sign:", ", ".join(choice.solution), f"- expected revenue {choice.value:,.0f}, proved gap {choice.gap:.0e}")
if choice.next_step:
    print(f"{choice.next_step[0]:,.0f} more of budget would bring {choice.next_step[1]:,.0f} more")

# %% A month's commission to the cent: 10 % up to 1,000.00, then 12.5 %
terms = Agreement("a1", "north", ("agents",), date(2026, 1, 1), (Tier(0, 100_000), Tier(100_000, 125_000)))
orders = [
    Order("o1", date(2026, 1, 5), 90_000, "agents"),
    Order("o2", date(2026, 1, 9), 30_001, "agents"),
    Order("o2", date(2026, 1, 20), -10_000, "agents", kind="refund"),
]
month = Commission(terms).statements(orders)[0]
for line in month.lines:
    print(f"{line.day} {line.order} {line.reason}: {line.base / 100:,.2f} earns {line.amount / 100:,.2f}")
print(f"Payable by {month.due}: {month.payable / 100:,.2f}")
