"""Reason codes of the scores, one text per customer, built column by column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Every code this room may write into ``why``; the words for them are made in the web.
CODES = (
    "days_since_last",
    "orders",
    "days_as_customer",
    "usual_gap",
    "own_gap",
    "one_order_only",
    "recency_score",
    "frequency_score",
    "money_score",
    "value_per_order",
    "p_alive",
    "expected_orders",
    "too_few_customers",
    "weak_fit",
    "activity",
    "chance_left",
    "outlasted",
    "own_rhythm",
)


class Reasons:
    """The ``why`` texts of one turn.

    ``bought`` says when and how often; ``scores`` the three RFM scores;
    ``rhythm`` sets the silence against the customer's own and the company's
    usual gap; ``rhythm_model`` adds what limits the model; ``worth`` what the
    value is made of.
    """

    def __init__(self, table: pa.Table, value: pa.Table, gap: float, limits: tuple[str, ...]) -> None:
        frequency = table.column("frequency").to_numpy()
        own = np.divide(
            table.column("recency").to_numpy(), frequency, out=np.full(len(frequency), np.nan), where=frequency > 0
        )
        once = pa.array(np.where(frequency > 0, "", ";one_order_only").astype(object), pa.string())
        own_gap = pc.if_else(
            pa.array(frequency > 0), pc.binary_join_element_wise("own_gap", _text(own), "="), "one_order_only"
        )
        since, orders = (_text(table.column(c)) for c in ("days_since_last", "orders"))
        age = _text(table.column("T"))
        flags = "".join(f";{code}" for code in limits if code in CODES)
        self.bought = _join("days_since_last=", since, ";orders=", orders, ";days_as_customer=", age)
        self.scores = _join(
            "recency_score=", _text(table.column("r")), ";frequency_score=", _text(table.column("f")),
            ";money_score=", _text(table.column("m")),
        )  # fmt: skip
        self.rhythm = _join("days_since_last=", since, ";orders=", orders, ";", own_gap, f";usual_gap={gap:.0f}")
        self.rhythm_model = _join(self.rhythm, flags)
        self.worth = _join(
            "p_alive=", _text(value.column("p_alive"), 2), ";expected_orders=",
            _text(value.column("expected_orders"), 1), ";value_per_order=", _text(value.column("value_per_order")),
            once, flags,
        )  # fmt: skip

    def rhythm_left(self, left: Any) -> Any:
        """The rhythm, and what is left of the chance to order again; the rhythm alone where no model said so."""
        return self.rhythm if left is None else _join(self.rhythm, ";chance_left=", _text(left, 2))


def _text(column: Any, digits: int = 0) -> Any:
    """Numbers as text, rounded; a missing value stays missing."""
    values = column if isinstance(column, pa.Array | pa.ChunkedArray) else pa.array(column, from_pandas=True)
    if digits == 0:
        values = pc.round(values.cast(pa.float64())).cast(pa.int64())
        return values.cast(pa.string())
    return pc.round(values, digits).cast(pa.string())


def _join(*parts: Any) -> Any:
    return pc.binary_join_element_wise(*parts, "")
