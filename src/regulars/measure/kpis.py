"""The key figures of the trade: each is registered once, with its formula, and can be computed alone.

Every ratio whose bottom is zero is ``None`` (unknown), never infinite and never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from regulars.measure.formulas import (
    aov,
    cac,
    churn_rate,
    clv,
    concentration,
    conversion_rate,
    csat,
    gross_margin,
    loyalty_index,
    ltv_cac,
    market_coverage,
    mrr,
    net_revenue_retention,
    new_share,
    nps,
    payback_months,
    profit_per_new_customer,
    ratio,
    referral_rate,
    repeat_rate,
    retention_rate,
    roas,
    roi,
)  # fmt: skip


@dataclass(frozen=True)
class Kpi:
    """One key figure: what it is called, how it is computed and which way is better."""

    key: str
    unit: Literal["minor units", "count", "share", "ratio", "points", "seconds", "months"]
    formula: str
    better: Literal["up", "down"]
    zh: str
    en: str
    zh_definition: str
    en_definition: str


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
        Kpi("mrr", "minor units", "sum(price of one period / months of it) of running contracts", "up",
            "月经常性收入", "Monthly recurring revenue (MRR)",
            "期末仍在生效的合同，每期价格除以每期月数之和；已取消的不计。",
            "Price of one period over its months, added over the contracts running at the end of the period; "
            "cancelled ones do not count."),
        Kpi("net_revenue_retention", "share", "MRR at end of the customers there at start / MRR at start", "up",
            "净收入留存率", "Net revenue retention (NRR)",
            "期初已有合同的客户，期末的月经常性收入除以期初的；含增购、降级与流失，不含新客户。"
            "超过 100% 表示老客户自身在增长。",
            "Recurring revenue at the end of the customers who had some at the start, over theirs at the start: "
            "upgrades, downgrades and losses count, new customers do not."),
        Kpi("gross_margin", "minor units", "margin * revenue", "up", "毛利", "Gross margin",
            "收入乘以设置中的毛利率；订单明细不带成本，因此用的是公司统一的毛利率。",
            "Revenue times the margin rate of the settings; order lines carry no cost, so one rate serves all."),
        Kpi("payback_months", "months", "cac / (margin * revenue of customers / customer months)", "down",
            "回本时间", "Payback time",
            "获客成本除以每位客户每月带来的毛利；渠道与市场按带来客户的那个算。",
            "Acquisition cost over the margin a customer brings a month; channel and market are those that brought "
            "the customer."),
        Kpi("ltv_cac", "ratio", "(margin so far + CLV) per customer / cac", "up", "价值成本比", "LTV to CAC",
            "每位客户已带来的毛利加上未来毛利折现，除以获客成本；3 以上通常算健康。",
            "Margin a customer has brought so far plus the discounted margin to come, over the acquisition cost; "
            "3 or more is usually called healthy."),
        Kpi("new_order_share", "share", "first purchases / purchases of known customers", "up",
            "新客订单占比", "Orders from new customers",
            "已知客户的订单中，属于首次购买的比例；其余来自回头客。",
            "Share of known customers' orders that were their first; the rest came from returning customers."),
        Kpi("new_revenue_share", "share", "amount of first purchases / amount of purchases of known customers", "up",
            "新客收入占比", "Revenue from new customers",
            "已知客户的销售额（未减退款）中，首次购买所占的比例；其余来自回头客。",
            "Share of known customers' sales (before refunds) that were first purchases; the rest is returning."),
        Kpi("channel_concentration", "share", "sum((credited revenue of channel / all)**2)", "down",
            "渠道集中度", "Channel concentration",
            "各渠道末次触点归因收入占比的平方和（赫芬达尔指数）：1 表示只靠一个渠道，n 个渠道均分时为 1/n。",
            "Sum of the squared shares of the channels in the revenue credited by last touch (Herfindahl): 1 is one "
            "channel alone, 1/n are n equal ones."),
    )
}  # fmt: skip

# Figures that are not amounts and still are of one currency: shares of money, and ratios of money to money.
OF_MONEY: Final = frozenset({
    "roi", "roas", "net_revenue_retention", "payback_months", "ltv_cac", "new_revenue_share", "channel_concentration",
})  # fmt: skip

__all__ = [
    "KPIS", "OF_MONEY", "Kpi", "aov", "cac", "churn_rate", "clv", "concentration", "conversion_rate", "csat",
    "gross_margin", "loyalty_index", "ltv_cac", "market_coverage", "mrr", "net_revenue_retention", "new_share",
    "nps", "payback_months", "profit_per_new_customer", "ratio", "referral_rate", "repeat_rate",
    "retention_rate", "roas", "roi",
]  # fmt: skip
