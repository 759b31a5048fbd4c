"""The formulas of the key figures, each alone; a ratio whose bottom is zero is ``None``, never infinite or zero."""

from __future__ import annotations

from collections.abc import Iterable


def ratio(top: float | None, bottom: float | None) -> float | None:
    """Divide, or say unknown when there is nothing to divide by.

    >>> ratio(1, 4), ratio(1, 0), ratio(None, 2)
    (0.25, None, None)
    """
    return None if top is None or not bottom else top / bottom


def aov(revenue: float, orders: float) -> float | None:
    """Average order value: ``revenue / orders``, in the unit of the revenue.

    >>> aov(12_000, 40)
    300.0
    """
    return ratio(revenue, orders)


def churn_rate(lost: float, at_start: float) -> float | None:
    """Share of the customers at the start of a period who were lost by its end: ``lost / at_start``.

    >>> churn_rate(100, 1_000)
    0.1
    """
    return ratio(lost, at_start)


def retention_rate(lost: float, at_start: float) -> float | None:
    """Share of the customers at the start of a period who stayed: ``1 - lost / at_start``.

    >>> retention_rate(100, 1_000)
    0.9
    """
    return ratio(at_start - lost, at_start)


def repeat_rate(repeat_customers: float, customers: float) -> float | None:
    """Repeat purchase rate: customers who bought at least twice over all customers.

    >>> repeat_rate(30, 120)
    0.25
    """
    return ratio(repeat_customers, customers)


def loyalty_index(repeat: float, all: float) -> float | None:
    """Customer loyalty index (CLI): repeat purchases over all purchases.

    >>> loyalty_index(5, 10)
    0.5
    """
    return ratio(repeat, all)


def cac(spend: float, new_customers: float) -> float | None:
    """Customer acquisition cost: ``acquisition spend / new customers``, in the unit of the spend.

    >>> cac(5_000, 10)
    500.0
    >>> cac(5_000, 0) is None
    True
    """
    return ratio(spend, new_customers)


def profit_per_new_customer(net_profit: float, new_customers: float) -> float | None:
    """Net profit per new customer ("CPL" in some texts): ``net profit / new customers``.

    >>> profit_per_new_customer(10_000, 20)
    500.0
    """
    return ratio(net_profit, new_customers)


def referral_rate(referred: float, new_customers: float) -> float | None:
    """Share of the new customers whom another customer brought.

    >>> referral_rate(12, 60)
    0.2
    """
    return ratio(referred, new_customers)


def conversion_rate(converted: float, reached: float) -> float | None:
    """Share of the people reached who bought.

    >>> conversion_rate(30, 1_000)
    0.03
    """
    return ratio(converted, reached)


def market_coverage(served: float, known: float) -> float | None:
    """Share of the known markets in which at least one order was paid.

    >>> market_coverage(3, 12)
    0.25
    """
    return ratio(served, known)


def roi(gain: float, cost: float) -> float | None:
    """Return on investment: ``(gain - cost) / cost``.

    >>> roi(gain=15_000, cost=10_000)
    0.5
    """
    return ratio(gain - cost, cost)


def roas(revenue: float, spend: float) -> float | None:
    """Return on advertising spend: revenue credited to a channel over what it cost.

    >>> roas(40_000, 10_000)
    4.0
    """
    return ratio(revenue, spend)


def clv(margin_a_year: float, years: int, discount_rate: float) -> float:
    """Lifetime value of a level margin, paid at each year's end: ``m (1 - (1 + r)**-n) / r``.

    >>> round(clv(1_000, 5, 0.10), 2)
    3790.79
    >>> clv(1_000, 5, 0.0)
    5000.0
    """
    return float(sum(margin_a_year / (1 + discount_rate) ** year for year in range(1, years + 1)))


def csat(satisfied: float, answers: float) -> float | None:
    """Customer satisfaction: answers of 4 or 5 (of 5) over all answers.

    >>> csat(8, 10)
    0.8
    """
    return ratio(satisfied, answers)


def nps(promoters: float, detractors: float, answers: float) -> float | None:
    """Net promoter score in points (-100 to 100): 9-10 are promoters, 0-6 detractors.

    Source: Reichheld (2003), "The One Number You Need to Grow".

    >>> nps(promoters=5, detractors=2, answers=10)
    30.0
    """
    share = ratio(promoters - detractors, answers)
    return None if share is None else 100 * share


def mrr(amount: float, months: float) -> float | None:
    """Monthly recurring revenue of a contract: the price of one period over its months.

    >>> mrr(120_000, 12)
    10000.0
    """
    return ratio(amount, months)


def net_revenue_retention(at_start: float, expansion: float, contraction: float, churned: float) -> float | None:
    """Recurring revenue kept of the customers there at the start of a period, over what they had.

    ``(start + expansion - contraction - churned) / start``. New customers do not count, so above 1
    the customers who are there grow faster than they leave.

    >>> net_revenue_retention(at_start=100_000, expansion=15_000, contraction=3_000, churned=7_000)
    1.05
    """
    return ratio(at_start + expansion - contraction - churned, at_start)


def gross_margin(revenue: float, margin: float) -> float:
    """Money left after the cost of goods: ``revenue * margin`` with the margin rate of the settings.

    >>> gross_margin(1_000, 0.25)
    250.0
    """
    return revenue * margin


def payback_months(cac: float | None, margin_a_month: float) -> float | None:
    """Months until a new customer has paid back: acquisition cost over margin earned per customer and month.

    >>> payback_months(cac=300.0, margin_a_month=25.0)
    12.0
    >>> payback_months(cac=300.0, margin_a_month=0.0) is None
    True
    """
    return None if margin_a_month < 0 else ratio(cac, margin_a_month)


def ltv_cac(worth: float, cac: float) -> float | None:
    """What a customer is worth over what winning one cost: ``(margin so far + margin to come) / CAC``.

    >>> ltv_cac(1_500, 500)
    3.0
    """
    return ratio(worth, cac)


def new_share(first: float, all: float) -> float | None:
    """Share of first purchases in all purchases of known customers, by number or by money; the rest is returning.

    >>> new_share(30, 120)
    0.25
    """
    return ratio(first, all)


def concentration(revenues: Iterable[float]) -> float | None:
    """Herfindahl index of channels: the sum of squared shares; 1 is one channel alone, 1/n are n equal ones.

    Channels with more refunds than sales count as nothing.
    Source: Hirschman (1964), "The Paternity of an Index".

    >>> concentration([100, 0]), concentration([50, 50]), concentration([])
    (1.0, 0.5, None)
    """
    kept = [max(r, 0.0) for r in revenues]
    total = sum(kept)
    return sum((r / total) ** 2 for r in kept) if total > 0 else None
