"""The one door: a file in, canonical tables out; and the same for a preview."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from regulars.collect.canonical import COMPANIES, DEALS, PEOPLE, PRODUCTS, TEXTS, Collected, Totals, rejects_table
from regulars.collect.columns import Columns, Company
from regulars.collect.companies import read_companies
from regulars.collect.deals import read_deals
from regulars.collect.events import read_events
from regulars.collect.feedback import read_feedback
from regulars.collect.kinds import recognise
from regulars.collect.mapping import Mapping, Wishes, load
from regulars.collect.orders import read_orders
from regulars.collect.people import read_contacts
from regulars.collect.read import open_sheet
from regulars.collect.spend import read_spend
from regulars.collect.subscriptions import read_subscriptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from regulars.collect.sheet import Sheet

Source = Path | str | bytes | IO[bytes]
ORDER_DATES = ("ordered_at", "paid_at", "finished_at", "refunded_at", "cancelled_at", "created_at")


@dataclass(frozen=True)
class Preview:
    """What a file seems to be, before anything is read from it in earnest."""

    name: str
    kind: str
    mapping: Mapping
    header: tuple[str, ...]
    first_rows: tuple[tuple[str, ...], ...]
    rows: int
    format: str
    encoding: str
    delimiter: str
    preamble: tuple[str, ...]
    notes: tuple[str, ...]


def _read(
    source: Source, as_kind: str | None, mapping: object, name: str, encoding: str, delimiter: str, sheet: str
) -> tuple[Sheet, Mapping]:
    wishes: Wishes = load(mapping)  # type: ignore[arg-type]
    opened = open_sheet(source, name=name, encoding=encoding, delimiter=delimiter, sheet=sheet)
    return opened, recognise(opened, wishes, as_kind)


def preview(
    source: Source,
    *,
    as_kind: str | None = None,
    mapping: Any = None,
    name: str = "",
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
    rows: int = 20,
) -> Preview:
    """Show what a file seems to be: its kind, each column's field with samples and reason, its first rows.

    Uses the code ``collect`` uses. Raises ``ImportProblem`` when the file cannot be read.

    >>> p = preview("姓名,手机号\\n李四,13900001111\\n".encode("gbk"))
    >>> p.kind, p.encoding, [c.field for c in p.mapping.choices]
    ('people', 'gb18030', ['name', 'phone'])
    """
    opened, chosen = _read(source, as_kind, mapping, name, encoding, delimiter, sheet)
    first = tuple(tuple(v or "" for v in row.values()) for row in opened.table.slice(0, rows).to_pylist())
    return Preview(
        opened.name,
        chosen.kind,
        chosen,
        opened.header,
        first,
        opened.num_rows,
        opened.format,
        opened.encoding,
        opened.delimiter,
        opened.preamble,
        opened.notes,
    )


def collect(
    source: Source,
    *,
    now: datetime,
    as_kind: str | None = None,
    mapping: Any = None,
    source_name: str | None = None,
    zone: str = "Asia/Shanghai",
    currency: str = "CNY",
    language: str = "zh-hans",
    name: str = "",
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
    progress: Callable[[str, int], None] | None = None,
) -> Collected:
    """Turn a file into canonical tables: facts, people, deals, products, and the rows set aside.

    ``source_name`` is the source the facts carry (default: the file's name without
    its endings); ids are unique within it, so importing the same file again under
    the same source gives the same ids. ``mapping`` is a path to a mapping file, a
    ``Mapping`` or a dict; ``progress`` is called with a step and a row count.

    Raises ``ImportProblem`` when the file as a whole cannot be used.

    >>> from datetime import UTC, datetime
    >>> file = b"order id,order date,email,amount\\n1,2024-03-05,a@b.org,12.50\\n"
    >>> got = collect(file, now=datetime(2025, 1, 1, tzinfo=UTC))
    >>> got.kind, got.facts["orders"].rows["amount"].to_pylist(), got.people["email"].to_pylist()
    ('orders', [1250], ['a@b.org'])
    """
    say = progress or (lambda step, rows: None)
    opened, chosen = _read(source, as_kind, mapping, name, encoding, delimiter, sheet)
    say("read", opened.num_rows)
    label = source_name or Path(opened.name).name.split(".")[0]
    undated = chosen.kind in ("orders", "order_lines") and not chosen.has(*ORDER_DATES)
    if undated:
        chosen = chosen.changed(
            {}, {"ordered_at": now.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(" ", "seconds")}
        )
    columns = Columns(opened, chosen, Company(zone, currency, language, now, label))
    if undated:
        # An order without a day is still an order: it gets the day we learnt of it, and says so.
        columns.notes["date_assumed"] = str(now.astimezone(ZoneInfo(zone)).date())
    columns.aside.extend(opened.aside)
    for note in opened.notes:
        columns.notes[note] = ""
    made = _make(columns)
    say("done", opened.num_rows)
    aside: dict[str, int] = {}
    for row in columns.aside:
        aside[row.code] = aside.get(row.code, 0) + 1
    read = opened.num_rows + len(opened.aside)
    totals = Totals(
        read,
        read - len(columns.aside),
        aside,
        made.get("money_in", {}),
        made.get("money_out", {}),
        made.get("spent_in", {}),
        made.get("spent_out", {}),
    )
    return Collected(
        chosen.kind,
        label,
        chosen,
        opened.format,
        opened.encoding,
        opened.delimiter,
        opened.preamble,
        made["facts"],
        made["people"],
        made.get("companies", COMPANIES.empty_table()),
        made.get("products", PRODUCTS.empty_table()),
        made.get("deals", DEALS.empty_table()),
        made.get("texts", TEXTS.empty_table()),
        rejects_table(columns.aside),
        totals,
        dict(columns.notes),
    )


def _make(columns: Columns) -> dict[str, Any]:
    kind = columns.mapping.kind
    if kind in ("orders", "order_lines"):
        trade = read_orders(columns)
        return {
            "facts": trade.facts,
            "people": trade.people.table,
            "products": trade.products,
            "money_in": trade.money_in,
            "money_out": trade.money_out,
        }
    if kind == "people":
        people = read_contacts(columns)
        return {
            "facts": {},
            "people": people.table,
            "companies": read_companies(columns, with_fields=not people.table.num_rows),
        }
    if kind == "spend":
        spend = read_spend(columns)
        return {
            "facts": spend.facts,
            "people": PEOPLE.empty_table(),
            "money_in": spend.money_in,
            "money_out": spend.money_out,
            "spent_in": spend.spent_in,
            "spent_out": spend.spent_out,
        }
    if kind == "deals":
        deals, named = read_deals(columns)
        return {
            "facts": {},
            "people": named.table,
            "deals": deals,
            "companies": read_companies(columns, with_fields=False),
        }
    if kind == "feedback":
        facts, texts, named = read_feedback(columns)
        return {"facts": facts, "people": named.table, "texts": texts}
    facts, named = read_events(columns) if kind == "events" else read_subscriptions(columns)
    return {"facts": facts, "people": named.table}
