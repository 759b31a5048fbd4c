"""Corrections against a model that is a plain dict."""

from __future__ import annotations

import tempfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.lake import Lake
from regulars.tables import TABLES


def test_created_updated_unchanged(lake: Lake, orders):
    lake.append("orders", lake.upsert("orders", orders(["a", "b", "c"], [10, 20, 30])).rows, "shop", 1)
    found = lake.upsert("orders", orders(["b", "c", "d"], [20, 31, 40]))
    assert (found.created, found.updated, found.unchanged, found.duplicates) == (1, 1, 1, 0)
    short = [(r["id"], r["kind"], r["revision"], r["amount"], r["ordered"]) for r in found.rows.to_pylist()]
    assert short == [("c", "void", 0, -30, -30), ("c", "sale", 1, 31, 31), ("d", "sale", 0, 40, 40)]
    assert found.rows.schema.equals(TABLES["orders"].schema)
    assert lake.table("orders").count().to_pyarrow().as_py() == 3, "an upsert itself writes nothing"


def test_a_void_carries_everything_else_of_the_old_row(lake: Lake, orders):
    old = orders(["a"], 10, channel="web", market=None, customer="person000001")
    lake.append("orders", old, "shop", 1)
    void, new = lake.upsert("orders", orders(["a"], 10, channel=None, market="DE", customer=None)).rows.to_pylist()
    assert void == old.to_pylist()[0] | {"kind": "void", "amount": -10, "ordered": -10}
    assert (new["channel"], new["market"], new["customer"], new["revision"]) == (None, "DE", None, 1)


def test_nulls_are_equal_and_the_time_of_storing_says_nothing(lake: Lake, orders):
    lake.append("orders", orders(["a"]), "shop", 1)
    later = orders(["a"], recorded_at=orders(["a"]).column("at")[0].as_py().replace(year=2025))
    assert lake.upsert("orders", later).unchanged == 1


def test_the_last_of_a_doubled_id_wins(lake: Lake, orders):
    found = lake.upsert("orders", orders(["a", "a", "b"], [1, 2, 3]))
    assert (found.created, found.duplicates) == (2, 1)
    assert found.rows.column("amount").to_pylist() == [2, 3]


def test_the_same_id_of_another_source_is_another_row(lake: Lake, orders):
    lake.append("orders", orders(["a"]), "shop", 1)
    assert lake.upsert("orders", orders(["a"], source="market")).created == 1


def test_a_row_that_comes_back_after_its_void_is_new_again(lake: Lake, orders):
    lake.append("orders", orders(["a"], 10), "shop", 1)
    lake.append("orders", orders(["a"], -10, kind="void"), "shop", 2)
    assert lake.current("orders").count().to_pyarrow().as_py() == 0
    found = lake.upsert("orders", orders(["a"], 10))
    assert (found.created, found.rows.column("revision").to_pylist()) == (1, [1])
    lake.append("orders", found.rows, "shop", 3)
    assert lake.current("orders").amount.to_pyarrow().to_pylist() == [10]


def test_a_source_can_take_a_row_back(lake: Lake, orders):
    lake.append("orders", orders(["a", "b"], [10, 20]), "shop", 1)
    gone = lake.upsert("orders", orders(["a", "never"], 0, kind="void"))
    assert (gone.created, gone.updated, gone.unchanged) == (0, 1, 1)
    assert [(r["kind"], r["revision"], r["amount"]) for r in gone.rows.to_pylist()] == [("void", 0, -10)]
    lake.append("orders", gone.rows, "shop", 2)
    assert lake.current("orders").amount.to_pyarrow().to_pylist() == [20]
    assert lake.upsert("orders", orders(["a"], 0, kind="void")).unchanged == 1


def test_tables_without_a_void_keep_the_newest_revision(lake: Lake, orders):
    def spend(amount: int):
        base = {
            c: orders(["x"]).column(c) for c in ("source", "id", "revision", "recorded_at", "at", "day", "currency")
        }
        return TABLES["spend"].fill({**base, "days": 1, "amount": amount}, 1)

    for seq, amount in enumerate((5, 7, 7, 9)):
        found = lake.upsert("spend", spend(amount))
        lake.append("spend", found.rows, "ads", seq)
    assert lake.current("spend").amount.to_pyarrow().to_pylist() == [9]
    assert sorted(lake.table("spend").revision.to_pyarrow().to_pylist()) == [0, 1, 2]


def test_results_are_not_upserted(lake: Lake):
    with pytest.raises(ValueError, match="results"):
        lake.upsert("kpis", TABLES["kpis"].empty())


ROW = st.tuples(st.sampled_from("abcde"), st.integers(-(2**40), 2**40), st.sampled_from([None, "web", "shop"]),
                st.sampled_from(["person000001", "person000002"]))  # fmt: skip


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(ROW, min_size=1, max_size=6), min_size=1, max_size=5), st.booleans())
def test_sums_agree_with_a_dict(orders, batches: list[list[tuple[str, int, str | None, str]]], compacted: bool):
    truth: dict[str, tuple[int, str | None, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(folder, threads=1)
        for seq, batch in enumerate(batches):
            ids, amounts, channels, customers = (list(c) for c in zip(*batch, strict=True))
            last = {i: (a, c, p) for i, a, c, p in batch}
            found = lake.upsert("orders", orders(ids, amounts, channel=channels, customer=customers))
            assert found.created == len(last.keys() - truth.keys())
            assert found.unchanged == sum(truth.get(i) == row for i, row in last.items())
            assert found.updated == len(last) - found.created - found.unchanged
            assert found.duplicates == len(batch) - len(last)
            lake.append("orders", found.rows, "shop", seq)
            truth |= last
        if compacted:
            lake.compact(most_files=1)
        current = lake.current("orders").to_pyarrow().to_pylist()
        assert {r["id"]: (r["amount"], r["channel"], r["customer"]) for r in current} == truth
        assert len(current) == len(truth)
        raw = lake.table("orders").amount.sum().to_pyarrow().as_py()
        assert raw == sum(r["amount"] for r in current) == sum(a for a, _, _ in truth.values())
        for person in ("person000001", "person000002"):
            mine = lake.customer("orders", person).column("amount").to_pylist()
            assert sorted(mine) == sorted(a for a, _, p in truth.values() if p == person)
