"""Commission statements of one agreement, reckoned from the orders in the lake when the page is opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from regulars.web.partners.models import Agreement
from regulars.web.partners.queries import agreement_row
from regulars.web.spreadsheet import csv_line, plain
from regulars.web.words.amounts import major


def statements_of(agreement: Agreement, today: date) -> list[Any]:
    """Every month so far, the newest last."""
    import ibis

    from regulars.decide.commission import Commission
    from regulars.decide.partners_board import agreement_of
    from regulars.web.bridge.lake import lake

    orders = lake().table("orders")
    rows = orders.filter(
        orders.channel.isin(agreement.terms["channels"]), orders.status == "paid",
        orders.day >= ibis.literal(agreement.start), orders.day <= ibis.literal(today), orders.amount != 0,
    )  # fmt: skip
    rows = rows.mutate(
        id=rows.source + "/" + rows.id, kind=ibis.ifelse(rows.amount < 0, ibis.literal("refund"), ibis.literal("sale"))
    )
    table = rows.select("id", "day", "amount", "channel", "market", "currency", "kind").to_pyarrow()
    until = min(today, agreement.end) if agreement.end else today
    return Commission(agreement_of(agreement_row(agreement))).statements(table, until)


def statement_lines(statement: Any) -> Iterator[str]:
    """One statement for a spreadsheet: every line with its rates and its exact amount before rounding."""
    yield "\ufeff"
    yield csv_line((
        _("Order"), _("Day"), _("Line"), _("Revenue"), _("Rates"), _("Exact commission"), _("Commission"),
        _("Revenue of the period so far"), _("Currency"),
    ))  # fmt: skip
    for line in statement.lines:
        yield csv_line([
            plain(line.order), line.day, line.reason, major(line.base, statement.currency), rates(line),
            f"{line.exact / 1_000_000:.6f}", major(line.amount, statement.currency),
            major(line.running, statement.currency), statement.currency,
        ])  # fmt: skip
    yield csv_line([_("Total"), "", "", major(statement.revenue, statement.currency), "", "",
                    major(statement.payable, statement.currency), "", statement.currency])  # fmt: skip


def rates(line: Any) -> str:
    """The cuts of one line: revenue at its rate."""
    return " + ".join(f"{base / 100:,.2f} × {rate / 10_000:g}%" for base, rate in line.parts)
