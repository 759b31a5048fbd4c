"""The vocabulary: one schema per lake table, and the definitions two steps share.

Every column names its unit, who writes it (producer) and who reads it
(consumer); ``tests/test_tables.py`` fails when one of them is missing or names
a room that does not exist. No name, e-mail, phone number or free text is a
column here: a person is only the surrogate ``customer`` key.
"""

from __future__ import annotations

from regulars.tables.book import DECIDING, EXPERIMENTS, MEASURING, PEOPLE, PRODUCTS, SIGNALS, TARGETS, TEXTS, VERDICTS
from regulars.tables.catalogue import (
    TABLES,
    conform,
)
from regulars.tables.definitions import (
    ACTIVITY,
    ACTIVITY_STATES,
    DEAL_TYPES,
    LIFECYCLE_STAGES,
    PLAN_STATES,
    TICKET_STATES,
    ActivityRule,
    currency_digits,
    why,
    why_codes,
)
from regulars.tables.facts import (
    EVENTS,
    FEEDBACK,
    MESSAGES,
    ORDER_LINES,
    ORDERS,
    SPEND,
    SUBSCRIPTIONS,
    TOUCHES,
    USAGE,
)
from regulars.tables.results import (
    DECISIONS,
    KPIS,
    OUTCOMES,
    SCORES,
)
from regulars.tables.shape import (
    DAY,
    FLAG,
    INT,
    REAL,
    SMALL,
    TEXT,
    TIME,
    Column,
    Table,
)

__all__ = [
    "ACTIVITY",
    "ACTIVITY_STATES",
    "DAY",
    "DEAL_TYPES",
    "DECIDING",
    "DECISIONS",
    "EVENTS",
    "EXPERIMENTS",
    "FEEDBACK",
    "FLAG",
    "INT",
    "KPIS",
    "LIFECYCLE_STAGES",
    "MEASURING",
    "MESSAGES",
    "ORDERS",
    "ORDER_LINES",
    "OUTCOMES",
    "PEOPLE",
    "PLAN_STATES",
    "PRODUCTS",
    "REAL",
    "SCORES",
    "SIGNALS",
    "SMALL",
    "SPEND",
    "SUBSCRIPTIONS",
    "TABLES",
    "TARGETS",
    "TEXT",
    "TEXTS",
    "TICKET_STATES",
    "TIME",
    "TOUCHES",
    "USAGE",
    "VERDICTS",
    "ActivityRule",
    "Column",
    "Table",
    "conform",
    "currency_digits",
    "why",
    "why_codes",
]
