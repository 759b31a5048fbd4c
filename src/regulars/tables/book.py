"""What the book hands to the steps: people without names, texts, the words for product codes."""

from __future__ import annotations

import pyarrow as pa

from regulars.tables.shape import FLAG, INT, REAL, TEXT, TIME

# One row a person.
PEOPLE = pa.schema(
    [
        ("customer", TEXT), ("stage", TEXT), ("language", TEXT), ("zone", TEXT),
        ("channel", TEXT), ("market", TEXT), ("email_ok", FLAG), ("created_at", TIME),
    ]
)  # fmt: skip
# What customers wrote; ``label`` is what the owner said it is, positive or negative. Never goes into the lake.
TEXTS = pa.schema(
    [
        ("id", INT), ("customer", TEXT), ("at", TIME), ("kind", TEXT),
        ("score", REAL), ("text", TEXT), ("status", TEXT), ("channel", TEXT),
        ("label", TEXT),
    ]
)  # fmt: skip
PRODUCTS = pa.schema(
    [("source", TEXT), ("sku", TEXT), ("title", TEXT), ("goods", FLAG)]
)  # fmt: skip
