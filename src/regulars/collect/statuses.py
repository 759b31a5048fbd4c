"""What a platform's status words mean for the money: paid, unpaid, cancelled, refunded."""

from __future__ import annotations

import re
from typing import Final

_RULES: Final = (
    ("refunded", re.compile(
        r"^(?:全额退款|已全额退款.*|已退款.*|退款成功|退款完成|退货退款成功|交易关闭.*退款|refunded|fully refunded|reversed|charged back|"  # noqa: E501
        r"returned|remboursee?|erstattet|reembolsado|rimborsato|wc-refunded|full refund|返金済み?|환불완료?)$")),
    ("unpaid", re.compile(
        r"等待买家付款|待付款|待支付|未付款|未支付|未付|^unpaid|^pending(?!.*(?:fulfil|ship))|awaiting.payment|on.?hold|wc-pending|wc-on-hold|"
        r"checkout-draft|^draft|requires|incomplete|^authorized$|^expired$|uncaptured|payment.*(?:due|pending)|^open$|overdue|offen|ausstehend|"
        r"en attente|pendiente|pendente|in attesa|未入金|미결제|^failed$|支付失败|付款失败|wc-failed|declined|blocked")),  # noqa: E501
    ("cancelled", re.compile(
        r"关闭|取消|作废|撤销|cancel|void|abandon|无效|^closed$|annul|storniert|キャンセル|취소|deleted|trash|denied|失败")),
)  # fmt: skip
_REFUND_DONE: Final = re.compile(
    r"退款成功|退款完成|已退款|退货退款完成|refunded|refund.*(?:succe|complet|done)|售后成功|退款完结|全额退",
    re.IGNORECASE,
)


def order_status(text: str) -> str:
    """Reduce a status to paid, unpaid, cancelled or refunded; what is neither of the last three was paid.

    >>> [order_status(t) for t in ("等待买家付款", "交易关闭", "wc-completed", "partially_refunded", "Refunded")]
    ['unpaid', 'cancelled', 'paid', 'paid', 'refunded']
    """
    t = text.strip().casefold().replace("_", " ")
    for name, pattern in _RULES:
        if pattern.search(t):
            return name
    return "paid"


def is_refund_done(text: str) -> bool:
    """Whether an after-sale status says that the money went back.

    >>> is_refund_done("退款成功"), is_refund_done("退款中"), is_refund_done("-")
    (True, False, False)
    """
    return bool(_REFUND_DONE.search(text))
