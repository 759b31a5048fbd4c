# %% [markdown]
# # Which market next?
# Markets are laid on a map by what is known of them, and ranked by size, growth, fit and room.

# %%
from regulars.understand import Markets

markets = {
    "market": ["cafés", "offices", "hotels", "schools", "gift shops", "gyms"],
    "order_value": [310.0, 540.0, 620.0, 280.0, 350.0, 240.0],
    "repeat": [0.46, 0.58, 0.61, 0.22, 0.18, 0.25],
    "churn": [0.21, 0.12, 0.10, 0.35, 0.41, 0.33],
    "satisfaction": [4.4, 4.5, 4.2, 3.9, 4.0, 3.7],
}
# How far each mean may be off: the ellipses of the map come from these.
errors = {"order_value": 30.0, "repeat": 0.03, "churn": 0.03, "satisfaction": 0.1}

found = Markets().fit(markets, errors=errors)
print(f"A flat map shows them with a stress of {found.stress_:.2f}; groups (silhouette {found.silhouette_:.2f}):")
for place in found.places_:
    print(f"  group {place.group + 1}: {place.market}, within {place.long:.1f} of ({place.x:.1f}, {place.y:.1f})")

# %% [markdown]
# ## Where the next effort should go
# A product of the factors, not a sum: nothing changes when size is counted in thousands.

# %%
ranked = found.potential(
    {
        "size": [9_000, 4_000, 1_200, 6_500, 2_500, 3_000],
        "growth": [1.10, 1.25, 1.05, 0.98, 0.90, 1.02],
        "fit": [0.20, 0.30, 0.35, 0.08, 0.10, 0.09],
        "room": [0.4, 0.6, 0.3, 0.8, 0.5, 0.7],
    },
    errors={"growth": [0.05] * 6, "fit": [0.1, 0.1, 0.15, 0.2, 0.2, 0.2]},
)
for one in ranked:
    sure = f"rank {one.best_rank}" if one.best_rank == one.worst_rank else f"rank {one.best_rank} to {one.worst_rank}"
    print(f"{one.market:10} {one.index:4.0f} ({one.low:.0f} to {one.high:.0f}), {sure}; first in {one.first:.0%}")
