"""Signals from outside, as measuring reads them."""

from __future__ import annotations

from typing import Any


def signals() -> list[dict[str, Any]]:
    """Rows in the shape of ``tables.SIGNALS``."""
    from regulars.web.market_watch.queries import signals as rows

    return rows()
