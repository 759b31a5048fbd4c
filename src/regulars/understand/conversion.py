"""From being known to the first order: how many get there, and how soon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.understand.days import company_days
from regulars.understand.time_in_state import kaplan_meier
from regulars.understand.view import View


@dataclass(frozen=True)
class Conversion:
    """From first known to first order: the share that had ordered by then, with its interval."""

    days: int
    share: float
    low: float
    high: float


def conversion(view: View, customers: pa.Array) -> tuple[Conversion, ...]:
    """How soon people order after they are first known; ``customers`` are the buyers in the order of their cells.

    Who was known only after the first order says nothing; who has not ordered
    yet counts until today (Kaplan-Meier).
    """
    people = view.people.filter(pc.is_valid(view.people.column("created_at")))
    if people.num_rows < 20:
        return ()
    zone = view.settings.zone
    known = company_days(pa.table({"at": people.column("created_at")}), zone)
    at = pc.index_in(people.column("customer"), value_set=customers)
    bought = np.asarray(pc.is_valid(at).to_numpy())
    first = np.asarray(view.cells.day[view.cells.starts])[pc.fill_null(at, 0).to_numpy()]
    waited = np.where(bought, first, view.cells.last_day) - known
    fair = (waited >= 0) & (known <= view.cells.last_day)
    if fair.sum() < 20 or not (bought & fair).any():
        return ()
    curve = kaplan_meier(waited[fair], bought[fair])
    times = np.array(curve.times)
    told = []
    for days in (7, 30, 90, 180):
        at_or_before = int(np.searchsorted(times, days, side="right")) - 1
        if days <= int(waited[fair].max()) and at_or_before >= 0:
            i = at_or_before
            told.append(Conversion(days, 1.0 - curve.share[i], 1.0 - curve.high[i], 1.0 - curve.low[i]))
    return tuple(told)
