"""What can be wrong with a file or a row: one list of codes for the pages to translate."""

from __future__ import annotations

from typing import Final


class ImportProblem(ValueError):
    """A file that cannot be used at all: what is wrong, where, and what to do.

    ``code`` is stable and ``values`` fill the translated sentence; the English
    sentence is the exception's own text.

    >>> str(ImportProblem("file_empty", what="The file is empty", where="a.csv", remedy="Export it again."))
    'The file is empty (a.csv). Export it again.'
    """

    def __init__(self, code: str, *, what: str, where: str, remedy: str, **values: object) -> None:
        super().__init__(f"{what} ({where}). {remedy}")
        self.code, self.what, self.where, self.remedy, self.values = code, what, where, remedy, values


# Why a row was set aside. Pages translate the code; the English is for logs.
REASONS: Final[dict[str, str]] = {
    "date_missing": "the row has no date",
    "date_unreadable": "the date cannot be read",
    "amount_missing": "the row has no amount",
    "amount_unreadable": "the amount cannot be read",
    "quantity_unreadable": "the quantity cannot be read",
    "too_many_cells": "the row has more cells than the header",
    "too_few_cells": "the row has too few cells to tell which is which",
    "cell_too_long": "a cell is longer than 100,000 characters",
    "not_json": "the line is not a JSON object",
    "footer": "a total or a note below the table",
    "duplicate_row": "the same order is already in this file, cell for cell",
    "no_identity": "nothing in the row tells who it is",
    "expense": "money we paid, not money a customer paid us",
    "transfer": "a transfer, top-up, withdrawal or gift, not a sale",
    "refund_of_expense": "money back on something we bought",
    "not_a_sale": "neither income nor a refund to a customer",
    "event_missing": "the row names no event",
    "score_missing": "the row has neither a score nor a text",
    "score_unreadable": "the score cannot be read",
    "stage_missing": "the deal has no stage and no outcome",
    "contract_missing": "the row names neither a contract nor a customer",
}

# Remarks about the whole file; they lose no row.
NOTES: Final[dict[str, str]] = {
    "paid_is_net": "the paid column already has refunds taken off, so the sale is paid + refund",
    "paid_is_gross": "the paid column is before refunds",
    "zone_from_header": "the header names the time zone",
    "digits_lost": "long numbers were rounded by a spreadsheet; ids were made from the rows instead",
    "no_header": "no header row was found; columns are numbered",
    "unreadable_cells": "cells that were left out of a row that was kept",
    "weekly_totals": "totals per period are kept as one anonymous order per period",
    "free_rows": "rows without money and without customer are kept as cancelled",
    "date_assumed": "the file has no date at all: orders get the day of their first import",
    "ids_from_content": "no order number: ids are made from customer, time and amount",
    "currency_assumed": "the file names no currency",
    "other_sheets": "the workbook has other sheets that were not read",
    "currency_from_country": "the currency follows from the country of most rows",
    "date_order": "how day and month were told apart",
    "payments_added": "several payments of one order were added up",
}
