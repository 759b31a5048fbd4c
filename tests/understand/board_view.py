"""A view of a company for the boards' tests: facts as Ibis tables, worth as the turn makes it."""

from __future__ import annotations

from types import SimpleNamespace

import ibis
import pyarrow as pa

from regulars.tables import PEOPLE, PRODUCTS, SCORES, TEXTS
from regulars.understand import CLV, RFM
from regulars.understand.day_cells import day_cells
from regulars.understand.days import day_number
from regulars.understand.view import View

SETTINGS = SimpleNamespace(
    zone="Asia/Shanghai", currency="CNY", margin=0.6, horizon_days=365, discount_rate=0.1, message_cost=5
)


def view_of(facts, people, now):
    """The view a turn would hand to a board."""
    cells = day_cells(facts["orders"], zone=SETTINGS.zone, until=day_number(now, SETTINGS.zone), currency="CNY")
    rfm = RFM(zone=SETTINGS.zone).fit_cells(cells)
    clv = CLV(horizon_days=365, margin=0.6, discount_rate=0.1).fit_cells(cells)
    columns = {
        f.name: people.column(f.name).cast(f.type) if f.name in people.column_names else pa.nulls(len(people), f.type)
        for f in PEOPLE
    }
    return View(
        {name: ibis.memtable(rows) for name, rows in facts.items()}, pa.table(columns), TEXTS.empty_table(),
        PRODUCTS.empty_table(), cells, rfm.scored_, clv.predict(), clv, SCORES.empty(), now, SETTINGS, "1",
    )  # fmt: skip
