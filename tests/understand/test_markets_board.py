"""The board of markets, counted by hand and on simulated markets with known truth."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from regulars.tables import PEOPLE, TEXTS
from regulars.understand import CLV, RFM
from regulars.understand.day_cells import day_cells
from regulars.understand.market_facts import ASKS, market_facts
from regulars.understand.markets_board import markets_board

NOW = datetime(2026, 6, 30, 4, tzinfo=UTC)
MARKETS = {"tea": (400, 0.5, 1.0, 3000), "cups": (300, 0.2, 2.0, 9000), "books": (200, 0.8, 0.5, 1000)}


def view(orders, people, texts=()):
    cells = day_cells(orders, zone="UTC", until=date(2026, 6, 30).toordinal() - date(1970, 1, 1).toordinal())
    clv = CLV(draws=200).fit_cells(cells)
    return SimpleNamespace(
        people=pa.Table.from_pylist([dict.fromkeys(PEOPLE.names) | p for p in people], schema=PEOPLE),
        texts=pa.Table.from_pylist([dict.fromkeys(TEXTS.names) | t for t in texts], schema=TEXTS),
        cells=cells, rfm=RFM().fit_cells(cells).scored_, worth=clv.predict(), now=NOW,
        settings=SimpleNamespace(zone="UTC"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def simulated():
    rng = np.random.default_rng(0)
    people, rows, texts = [], [], []
    for market, (n, share, growth, value) in MARKETS.items():
        for i in range(n):
            key = f"{market[:2]}{i:010d}"
            people.append({"customer": key, "market": market})
            if rng.random() < share:
                # The orders of the last 90 days stand to those before as the growth says.
                count = 1 + rng.poisson(3)
                recent = rng.random(count) < growth / (1 + growth)
                ago = np.where(recent, rng.integers(0, 90, count), rng.integers(90, 180, count))
                rows += [
                    (key, date(2026, 6, 30) - timedelta(days=int(d)), int(rng.gamma(8, value / 8)) + 1) for d in ago
                ]
            if i % 4 == 0:
                ask = rng.random() < 0.3
                texts.append({"customer": key, "kind": "review", "score": 4.0 if market == "tea" else 2.0,
                              "text": "希望有小包装" if ask else "很好"})  # fmt: skip
    customer, day, amount = zip(*rows, strict=True)
    return view({"customer": customer, "day": pa.array(day), "amount": amount}, people, texts)


def test_known_markets_are_measured(simulated):
    rows = {r["market"]: r for r in market_facts(simulated).to_pylist()}
    assert set(rows) == set(MARKETS)
    for market, (n, share, growth, value) in MARKETS.items():
        row = rows[market]
        assert row["people"] == n
        assert row["conversion"] == pytest.approx(share, abs=2.5 * row["conversion_error"] * share + 0.02)
        assert np.log(row["growth"]) == pytest.approx(np.log(growth), abs=3 * row["growth_error"])
        assert row["order_value"] == pytest.approx(value, abs=4 * row["order_value_error"])
        assert 0.15 < row["asks"] < 0.45
    assert rows["tea"]["satisfaction"] == 4.0
    assert sum(r["customers"] for r in rows.values()) == simulated.rfm.num_rows
    money = simulated.cells.amount[simulated.cells.day > simulated.cells.last_day - 90].sum()
    assert sum(r["revenue"] for r in rows.values()) == money


def test_a_board_has_a_map_groups_and_personas(simulated):
    board = markets_board(simulated)
    assert {p.market for p in board.places} == set(MARKETS) == {p.key for p in board.personas}
    assert all(p.long >= p.short >= 0 for p in board.places)
    assert sum(p.size for p in board.personas) == simulated.rfm.num_rows
    assert board.cards[0].n == 3
    assert 0 <= board.stress < 0.2


def test_one_market_or_none_is_nothing_to_say():
    orders = {"customer": ["a"] * 2, "day": [date(2026, 6, 1), date(2026, 6, 9)], "amount": [5, 6]}
    assert markets_board(view(orders, [{"customer": "a", "market": "tea"}])) is None
    assert markets_board(view(orders, [])) is None
    assert markets_board(view(orders, [{"customer": "b"}])) is None


@pytest.mark.parametrize(
    ("text", "asks"),
    [("能不能出小包装", True), ("有没有英文版？", True), ("Do you support SSO?", True), ("I need an invoice", True),
     ("很好喝", False), ("needless to say, great", False), ("太贵了", False)],
)  # fmt: skip
def test_what_asks_for_something(text, asks):
    assert bool(ASKS.search(text)) is asks
