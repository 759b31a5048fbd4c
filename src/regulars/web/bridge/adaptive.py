"""What is tried out and what came of it, as the deciding step reads it."""

from __future__ import annotations

from typing import Any


def tryout_rows() -> list[dict[str, Any]]:
    """Rows in the shape of ``tables.TRYOUTS``."""
    from regulars.web.adaptive.queries import tryout_rows as rows

    return rows()


def exposure_rows() -> list[dict[str, Any]]:
    """Rows in the shape of ``tables.EXPOSURES``."""
    from regulars.web.adaptive.queries import exposure_rows as rows

    return rows()
