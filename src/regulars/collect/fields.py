"""The fields a file can hold: what kind of value each takes, and which kind of table uses it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

KINDS: Final = ("orders", "order_lines", "people", "spend", "events", "feedback", "subscriptions", "deals")

_PERSON: Final = (
    "customer_id", "wechat_id", "email", "phone", "name", "first_name", "middle_name", "last_name", "name_prefix",
    "name_suffix", "company", "job_title", "address", "city", "region", "district", "postal_code", "country",
    "language", "zone", "birthday", "gender", "tags", "consent_email", "consent_no", "consent_at", "channel",
    "market", "website", "owner", "notes",
)  # fmt: skip
_LINE: Final = ("line_id", "product_title", "sku", "variant", "product_category", "quantity", "unit_price",
                "line_amount", "line_discount")  # fmt: skip

# Fields of [common] that each kind takes besides its own section.
USES: Final[dict[str, tuple[str, ...]]] = {
    "orders": (*_PERSON, "currency", "ignore"),
    "order_lines": (*_PERSON, "currency", "ignore"),
    "people": (*_PERSON, "created_at", "stage", "company_revenue", "company_size", "ignore"),
    "spend": ("channel", "market", "country", "region", "currency", "ignore"),
    "events": (*_PERSON, "ignore"),
    "feedback": (*_PERSON, "ignore"),
    "subscriptions": (*_PERSON, "currency", "ignore"),
    "deals": (*_PERSON, "currency", "company_revenue", "company_size", "ignore"),
}

MONEY: Final = frozenset(
    [
        "total",
        "amount",
        "expense",
        "refund",
        "discount",
        "shipping_fee",
        "tax",
        "fee",
        "subtotal",
        "unit_price",
        "line_amount",
        "line_discount",
        "balance",
        "spend",
        "revenue",
        "revenue_each",
        "company_revenue",
    ]
)
DATES: Final = frozenset(
    [
        "at",
        "until",
        "paid_at",
        "ordered_at",
        "finished_at",
        "refunded_at",
        "cancelled_at",
        "created_at",
        "started_at",
        "ended_at",
        "opened_at",
        "closed_at",
        "expected_at",
        "lost_at",
        "first_answered_at",
        "solved_at",
        "birthday",
        "consent_at",
    ]
)
NUMBERS: Final = frozenset(
    [
        "quantity",
        "impressions",
        "clicks",
        "conversions",
        "population",
        "value",
        "probability",
        "tenure",
        "first_response_s",
        "resolution_s",
        "sequence",
    ]
)
IDS: Final = frozenset(
    [
        "order_id",
        "line_id",
        "customer_id",
        "sku",
        "contract",
        "deal_id",
        "feedback_id",
        "event_id",
        "wechat_id",
        "session",
    ]
)
MANY: Final = frozenset(
    [
        "email",
        "phone",
        "address",
        "ignore",
        "tags",
        "notes",
        "city",
        "region",
        "postal_code",
        "country",
        "name",
        "company",
        "consent_at",
        "shipping_fee",
    ]
)


@dataclass(frozen=True)
class Field:
    """One field of one kind of table: its value and its words, most telling first."""

    name: str
    value: str
    words: tuple[str, ...]
    many: bool


def value_of(field: str) -> str:
    """The kind of value a field takes: money, date, number, id, email, phone, name, flag or text.

    >>> value_of("paid_at"), value_of("line_amount"), value_of("sku")
    ('date', 'money', 'id')
    """
    if field in DATES:
        return "date"
    if field in MONEY:
        return "money"
    if field in NUMBERS:
        return "number"
    if field in IDS:
        return "id"
    if field in {"email", "phone", "score"}:
        return field
    if field in {"name", "first_name", "last_name", "middle_name"}:
        return "name"
    if field in {"consent_email", "consent_no"}:
        return "flag"
    return "text"


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, tuple[str, ...]]]:
    text = (files("regulars.collect") / "synonyms.toml").read_text("utf-8")
    return {
        section: {
            f: tuple(w.strip() for w in words.replace("\n", " ").split(",") if w.strip()) for f, words in body.items()
        }
        for section, body in tomllib.loads(text).items()
    }


@cache
def fields_of(kind: str) -> dict[str, Field]:
    """The fields of a kind of table with their words; the kind's own words go first.

    >>> fields_of("deals")["amount"].words[0]
    'close value'
    """
    sections = _words()
    own = dict(sections.get("orders" if kind == "order_lines" else kind, {}))
    for field in USES[kind]:
        own[field] = (*own.get(field, ()), *sections["common"][field])
    return {name: Field(name, value_of(name), words, name in MANY) for name, words in own.items()}
