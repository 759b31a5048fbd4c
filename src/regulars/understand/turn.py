"""The understand step: orders in, one row per customer and score out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.lake.frames import to_arrow
from regulars.tables import PEOPLE, PRODUCTS, SCORES, TEXTS
from regulars.understand.cards import ModelCard
from regulars.understand.clusters import KMeansSegments
from regulars.understand.clv import CLV
from regulars.understand.day_cells import DayCells, day_cells
from regulars.understand.days import day_number
from regulars.understand.findings import Findings, findings
from regulars.understand.lifecycle import activity_now, usual_gap_days
from regulars.understand.reasons import Reasons
from regulars.understand.rfm import RFM
from regulars.understand.segments import RuleSegments, SegmentProfile
from regulars.understand.view import View
from regulars.understand.weighted_score import WeightedScore

COLUMNS = ("source", "id", "revision", "customer", "day", "at", "kind", "status", "amount", "currency")


class UnderstandSettings(Protocol):
    """What this step asks of the company's settings."""

    @property
    def zone(self) -> str:
        """Whose days count."""

    @property
    def currency(self) -> str:
        """Orders in other currencies are left out."""

    @property
    def margin(self) -> float:
        """Share of an order that stays."""

    @property
    def horizon_days(self) -> int:
        """How far worth looks ahead."""

    @property
    def discount_rate(self) -> float:
        """What a year of waiting costs."""


@dataclass(frozen=True)
class Understanding:
    """What a turn understood: scores in the lake's shape, the segments and the model cards."""

    scores: pa.Table
    segments: tuple[SegmentProfile, ...]
    cards: tuple[ModelCard, ...]
    findings: Mapping[str, dict[str, Any] | None] = field(default_factory=dict)
    failed: tuple[str, ...] = ()


def understand(
    facts: Mapping[str, Any],
    *,
    now: datetime,
    settings: UnderstandSettings,
    lake_version: str,
    people: pa.Table | None = None,
    texts: pa.Table | None = None,
    products: pa.Table | None = None,
    brief: bool = False,
) -> Understanding:
    """Score every customer who ever ordered, and find out what there is to say about everybody.

    Args:
        facts: the lake's tables by name.
        people: the book's people, as in ``tables.PEOPLE``; None is nobody.
        texts: what customers wrote, as in ``tables.TEXTS``; it never enters the lake.
        products: the words for the product codes, as in ``tables.PRODUCTS``.
        now: the moment the turn believes in; orders after its day are not seen.
        settings: the company's zone, currency, margin, horizon and discount rate.
        brief: only the scores that deciding reads, without the boards.
        lake_version: kept with every row.

    The scores are named ``recency_days, orders, spent, rfm, segment, cluster,
    weighted_score, activity, p_alive, expected_orders, clv, clv_historic, churn``,
    and those the boards of ``findings`` add. Without orders there are no scores, and no error.
    """
    cells = day_cells(
        _orders(facts["orders"]), zone=settings.zone, until=day_number(now, settings.zone), currency=settings.currency
    )
    if len(cells.code) == 0:
        return Understanding(SCORES.empty(), (), ())
    rfm = RFM(zone=settings.zone).fit_cells(cells)
    worth = CLV(
        horizon_days=settings.horizon_days, margin=settings.margin, discount_rate=settings.discount_rate
    ).fit_cells(cells)
    table, value = rfm.scored_, worth.predict()
    rules = RuleSegments().fit(table, worth=value.column("clv").to_numpy())
    clusters = None if brief else KMeansSegments().fit(table, worth=value.column("clv").to_numpy())
    group = None if clusters is None else clusters.predict(table)
    scores = _scores(cells, table, value, rules.predict(table), group, worth, now, lake_version)
    view = View(
        _lazy(facts), _or_none(people, PEOPLE), _or_none(texts, TEXTS), _or_none(products, PRODUCTS), cells,
        table, value, worth, scores, now, settings, lake_version,
    )  # fmt: skip
    found = Findings({}, SCORES.empty(), (), (), {}) if brief else findings(view)
    return Understanding(
        pa.concat_tables([scores, found.scores]),
        (*rules.profiles_, *(clusters.profiles_ if clusters else ())),
        (worth.card_, *(_cards(clusters, worth.card_) if clusters else ()), *found.cards),
        found.bodies,
        found.failed,
    )


def _lazy(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Boards speak Ibis; tables in memory are wrapped, not copied."""
    if all(hasattr(one, "to_pyarrow") for one in facts.values()):
        return dict(facts)
    import ibis

    return {k: v if hasattr(v, "to_pyarrow") else ibis.memtable(to_arrow(v)) for k, v in facts.items()}


def _or_none(given: pa.Table | None, shape: pa.Schema) -> pa.Table:
    return shape.empty_table() if given is None else given


def _orders(orders: Any) -> pa.Table:
    """Only the columns needed: an Ibis table is narrowed before it is read."""
    names = orders.columns if hasattr(orders, "to_pyarrow") else to_arrow(orders).column_names
    wanted = [c for c in COLUMNS if c in names and not (c == "at" and "day" in names)]
    return to_arrow(orders.select(wanted) if hasattr(orders, "to_pyarrow") else to_arrow(orders).select(wanted))


def _scores(
    cells: DayCells,
    table: pa.Table,
    value: pa.Table,
    segment: NDArray[np.str_],
    cluster: NDArray[np.str_] | None,
    worth: CLV,
    now: datetime,
    lake_version: str,
) -> pa.Table:
    gap = usual_gap_days(cells)
    customer = table.column("customer").cast(pa.string())
    since, orders = (table.column(c) for c in ("days_since_last", "orders"))
    states, left = activity_now(cells, worth.model_, "too_few_customers" in worth.card_.limits)
    score = WeightedScore().score_customers(table)
    rfm_sum = pc.add(pc.add(table.column("r"), table.column("f")), table.column("m"))
    why = Reasons(table, value, gap, worth.card_.limits)
    alive, low, high = (value.column(f"p_alive{end}").to_numpy() for end in ("", "_low", "_high"))
    model = worth.card_.version.split("+")[0] + "/" + worth.card_.version.split("/")[-1]
    full = worth.card_.version
    count, day = "counted/1", why.bought
    parts: list[tuple[str, Any, Any, Any, Any, str, Any]] = [
        ("recency_days", since, None, None, None, count, day),
        ("orders", orders, None, None, None, count, day),
        ("spent", table.column("spent"), None, None, None, count, day),
        ("rfm", rfm_sum, None, None, table.column("rfm"), "rfm/1", day),
        ("segment", None, None, None, segment, "rfm_rules/1", why.scores),
        ("cluster", None, None, None, cluster, "kmeans/2", why.scores),
        ("weighted_score", score, None, None, None, "weighted_score/1", why.scores),
        ("activity", None, None, None, states, "activity/2", why.rhythm_left(left)),
        ("p_alive", alive, low, high, None, model, why.rhythm_model),
        ("expected_orders", *(value.column(f"expected_orders{e}") for e in ("", "_low", "_high")), None, model,
         why.rhythm_model),
        ("clv", *(value.column(f"clv{e}") for e in ("", "_low", "_high")), None, full, why.worth),
        ("clv_historic", value.column("clv_historic"), None, None, None, count, day),
        ("churn", 1.0 - alive, 1.0 - high, 1.0 - low, None, model, why.rhythm_model),
    ]  # fmt: skip
    return pa.concat_tables(
        SCORES.fill(
            {
                "customer": customer, "name": name, "value": v, "low": lo, "high": hi, "label": label,
                "made_by": made_by, "made_at": now, "lake_version": lake_version, "why": reasons,
            },
            len(customer),
        )
        for name, v, lo, hi, label, made_by, reasons in parts
    )  # fmt: skip


def _cards(clusters: KMeansSegments, clv: ModelCard) -> tuple[ModelCard, ...]:
    trials = tuple(
        entry
        for k, criterion, stability in clusters.trials_
        for entry in ((f"silhouette_{k}", criterion, None), (f"stability_{k}", stability, None))
    )
    return (
        ModelCard(
            model="kmeans",
            version="kmeans/2",
            trained_from=clv.trained_from,
            trained_to=clv.trained_to,
            n=clv.n,
            features=("days_since_last", "orders", "spent", "T"),
            parameters=(("k", float(clusters.k_), None), *trials),
            holdout=None,
            limits=clusters.limits_,
        ),
    )
