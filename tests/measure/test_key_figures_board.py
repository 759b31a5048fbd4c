"""Cuts of the last ninety days against a count in pandas; a young or empty company compares with nothing."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from regulars.home import Settings
from regulars.measure.cubes import cubes
from regulars.measure.key_figures_board import KeyFiguresBoard, key_figures_board
from regulars.measure.view import View
from regulars.tables import MEASURING, SCORES, TABLES

START = datetime(2026, 1, 5, 12, tzinfo=UTC)


def board(facts: dict[str, pa.Table], today: date, scores: pa.Table | None = None) -> KeyFiguresBoard | None:
    given = SCORES.empty() if scores is None else scores
    now = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    return key_figures_board(
        View(facts, cubes(facts, today), pd.DataFrame(), pd.DataFrame(), given, None, {}, today, now, Settings(), "1")
    )


def test_against_a_count_in_pandas(rows: Any) -> None:
    rng = np.random.default_rng(3)
    given = [
        {"day": int(d), "customer": f"c{c}", "amount": int(a), "channel": f"k{k}", "id": str(n)}
        for n, (d, c, a, k) in enumerate(zip(rng.integers(0, 500, 400), rng.integers(0, 30, 400),
                                             rng.integers(1, 999, 400), rng.integers(0, 30, 400), strict=True))
    ]  # fmt: skip
    given.append({"day": 0, "customer": "c0", "amount": 1, "channel": "k0", "id": "first"})
    lines = [{**o, "order_id": o["id"], "product": o["channel"].replace("k", "sku"), "id": f"{o['id']}/{n}"}
             for o in given for n in range(2)]  # fmt: skip
    scores = TABLES["scores"].fill(
        {"customer": [f"c{n}" for n in range(30)], "name": "segment", "label": ["best", "rest"] * 15, "made_by": "t",
         "made_at": START, "lake_version": "1"}, 30,
    )  # fmt: skip
    today = START.date() + timedelta(days=500)
    found = board({"orders": rows("orders", *given), "order_lines": rows("order_lines", *lines)}, today, scores)
    assert found is not None
    frame = pd.DataFrame(given)
    last = frame[frame["day"] > 500 - 90]
    before = frame[(frame["day"] <= 500 - 90) & (frame["day"] > 500 - 180)]
    year = frame[(frame["day"] <= 500 - 364) & (frame["day"] > 500 - 364 - 90)]
    channels = last.groupby("channel")["amount"].sum().sort_values(ascending=False)
    assert [r.revenue for r in found.cuts["channel"]] == channels.tolist()[:20]
    assert found.others["channel"] == len(channels) - 20
    for row in found.cuts["channel"][:5]:
        assert row.orders == (last["channel"] == row.key).sum()
        assert row.revenue_before == before.loc[before["channel"] == row.key, "amount"].sum()
        assert row.orders_year_before == (year["channel"] == row.key).sum()
        assert sum(m[1] for m in row.months) == frame.loc[frame["channel"] == row.key, "amount"].sum()
        bought = last[last["channel"] == row.key]
        orders, first = bought.groupby("customer").size(), frame.groupby("customer")["day"].min()
        fresh = bought["customer"].map(first) > 500 - 90
        assert row.buyers == len(orders)
        assert row.again == pytest.approx((orders > 1).mean())
        assert row.new == pytest.approx(bought.loc[fresh, "amount"].sum() / bought["amount"].sum())
        assert row.refunded == 0
    best = next(r for r in found.cuts["segment"] if r.key == "best")
    assert best.revenue == last.loc[last["customer"].str[1:].astype(int) % 2 == 0, "amount"].sum()
    top = found.cuts["product"][0]
    assert (top.key, top.revenue) == (channels.index[0].replace("k", "sku"), 2 * channels.iloc[0])
    assert top.orders == (last["channel"] == channels.index[0]).sum()
    assert top.buyers == last.loc[last["channel"] == channels.index[0], "customer"].nunique()
    assert best.buyers == last.loc[last["customer"].str[1:].astype(int) % 2 == 0, "customer"].nunique()
    json.dumps(asdict(found), allow_nan=False)


def test_a_young_company_compares_with_nothing_and_says_what_is_not_known(rows: Any) -> None:
    found = board({"orders": rows("orders", {"day": 0, "amount": 500, "channel": "web"})}, date(2026, 1, 7))
    assert found is not None
    assert found.cuts["channel"][0].revenue_before is None
    assert found.cuts["channel"][0].share == 1.0
    assert set(found.limits) == {"no_partner_in_orders", "no_segment_yet", "no_order_lines"}
    assert set(found.cuts) == {"channel"}


def test_sales_belong_to_the_partner_whose_agreement_names_channel_market_and_day(rows: Any) -> None:
    orders = rows("orders",
                  {"day": 0, "amount": 100, "channel": "agents", "market": "cn"},
                  {"day": 1, "amount": 200, "channel": "agents", "market": "jp"},
                  {"day": 9, "amount": 400, "channel": "agents", "market": "cn"},
                  {"day": 9, "amount": 800, "channel": "search", "market": "cn"})  # fmt: skip
    day = START.date()
    sellers = pa.Table.from_pylist([
        {"partner": "all", "name": "All", "channel": "agents", "market": None, "start": day, "end": None},
        {"partner": "cn", "name": "Cn", "channel": "agents", "market": "cn", "start": day,
         "end": day + timedelta(days=5)},
    ], schema=MEASURING["partners"])  # fmt: skip
    facts = {"orders": orders}
    today = date(2026, 2, 1)
    now = datetime(2026, 2, 1, 12, tzinfo=UTC)
    found = key_figures_board(View(facts, cubes(facts, today), pd.DataFrame(), pd.DataFrame(), SCORES.empty(), None,
                                   {"partners": sellers}, today, now, Settings(), "1"))  # fmt: skip
    assert found is not None
    assert {r.key: (r.revenue, r.orders) for r in found.cuts["partner"]} == {"all": (600, 2), "cn": (100, 1)}
    assert "no_partner_in_orders" not in found.limits


def test_of_nothing_there_is_no_board() -> None:
    assert board({}, date(2026, 1, 7)) is None


def test_who_is_new_who_came_again_and_what_went_back(rows: Any) -> None:
    given = [
        {"day": 10, "customer": "old", "amount": 500, "channel": "web"},
        {"day": 300, "customer": "old", "amount": 200, "channel": "web"},
        {"day": 301, "customer": "new", "amount": 300, "channel": "web"},
        {"day": 302, "customer": "new", "amount": 100, "channel": "web"},
        {"day": 303, "customer": "new", "amount": -60, "channel": "web", "kind": "refund"},
        {"day": 303, "customer": None, "amount": 40, "channel": "web"},
    ]
    found = board({"orders": rows("orders", *given)}, START.date() + timedelta(days=310))
    assert found is not None
    row = found.cuts["channel"][0]
    assert (row.revenue, row.buyers, row.again) == (580, 2, 0.5)
    assert row.new == pytest.approx(340 / 580)
    assert row.refunded == pytest.approx(60 / 640)
