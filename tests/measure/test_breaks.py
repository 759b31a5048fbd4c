"""Breaks of the facts, spend without result, and drift: found when planted, silent when nothing happened."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from regulars.measure.drift import calibration_drift, drift_of_numbers, drift_of_shares, psi
from regulars.measure.idle_spend import idle_spend
from regulars.measure.quality import breaks

TODAY = date(2026, 4, 20)


def orders(rng: np.random.Generator, a_day: float = 12.0, days: int = 98) -> list[dict[str, object]]:
    rows = []
    for back in range(days, 0, -1):
        for i in range(rng.poisson(a_day)):
            at = (
                pd.Timestamp(TODAY, tz="UTC") - pd.Timedelta(days=back) + pd.Timedelta(seconds=int(rng.integers(86000)))
            )
            rows.append({"source": "shop", "id": f"{back}-{i}", "revision": 0, "recorded_at": at, "at": at,
                         "day": at.date(), "kind": "sale", "status": "paid", "customer": f"c{rng.integers(500)}",
                         "amount": int(rng.integers(1000, 9000)), "ordered": 0, "currency": "CNY", "channel": "web",
                         "market": "north"})  # fmt: skip
    return rows


def found(rows: list[dict[str, object]]) -> list[tuple[str, date, date]]:
    import pyarrow as pa

    from regulars.tables import TABLES

    names = TABLES["orders"].names
    table: pa.Table = TABLES["orders"].fill({n: [r.get(n) for r in rows] for n in names}, len(rows))
    return [(b.kind, b.day, b.end) for b in breaks({"orders": table}, TODAY)]


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_healthy_sources_are_silent() -> None:
    for seed in range(4):
        assert found(orders(np.random.default_rng(seed), a_day=(3, 6, 12, 30)[seed])) == []
    assert found([]) == []


def test_planted_breaks_are_named() -> None:
    rows = orders(np.random.default_rng(5))
    gone = [r for r in rows if r["day"] not in (ago(6), ago(5))]
    assert found(gone) == [("missing_days", ago(6), ago(5))]
    silent = [r for r in rows if r["day"] < ago(4)]  # type: ignore[operator]
    assert found(silent) == [("late", ago(4), ago(1))]
    twice = rows + [{**r, "id": f"again-{r['id']}"} for r in rows if r["day"] == ago(3)]
    assert ("doubled", ago(3), ago(3)) in found(twice)
    nameless = [{**r, "channel": None} if r["day"] == ago(2) else r for r in rows]
    assert found(nameless) == [("nameless", ago(2), ago(2))]


def spent(rng: np.random.Generator, last: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    days = pd.date_range(end=pd.Timestamp(TODAY) - pd.Timedelta(days=1), periods=182)
    spend = pd.DataFrame({"day": days, "channel": "search", "amount": 10_000})
    rate = np.where(np.arange(182) >= 168, last, 2.0)
    return spend, pd.DataFrame({"day": days, "channel": "search", "orders": rng.poisson(rate)})


def test_spend_without_result() -> None:
    rng = np.random.default_rng(6)
    idle = idle_spend(*spent(rng, 0.1), TODAY)
    assert [(i.channel, i.spend) for i in idle] == [("search", 140_000)]
    assert idle[0].usual == pytest.approx(28, rel=0.15)
    assert sum(len(idle_spend(*spent(rng, 2.0), TODAY)) for _ in range(60)) == 0
    assert idle_spend(pd.DataFrame(), pd.DataFrame(), TODAY) == ()


def test_the_chance_of_psi_is_uniform_without_drift() -> None:
    rng = np.random.default_rng(7)
    p = np.array([psi(rng.multinomial(800, [0.1] * 10).astype(float), rng.multinomial(300, [0.1] * 10).astype(float))[1]
                  for _ in range(500)])  # fmt: skip
    assert np.mean(p < 0.05) == pytest.approx(0.05, abs=0.03)
    assert np.mean(p) == pytest.approx(0.5, abs=0.06)


def test_drift_by_closed_form_and_grades() -> None:
    value, _chance = psi(np.array([50.0, 50]), np.array([80.0, 20]))
    assert value == pytest.approx(0.3 * np.log(1.6) - 0.3 * np.log(0.4))
    rng = np.random.default_rng(8)
    same = drift_of_numbers("order_value", rng.lognormal(5, 1, 2000), rng.lognormal(5, 1, 500))
    moved = drift_of_numbers("order_value", rng.lognormal(5, 1, 2000), rng.lognormal(6, 1, 500))
    assert (same.grade, moved.grade) == ("none", "much")
    assert moved.ks == pytest.approx(0.383, abs=0.06)  # 2 Phi(1/2) - 1 of two normals one apart
    assert drift_of_shares("channel_mix", {"a": 900, "b": 100}, {"a": 50, "b": 50}).grade == "much"
    assert drift_of_shares("channel_mix", {"a": 9, "b": 1}, {"a": 1, "b": 1}).grade == "none"
    with pytest.raises(ValueError, match="nothing to compare"):
        drift_of_numbers("x", [], [1.0])


def test_calibration_drift_is_found_and_quiet_otherwise() -> None:
    rng = np.random.default_rng(9)
    p = rng.uniform(0.1, 0.6, 1000)
    quiet = [calibration_drift(p, rng.random(1000) < p, p, rng.random(1000) < p)[1] for _ in range(200)]
    assert np.mean(np.array(quiet) < 0.05) == pytest.approx(0.05, abs=0.045)
    assert calibration_drift(p, rng.random(1000) < p, p, rng.random(1000) < p + 0.15)[1] < 1e-4
