"""The figures of a turn on DuckDB and on Sail: equal to the last digit that matters."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from regulars.home import Settings
from regulars.lake import Lake
from regulars.measure.turn import measure
from regulars.tables import TABLES

pytest.importorskip("pysail")
pytestmark = pytest.mark.parity

START = dt.datetime(2025, 3, 3, tzinfo=dt.UTC)


def test_every_figure_is_the_same_on_both_engines(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)

    def some(table: str, rows: int, **own: object) -> None:
        micros = rng.integers(0, 200 * 86_400 * 10**6, rows)
        at = np.datetime64(START.replace(tzinfo=None), "us") + micros.astype("timedelta64[us]")
        columns = {
            "source": "s", "id": [f"{table}{n}" for n in range(rows)], "revision": 0, "recorded_at": START, "at": at,
            "day": at.astype("datetime64[D]"), "customer": [f"c{n:011d}" for n in rng.integers(0, 300, rows)],
            "channel": rng.choice(["search", "mail", "shop"], rows), "market": rng.choice(["cn", "de"], rows), **own,
        }  # fmt: skip
        kept = {k: v for k, v in columns.items() if k in TABLES[table].names}
        lake.append(table, TABLES[table].fill(kept, rows), "test", 1)

    lake = Lake(tmp_path / "lake", threads=1)
    money = rng.integers(1, 10**6, 900)
    some("orders", 900, kind="sale", status="paid", amount=money, ordered=money, currency="CNY")
    some("touches", 900, kind=rng.choice(["visit", "referral"], 900))
    some("spend", 300, days=1, amount=rng.integers(1, 10**5, 300), currency="CNY")
    what = rng.choice(["start", "renewal", "upgrade", "cancel"], 300)
    some("subscriptions", 300, contract=[f"k{n}" for n in rng.integers(0, 80, 300)], kind=what, months=3,
         amount=np.where(what == "cancel", 0, 100 * rng.integers(1, 9, 300)), currency="CNY")  # fmt: skip
    some("order_lines", 500, order_id=[f"orders{n}" for n in rng.integers(0, 900, 500)], kind="sale", goods=True,
         product=rng.choice(["tea", "cup"], 500), quantity=1.0, amount=rng.integers(1, 10**4, 500),
         currency="CNY")  # fmt: skip
    scores = TABLES["scores"].fill(
        {"customer": [f"c{n:011d}" for n in range(200)], "name": "segment", "label": ["best", "rest"] * 100,
         "made_by": "t", "made_at": START, "lake_version": "1"}, 200,
    )  # fmt: skip
    state = rng.choice(["sent", "holdout"], 400)
    some("messages", 400, message=[f"m{i}" for i in range(400)], state=state, plan="p", action="a")

    boards: list[dict[str, Any] | None] = []

    def run(engine: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        own = Lake(tmp_path / "lake", engine)  # type: ignore[arg-type]
        facts = {name: own.current(name) for name, table in TABLES.items() if table.fact}
        found = measure(
            facts, scores, own.table("decisions"), now=START + dt.timedelta(days=200), settings=Settings(),
            lake_version="1",
        )  # fmt: skip
        boards.append(found.findings["key_figures"])
        keys = ["name", "grain", "day", "channel", "market", "currency"]
        return (
            found.kpis.to_pandas().sort_values(keys, ignore_index=True),
            found.outcomes.to_pandas().sort_values(["plan", "subject", "name"], ignore_index=True),
        )

    for duck, sail in zip(run("duckdb"), run("sail"), strict=True):
        pd.testing.assert_frame_equal(duck, sail, rtol=1e-9)
        assert len(duck) > 2
    assert boards[0] is not None
    assert set(boards[0]["cuts"]) == {"channel", "market", "segment", "product"}
    assert boards[0] == boards[1]
