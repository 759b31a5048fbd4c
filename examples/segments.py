# %%
"""Groups of customers: are they there at all, who is in them, and the owner's own labels carried over."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from regulars.demo import simulate
from regulars.understand import RFM, HierarchicalSegments, KMeansSegments, LabelledSegments, MixtureSegments, Personas

company = simulate(people=800, seed=3, until=datetime(2026, 6, 1, tzinfo=ZoneInfo("Asia/Shanghai")))
summary = RFM(zone="Asia/Shanghai").fit(company.facts["orders"]).scored_

# %% Three ways to find groups, each saying how far its groups can be trusted.
for way in (KMeansSegments(), MixtureSegments(), HierarchicalSegments()):
    found = way.fit(summary)
    agreement = f"{found.stability_.agreement:.2f}" if found.stability_ else "-"
    print(f"{type(way).__name__}: {found.k_} groups, agreement in other samples {agreement}, limits {found.limits_}")

# %% The groups as people: what sets them apart beyond chance.
groups = KMeansSegments(k=4).fit(summary)
people = company.people.to_pandas().set_index("customer").loc[summary["customer"].to_pylist()]
figures = summary.select(["customer", "days_since_last", "orders", "spent", "T"])
lines = company.facts["order_lines"].select(["customer", "product"])
described = Personas().fit(
    figures, groups.predict(summary), attributes={"channel": people["channel"].tolist()}, baskets=lines
)
for persona in described.personas_:
    best = persona.features[0]
    product = persona.products[0].product if persona.products else "nothing in common"
    print(
        f"{persona.key}: {persona.size} customers, {best.name} {best.mean:,.0f} (all {best.everybody:,.0f}); {product}"
    )

# %% Labels of your own, on some customers, carried over to all.
label = np.where(summary["spent"].to_numpy() > 500_000, "key account", "other")
model = LabelledSegments().fit(figures.drop_columns("customer"), label)
print(f"labels found again on customers held out: {model.accuracy_:.0%} (guessing: {model.guess_:.0%})")
