from __future__ import annotations

import gzip
import json
from itertools import combinations
from math import factorial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from regulars.measure.attribution import attribute_paths, attribution, encode, removal_effects, transitions
from regulars.measure.sales import fact

PATHS = ["a > b", "b", "c > a > c", "a", "b > b > c", "c > d", "d > a > b > c"]
WON = [3, 5, 2, 0, 4, 1, 2]
LOST = [10, 4, 7, 20, 1, 3, 0]


def column(paths: list[str], name: str, *given: Any) -> dict[str, float]:
    table = attribute_paths(paths, *given)
    return dict(zip(table["channel"].to_pylist(), table[name].to_pylist(), strict=True))


def test_every_model_adds_up_to_the_conversions() -> None:
    table = attribute_paths(PATHS, WON, [10.0 * w for w in WON], LOST)
    for model in ("first", "last", "linear", "markov", "shapley"):
        assert sum(table[model].to_pylist()) == pytest.approx(sum(WON), abs=1e-9)
        assert sum(table[f"{model}_value"].to_pylist()) == pytest.approx(10 * sum(WON), abs=1e-9)


def test_removal_effects_equal_deleting_each_channel() -> None:
    codes = encode(PATHS)
    s, Q, r = transitions(codes, np.array(WON, float), np.array(LOST, float))
    effects = removal_effects(s, Q, r)
    whole = s @ np.linalg.solve(np.eye(len(r)) - Q, r)
    for k in range(len(r)):
        keep = np.arange(len(r)) != k
        without = s[keep] @ np.linalg.solve(np.eye(keep.sum()) - Q[np.ix_(keep, keep)], r[keep])
        assert effects[k] == pytest.approx(1 - without / whole, abs=1e-12)


def test_shapley_equals_the_sum_over_all_coalitions() -> None:
    found = column(PATHS, "shapley", WON)
    names, sets = sorted(found), [set(p.split(" > ")) for p in PATHS]

    def worth(group: set[str]) -> float:
        return sum(w for s, w in zip(sets, WON, strict=True) if s <= group)

    for name in names:
        others, total = [n for n in names if n != name], 0.0
        for size in range(len(names)):
            share = factorial(size) * factorial(len(names) - size - 1) / factorial(len(names))
            total += sum(share * (worth({*g, name}) - worth(set(g))) for g in combinations(others, size))
        assert found[name] == pytest.approx(total, abs=1e-12)


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="same length"):
        attribute_paths(["a"], [1, 2])


@pytest.mark.shared_data
def test_published_paths(shared_data: Path) -> None:
    folder = shared_data / "channel_paths"
    with gzip.open(folder / "channel_paths_half_a.csv.gz", "rt") as file:
        paths = pd.read_csv(file)
    reference = json.loads((folder / "reference_results_half_a.json").read_text())
    given = (paths["total_conversions"], paths["total_conversion_value"], paths["total_null"])
    table = attribute_paths(paths["path"].tolist(), *given).to_pandas().set_index("channel")
    for row in reference["heuristic"]:
        for model in ("first", "last", "linear"):
            own = table.loc[row["channel_name"]]
            assert own[model] == pytest.approx(row[f"{model}_touch_conversions"], rel=1e-9)
            assert own[f"{model}_value"] == pytest.approx(row[f"{model}_touch_value"], rel=1e-9)
    assert len(reference["heuristic"]) == len(table)


def test_over_the_lake_against_walking_through_every_order(rows: Any) -> None:
    rng = np.random.default_rng(2)
    orders = [
        {"day": float(d), "customer": None if c > 30 else f"c{c}", "amount": int(a), "channel": k}
        for d, c, a, k in zip(rng.uniform(0, 200, 150), rng.integers(0, 34, 150), rng.integers(1, 9999, 150),
                              rng.choice(["shop", "web", None], 150), strict=True)
    ]  # fmt: skip
    touches = [
        {"day": float(d), "customer": f"c{c}", "channel": f"t{k}"}
        for d, c, k in zip(rng.uniform(-100, 200, 300), rng.integers(0, 20, 300), rng.integers(0, 4, 300), strict=True)
    ]
    given = {"orders": rows("orders", *orders), "touches": rows("touches", *touches)}
    found = attribution(fact(given, "orders"), fact(given, "touches"))
    wanted: dict[tuple[str, str], list[float]] = {}
    for order in orders:
        own = sorted((t for t in touches if t["customer"] == order["customer"] and order["customer"]
                      and order["day"] - 90 <= t["day"] <= order["day"]), key=lambda t: t["day"])  # fmt: skip
        path = [t["channel"] for t in own] or [order["channel"] or "direct"]
        for model, credit in (("first", [path[0]]), ("last", [path[-1]]), ("linear", path)):
            for channel in credit:
                sums = wanted.setdefault((model, channel), [0.0, 0.0])
                sums[0] += 1 / len(credit)
                sums[1] += order["amount"] / len(credit)
    sums = found.groupby(["model", "channel"])[["orders", "revenue"]].sum()
    assert set(sums.index) == set(wanted)
    for key, (n, money) in wanted.items():
        assert sums.loc[key, "orders"] == pytest.approx(n, abs=1e-9)
        # Linear money is rounded to whole units once a month.
        assert sums.loc[key, "revenue"] == pytest.approx(money, abs=0.001 if key[0] != "linear" else 8)
    totals = found.groupby("model")["revenue"].sum()
    assert set(totals) == {sum(o["amount"] for o in orders)}
