"""What a unit of revenue stands for: other figures counted in it, and the profit behind it."""

from __future__ import annotations

from typing import Any

from regulars.measure.channel_weeks import conversion_values
from regulars.measure.history import Cubes
from regulars.measure.view import View
from regulars.measure.worth import customers_worth


def money_worth(cube: Cubes, currency: str) -> dict[str, float]:
    """What one unit of a figure counts in revenue: orders, buyers, new customers at the mean amount of a paid order."""
    money = cube.money[cube.money["currency"] == currency]
    orders = float(money["orders"].sum())
    mean = float(money["revenue"].sum()) / orders if orders > 0 else 0.0
    return {"revenue": 1.0, "orders": mean, "new_customers": mean, "buyers": mean}


def profit_of_revenue(view: View, factor: float | None = None) -> float:
    """Profit behind one unit of revenue that spend brought; ``factor`` as in ``MixWeeks``, None for all revenue.

    The margin of the first order and the CLV that follows, over the first order, for the mean new customer: spend
    buys customers, and weekly revenue shows only their beginning. The margin alone where no CLV is known.
    """
    return profit_behind(view.cube, view.scores, str(view.settings.currency), float(view.settings.margin), factor)


def profit_behind(cube: Cubes, scores: Any, currency: str, margin: float, factor: float | None) -> float:
    """``profit_of_revenue`` from its parts."""
    if "won" not in cube.expressions:
        return margin
    values = conversion_values(customers_worth(cube.expressions["won"], scores), currency, margin, "new_customers")
    first = money_worth(cube, currency)["orders"] * (factor or 1.0)
    if values.empty or first <= 0:
        return margin
    return max(margin, float(values["value"][""]) / first)
