"""What there is to say about each segment as a person, for the segments of the rules and those found by behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.understand.personas import Persona, Personas
from regulars.understand.view import View

METHODS = {"rules": "segment", "clusters": "cluster"}
FIGURES = ("customer", "days_since_last", "orders", "spent", "monetary", "T")
ATTRIBUTES = ("channel", "market", "language", "stage")


@dataclass(frozen=True)
class PersonasBoard:
    """Personas by method; ``titles`` are the words for the products named."""

    personas: dict[str, tuple[Persona, ...]]
    titles: dict[str, str]
    made_by: str


def personas_board(view: View) -> PersonasBoard | None:
    """The personas of this turn; None without customers."""
    if view.rfm.num_rows == 0:
        return None
    figures = view.rfm.select([c for c in FIGURES if c in view.rfm.column_names])
    attributes = _attributes(view)
    baskets, marks = _baskets(view.facts["order_lines"]), _marks(view)
    worth = np.nan_to_num(np.asarray(view.worth.column("clv").to_numpy(), dtype=np.float64))
    states = _labels(view, "activity")
    found: dict[str, tuple[Persona, ...]] = {}
    for method, name in METHODS.items():
        labels = _labels(view, name)
        if len(labels) != figures.num_rows:
            continue
        found[method] = (
            Personas()
            .fit(figures, np.asarray(labels.to_pylist()), attributes=attributes, baskets=baskets, marks=marks,
                 states=states, worth=worth, method=method)
            .personas_
        )  # fmt: skip
    return PersonasBoard(found, _titles(view, found), "personas/1")


def _attributes(view: View) -> dict[str, Any]:
    """What the book knows of each customer, in the order of the figures."""
    customer = view.rfm.column("customer").cast(pa.string())
    at = pc.index_in(customer, value_set=view.people.column("customer").combine_chunks())
    return {name: view.people.column(name).take(at) for name in ATTRIBUTES}


def _labels(view: View, name: str) -> Any:
    return view.scores.filter(pc.equal(view.scores.column("name"), name)).column("label")


def _baskets(lines: Any) -> pa.Table:
    """Who ever bought what: goods that were sold and are known, each pair once."""
    if hasattr(lines, "to_pyarrow"):
        sold = lines.filter((lines.kind == "sale") & lines.customer.notnull() & lines.product.notnull())
        pairs: pa.Table = sold.select("customer", "product").distinct().to_pyarrow()
        return pairs
    sold = pc.fill_null(pc.equal(lines.column("kind"), "sale"), False)
    named = pc.and_(pc.is_valid(lines.column("customer")), pc.is_valid(lines.column("product")))
    return (
        lines.filter(pc.and_(sold, named))
        .select(["customer", "product"])
        .group_by(["customer", "product"])
        .aggregate([])
    )


def _marks(view: View) -> pa.Table:
    return view.texts.select(["customer", "kind", "score"])


def _titles(view: View, found: dict[str, tuple[Persona, ...]]) -> dict[str, str]:
    named = {product.product for personas in found.values() for p in personas for product in p.products}
    rows = view.products.filter(pc.is_in(view.products.column("sku"), value_set=pa.array(sorted(named), pa.string())))
    return {r["sku"]: r["title"] for r in rows.select(["sku", "title"]).to_pylist() if r["title"]}
