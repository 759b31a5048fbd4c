"""What must be remembered to let the simulated company live on: latent people, and facts already on their way."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from regulars import tables
from regulars.demo.cast import Cast, gather
from regulars.demo.clock import Clock
from regulars.demo.facts import Facts, join
from regulars.demo.feedback import TEXT_SCHEMA


@dataclass(frozen=True)
class State:
    """The company's memory at the end of day ``end - 1``."""

    clock: Clock
    seed: int
    scale: float
    end: int
    epoch: int
    meter_weeks: int
    phones: int
    weekly_spend: tuple[float, ...]
    """CNY a week and channel, mean of the last four full weeks."""
    cast: Cast
    pending: Facts
    pending_texts: pa.Table
    open_deals: pa.Table
    """Undecided deals as they will be decided."""


def join_states(states: list[State]) -> State:
    """One memory for a company simulated in several blocks of people."""
    last = states[-1]
    return State(
        last.clock, last.seed, last.scale, last.end, last.epoch, last.meter_weeks, last.phones, last.weekly_spend,
        gather([s.cast for s in states]), join([s.pending for s in states]),
        pa.concat_tables([s.pending_texts for s in states]), pa.concat_tables([s.open_deals for s in states]),
    )  # fmt: skip


def save_state(state: State, path: Path) -> None:
    """Write the state into a folder: ``state.json``, ``cast.parquet`` and the facts still to come.

    The folder holds no name or address, only surrogate keys and latent traits.
    """
    path.mkdir(parents=True, exist_ok=True)
    pq.write_table(state.cast.table(), path / "cast.parquet")
    pq.write_table(state.pending_texts, path / "texts.parquet")
    pq.write_table(state.open_deals, path / "deals.parquet")
    for name in tables.TABLES:
        file = path / f"pending-{name}.parquet"
        rows = state.pending.get(name)
        if rows is not None and rows.num_rows:
            pq.write_table(rows, file)
        else:
            file.unlink(missing_ok=True)
    about: dict[str, Any] = {
        "origin": state.clock.origin.isoformat(), "season_scale": state.clock.season_scale, "seed": state.seed,
        "scale": state.scale, "end": state.end, "epoch": state.epoch, "meter_weeks": state.meter_weeks,
        "phones": state.phones, "weekly_spend": list(state.weekly_spend),
    }  # fmt: skip
    (path / "state.json").write_text(json.dumps(about, indent=1), encoding="utf-8")


def load_state(path: Path) -> State:
    """Read what ``save_state`` wrote.

    Raises ``FileNotFoundError`` naming the folder when there is no simulated company in it.
    """
    if not (path / "state.json").is_file():
        raise FileNotFoundError(f"no simulated company in {path}; make one with: regulars demo")
    about = json.loads((path / "state.json").read_text(encoding="utf-8"))
    pending = {
        name: pq.read_table(file).cast(tables.TABLES[name].schema)
        for name in tables.TABLES
        if (file := path / f"pending-{name}.parquet").is_file()
    }
    return State(
        Clock(date.fromisoformat(about["origin"]), about["season_scale"]), about["seed"], about["scale"],
        about["end"], about["epoch"], about["meter_weeks"], about["phones"], tuple(about["weekly_spend"]),
        Cast.read(pq.read_table(path / "cast.parquet")), join([pending]),
        pq.read_table(path / "texts.parquet").cast(TEXT_SCHEMA), pq.read_table(path / "deals.parquet"),
    )  # fmt: skip


def recent_spend(spend: np.ndarray, length: np.ndarray) -> tuple[float, ...]:
    """Mean weekly spend per channel over the last four full weeks."""
    full = spend[length == 7][-4:]
    return tuple(float(x) for x in full.mean(axis=0)) if len(full) else tuple(float(x) for x in spend.mean(axis=0))
