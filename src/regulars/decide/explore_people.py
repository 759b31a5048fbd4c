"""What one more order of a person would bring: their usual order, made sober, and how their market answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.decide.free_orders import free_orders

Array = NDArray[np.float64]
DAY: Final = 86_400
# One order seen counts as much as the company's mean counts by itself.
_LEAN: Final = 1.0


def sober(
    profile: pa.Table, people: pa.Table, facts: Mapping[str, Any], markets: Mapping[str, float], *, now: datetime
) -> pa.Table:
    """The profiles with ``aov`` as the money an extra order brings, ``quiet_days`` since the last order, ``answer``.

    Formula: (n aov + mean) / (n + 1) for the n orders somebody decided on (what a contract invoices comes by itself);
    the mean alone for people without one. ``answer`` is how the market the person works in answers to messages relative
    to all (``contact_effects``).
    """
    keys = profile.column("customer")
    if not hasattr(facts.get("orders"), "to_pyarrow"):
        return profile
    orders = free_orders(facts)
    each: pa.Table = (
        orders.group_by("customer").aggregate(n=orders.count(), total=orders.amount.sum(), last=orders["at"].max())
    ).to_pyarrow()
    at = pc.index_in(keys, value_set=each.column("customer").combine_chunks().cast(keys.type))
    n, total = (_numbers(each.column(c).take(at)) for c in ("n", "total"))
    if not (total > 0).any():
        return profile
    mean = float(np.nansum(total) / np.nansum(n))
    known = np.isfinite(n) & (total > 0)
    size = np.where(known, np.nan_to_num(total) + _LEAN * mean, mean) / np.where(known, np.nan_to_num(n) + _LEAN, 1.0)
    if markets and "market" in people.column_names:
        place = pc.index_in(keys, value_set=people.column("customer").combine_chunks())
        answer = [markets.get(m, 1.0) for m in people.column("market").take(place).to_pylist()]
        profile = profile.append_column("answer", pa.array(answer, pa.float64()))
    quiet = (
        now.timestamp() - _numbers(each.column("last").take(at).cast(pa.timestamp("s", tz="UTC"), safe=False))
    ) / DAY
    profile = profile.set_column(profile.schema.get_field_index("aov"), "aov", pa.array(size))
    return profile.append_column("quiet_days", pa.array(quiet, from_pandas=True))


def _numbers(column: Any) -> Array:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=float)
