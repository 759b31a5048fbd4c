"""What an import says: why a row was set aside, and how the numbers add up."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.web.words.amounts import money_text

REASONS = {
    "date_missing": gettext_lazy("The row has no date."),
    "date_unreadable": gettext_lazy("The date cannot be read."),
    "amount_missing": gettext_lazy("The row has no amount."),
    "amount_unreadable": gettext_lazy("The amount cannot be read."),
    "amount_too_large": gettext_lazy("The amount is too large to be true."),
    "quantity_unreadable": gettext_lazy("The quantity cannot be read."),
    "too_many_cells": gettext_lazy("The row has more cells than the header."),
    "too_few_cells": gettext_lazy("The row has too few cells."),
    "cell_too_long": gettext_lazy("A cell is longer than 100,000 characters."),
    "not_json": gettext_lazy("The line is not a JSON object."),
    "footer": gettext_lazy("A total or a note below the table."),
    "duplicate_row": gettext_lazy("The same order is already in this file."),
    "order_missing": gettext_lazy("The row has no order number."),
    "no_identity": gettext_lazy("Nothing in the row says who it is."),
    "expense": gettext_lazy("Money you paid, not money a customer paid you."),
    "transfer": gettext_lazy("A transfer, top-up or withdrawal, not a sale."),
    "refund_of_expense": gettext_lazy("Money back on something you bought."),
    "not_a_sale": gettext_lazy("Neither income nor a refund to a customer."),
    "channel_missing": gettext_lazy("The row names no channel."),
    "event_missing": gettext_lazy("The row names no event."),
    "score_missing": gettext_lazy("The row has neither a score nor a text."),
    "score_unreadable": gettext_lazy("The score cannot be read."),
    "stage_missing": gettext_lazy("The deal has no stage and no outcome."),
    "contract_missing": gettext_lazy("The row names neither a contract nor a customer."),
    "file_total": gettext_lazy("The row repeats a total of other rows."),
}

TABLES = {
    "people": gettext_lazy("People"),
    "orders": gettext_lazy("Orders"),
    "order_lines": gettext_lazy("Order lines"),
    "deals": gettext_lazy("Deals"),
    "spend": gettext_lazy("Marketing spend"),
    "events": gettext_lazy("Events"),
    "touches": gettext_lazy("Touches"),
    "feedback": gettext_lazy("Feedback"),
    "subscriptions": gettext_lazy("Subscriptions"),
    "usage": gettext_lazy("Usage"),
}


def reject_reason(code: str) -> str:
    """Why a row was set aside."""
    return str(REASONS.get(code, code.replace("_", " ")))


def table_title(name: str) -> str:
    """What a table is called."""
    return str(TABLES.get(name, name))


def reconciliation(run: dict[str, Any]) -> list[tuple[str, str]]:
    """The books of one import as (what, how much): nothing read goes unaccounted."""
    rows = [(_("rows read"), f"{run['read']:,}")]
    for name, counts in run["tables"].items():
        for key, words in (("created", _("new")), ("updated", _("changed")), ("unchanged", _("unchanged"))):
            if counts[key] or key == "created":
                rows.append((f"{table_title(name)} · {words}", f"{counts[key]:,}"))
        if counts.get("duplicates"):
            rows.append((f"{table_title(name)} · {_('repeated in the file')}", f"{counts['duplicates']:,}"))
        if counts.get("to_review"):
            rows.append((f"{table_title(name)} · {_('to review')}", f"{counts['to_review']:,}"))
    rows.append((_("rows set aside"), f"{run['set_aside']:,}"))
    rows += [(f"  {reject_reason(code)}", f"{count:,}") for code, count in sorted(run["aside"].items())]
    for in_key, out_key, in_words, out_words in (
        ("money_in", "money_stored", _("money in the file"), _("money stored")),
        ("spend_in", "spend_stored", _("spend in the file"), _("spend stored")),
    ):
        rows += [(in_words, f"{currency} {amount}") for currency, amount in run.get(in_key, {}).items()]
        rows += [
            (out_words, money_text(amount, currency, short=False)) for currency, amount in run.get(out_key, {}).items()
        ]
    return rows
