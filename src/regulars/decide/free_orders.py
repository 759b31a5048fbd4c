"""Orders somebody decided on: paid sales that are not the invoice of a contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def free_orders(facts: Mapping[str, Any]) -> Any:
    """Paid sales of known people (Ibis), without those on a day the person's contract began, renewed or changed.

    What a contract invoices comes by itself: it says nothing of what a message adds, nor of how much somebody orders
    when they decide.
    """
    orders = facts["orders"]
    sales = orders.filter((orders.kind == "sale") & (orders.status == "paid") & orders.customer.notnull())
    contracts = facts.get("subscriptions")
    if contracts is None or not hasattr(contracts, "to_pyarrow"):
        return sales
    due = contracts.select(payer=contracts.customer, due=contracts.day).distinct()
    return sales.anti_join(due, [sales.customer == due.payer, sales.day == due.due])
