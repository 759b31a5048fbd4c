"""Payment statements: which rows are sales, which are refunds, and which are neither."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from regulars.collect.sheet import Cells

if TYPE_CHECKING:
    from regulars.collect.columns import Columns

_IN: Final = re.compile(
    r"收入|入账|收款|^收$|贷|credit|^cr$|^in$|income|incoming|deposit|eingang|einnahme|entrada|recette|入金",
    re.IGNORECASE,
)
_OUT: Final = re.compile(
    r"支出|出账|付款|^支$|^付$|借|debit|^dr$|^out$|expense|outgoing|withdraw|ausgang|ausgabe|salida|depense|出金",
    re.IGNORECASE,
)
_REFUND: Final = re.compile(
    r"退款|退货|refund|reversal|chargeback|erstattung|remboursement|reembolso|rimborso|返金|환불", re.IGNORECASE
)
_TRANSFER: Final = re.compile(
    r"转账|红包|提现|充值(?!.*消费)|零钱通|理财|余额宝|信用卡还款|转入|转出|亲属卡|亲情卡|借呗|花呗|投资|基金|还款|代付|"
    r"transfer|payout|withdrawal|top.?up|bank deposit|add(?:ed)? funds|currency conversion|payment hold|hold|reserve|adjustment|fee$|"  # noqa: E501
    r"general card deposit|überweisung|virement|transferencia|auszahlung",
    re.IGNORECASE,
)
_CLOSED: Final = re.compile(r"关闭|失败|撤销|对方已退还|cancel|fail|denied|voided", re.IGNORECASE)


def _where(cells: Cells, pattern: re.Pattern[str]) -> np.ndarray:
    each = np.array([bool(pattern.search(t)) for t in cells.values.to_pylist()], bool)
    return np.zeros(len(cells), bool) if not len(each) else (cells.codes >= 0) & each[np.maximum(cells.codes, 0)]


def sort_rows(columns: Columns, negative: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Set aside what is no sale and tell which rows are refunds to customers.

    Money in is a sale unless its type says transfer; money out is a refund only
    when it says so. A refund of something we bought ourselves (its order is an
    expense in the same file, or it is money in) is no refund to a customer.
    Returns (refunds, cancelled).
    """
    direction, kind, status = columns.cells("direction"), columns.cells("type"), columns.cells("status")
    income, expense = _where(direction, _IN), _where(direction, _OUT)
    both = income & expense  # "收/付款" says nothing
    income, expense = income & ~both, expense & ~both
    neutral = ~income & ~expense
    if not columns.has("direction"):
        income, expense, neutral = ~negative, negative, np.zeros(columns.rows, bool)
    refund = _where(kind, _REFUND) | (_where(status, _REFUND) & ~income)
    closed = _where(status, _CLOSED) & ~refund
    transfer = _where(kind, _TRANSFER) & ~refund
    columns.reject(refund & (income | neutral), "refund_of_expense", "type")
    columns.reject(transfer, "transfer", "type")
    columns.reject(expense & ~refund, "expense", "type")
    columns.reject(neutral & ~refund, "not_a_sale", "type")
    return refund & columns.used, closed & columns.used


def refunds_by_type(columns: Columns) -> np.ndarray:
    """Rows whose type says refund, in files that are no statements; payouts and transfers are set aside."""
    kind = columns.cells("type")
    refund = _where(kind, _REFUND)
    columns.reject(_where(kind, _PAYOUT) & ~refund, "transfer", "type")
    return refund & columns.used


_PAYOUT: Final = re.compile(
    r"^(?:payout|transfer|withdrawal|提现|充值|转账|adjustment|service fee|fba .* fee)", re.IGNORECASE
)
