"""What a segment rule may speak of: attributes of people, scores, and what is counted in each table of facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from regulars.tables import TABLES

# Kinds of values: what may be compared how.
NUMBER, MONEY, SHARE, TEXT, FLAG, TAGS, DAYS = "number", "money", "share", "text", "flag", "tags", "days"

Condition = dict[str, str]

ATTRIBUTES: Final[dict[str, str]] = {
    "stage": TEXT, "channel": TEXT, "market": TEXT, "country": TEXT, "region": TEXT, "city": TEXT,
    "language": TEXT, "zone": TEXT, "source": TEXT, "company": TEXT, "email_ok": FLAG, "tags": TAGS, "created": DAYS,
}  # fmt: skip
# Columns of imported files nobody has a word for: text, or a number where a rule compares it as one.
OWN_FIELDS: Final = "fields."

SCORES: Final[dict[str, str]] = {
    "clv": MONEY, "clv_historic": MONEY, "spent": MONEY, "orders": NUMBER, "recency_days": NUMBER,
    "expected_orders": NUMBER, "weighted_score": NUMBER, "p_alive": SHARE, "churn": SHARE,
    "segment": TEXT, "cluster": TEXT, "activity": TEXT, "rfm": TEXT,
}  # fmt: skip

COUNT, DAY_COUNT, SUM, AVERAGE, LOWEST, HIGHEST, LATEST, LAST, FIRST, RUNNING = (
    "count", "days", "sum", "average", "lowest", "highest", "latest", "last", "first", "running",
)  # fmt: skip
# Measures without an answer where nothing happened; the others say 0.
UNKNOWN_WITHOUT: Final = (AVERAGE, LOWEST, HIGHEST, LATEST, LAST, FIRST)


@dataclass(frozen=True)
class Fact:
    """One kind of fact to count.

    ``only``: what a row must be, as alternatives. ``sums``: the rows that money
    is added over, where they are more (refunds lower a sum, they are no orders).
    ``value``: the column of sum, average, lowest, highest and latest. ``where``:
    the columns a rule may narrow by; ``needs`` those it must.
    """

    table: str
    measures: tuple[str, ...]
    where: tuple[str, ...] = ()
    value: str = ""
    only: tuple[Condition, ...] = ()
    sums: tuple[Condition, ...] = ()
    needs: tuple[str, ...] = ()
    sign: int = 1

    def rows(self, measure: str) -> tuple[Condition, ...]:
        """The alternatives that rows of a measure must fit one of; empty where every row does."""
        return self.sums if measure == SUM and self.sums else self.only

    def kind(self, measure: str) -> str:
        """What sort of number a measure is."""
        if measure in (COUNT, DAY_COUNT, RUNNING):
            return NUMBER
        if measure in (LAST, FIRST):
            return DAYS
        return MONEY if self.value == "amount" else NUMBER

    @property
    def money(self) -> bool:
        """Whether the value is in a currency: other currencies than the company's count as nothing."""
        return self.value == "amount"


_SALE: Final[Condition] = {"kind": "sale", "status": "paid"}
_TIMES: Final = (COUNT, DAY_COUNT, LAST, FIRST)
_LINES: Final = ({"kind": "sale", "goods": "true"},)
_BOUGHT: Final = ({"kind": "sale", "goods": "true"}, {"kind": "refund", "goods": "true"})
_NETWORK: Final = ("channel", "market", "source")

FACTS: Final[dict[str, Fact]] = {
    "orders": Fact("orders", (*_TIMES, SUM, AVERAGE, HIGHEST), _NETWORK, "amount", (_SALE,),
                   (_SALE, {"kind": "refund"})),
    "refunds": Fact("orders", (*_TIMES, SUM), _NETWORK, "amount", ({"kind": "refund"},), sign=-1),
    "unpaid": Fact("orders", _TIMES, _NETWORK, only=({"kind": "sale", "status": "unpaid"},)),
    "products": Fact("order_lines", (*_TIMES, SUM), ("product", "source"), "amount", _LINES, _BOUGHT),
    "units": Fact("order_lines", (SUM,), ("product", "source"), "quantity", _LINES, _BOUGHT),
    "events": Fact("events", (*_TIMES, SUM, AVERAGE, HIGHEST), ("name", *_NETWORK), "value"),
    "touches": Fact("touches", _TIMES, ("kind", "campaign", *_NETWORK)),
    "messages": Fact("messages", _TIMES, ("state", "action", "channel", "plan"), needs=("state",)),
    "feedback": Fact("feedback", (*_TIMES, LATEST, LOWEST, HIGHEST, AVERAGE), ("kind", *_NETWORK), "score"),
    "contracts": Fact("subscriptions", (RUNNING,), ("plan",)),
    "contract_changes": Fact("subscriptions", _TIMES, ("kind", "plan", *_NETWORK)),
    "usage": Fact("usage", (*_TIMES, SUM, AVERAGE, HIGHEST), ("meter", "source"), "quantity"),
}  # fmt: skip


def words_of(fact: Fact, column: str) -> tuple[str, ...]:
    """The values a column can have, where the table of facts lists them; else empty.

    >>> words_of(FACTS["touches"], "kind")[:2]
    ('visit', 'click')
    """
    unit = next(c.unit for c in TABLES[fact.table].columns if c.name == column)
    return tuple(v for v in unit.split("|") if v != "void") if "|" in unit else ()
