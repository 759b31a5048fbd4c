"""Cash, GPU-hours and support hours: which markets to serve through whom, what one more is worth, who gets how much.

Works in a notebook, without a server.
"""

# %% Three markets, three ways to each: ourselves and two resellers with capacities, minimums and their own needs.
from regulars.decide import Cell, FairShare, InfeasibleError, Level, ResourceAllocator
from regulars.decide.compute_demand import next_week

markets = {"north": (1000, 100, 50, 0.1), "east": (800, 120, 60, 0.2), "south": (600, 150, 70, 0.3)}
partners = (("self", "direct", 1.0, 4000, {"gpu_hours": 0.02}, {}),
            ("P1", "reseller", 1.15, 2000, {"gpu_hours": 0.01}, {"capacity": 700, "minimum": 200}),
            ("P2", "reseller", 1.1, 3000, {"gpu_hours": 0.015}, {"capacity": 900, "minimum": 300}))  # fmt: skip
cells = [
    Cell(market, mode, name, demand, price, cost, churn, kappa, fixed, uses=uses, segments=(0.4, 0.3, 0.3),
         effects=(1.0, 0.7, 0.4), **terms)
    for market, (demand, price, cost, churn) in markets.items()
    for name, mode, kappa, fixed, uses, terms in partners
]  # fmt: skip
has = {"cash": 60_000, "gpu_hours": 14}
plan = ResourceAllocator(has).decide(cells)
for one in plan.served:
    print(f"{one.market} through {one.partner}: {one.units:.0f} units leave {one.contribution:,.0f}")
print(f"in all {plan.value:,.0f}, proved within {plan.gap:.1%}; a calculation with half-open markets would promise "
      f"{plan.relaxation:,.0f}")  # fmt: skip

# %% What stops us, what one more is worth, and how far that holds.
for code, price in plan.shadow_prices.items():
    far = plan.ranging[code]
    print(f"one more of {code} earns {price.more:,.0f}, between {far.low:.1f} and {far.high:.1f}")
for code, (less, more) in ResourceAllocator(has).worth(cells).items():
    print(f"10 % more {code} would earn {more:,.0f}, 10 % less cost {-less:,.0f}")

# %% Levels of service: a faster answer sells dearer and keeps people, but takes computing time.
levels = {"latency": [Level("usual"), Level("fast", price=1.1, churn=0.7, times={"gpu_hours": 1.5})]}
for hours in (14, 30):
    wide = ResourceAllocator({**has, "gpu_hours": hours}, levels=levels).decide(cells)
    print(f"with {hours} GPU-hours: {', '.join(f'{s.market} {s.level}' for s in wide.served)} leave {wide.value:,.0f}")

# %% Wishes that cannot hold together are named.
try:
    promised = [*cells[:8], Cell(**{**vars(cells[8]), "low": 500})]
    ResourceAllocator({"cash": 20_000, "gpu_hours": 14}).decide(promised)
except InfeasibleError as error:
    print(error)

# %% Who gets how much computing time next week: demand as forecast, by worth and urgency, with a promise to everybody.
used = {"studio": [30, 32, 35, 36, 38, 39], "school": [28, 31, 29, 30, 31, 30], "bureau": [52, 49, 51, 50, 48, 51]}
asked = [next_week(weeks).mean for weeks in used.values()]
print("next week they will ask for", ", ".join(f"{name} {d:.0f}" for name, d in zip(used, asked, strict=True)))
for alpha, word in ((0.0, "most valuable first"), (1.0, "in proportion"), (float("inf"), "equal")):
    share = FairShare(alpha).decide(
        asked, 80.0, worth=[9.0, 3.0, 1.0], urgency=[1.0, 1.5, 1.0], guarantee=[4.0, 3.0, 5.0]
    )
    got = ", ".join(f"{v:.0f}" for v in share.solution)
    print(f"{word}: {got} hours; one hour more would earn {share.next_unit.more:.1f}")
