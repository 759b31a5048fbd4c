"""Partners as deciding and measuring read them."""

from __future__ import annotations

from regulars.web.partners.queries import agreement_rows, partner_rows, payment_rows, rule_rows, seller_rows

__all__ = ["agreement_rows", "partner_rows", "payment_rows", "rule_rows", "seller_rows"]
