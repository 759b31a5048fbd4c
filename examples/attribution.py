"""Who gets the credit for an order: nine answers, what they disagree on, and why only a test settles it.

A shop whose truth is known, because it is invented: video wins customers who buy later through search; search
mostly meets people who would have come anyway.
"""

# %% A year of contacts and orders
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from regulars.measure import Attribution, PathBuilder

rng = np.random.default_rng(4)
start = datetime(2026, 1, 1, tzinfo=UTC)
touches, orders = [], []
for person in range(4_000):
    day = float(rng.uniform(0, 300))
    saw_video, wanted_anyway = rng.random() < 0.35, rng.random() < 0.12
    way = ["video"] * saw_video + ["search"] * (rng.random() < (0.8 if saw_video or wanted_anyway else 0.3))
    way += ["mail"] * (rng.random() < 0.25)
    for place, channel in enumerate(way):
        touches.append((f"p{person}", start + timedelta(days=day + 3 * place), channel))
    # Only video and mail move anybody; search does not change the chance at all.
    if way and rng.random() < 0.02 + 0.10 * saw_video + 0.75 * wanted_anyway + 0.05 * ("mail" in way):
        orders.append((f"p{person}", start + timedelta(days=day + 3 * len(way)), int(rng.integers(2_000, 9_000))))
touches = pa.table(dict(zip(("customer", "at", "channel"), map(list, zip(*touches, strict=True)), strict=True)))
orders = pa.table(dict(zip(("customer", "at", "amount"), map(list, zip(*orders, strict=True)), strict=True)))

# %% Every order becomes one path, and so does every journey that came to nothing
paths = PathBuilder(lookback_days=60).build(touches, orders)
won = paths.filter(pa.compute.equal(paths["conversions"], 1))
print(f"{won.num_rows} orders worth {pa.compute.sum(won['value']).as_py() / 100:,.2f}, and "
      f"{paths.num_rows - won.num_rows} journeys without an order.")  # fmt: skip

# %% The methods side by side
print("share of the money    " + "".join(f"{c:>16s}" for c in ("mail", "search", "video")))
for method in ("first", "last", "linear", "time_decay", "position", "markov", "shapley", "logistic"):
    model = Attribution(method=method).fit(paths)
    total = sum(model.credits_["value"].to_pylist())
    cells = [
        f"{v / total:6.0%} [{low / total:.0%}-{high / total:.0%}]"
        for v, low, high in zip(*(model.credits_["value"].to_pylist(), model.intervals_["value_low"].to_pylist(),
                                  model.intervals_["value_high"].to_pylist()), strict=True)
    ]  # fmt: skip
    print(f"  {method:20s}" + "".join(f"{c:>16s}" for c in cells))

# %% How much is lost without each channel, if journeys went on as before
chain = Attribution(method="markov", order=2).fit(paths)
for channel, effect in zip(*(chain.removal_effects_[c].to_pylist() for c in ("channel", "conversions")), strict=True):
    print(f"Without {channel}, the chain of journeys loses {effect:.0%} of the orders.")
print("Search gets much credit from every method, and caused none of it: credit is not cause. Test it.")
