"""The cursor of a list: the sort value and the key of the row where a page ended."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any


def closed(value: Any, key: Any) -> str:
    """The cursor: where the page ended."""
    packed = ["t", value.isoformat()] if isinstance(value, dt.datetime) else ["v", value]
    return base64.urlsafe_b64encode(json.dumps([*packed, key]).encode()).decode().rstrip("=")


def opened(cursor: str) -> tuple[Any, Any, bool]:
    """The sort value and key a cursor holds, and whether it is among the rows without a value."""
    if not cursor:
        return None, None, False
    try:
        kind, value, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        value = dt.datetime.fromisoformat(value) if kind == "t" else value
    except (ValueError, TypeError):
        return None, None, False
    return value, key, value is None
