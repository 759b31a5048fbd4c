"""Contracts as lives: cut into periods, counted, and read from changes."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.understand.person_periods import contracts, expand, held, life_table

LIVES = st.lists(st.tuples(st.integers(1, 20), st.booleans()), min_size=1, max_size=60)


@given(LIVES)
def test_the_life_table_against_counting(rows):
    seen, gone = (np.array(v) for v in zip(*rows, strict=True))
    table = life_table(seen, gone)
    stays = 1.0
    for i, t in enumerate(table.period):
        at_risk, left = (seen >= t).sum(), ((seen == t) & gone).sum()
        stays *= 1 - left / at_risk
        assert (table.at_risk[i], table.left[i]) == (at_risk, left)
        assert table.survival[i] == pytest.approx(stays)
        assert 0 <= table.low[i] <= table.survival[i] + 1e-12 <= table.high[i] + 2e-12 <= 1 + 3e-12


@given(LIVES)
def test_every_period_is_one_row_and_every_end_one_event(rows):
    seen, gone = (np.array(v) for v in zip(*rows, strict=True))
    at, period, left = expand(seen, gone)
    assert len(at) == seen.sum()
    assert left.sum() == gone.sum()
    assert np.bincount(at, minlength=len(seen)).tolist() == seen.tolist()
    assert all(period[at == i].tolist() == list(range(1, seen[i] + 1)) for i in range(len(seen)))


def changes(*rows):
    names = ("contract", "day", "kind", "plan", "amount", "months")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    return pa.table({**columns, "customer": [f"c-{c}" for c in columns["contract"]]})


def day(month, number=1):
    return dt.date(2026, month, number)


UNTIL = dt.date(2026, 7, 10)


def test_a_life_is_read_from_its_changes():
    lives = contracts(changes(
        ("a", day(1), "start", "s", 100, 1), ("a", day(3), "upgrade", "m", 200, 1),
        ("b", day(2), "start", "m", 200, 1), ("b", day(4, 2), "cancel", "m", 200, 1),
        ("c", day(6, 25), "start", "s", 100, 1),
    ), until=UNTIL)  # fmt: skip
    assert lives.customer.to_pylist() == ["c-a", "c-b", "c-c"]
    assert lives.periods.tolist() == [6, 2, 0]
    assert lives.left.tolist() == [False, True, False]
    assert lives.period_now.tolist()[0] == 7
    known = held(
        lives, np.array([0, 0, 0]), np.array([(d - dt.date(1970, 1, 1)).days for d in (day(2), day(3), UNTIL)])
    )
    assert known["plan"].to_pylist() == ["s", "m", "m"]
    assert known["price"].tolist() == [100.0, 200.0, 200.0]
    assert known["upgrades"].tolist() == [0.0, 1.0, 1.0]


def test_who_stops_renewing_has_left_without_notice():
    rows = [("a", day(m), "start" if m == 1 else "renewal", "s", 100, 1) for m in range(1, 8)]
    rows += [("b", day(m), "start" if m == 1 else "renewal", "s", 100, 1) for m in range(1, 4)]
    lives = contracts(changes(*rows), until=UNTIL)
    assert lives.left.tolist() == [False, True]
    assert lives.periods.tolist() == [6, 3]


def test_where_renewals_are_not_booked_silence_means_nothing():
    lives = contracts(changes(("a", day(1), "start", "s", 100, 1), ("b", day(1), "start", "s", 100, 1)), until=UNTIL)
    assert lives.running.all()


def test_a_yearly_contract_has_one_period_a_year_and_a_price_a_month():
    lives = contracts(changes(("a", dt.date(2024, 1, 1), "start", "y", 1200, 12)), until=UNTIL)
    assert lives.periods.tolist() == [2]
    assert held(lives, np.array([0]), np.array([20_000]))["price"].tolist() == [100.0]


def test_no_contract_at_all():
    empty = changes(("a", day(1), "start", "s", 100, 1)).slice(0, 0)
    assert len(contracts(empty, until=UNTIL).contract) == 0
