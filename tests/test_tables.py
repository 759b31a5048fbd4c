"""Every column says its unit, who writes it and who reads it, and holds no personal data."""

from __future__ import annotations

import importlib.util

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars import tables

COLUMNS = [(t.name, c) for t in tables.TABLES.values() for c in t.columns]


def _room_exists(name: str) -> bool:
    return importlib.util.find_spec(f"regulars.{name}") is not None


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda x: x if isinstance(x, str) else x.name)
def test_no_column_is_an_orphan(table, column):
    assert column.unit
    assert len(column.meaning) > 3
    for role in (column.producer, column.consumer):
        assert _room_exists(role), f"{table}.{column.name}: there is no room regulars.{role}"


def test_keys_are_columns_and_names_are_unique():
    for table in tables.TABLES.values():
        assert set(table.key) <= set(table.names)
        assert len(set(table.names)) == len(table.names)


def test_no_personal_data_has_a_column():
    forbidden = {"email", "phone", "first_name", "last_name", "full_name", "address", "text", "comment", "title"}
    for table, column in COLUMNS:
        assert column.name not in forbidden, f"{table}.{column.name}"


def test_money_is_whole_minor_units_and_never_without_currency():
    for table in tables.TABLES.values():
        if "amount" in table.names:
            assert table.schema.field("amount").type == pa.int64()
            assert "currency" in table.names


def test_conform_names_what_is_missing():
    rows = tables.ORDERS.fill({"id": ["a"], "source": ["s"]})
    with pytest.raises(ValueError, match="orders: .*amount"):
        tables.conform("orders", rows)


def test_fill_refuses_an_unknown_column():
    with pytest.raises(KeyError, match="colour"):
        tables.SPEND.fill({"colour": ["red"]})


@given(
    st.floats(0, 4000),
    st.floats(0, 4000),
    st.integers(1, 200),
    st.floats(0, 400),
)
def test_every_customer_has_exactly_one_activity_state(last, extra, orders, gap):
    state = tables.ACTIVITY.state(last, last + extra, orders, gap)
    assert state in tables.ACTIVITY_STATES
    later = tables.ACTIVITY.state(last * 2 + 1, last * 2 + 1 + extra, orders, gap)
    order = ("new", "loyal", "active", "at_risk", "dormant", "lost")
    assert order.index(later) >= min(order.index(state), 2) or state == "new"


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), st.from_regex(r"[-0-9.]{1,8}", fullmatch=True)))
def test_reason_codes_round_trip(codes):
    assert tables.why_codes(tables.why(codes)) == codes
