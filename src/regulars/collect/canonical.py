"""What a file becomes: facts for the lake, people and deals for the book, and what was set aside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from regulars.tables import TABLES, TIME

if TYPE_CHECKING:
    from regulars.collect.mapping import Mapping
    from regulars.collect.sheet import Aside

_T: Final = pa.string()

PEOPLE: Final = pa.schema(
    [
        ("external_id", _T),
        ("email", _T),
        ("phone", _T),
        ("wechat_id", _T),
        ("name", _T),
        ("company", _T),
        ("city", _T),
        ("region", _T),
        ("country", _T),
        ("language", _T),
        ("zone", _T),
        ("created_at", TIME),
        ("channel", _T),
        ("market", _T),
        ("tags", _T),
        ("consent_email", pa.bool_()),
        ("consent_at", TIME),
        ("stage", _T),
        ("other_emails", pa.list_(_T)),
        ("other_phones", pa.list_(_T)),
        ("fields", _T),
        ("row", pa.int32()),
    ]
)
DEALS: Final = pa.schema(
    [
        ("id", _T),
        ("person", pa.int32()),
        ("company", _T),
        ("title", _T),
        ("product", _T),
        ("stage", _T),
        ("type", _T),
        ("amount", pa.int64()),
        ("currency", _T),
        ("opened_at", TIME),
        ("closed_at", TIME),
        ("expected_at", TIME),
        ("owner", _T),
        ("channel", _T),
        ("market", _T),
        ("probability", pa.float64()),
        ("lost_reason", _T),
        ("fields", _T),
        ("row", pa.int32()),
    ]
)
COMPANIES: Final = pa.schema(
    [("name", _T), ("industry", _T), ("region", _T), ("country", _T), ("website", _T), ("fields", _T)]
)
PRODUCTS: Final = pa.schema([("sku", _T), ("title", _T), ("goods", pa.bool_()), ("category", _T)])
TEXTS: Final = pa.schema(
    [
        ("id", _T),
        ("person", pa.int32()),
        ("kind", _T),
        ("at", TIME),
        ("subject", _T),
        ("text", _T),
        ("score", pa.float64()),
        ("status", _T),
        ("product", _T),
        ("order_id", _T),
        ("row", pa.int32()),
    ]
)
REJECTS: Final = pa.schema([("row", pa.int32()), ("reason", _T), ("detail", _T), ("cells", pa.list_(_T))])


@dataclass(frozen=True)
class Facts:
    """Rows of one lake table with ``customer`` still null.

    ``person[i]`` is the row of ``people`` that fact i belongs to (null:
    anonymous) and ``row[i]`` its row number in the file.
    """

    rows: pa.Table
    person: pa.Array
    row: pa.Array

    @classmethod
    def make(cls, table: str, columns: dict[str, object], person: np.ndarray, row: np.ndarray) -> Facts:
        """Fill a lake table from columns; ``person`` below 0 means anonymous."""
        rows = TABLES[table].fill(columns, len(row))
        people = pa.array(person.astype(np.int32), mask=person < 0)
        return cls(rows, people, pa.array(row.astype(np.int32)))

    def assigned(self, customers: pa.Array) -> pa.Table:
        """The rows with their customer keys filled in, given one key per person.

        >>> import datetime as dt
        >>> f = Facts.make("usage", {}, np.zeros(0), np.zeros(0))
        >>> f.assigned(pa.array(["abc"])).num_rows
        0
        """
        at = self.rows.schema.get_field_index("customer")
        keys = customers.cast(pa.string()).take(self.person)
        return self.rows.set_column(at, self.rows.schema.field(at), keys)


@dataclass(frozen=True)
class Totals:
    """The books of one import: nothing read goes unaccounted.

    ``read`` = ``used`` + the sum of ``aside``. ``money_in`` is the exact direct
    sum of the rows that are sales or refunds, as a decimal text per currency;
    ``money_out`` what was stored, in minor units per currency; ``spent_in``
    and ``spent_out`` are the same for marketing spend.
    """

    read: int
    used: int
    aside: dict[str, int]
    money_in: dict[str, str] = field(default_factory=dict)
    money_out: dict[str, int] = field(default_factory=dict)
    spent_in: dict[str, str] = field(default_factory=dict)
    spent_out: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Collected:
    """Everything one file gave, ready to be stored by the host."""

    kind: str
    source: str
    mapping: Mapping
    format: str
    encoding: str
    delimiter: str
    preamble: tuple[str, ...]
    facts: dict[str, Facts]
    people: pa.Table
    companies: pa.Table
    products: pa.Table
    deals: pa.Table
    texts: pa.Table
    rejects: pa.Table
    totals: Totals
    notes: dict[str, str]


def rejects_table(aside: list[Aside]) -> pa.Table:
    """The rows set aside, in file order."""
    ordered = sorted(aside, key=lambda a: a.row)
    return pa.table(
        [
            pa.array([a.row for a in ordered], pa.int32()),
            pa.array([a.code for a in ordered], _T),
            pa.array([a.detail for a in ordered], _T),
            pa.array([list(a.cells) for a in ordered], pa.list_(_T)),
        ],
        schema=REJECTS,
    )
