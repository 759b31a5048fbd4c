"""The key figures of the trade: each is registered once, with its formula, and can be computed alone.

Every ratio whose bottom is zero is ``None`` (unknown), never infinite and never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True)
class Kpi:
    """One key figure: what it is called, how it is computed and which way is better."""

    key: str
    unit: Literal["minor units", "count", "share", "ratio", "points", "seconds"]
    formula: str
    better: Literal["up", "down"]
    zh: str
    en: str
    zh_definition: str
    en_definition: str


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


KPIS: Final[dict[str, Kpi]] = {
    k.key: k
    for k in (
        Kpi("revenue", "minor units", "sum(amount)", "up", "收入", "Revenue",
            "实收金额：已付款订单减去退款，按订单所在渠道。",
            "Money received: paid orders less refunds, by the channel of the order."),
        Kpi("orders", "count", "count(paid sales)", "up", "订单数", "Orders",
            "已付款的订单数；未付款与已取消的不计。",
            "Paid orders; unpaid and cancelled ones do not count."),
        Kpi("aov", "minor units", "revenue / orders", "up", "客单价", "Average order value",
            "收入除以订单数。", "Revenue divided by orders."),
        Kpi("repeat_rate", "share", "buyers with >= 2 purchases / buyers", "up", "复购率", "Repeat purchase rate",
            "当期购买的客户中，到期末累计购买至少两次的比例。",
            "Of the customers who bought in the period, the share with at least two purchases by its end."),
        Kpi("retention_rate", "share", "1 - lost / customers at start", "up", "留存率", "Retention rate",
            "期初客户中，期末仍未流失的比例。",
            "Share of the customers at the start of the period who were not lost by its end."),
        Kpi("churn_rate", "share", "lost / customers at start", "down", "流失率", "Churn rate",
            "期初客户中，期末已流失的比例；超过公司平时购买间隔的 8 倍未再购买，或合同终止，即为流失。",
            "Share of the customers at the start who were lost by the end; lost means no purchase for 8 times "
            "the company's usual gap, or the contract ended."),
        Kpi("new_customers", "count", "count(first paid sale)", "up", "新客户数", "New customers",
            "当期第一次付款的客户，按带来他们的渠道（首次触点，没有触点时为首单渠道）。",
            "Customers who paid for the first time, by the channel that brought them (first touch, or the channel "
            "of the first order where no touch is known)."),
        Kpi("cac", "minor units", "spend / new_customers", "down", "获客成本", "Customer acquisition cost",
            "获客花费除以新客户数。", "Acquisition spend divided by new customers."),
        Kpi("profit_per_new_customer", "minor units", "(margin * revenue - spend) / new_customers", "up",
            "每新客净利润", "Profit per new customer",
            "毛利减去花费，再除以新客户数。", "Gross margin less spend, divided by new customers."),
        Kpi("loyalty_index", "share", "repeat purchases / all purchases", "up", "客户忠诚度指数", "Loyalty index",
            "重复购买次数除以全部购买次数（仅计已知客户）。",
            "Repeat purchases over all purchases by known customers."),
        Kpi("referral_rate", "share", "referred new customers / new customers", "up", "推荐率", "Referral rate",
            "新客户中由老客户介绍来的比例。", "Share of the new customers whom another customer brought."),
        Kpi("conversion_rate", "share", "reached people who bought / people reached", "up", "转化率",
            "Conversion rate",
            "当期有触点的人中当期购买的比例；只有点击数时为归因订单除以点击。",
            "Of the people touched in the period, the share who bought in it; where only clicks are known, "
            "credited orders over clicks."),
        Kpi("market_coverage", "share", "markets with orders / known markets", "up", "市场覆盖率", "Market coverage",
            "当期有付款订单的市场数除以已知市场数。", "Markets with a paid order over all known markets."),
        Kpi("roi", "ratio", "(margin * credited revenue - spend) / spend", "up", "投资回报率", "Return on investment",
            "（末次触点归因收入的毛利减花费）除以花费。",
            "Margin on the revenue credited by last touch, less spend, over spend."),
        Kpi("clv", "minor units", "mean(clv)", "up", "客户终身价值", "Customer lifetime value",
            "每位客户未来毛利折现的平均值，按带来他们的渠道。",
            "Mean discounted future margin of a customer, by the channel that brought them."),
        Kpi("csat", "share", "answers of 4-5 / answers", "up", "满意度", "Customer satisfaction",
            "5 分制中打 4 或 5 分的比例。", "Share of the answers that gave 4 or 5 of 5."),
        Kpi("nps", "points", "100 * (promoters - detractors) / answers", "up", "净推荐值", "Net promoter score",
            "9 至 10 分的比例减去 0 至 6 分的比例，乘以 100。",
            "Share of 9-10 less share of 0-6, times 100."),
        Kpi("first_response_s", "seconds", "median(first_response_s)", "down", "首次响应时间",
            "First response time", "从客户来信到第一次答复的中位时间。",
            "Median time from the customer's message to the first answer."),
        Kpi("resolution_s", "seconds", "median(resolution_s)", "down", "解决时间", "Resolution time",
            "从客户来信到解决的中位时间。", "Median time from the customer's message to the solution."),
        Kpi("spend", "minor units", "sum(spend)", "down", "花费", "Spend",
            "营销花费；按周或按月的数字平均分到每一天。",
            "Marketing money; a weekly or monthly figure is spread evenly over its days."),
        Kpi("roas", "ratio", "credited revenue / spend", "up", "广告支出回报", "Return on ad spend",
            "末次触点归因收入除以花费。", "Revenue credited by last touch over spend."),
    )
}  # fmt: skip
