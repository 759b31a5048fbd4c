from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from regulars.home import Settings
from regulars.tables import ORDERS, TABLES, conform, why_codes
from regulars.understand.reasons import CODES
from regulars.understand.turn import understand

NAMES = {
    "recency_days", "orders", "spent", "rfm", "segment", "cluster", "weighted_score", "activity", "p_alive",
    "expected_orders", "clv", "clv_historic", "churn",
}  # fmt: skip
NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)


def facts(rows):
    """Lake facts with these orders: (customer, days before now, amount, kind, status)."""
    at = [NOW - timedelta(days=r[1]) for r in rows]
    orders = ORDERS.fill(
        {
            "source": "shop", "id": [str(i) for i in range(len(rows))], "revision": 0, "recorded_at": NOW,
            "customer": pa.array([r[0] for r in rows], pa.string()), "at": pa.array(at, pa.timestamp("us", tz="UTC")),
            "day": pa.array([t.date() for t in at], pa.date32()), "amount": [r[2] for r in rows], "currency": "CNY",
            "kind": pa.array([r[3] for r in rows], pa.string()), "status": pa.array([r[4] for r in rows], pa.string()),
            "ordered": [abs(r[2]) for r in rows],
        },
        len(rows),
    )  # fmt: skip
    return {name: table.empty() for name, table in TABLES.items()} | {"orders": orders}


def run(rows):
    return understand(facts(rows), now=NOW, settings=Settings(), lake_version="7")


@pytest.fixture(scope="module")
def many():
    rng = np.random.default_rng(0)
    rows = []
    for i in range(400):
        first, gap = int(rng.integers(1, 700)), float(rng.gamma(2, 25)) + 1
        since = first
        while since > 0:
            rows.append((f"{i:012x}", int(since), int(rng.gamma(4, 2000)) + 1, "sale", "paid"))
            since -= rng.exponential(gap)
            if rng.random() < 0.2:
                break
    rows += [("000000000003", 1, -500, "refund", "paid"), (None, 5, 900, "sale", "paid")]
    return run(rows), rows


def test_every_customer_has_every_score_once(many):
    scores = conform("scores", many[0].scores).to_pandas()
    assert many[0].failed == ()
    assert set(scores["name"]) >= NAMES
    customers = {r[0] for r in many[1] if r[0]}
    assert scores["name"].isin(NAMES).sum() == len(NAMES) * len(customers)
    assert set(scores["customer"]) == customers
    assert not scores.duplicated(["customer", "name"]).any()
    assert set(scores["lake_version"]) == {"7"}


def test_counted_scores_add_up_to_the_orders(many):
    wide = many[0].scores.to_pandas().pivot(index="customer", columns="name", values="value")
    mine = [r for r in many[1] if r[0]]
    assert wide["orders"].sum() == sum(r[3] == "sale" for r in mine)
    assert wide["spent"].sum() == sum(r[2] for r in mine)
    assert wide["clv_historic"].sum() == pytest.approx(0.6 * sum(r[2] for r in mine))
    np.testing.assert_allclose(wide["churn"], 1 - wide["p_alive"])


def test_intervals_hold_their_estimates_and_reasons_are_known_codes(many):
    scores = many[0].scores.to_pandas()
    part = scores[scores["name"].isin(["p_alive", "churn"])]
    assert ((part["low"] <= part["value"]) & (part["value"] <= part["high"])).all()
    clv = scores[scores["name"] == "clv"]
    assert (clv["low"] <= clv["high"]).all()
    own = scores.loc[scores["name"].isin(NAMES), "why"]
    assert set().union(*(why_codes(w) for w in own.unique())) <= set(CODES)
    one = scores[(scores["name"] == "churn")].iloc[0]
    assert {"days_since_last", "orders", "usual_gap"} <= set(why_codes(one["why"]))


def test_segments_cover_everybody_under_each_method(many):
    for method in ("rules", "clusters"):
        profiles = [p for p in many[0].segments if p.method == method]
        assert sum(p.size for p in profiles) == 400
        wide = many[0].scores.to_pandas()
        clv = wide.loc[wide["name"] == "clv", "value"].sum()
        assert sum(p.worth for p in profiles) == pytest.approx(clv)
    assert {c.model for c in many[0].cards} >= {"clv", "kmeans", "lifecycle"}


def test_the_same_turn_gives_the_same_scores(many):
    assert run(many[1]).scores.equals(many[0].scores)


@pytest.mark.parametrize(
    "rows", [[], [(None, 3, 100, "sale", "paid")], [("a", 3, -5, "refund", "paid")], [("a", 3, 0, "sale", "unpaid")]]
)
def test_without_purchases_there_are_no_scores_and_no_error(rows):
    result = run(rows)
    assert (result.scores.num_rows, result.segments, result.cards) == (0, (), ())
    assert result.scores.schema == TABLES["scores"].schema


@pytest.mark.parametrize(
    "rows",
    [
        [("a", 0, 100, "sale", "paid")],
        [(f"c{i}", 0, 100, "sale", "paid") for i in range(200)],
        [(f"c{i}", i, 100, "sale", "paid") for i in range(200)],
        [("a", 10, 100, "sale", "paid"), ("a", 2, -100, "refund", "paid"), ("b", 1, 0, "sale", "paid")],
        [("a", d, 100, "sale", "paid") for d in range(100)],
    ],
)
def test_few_or_odd_customers_get_sensible_rows_that_say_so(rows):
    scores = conform("scores", run(rows).scores).to_pandas()
    model = scores[scores["name"].isin(["p_alive", "churn", "clv", "expected_orders"])]
    assert np.isfinite(model[["value", "low", "high"]].to_numpy()).all()
    assert model["why"].str.contains("too_few_customers").all()
    assert ((scores[scores["name"] == "churn"]["value"]) < 1).all()


def test_orders_after_now_are_not_seen():
    rows = [("a", 5, 100, "sale", "paid"), ("b", -3, 100, "sale", "paid")]
    assert set(run(rows).scores.column("customer").to_pylist()) == {"a"}


def test_lake_tables_give_the_same_as_tables_in_memory(tmp_path, many):
    from regulars.lake import Lake

    lake = Lake(tmp_path / "lake")
    lake.append("orders", facts(many[1])["orders"], "shop", 1)
    current = {name: lake.current(name) for name, table in TABLES.items() if table.fact}
    result = understand(current, now=NOW, settings=Settings(), lake_version="7")
    mine, theirs = (
        s.sort_by([("customer", "ascending"), ("name", "ascending")]) for s in (many[0].scores, result.scores)
    )
    assert mine.equals(theirs)
