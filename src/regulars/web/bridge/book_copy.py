"""The book from one database to another, every row as it is: how a company moves to PostgreSQL, and backs it up."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Model, sql

from regulars.web.database import FILE, parsed, sqlite

if TYPE_CHECKING:
    from regulars.home import Home

OTHER = "other"
ROWS = 2_000


class BookProblem(RuntimeError):
    """The book cannot be moved: says why and what to do."""


def book_move(
    home: Home, address: str, *, progress: Callable[[str, float], None] = lambda stage, share: None
) -> int:  # fmt: skip
    """Move the book to a PostgreSQL at an address, or back into the home by the word ``sqlite``; returns its rows.

    The old book stays as it is until every row has arrived; the new address is then kept in ``keys/database``.
    Raises ``BookProblem`` when the book is there already or the other database holds a book of its own.
    """
    here = connections[DEFAULT_DB_ALIAS]
    to_file = address == "sqlite"
    if to_file == (here.vendor == "sqlite"):
        raise BookProblem("the book is in this kind of database already")
    if to_file and home.book_path.exists():
        raise BookProblem(f"{home.book_path} is still there from before the move; rename or delete it first")
    with _opened(sqlite(home.book_path) if to_file else parsed(address)):
        if not to_file and _rows(OTHER):
            raise BookProblem("the other database holds a book already; name an empty one")
        copied = book_copy(DEFAULT_DB_ALIAS, OTHER, progress)
    kept = home.keys_path / FILE
    if to_file:
        kept.unlink(missing_ok=True)
    else:
        kept.touch(mode=0o600)
        kept.write_text(address + "\n", "utf-8")
    return copied


def book_to_file(path: Path) -> None:
    """Write the book, wherever it lies, into a SQLite file."""
    with _opened(sqlite(path)):
        book_copy(DEFAULT_DB_ALIAS, OTHER)
    # A file in a backup has no journal beside it.
    Path(f"{path}-wal").unlink(missing_ok=True)


def book_from_file(path: Path) -> None:
    """Put a SQLite file in the place of the book."""
    with _opened(sqlite(path)):
        book_copy(OTHER, DEFAULT_DB_ALIAS)


def book_copy(
    source: str, target: str, progress: Callable[[str, float], None] = lambda stage, share: None
) -> int:  # fmt: skip
    """Replace all rows of a connection by those of another, in one transaction on each side; returns how many.

    Raises ``BookProblem``, and leaves the target as it was, when a table does not arrive in full.
    """
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed and not m._meta.proxy]
    copied = 0
    with transaction.atomic(using=source), transaction.atomic(using=target):
        if connections[source].vendor == "postgresql":
            with connections[source].cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with connections[target].cursor() as cursor:
            for model in models:
                cursor.execute(f"DELETE FROM {connections[target].ops.quote_name(model._meta.db_table)}")
        for number, model in enumerate(models):
            progress("book", number / len(models))
            there = _copy(model, source, target)
            if there != model._base_manager.using(target).count():
                raise BookProblem(f"the table {model._meta.db_table} did not arrive in full; nothing was changed")
            copied += there
        with connections[target].cursor() as cursor:
            for statement in connections[target].ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)
    progress("book", 1.0)
    return copied


def _copy(model: type[Model], source: str, target: str) -> int:
    fields = [f for f in model._meta.concrete_fields if not f.generated]
    rows: list[Model] = []
    size = min(ROWS, connections[target].ops.bulk_batch_size(fields, [None] * ROWS))
    n = 0

    def put() -> None:
        query = sql.InsertQuery(model)
        # Raw: a date set when a row is made stays the date it was made.
        query.insert_values(fields, rows, raw=True)
        query.get_compiler(using=target).execute_sql()

    values = model._base_manager.using(source).order_by().values_list(*(f.attname for f in fields))
    for value in values.iterator(chunk_size=ROWS):
        rows.append(model(**dict(zip((f.attname for f in fields), value, strict=True))))
        n += 1
        if len(rows) >= size:
            put()
            rows.clear()
    if rows:
        put()
    return n


def _rows(alias: str) -> int:
    return sum(apps.get_model(name)._base_manager.using(alias).count() for name in ("people.Person", "auth.User"))


@contextlib.contextmanager
def _opened(address: dict[str, Any]) -> Iterator[None]:
    """A second connection, its tables made, for as long as it is needed."""
    connections.settings[OTHER] = connections.configure_settings({DEFAULT_DB_ALIAS: address})[DEFAULT_DB_ALIAS]
    try:
        call_command("migrate", database=OTHER, verbosity=0, interactive=False)
        yield
    finally:
        connections[OTHER].close()
        del connections[OTHER]
        del connections.settings[OTHER]
