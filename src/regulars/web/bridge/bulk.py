"""Many rows in one statement: 100,000 ORM objects cost ten times what the database needs for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models


def stamp(at: datetime | None) -> Any:
    """A moment as this database keeps it, for statements that pass the ORM by."""
    return None if at is None else connection.ops.adapt_datetimefield_value(at)


def upsert(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    key: Sequence[str],
    update: Sequence[str] | None = None,
) -> None:
    """Insert rows, or update those whose key exists; ``update=()`` leaves existing rows as they are.

    ``columns`` and ``key`` are database columns; runs inside the caller's transaction.
    """
    quote = connection.ops.quote_name
    update = [c for c in columns if c not in key] if update is None else update
    changes = ", ".join(f"{quote(c)} = excluded.{quote(c)}" for c in update)
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(map(quote, columns))}) "
        f"VALUES ({', '.join(['%s'] * len(columns))}) "
        f"ON CONFLICT ({', '.join(map(quote, key))}) DO " + (f"UPDATE SET {changes}" if changes else "NOTHING")
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
