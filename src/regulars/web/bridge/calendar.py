"""The owner's calendar and the calls made, as the deciding step reads them."""

from __future__ import annotations

from typing import Any


def calendar_rows() -> list[dict[str, Any]]:
    """Rows in the shape of ``tables.CALENDAR``."""
    from regulars.web.schedule.queries import calendar_rows as rows

    return rows()


def called_rows() -> list[dict[str, Any]]:
    """Rows in the shape of ``tables.CALLED``."""
    from regulars.web.schedule.queries import called_rows as rows

    return rows()
