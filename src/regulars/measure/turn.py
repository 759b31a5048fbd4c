"""The measuring step of a turn: facts, scores and decisions in; key figures and outcomes out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import ibis
import pandas as pd
import pyarrow as pa
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from regulars.lake.frames import to_arrow
from regulars.measure.budgets import budgets
from regulars.measure.credit import attribution
from regulars.measure.findings import TOPICS
from regulars.measure.history import GRAINS, cubes, history
from regulars.measure.holidays import country_of
from regulars.measure.kpis import KPIS as FIGURES
from regulars.measure.plans import plans
from regulars.measure.responses import responses
from regulars.measure.sales import fact
from regulars.measure.view import View
from regulars.measure.worth import customers_worth
from regulars.tables import KPIS, MEASURING, OUTCOMES, TABLES, conform
from regulars.tables.boards import boards
from regulars.tables.cards import ModelCard

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from regulars.home import Settings
    from regulars.measure.history import Cubes

MADE_BY: Final = "measure/1"


@dataclass(frozen=True)
class Measurement:
    """What a turn measured: tables ``kpis`` and ``outcomes``, the boards by topic, and the models that were fitted."""

    kpis: pa.Table
    outcomes: pa.Table
    findings: Mapping[str, dict[str, Any] | None] = field(default_factory=dict)
    cards: tuple[ModelCard, ...] = ()
    failed: tuple[str, ...] = ()


def measure(
    facts: Mapping[str, Any], scores: Any, decisions: Any, *, now: datetime, settings: Settings, lake_version: str,
    book: Mapping[str, pa.Table] | None = None, brief: bool = False,
) -> Measurement:  # fmt: skip
    """Measure everything that happened up to ``now``.

    Args:
        facts: table name to Ibis or Arrow table; missing tables count as empty.
        scores: the scores of this turn (Arrow); ``clv`` prices a new customer.
        decisions: every decision made so far (Ibis or Arrow).
        now: the moment of the turn, with a time zone.
        settings: the company's settings: zone, currency, margin, holdout share, cost of a message.
        lake_version: the lake the facts were read from.
        book: what the owner wrote down, as ``tables.MEASURING``; missing tables are empty.
        brief: only what deciding reads: weekly figures, curves and outcomes, no attribution and no boards.

    Raises ``ValueError`` when ``now`` has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    # Threads of BLAS fight over small matrices: the mix took twice the time with two of them.
    with threadpool_limits(1):
        return _measured(facts, scores, decisions, now, settings, lake_version, book or {}, brief)


def _measured(
    facts: Mapping[str, Any], scores: Any, decisions: Any, now: datetime, settings: Settings, lake_version: str,
    book: Mapping[str, pa.Table], brief: bool,
) -> Measurement:  # fmt: skip
    today = now.astimezone(settings.tz).date()
    made = {"made_by": MADE_BY, "made_at": now, "lake_version": lake_version}
    cube = cubes(facts, today)
    parts = [history(
        cube, scores, today=today, currency=settings.currency, margin=settings.margin,
        grains=("week",) if brief else GRAINS, figures=("spend",) if brief else tuple(FIGURES),
    )]  # fmt: skip
    if not brief:
        parts.append(_attributed(facts, cube, today))
    ran = book.get("experiments")
    parts.append(responses(
        cube, scores, pd.Timestamp(today), settings.currency, settings.margin, experiments=ran,
        country=country_of(settings),
    ))  # fmt: skip
    rows = pd.concat([p for p in parts if not p.empty], ignore_index=True) if any(len(p) for p in parts) else None
    asked = decisions if isinstance(decisions, ibis.Table) else ibis.memtable(_filled("decisions", decisions))
    found = plans(
        (fact(facts, "messages", today), fact(facts, "orders", today)), asked, now=now, currency=settings.currency,
        margin=settings.margin, holdout_share=settings.holdout_share, message_cost=settings.message_cost,
    )  # fmt: skip
    moved = budgets(
        cube, asked, customers_worth(cube.expressions["won"], scores), today=today, currency=settings.currency,
        margin=settings.margin,
    )  # fmt: skip
    kept = [f for f in (found, moved) if not f.empty]
    found = pd.concat(kept, ignore_index=True) if kept else found
    outcomes = OUTCOMES.empty() if found.empty else _table("outcomes", found, made)
    written = {name: book.get(name, shape.empty_table()) for name, shape in MEASURING.items()}
    counted = pd.DataFrame(columns=KPIS.names) if rows is None else rows
    view = View(facts, cube, counted, found, scores, asked, written, today, now, settings, lake_version)
    more = boards("regulars.measure", {} if brief else TOPICS, view)
    extra = [b.kpis for b in more.made.values() if getattr(b, "kpis", None) is not None and len(b.kpis)]
    if extra:
        rows = pd.concat([*([] if rows is None else [rows]), *extra], ignore_index=True)
    return Measurement(
        KPIS.empty() if rows is None else _table("kpis", rows, made), outcomes, more.bodies,
        tuple(card for b in more.made.values() for card in getattr(b, "cards", ())), more.failed,
    )  # fmt: skip


def _filled(name: str, rows: Any) -> pa.Table:
    given = to_arrow(rows)
    return TABLES[name].fill({c: given.column(c) for c in given.column_names}, given.num_rows)


def _table(name: str, rows: pd.DataFrame, made: dict[str, Any]) -> pa.Table:
    wanted = TABLES[name]
    columns: dict[str, object] = {
        c: rows[c].astype(object).where(rows[c].notna(), None).tolist() for c in rows.columns if c in wanted.names
    }
    if "day" in columns:
        columns["day"] = pd.to_datetime(rows["day"]).dt.date.tolist()
    return conform(name, wanted.fill({**columns, **made}, len(rows)))


def _attributed(facts: Mapping[str, Any], cube: Cubes, today: Any) -> pd.DataFrame:
    """Rows ``attributed_<model>_orders`` and ``_revenue`` per channel, by month and in all."""
    if cube.credit.empty:
        return pd.DataFrame()
    credit = attribution(fact(facts, "orders", today), fact(facts, "touches", today), credit=cube.expressions["credit"])
    credit["month"] = pd.to_datetime(credit["month"])
    parts = []
    for grain, day in (("month", credit["month"]), ("all", pd.Series(cube.opened, index=credit.index))):
        for figure in ("orders", "revenue"):
            keys = [day.rename("day"), credit["channel"], credit["model"]]
            if figure == "revenue":
                keys.append(credit["currency"])
            long = credit.groupby(keys)[figure].sum().rename("value").reset_index()
            long["name"] = "attributed_" + long["model"] + "_" + figure
            parts.append(long.assign(grain=grain))
    return pd.concat(parts, ignore_index=True).drop(columns="model")
