"""The funnel against a simulation of known waits, loops, and a real funnel of sellers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from regulars.measure import Funnel
from regulars.measure.funnel import STEPS, first_times, funnel_cells
from regulars.tables import TABLES

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def rows_of(table: str, at: Any, customer: Any, **own: Any) -> pa.Table:
    at = pd.DatetimeIndex(at).as_unit("us")
    n = len(at)
    shared = {"source": "s", "id": [f"{table}{i}" for i in range(n)], "revision": 0, "recorded_at": at, "at": at,
              "day": at.date, "customer": list(customer)}  # fmt: skip
    if table == "orders":
        shared |= {"kind": "sale", "status": "paid", "amount": 100, "ordered": 100, "currency": "CNY"}
    return TABLES[table].fill({**shared, **own}, n)


def company(seed: int = 2, n: int = 6_000) -> tuple[dict[str, pa.Table], pd.DataFrame]:
    """People who visit, sign up after 2 days on average, order after 8 and again after 20; some never do."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp(NOW) - pd.to_timedelta(rng.uniform(0, 300, n), unit="D")
    who = np.array([f"c{i:05d}" for i in range(n)])
    channel = rng.choice(["search", "mail"], n, p=[0.7, 0.3])
    mean = {"signed_up": 2.0, "ordered": 8.0, "ordered_again": 20.0}
    chance = {"signed_up": np.where(channel == "mail", 0.8, 0.5), "ordered": 0.5, "ordered_again": 0.6}
    times = pd.DataFrame({"visited": start})
    before = start.to_series(index=range(n))
    for step in mean:
        wait = pd.Series(pd.to_timedelta(rng.exponential(mean[step], n), unit="D"))
        before = (before + wait).where(rng.random(n) < chance[step])
        times[step] = before.where(before <= pd.Timestamp(NOW))
        before = times[step]
    signed = times["signed_up"].notna()
    bought, again = times["ordered"].notna(), times["ordered_again"].notna()
    orders = pa.concat_tables([rows_of("orders", times["ordered"][bought], who[bought]),
                               rows_of("orders", times["ordered_again"][again], who[again], source="t")])  # fmt: skip
    facts = {
        "touches": rows_of("touches", start, who, kind="visit", channel=channel),
        "events": rows_of("events", times["signed_up"][signed], who[signed], name="signed_up"),
        "orders": orders,
    }
    return facts, times.assign(channel=channel)


def test_counts_and_waits_of_a_simulated_company() -> None:
    facts, truth = company()
    found = Funnel().fit(facts, now=NOW)
    whole = found.steps_[found.steps_["cut"] == ""].set_index("step")
    assert list(whole.index) == ["known", "signed_up", "ordered", "ordered_again"]
    for step in whole.index[1:]:
        assert whole.loc[step, "people"] == truth[step].notna().sum()
    assert whole.loc["known", "people"] == len(truth)
    parts = found.steps_[found.steps_["cut"] != ""]
    assert parts.groupby("step")["people"].sum().to_dict() == whole["people"].to_dict()
    waits = found.waits_.set_index(["cut", "step"])
    # The share that signs up within 7 days: chance x (1 - exp(-7 / 2)), for each channel.
    for cut, chance in (("mail", 0.8), ("search", 0.5)):
        row = waits.loc[cut, "known"]
        assert row["within_7_low"] - 0.01 <= chance * (1 - np.exp(-3.5)) <= row["within_7_high"] + 0.01
    # Half of those who order do so within 8 ln 2 days, 80 % within 8 ln 5.
    row = waits.loc["", "signed_up"]
    assert row["usual"] == pytest.approx(8 * np.log(2), rel=0.12)
    assert row["most"] == pytest.approx(8 * np.log(5), rel=0.12)
    row = waits.loc["", "ordered"]
    assert row["within_30_low"] <= 0.6 * (1 - np.exp(-1.5)) <= row["within_30_high"]
    assert row["half"] == pytest.approx(20 * np.log(6), rel=0.25)


def by_hand(facts: dict[str, pa.Table]) -> dict[str, dict[str, float]]:
    """The first time of each step of each person, one row after the other."""
    people: dict[str, dict[str, float]] = {}

    def seen(who: str, step: str, at: dt.datetime) -> None:
        own = people.setdefault(who, {})
        own[step] = min(own.get(step, np.inf), int(at.timestamp()))

    for r in facts["touches"].to_pylist():
        seen(r["customer"], "known", r["at"])
        if r["kind"] in ("visit", "click"):
            seen(r["customer"], "visited", r["at"])
    for r in facts["events"].to_pylist():
        seen(r["customer"], "known", r["at"])
        if r["name"] == "signed_up":
            seen(r["customer"], "signed_up", r["at"])
    number: dict[str, int] = {}
    for r in sorted(facts["orders"].to_pylist(), key=lambda r: (r["at"], r["source"], r["id"])):
        number[r["customer"]] = number.get(r["customer"], 0) + 1
        seen(r["customer"], "known", r["at"])
        seen(r["customer"], "ordered", r["at"])
        if number[r["customer"]] > 1:
            seen(r["customer"], "ordered_again", r["at"])
    return people


def messy(seed: int = 9, n: int = 300) -> dict[str, pa.Table]:
    """Steps in any order, some missing."""
    rng = np.random.default_rng(seed)

    def some(table: str, **own: Any) -> pa.Table:
        at = pd.Timestamp(NOW) - pd.to_timedelta(rng.uniform(1, 200, n), unit="D")
        return rows_of(table, at, [f"c{i}" for i in rng.integers(0, 120, n)], **own)

    return {
        "touches": some("touches", kind=rng.choice(["visit", "message"], n), channel=rng.choice(["a", "b", None], n)),
        "events": some("events", name=rng.choice(["signed_up", "login"], n)), "orders": some("orders"),
    }  # fmt: skip


def test_steps_in_any_order_are_counted_as_one_would_by_hand() -> None:
    facts = messy()
    hand = by_hand(facts)
    found = Funnel(window_days=None).fit(facts, now=NOW)
    whole = found.steps_[found.steps_["cut"] == ""].set_index("step")
    for i, step in enumerate(STEPS):
        passed = [p for p in hand.values() if any(s in p for s in STEPS[i:])]
        first = [min(p.get(s, np.inf) for s in STEPS[i:]) for p in passed]
        assert whole.loc[step, "people"] == len(passed)
        assert whole.loc[step, "unseen"] == sum(p.get(step) != t for p, t in zip(passed, first, strict=True))
    told = first_times(facts).to_pyarrow().to_pandas().set_index("customer")
    assert all(told.loc[who, s] == at for who, own in hand.items() for s, at in own.items())
    assert (whole["conversion"].iloc[1:] <= 1).all()


def test_only_those_known_within_the_window_count() -> None:
    facts, truth = company()
    found = Funnel(window_days=100).fit(facts, now=NOW)
    recent = truth["visited"] >= pd.Timestamp(NOW) - pd.Timedelta(days=100)
    assert found.steps_.loc[0, "people"] == recent.sum()


@pytest.mark.parametrize("facts", [{}, {"orders": rows_of("orders", [pd.Timestamp(NOW)], ["a"])}])
def test_nothing_and_one_customer(facts: dict[str, pa.Table]) -> None:
    found = Funnel().fit(facts, now=NOW)
    assert len(found.waits_) == 0 or found.waits_["went_on"].tolist() == [1, 1]
    assert len(found.steps_) == 0 or found.steps_["people"].max() == 1
    with pytest.raises(ValueError, match="time zone"):
        Funnel().fit(facts, now=NOW.replace(tzinfo=None))


def test_a_real_funnel_of_sellers(shared_data: Path) -> None:
    folder = shared_data / "olist_funnel"
    leads, deals = (pd.read_csv(next(folder.glob(f"*{name}*.csv*"))) for name in ("qualified", "closed"))
    at = pd.to_datetime(leads["first_contact_date"], utc=True)
    won = pd.to_datetime(deals["won_date"], utc=True)
    now = max(won.max(), at.max()).to_pydatetime() + dt.timedelta(days=1)
    facts = {
        "touches": rows_of("touches", at, leads["mql_id"], kind="visit", channel=leads["origin"].fillna("unknown")),
        "orders": rows_of("orders", won, deals["mql_id"]),
    }
    found = Funnel(window_days=None).fit(facts, now=now)
    whole = found.steps_[found.steps_["cut"] == ""].set_index("step")
    assert whole["people"].tolist() == [8000, 842]
    assert whole.loc["ordered", "conversion"] == pytest.approx(842 / 8000)
    # Whoever was won: a plain median is of the winners alone; half of those who go on within the time watched is later.
    days = won.to_numpy() - deals["mql_id"].map(dict(zip(leads["mql_id"], at, strict=True))).to_numpy()
    plain = float(np.median(days / np.timedelta64(1, "D")))
    assert found.waits_.set_index(["cut", "step"]).loc[("", "known"), "usual"] >= plain - 1


@pytest.mark.parity
def test_both_engines_give_the_same_cells(tmp_path: Path) -> None:
    pytest.importorskip("pysail")
    from regulars.lake import Lake

    store = Lake(tmp_path / "lake", threads=1)
    for name, rows in messy().items():
        store.append(name, rows, "s", 1)

    def cells(engine: Any) -> pd.DataFrame:
        own = Lake(tmp_path / "lake", engine)
        facts = {name: own.current(name) for name in ("touches", "events", "orders")}
        frame = funnel_cells(facts, int(NOW.timestamp()))
        return frame.sort_values(list(frame.columns), ignore_index=True)

    pd.testing.assert_frame_equal(cells("duckdb"), cells("sail"))
