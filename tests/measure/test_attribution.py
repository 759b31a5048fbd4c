from __future__ import annotations

import gzip
import json
from itertools import combinations
from math import factorial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.measure import Attribution
from regulars.measure.attribution import METHODS

PATHS = ["a > b", "b", "c > a > c", "a", "b > b > c", "c > d", "d > a > b > c"]
WON = [3, 5, 2, 0, 4, 1, 2]
LOST = [10, 4, 7, 20, 1, 3, 0]


def table(paths: list[Any] = PATHS, won: list[int] = WON, lost: list[int] | None = LOST) -> pa.Table:
    made = {"path": paths, "conversions": won, "value": [100 * w + 7 * (w > 2) for w in won]}
    return pa.table(made | ({} if lost is None else {"nulls": lost}))


def credits(paths: Any, method: str, what: str = "conversions", **settings: Any) -> dict[str, float]:
    found = Attribution(method=method, draws=0, **settings).fit(paths).credits_
    return dict(zip(found["channel"].to_pylist(), found[what].to_pylist(), strict=True))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_adds_up_to_the_orders_and_to_the_last_minor_unit(method: str) -> None:
    found = Attribution(method=method).fit(table())
    assert sum(found.credits_["conversions"].to_pylist()) == pytest.approx(sum(WON), abs=1e-9)
    assert sum(found.credits_["value"].to_pylist()) == sum(table()["value"].to_pylist())
    assert pa.types.is_integer(found.credits_.schema.field("value").type)
    assert sum(found.credits_["share"].to_pylist()) == pytest.approx(1, abs=1e-12)


CHANNELS = st.lists(st.sampled_from(["a", "b", "c", "direct"]), min_size=1, max_size=6)
ROWS = st.lists(st.tuples(CHANNELS, st.integers(0, 5), st.integers(0, 9_999), st.integers(0, 5)), min_size=1,
                max_size=12)  # fmt: skip


@given(ROWS, st.sampled_from([m for m in METHODS if m != "logistic"]), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_nothing_is_lost_whatever_the_journeys(rows: list[Any], method: str, order: int) -> None:
    paths = pa.table({
        "path": [r[0] for r in rows], "conversions": [r[1] for r in rows], "value": [r[2] * (r[1] > 0) for r in rows],
        "nulls": [r[3] for r in rows],
    })  # fmt: skip
    found = Attribution(method=method, order=order, draws=20).fit(paths)
    assert sum(found.credits_["conversions"].to_pylist()) == pytest.approx(sum(r[1] for r in rows), abs=1e-9)
    assert sum(found.credits_["value"].to_pylist()) == sum(r[2] for r in rows if r[1])
    for name in ("conversions", "value"):
        low, own, high = (found.intervals_[f"{name}_low"], found.credits_[name], found.intervals_[f"{name}_high"])
        assert np.isfinite(np.concatenate([low.to_numpy(), high.to_numpy()])).all()
        # Whole minor units may lie one beside the exact credit.
        assert (low.to_numpy() <= own.to_numpy() + 1).all()
        assert (own.to_numpy() - 1 <= high.to_numpy()).all()


def test_rules_by_hand() -> None:
    paths = ["direct > mail > search > direct", "search > direct", "direct"]
    told = table(paths, [1, 1, 1], None)
    assert credits(told, "first") == {"direct": 2, "mail": 0, "search": 1}
    assert credits(told, "last") == {"direct": 3, "mail": 0, "search": 0}
    assert credits(told, "last_non_direct") == {"direct": 1, "mail": 0, "search": 2}
    assert credits(told, "linear") == pytest.approx({"direct": 2, "mail": 0.25, "search": 0.75})
    assert credits(told, "position") == pytest.approx({"direct": 0.8 + 0.5 + 1, "mail": 0.1, "search": 0.1 + 0.5})
    assert credits(told, "position", position=(0.6, 0.0, 0.4)) == pytest.approx(
        {"direct": 1 + 0.4 + 1, "mail": 0, "search": 0.6}
    )


def test_time_decay_halves_with_every_half_life() -> None:
    told = pa.table({"path": [["a", "b", "c"]], "ages": [[14.0, 7.0, 0.0]], "conversions": [7]})
    assert credits(told, "time_decay", half_life_days=7) == pytest.approx({"a": 1, "b": 2, "c": 4})
    # Without ages, a touch counts as a day.
    assert credits(told.drop(["ages"]), "time_decay", half_life_days=1) == pytest.approx({"a": 1, "b": 2, "c": 4})
    # Ages of years do not vanish in rounding.
    old = pa.table({"path": [["a", "b"]], "ages": [[90_007.0, 90_000.0]], "conversions": [3]})
    assert credits(old, "time_decay", half_life_days=7) == pytest.approx({"a": 1, "b": 2})


def test_a_window_leaves_out_old_touches_but_no_order() -> None:
    told = pa.table({"path": [["a", "b"], ["a", "c"]], "ages": [[50.0, 2.0], [90.0, 60.0]], "conversions": [1, 1]})
    assert credits(told, "linear", window_days=30) == {"a": 0, "b": 1, "c": 1}
    with pytest.raises(ValueError, match="ages"):
        credits(told.drop(["ages"]), "linear", window_days=30)


def test_order_of_the_rows_and_their_grouping_do_not_matter() -> None:
    split = table([p for p in PATHS for _ in range(2)], [x for w in WON for x in (w, 0)],
                  [x for n in LOST for x in (0, n)])  # fmt: skip
    split = split.set_column(2, "value", pa.array([x for v in table()["value"].to_pylist() for x in (v, 0)]))
    lists = table([[c.strip() for c in p.split(">")] for p in PATHS])
    for method in METHODS:
        whole = credits(table(), method)
        assert credits(split, method) == pytest.approx(whole, abs=1e-9)
        assert credits(lists, method) == pytest.approx(whole, abs=1e-9)
        assert credits(table().take(list(range(6, -1, -1))), method) == pytest.approx(whole, abs=1e-9)


@pytest.mark.parametrize("game", ["paths", "rate"])
def test_shapley_equals_the_sum_over_all_coalitions(game: str) -> None:
    found = credits(table(), "shapley", game=game)
    names, sets = sorted(found), [set(p.split(" > ")) for p in PATHS]

    def worth(group: set[str]) -> float:
        won = sum(w for s, w in zip(sets, WON, strict=True) if s <= group)
        every = won + sum(n for s, n in zip(sets, LOST, strict=True) if s <= group)
        return won if game == "paths" else won / every if every else 0.0

    scale = 1 if game == "paths" else sum(WON) + sum(LOST)
    for name in names:
        others, total = [n for n in names if n != name], 0.0
        for size in range(len(names)):
            share = factorial(size) * factorial(len(names) - size - 1) / factorial(len(names))
            total += sum(share * (worth({*g, name}) - worth(set(g))) for g in combinations(others, size))
        assert found[name] == pytest.approx(scale * total, abs=1e-12)


def test_pandas_in_pandas_out() -> None:
    found = Attribution().fit(table().to_pandas())
    assert isinstance(found.credits_, pd.DataFrame)
    assert isinstance(found.removal_effects_, pd.DataFrame)
    assert isinstance(found.intervals_, pd.DataFrame)


def test_what_cannot_be_read_is_named() -> None:
    for paths, words in (
        (pa.table({"path": ["a"]}), "'conversions' is missing"),
        (table([], [], []), "no row"),
        (table(["a", ""], [1, 1], None), "row 2 has conversions but no channel"),
        (table(["a"], [-1], None), "may not be negative"),
        (table(["a"], [1], None).set_column(1, "conversions", pa.array([float("nan")])), "finite"),
        (table(["a"], [1], None).set_column(1, "conversions", pa.array(["many"])), "must be numbers"),
        (pa.table({"path": [3], "conversions": [1]}), "must be a list"),
        (pa.table({"path": [["a"]], "ages": [[1.0, 2.0]], "conversions": [1]}), "same length"),
    ):
        with pytest.raises(ValueError, match=words):
            Attribution().fit(paths)
    wrong: tuple[dict[str, Any], ...] = (
        {"method": "magic"}, {"order": 5}, {"game": "chess"}, {"position": (1, 1, 1)}, {"half_life_days": 0},
    )  # fmt: skip
    for settings_ in wrong:
        with pytest.raises(ValueError, match=next(iter(settings_)).split("_")[0]):
            Attribution(**settings_).fit(table())
    with pytest.raises(ValueError, match="with and without an order"):
        Attribution(method="logistic").fit(table(lost=None))


def test_lost_journeys_without_a_channel_say_nothing() -> None:
    more = pa.concat_tables([table(), table(["", " > "], [0, 0], [9, 9])])
    for method in METHODS:
        assert credits(more, method) == pytest.approx(credits(table(), method), abs=1e-9)


def test_limits_are_said() -> None:
    assert Attribution().fit(table(lost=None)).limits_ == ("no_nulls", "few_conversions")
    assert Attribution(method="linear").fit(table(["a"], [500], None)).limits_ == ("one_channel",)
    rate = pa.table({"path": ["a", "a > b"], "conversions": [50, 70], "nulls": [50, 700]})
    assert "negative_credit" in Attribution(method="shapley", game="rate").fit(rate).limits_


@pytest.mark.shared_data
def test_published_paths(shared_data: Path) -> None:
    folder = shared_data / "channel_paths"
    with gzip.open(folder / "channel_paths_half_a.csv.gz", "rt") as file:
        paths = pd.read_csv(file).rename(
            columns={"total_conversions": "conversions", "total_conversion_value": "value", "total_null": "nulls"}
        )
    reference = json.loads((folder / "reference_results_half_a.json").read_text())
    for method in ("first", "last", "linear"):
        found = Attribution(method=method, draws=0).fit(paths).credits_.set_index("channel")
        assert len(reference["heuristic"]) == len(found)
        for row in reference["heuristic"]:
            own = found.loc[row["channel_name"]]
            assert own["conversions"] == pytest.approx(row[f"{method}_touch_conversions"], rel=1e-9)
            assert own["value"] == pytest.approx(row[f"{method}_touch_value"], rel=1e-9)
    # The published removal effects were simulated: only large ones are close to the exact chain.
    for order, rows in ((1, reference["markov_order1"]["result"]), (2, reference["markov_order2"])):
        model = Attribution(order=order, draws=0).fit(paths)
        found, effect = (t.set_index("channel") for t in (model.credits_, model.removal_effects_))
        for row in rows:
            own = row["channel_name"]
            if effect.loc[own, "conversions"] > 0.1:
                assert found.loc[own, "conversions"] == pytest.approx(row["total_conversions"], rel=0.05)
                assert found.loc[own, "value"] == pytest.approx(row["total_conversion_value"], rel=0.09)
