"""The vocabulary: one schema per lake table, and the definitions two steps share.

Every column names its unit, who writes it (producer) and who reads it
(consumer); ``tests/test_tables.py`` fails when one of them is missing or names
a room that does not exist. No name, e-mail, phone number or free text is a
column here: a person is only the surrogate ``customer`` key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable

TIME: Final = pa.timestamp("us", tz="UTC")
TEXT: Final = pa.string()
DAY: Final = pa.date32()
INT: Final = pa.int64()
SMALL: Final = pa.int32()
REAL: Final = pa.float64()
FLAG: Final = pa.bool_()


@dataclass(frozen=True)
class Column:
    """One column: what it means, in which unit, who writes it and who reads it."""

    name: str
    type: pa.DataType
    unit: str
    meaning: str
    producer: str
    consumer: str
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One lake table: its columns and the columns that identify a row."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    fact: bool

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the table."""
        return pa.schema([pa.field(c.name, c.type, nullable=not c.required) for c in self.columns])

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(c.name for c in self.columns)

    def empty(self) -> pa.Table:
        """A table with these columns and no rows."""
        return self.schema.empty_table()

    def fill(self, columns: dict[str, object], rows: int | None = None) -> pa.Table:
        """Make an Arrow table with this schema; columns that are not given become null.

        Raises ``KeyError`` for a column the table does not have.
        """
        unknown = sorted(set(columns) - set(self.names))
        if unknown:
            raise KeyError(f"table {self.name} has no column {', '.join(unknown)}")
        if rows is None:
            rows = next((len(v) for v in columns.values() if hasattr(v, "__len__")), 0)  # type: ignore[arg-type]
        arrays = []
        for c in self.columns:
            given = columns.get(c.name)
            if given is None:
                arrays.append(pa.nulls(rows, c.type))
            elif isinstance(given, pa.ChunkedArray | pa.Array):
                arrays.append(given.cast(c.type))
            elif hasattr(given, "__len__") and not isinstance(given, str | bytes):
                arrays.append(pa.array(given, type=c.type, from_pandas=True))
            else:
                arrays.append(pa.repeat(pa.scalar(given, type=c.type), rows))
        return pa.table(arrays, schema=self.schema)


def _fact(*own: Column, by: str) -> tuple[Column, ...]:
    """The columns every fact carries, in front of its own."""
    return (
        Column("source", TEXT, "name", "where the row came from", by, "measure.kpis", True),
        Column("id", TEXT, "id", "the row's natural id within its source", by, "lake", True),
        Column("revision", SMALL, "count", "0 at first, +1 at each correction", by, "lake", True),
        Column("recorded_at", TIME, "UTC", "when we stored it", by, "lake", True),
        *own,
    )


_MADE = (
    Column("made_by", TEXT, "model/version", "what computed the row", "loop", "web", True),
    Column("made_at", TIME, "UTC", "the turn's now", "loop", "web", True),
    Column("lake_version", TEXT, "version", "the lake it was computed from", "loop", "web", True),
    Column("why", TEXT, "reason codes", "codes, joined by ';', each code or code=value", "loop", "web"),
)


def _customer(by: str, to: str, required: bool = False) -> Column:
    return Column("customer", TEXT, "key", "surrogate key of the person", by, to, required)


def _when(by: str, to: str) -> tuple[Column, Column]:
    return (
        Column("at", TIME, "UTC", "when it happened", by, to, True),
        Column("day", DAY, "company day", "the day in the company's zone", by, to, True),
    )


def _where(by: str) -> tuple[Column, Column]:
    return (
        Column("channel", TEXT, "name", "channel it came through", by, "measure.channels"),
        Column("market", TEXT, "name", "slice of demand: country, region or industry", by, "measure.kpis"),
    )


def _money(by: str, to: str, meaning: str) -> tuple[Column, Column]:
    return (
        Column("amount", INT, "minor units", meaning, by, to, True),
        Column("currency", TEXT, "ISO 4217", "currency of the amount", by, to, True),
    )


ORDERS = Table(
    "orders",
    "One row per order, refund or correction; the signed amounts add up to money received.",
    ("source", "id", "revision", "kind"),
    _fact(
        _customer("collect", "understand.rfm"),
        *_when("collect", "understand.rfm"),
        Column("kind", TEXT, "sale|refund|void", "a refund is money going back; a void cancels a row of ours",
               "collect", "measure.kpis", True),
        Column("status", TEXT, "paid|unpaid|cancelled", "only paid sales count as orders", "collect",
               "measure.kpis", True),
        *_money("collect", "understand.clv", "money received: sales > 0, refunds < 0, unpaid 0"),
        Column("ordered", INT, "minor units", "what the customer ordered, paid or not", "collect",
               "measure.kpis", True),
        *_where("collect"),
        by="collect",
    ),
    True,
)

ORDER_LINES = Table(
    "order_lines",
    "One row per product on an order.",
    ("source", "id", "revision", "kind"),
    _fact(
        Column("order_id", TEXT, "id", "id of the order within its source", "collect", "understand.affinity", True),
        _customer("collect", "understand.affinity"),
        *_when("collect", "understand.affinity"),
        Column("kind", TEXT, "sale|refund|void", "as in orders", "collect", "measure.kpis", True),
        Column("product", TEXT, "sku", "product code", "collect", "understand.affinity", True),
        Column("goods", FLAG, "true|false", "false for postage, fees, bank charges, adjustments", "collect",
               "understand.affinity", True),
        Column("quantity", REAL, "units", "signed: negative on refunds", "collect", "understand.affinity", True),
        *_money("collect", "measure.kpis", "signed line amount"),
        by="collect",
    ),
    True,
)

SUBSCRIPTIONS = Table(
    "subscriptions",
    "One row per change of a contract: start, renewal, upgrade, downgrade, cancel.",
    ("source", "id", "revision", "kind"),
    _fact(
        Column("contract", TEXT, "id", "id of the contract", "collect", "understand.churn", True),
        _customer("collect", "understand.churn"),
        *_when("collect", "understand.churn"),
        Column("kind", TEXT, "start|renewal|upgrade|downgrade|cancel|void", "what changed", "collect",
               "understand.churn", True),
        Column("plan", TEXT, "name", "the plan after the change", "collect", "understand.churn"),
        Column("months", SMALL, "months", "length of one period", "collect", "understand.churn"),
        *_money("collect", "understand.clv", "price of one period after the change"),
        *_where("collect"),
        by="collect",
    ),
    True,
)

EVENTS = Table(
    "events",
    "What people did: sign-up, login, page, feature used.",
    ("source", "id", "revision"),
    _fact(
        _customer("collect", "measure.kpis"),
        *_when("collect", "measure.kpis"),
        Column("name", TEXT, "name", "what happened, e.g. signed_up", "collect", "measure.kpis", True),
        Column("value", REAL, "as named", "a number that goes with it", "collect", "measure.kpis"),
        *_where("collect"),
        by="collect",
    ),
    True,
)

TOUCHES = Table(
    "touches",
    "Any contact on the way to an order.",
    ("source", "id", "revision"),
    _fact(
        _customer("collect", "measure.attribution"),
        *_when("collect", "measure.attribution"),
        Column("kind", TEXT, "visit|click|impression|message|call|event|referral", "kind of contact", "collect",
               "measure.attribution", True),
        Column("campaign", TEXT, "name", "campaign it belongs to", "collect", "measure.attribution"),
        Column("referrer", TEXT, "key", "customer who brought this one", "collect", "understand.network"),
        *_where("collect"),
        by="collect",
    ),
    True,
)

SPEND = Table(
    "spend",
    "Marketing money per channel and day (a weekly figure rests on its first day).",
    ("source", "id", "revision"),
    _fact(
        *_when("collect", "measure.mix"),
        Column("days", SMALL, "days", "how many days the figure covers: 1, 7, 28-31", "collect", "measure.mix", True),
        Column("campaign", TEXT, "name", "campaign", "collect", "measure.channels"),
        *_money("collect", "measure.mix", "money spent"),
        Column("impressions", REAL, "count", "times shown", "collect", "measure.mix"),
        Column("clicks", REAL, "count", "times clicked", "collect", "measure.mix"),
        *_where("collect"),
        by="collect",
    ),
    True,
)

USAGE = Table(
    "usage",
    "What a customer consumed, per day and meter.",
    ("source", "id", "revision"),
    _fact(
        _customer("collect", "understand.churn"),
        *_when("collect", "understand.churn"),
        Column("meter", TEXT, "name", "e.g. gpu_seconds, api_calls", "collect", "decide.resources", True),
        Column("quantity", REAL, "of the meter", "how much", "collect", "decide.resources", True),
        by="collect",
    ),
    True,
)

MESSAGES = Table(
    "messages",
    "One row per change of state of a message we sent, held back or were denied.",
    ("source", "id", "revision"),
    _fact(
        Column("message", TEXT, "id", "id of the message in the book", "act", "measure.experiments", True),
        _customer("act", "measure.experiments", True),
        *_when("act", "measure.experiments"),
        Column("state", TEXT, "sent|holdout|denied|failed|unknown|sandboxed|bounced|unsubscribed", "what became of it",
               "act", "measure.experiments", True),
        Column("reason", TEXT, "code", "why the gate denied it or it failed", "act", "web"),
        Column("plan", TEXT, "id", "plan it belongs to", "act", "measure.experiments"),
        Column("action", TEXT, "code", "what we offered, e.g. win_back", "act", "measure.experiments"),
        *_where("act"),
        by="act",
    ),
    True,
)

FEEDBACK = Table(
    "feedback",
    "Scores customers gave and how fast we answered; the text stays in the book.",
    ("source", "id", "revision"),
    _fact(
        _customer("collect", "measure.kpis"),
        *_when("collect", "measure.kpis"),
        Column("kind", TEXT, "csat|nps|review|ticket", "what was asked", "collect", "measure.kpis", True),
        Column("score", REAL, "csat 1-5, nps 0-10, review 1-5", "the answer", "collect", "measure.kpis"),
        Column("first_response_s", REAL, "seconds", "until the first answer", "collect", "measure.kpis"),
        Column("resolution_s", REAL, "seconds", "until solved", "collect", "measure.kpis"),
        *_where("collect"),
        by="collect",
    ),
    True,
)

SCORES = Table(
    "scores",
    "What we believe about one customer, with an interval and reasons.",
    ("customer", "name", "made_at"),
    (
        _customer("understand", "decide.next_best", True),
        Column("name", TEXT, "name", "which score, e.g. clv, churn, activity, segment", "understand",
               "decide.next_best", True),
        Column("value", REAL, "as named", "the estimate", "understand", "decide.next_best"),
        Column("low", REAL, "as named", "lower end of the 90 % interval", "understand", "web"),
        Column("high", REAL, "as named", "upper end of the 90 % interval", "understand", "web"),
        Column("label", TEXT, "key", "the word, where the score is a class", "understand", "decide.next_best"),
        *_MADE,
    ),
    False,
)

DECISIONS = Table(
    "decisions",
    "What a plan proposes: money per channel, the next best action per customer.",
    ("id",),
    (
        Column("id", TEXT, "id", "plan id and row", "decide", "web", True),
        Column("plan", TEXT, "id", "plan", "decide", "measure.experiments", True),
        Column("kind", TEXT, "budget|next_best", "kind of decision", "decide", "act", True),
        _customer("decide", "act"),
        Column("subject", TEXT, "name", "channel for a budget, action code for a person", "decide", "act", True),
        Column("channel", TEXT, "name", "channel to act through", "decide", "act"),
        Column("today", REAL, "minor units a week", "what is spent now", "decide", "web"),
        Column("proposed", REAL, "minor units a week", "what the plan spends", "decide", "web"),
        Column("value", REAL, "minor units", "expected gain of doing it, cost paid", "decide", "measure.experiments"),
        Column("low", REAL, "minor units", "lower end of the 90 % interval", "decide", "web"),
        Column("high", REAL, "minor units", "upper end of the 90 % interval", "decide", "web"),
        *_MADE,
    ),
    False,
)

OUTCOMES = Table(
    "outcomes",
    "What a plan earned: predicted beside realised, held against the holdout.",
    ("plan", "subject", "name", "made_at"),
    (
        Column("plan", TEXT, "id", "plan", "measure.experiments", "web", True),
        Column("subject", TEXT, "name", "action or channel", "measure.experiments", "decide.next_best", True),
        Column("name", TEXT, "name", "lift_orders, lift_revenue, predicted, realised", "measure.experiments",
               "decide.next_best", True),
        Column("value", REAL, "as named", "the estimate", "measure.experiments", "decide.next_best"),
        Column("low", REAL, "as named", "lower end of the 95 % interval", "measure.experiments", "web"),
        Column("high", REAL, "as named", "upper end of the 95 % interval", "measure.experiments", "web"),
        Column("treated", INT, "people", "people who got it", "measure.experiments", "web"),
        Column("held", INT, "people", "people held back", "measure.experiments", "web"),
        *_MADE,
    ),
    False,
)

KPIS = Table(
    "kpis",
    "Key figures by period, channel and market; null channel or market means all.",
    ("name", "day", "grain", "channel", "market", "made_at"),
    (
        Column("name", TEXT, "name", "which figure, as registered in measure.kpis", "measure.kpis", "decide.budget",
               True),
        Column("day", DAY, "company day", "first day of the period", "measure.kpis", "web", True),
        Column("grain", TEXT, "day|week|month|all", "length of the period", "measure.kpis", "web", True),
        Column("channel", TEXT, "name", "channel, null for all", "measure.kpis", "decide.budget"),
        Column("market", TEXT, "name", "market, null for all", "measure.kpis", "web"),
        Column("value", REAL, "as named (money: minor units)", "the figure", "measure.kpis", "decide.budget"),
        Column("low", REAL, "as named", "lower end of the 90 % interval", "measure.mix", "decide.budget"),
        Column("high", REAL, "as named", "upper end of the 90 % interval", "measure.mix", "decide.budget"),
        Column("currency", TEXT, "ISO 4217", "currency, for money", "measure.kpis", "web"),
        *_MADE,
    ),
    False,
)

TABLES: Final[dict[str, Table]] = {
    t.name: t
    for t in (
        ORDERS, ORDER_LINES, SUBSCRIPTIONS, EVENTS, TOUCHES, SPEND, USAGE, MESSAGES, FEEDBACK,
        SCORES, DECISIONS, OUTCOMES, KPIS,
    )
}  # fmt: skip


def conform(table: str, rows: pa.Table) -> pa.Table:
    """Cast rows to the table's schema, in its column order.

    Raises ``ValueError`` naming the table and column when a required value is
    missing, a column is unknown or a type cannot be cast without loss.
    """
    wanted = TABLES[table]
    filled = wanted.fill({name: rows.column(name) for name in rows.column_names}, rows.num_rows)
    missing = [c.name for c in wanted.columns if c.required and filled.column(c.name).null_count]
    if missing:
        raise ValueError(f"table {table}: {', '.join(missing)} may not be empty")
    return filled


# --- definitions two steps share ------------------------------------------------

LIFECYCLE_STAGES: Final = (
    "subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead",
    "opportunity", "customer", "evangelist", "other",
)  # fmt: skip
ACTIVITY_STATES: Final = ("new", "active", "loyal", "at_risk", "dormant", "lost")
TICKET_STATES: Final = ("new", "open", "pending", "hold", "solved", "closed")
DEAL_TYPES: Final = ("open", "won", "lost")
PLAN_STATES: Final = ("proposed", "approved", "running", "measured", "rejected", "superseded")

# Share of one major unit; every currency not named has 2 digits (ISO 4217).
_DIGITS: Final = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
    "RWF": 0, "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip


def currency_digits(currency: str) -> int:
    """Digits after the decimal point of a currency.

    >>> currency_digits("CNY"), currency_digits("JPY"), currency_digits("KWD")
    (2, 0, 3)
    """
    return _DIGITS.get(currency, 2)


@dataclass(frozen=True)
class ActivityRule:
    """When a customer counts as new, loyal, at risk, dormant or lost.

    The clock is the company's usual gap between two purchases, so a bakery and
    a machine builder get the same words for the same behaviour.
    """

    loyal_orders: int = 5
    active_gaps: float = 2.0
    at_risk_gaps: float = 4.0
    dormant_gaps: float = 8.0
    shortest_gap_days: float = 14.0

    def state(self, days_since_last: float, days_since_first: float, orders: int, gap_days: float) -> str:
        """The activity state of one customer.

        >>> rule = ActivityRule()
        >>> rule.state(days_since_last=3, days_since_first=3, orders=1, gap_days=30)
        'new'
        >>> rule.state(days_since_last=200, days_since_first=400, orders=6, gap_days=30)
        'dormant'
        """
        gap = max(gap_days, self.shortest_gap_days)
        if days_since_last > self.dormant_gaps * gap:
            return "lost"
        if days_since_last > self.at_risk_gaps * gap:
            return "dormant"
        if days_since_last > self.active_gaps * gap:
            return "at_risk"
        if orders == 1 and days_since_first <= gap:
            return "new"
        return "loyal" if orders >= self.loyal_orders else "active"


ACTIVITY: Final = ActivityRule()


def why(codes: Iterable[str] | dict[str, object]) -> str:
    """Join reason codes into the ``why`` column.

    >>> why({"days_since_last": 212, "orders_few": None})
    'days_since_last=212;orders_few'
    """
    if isinstance(codes, dict):
        return ";".join(k if v is None else f"{k}={v}" for k, v in codes.items())
    return ";".join(codes)


def why_codes(text: str | None) -> dict[str, str | None]:
    """Split a ``why`` column into its codes.

    >>> why_codes("days_since_last=212;orders_few")
    {'days_since_last': '212', 'orders_few': None}
    """
    parts = (p.partition("=") for p in (text or "").split(";") if p)
    return {k: (v if eq else None) for k, eq, v in parts}
