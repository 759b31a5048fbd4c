"""The additive pass of the key figures on DuckDB, on Sail and on Spark: every figure equal."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from regulars.demo.simulate import simulate
from regulars.lake import Lake
from regulars.measure.history import history
from regulars.tables import SCORES, TABLES

pytestmark = pytest.mark.parity

UNTIL = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def lakes(engine: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, Lake]:
    path: Path = tmp_path_factory.mktemp("figures") / "lake"
    duck = Lake(path, threads=1)
    company = simulate(people=200, seed=3, until=UNTIL, months=4)
    for name, rows in company.facts.items():
        if rows.num_rows:
            duck.append(name, rows, "demo", 1)
    return duck, Lake(path, engine)


def figures(lake: Lake) -> pd.DataFrame:
    facts = {name: lake.current(name) for name, table in TABLES.items() if table.fact}
    rows = history(facts, SCORES.empty(), today=UNTIL.date(), currency="CNY", margin=0.6)
    keys = ["name", "grain", "day", "channel", "market", "currency"]
    return rows.sort_values(keys).reset_index(drop=True)


def test_every_key_figure_is_equal(lakes: tuple[Lake, Lake]) -> None:
    duck, sail = (figures(lake) for lake in lakes)
    assert len(duck) > 1_000
    pd.testing.assert_frame_equal(duck, sail, rtol=1e-9)
