"""Alarms: exact against the plain loop, quiet in a quiet company, loud and explained where something was planted."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from regulars.measure import Monitor, Surprise
from regulars.measure.explanations import Explanations
from regulars.measure.incidents import Incident, limited, severity, together
from regulars.measure.residuals import baseline
from regulars.measure.stream_scores import normalised, probation, sigmoid, stream_score
from regulars.measure.verdicts import verdicts

WEEK = np.array([1, 0.9, 0.95, 1.05, 1.3, 1.5, 0.8])


def company(seed: int, days: int = 300) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Five channels in three markets with a weekly rhythm, growth and days that resemble their neighbours."""
    rng = np.random.default_rng(seed)
    day = pd.date_range("2025-03-03", periods=days)
    level = WEEK[np.arange(days) % 7] * (1 + 0.3 * np.arange(days) / days)
    cells, rows = [], []
    for c in range(5):
        for m in range(3):
            mood = rng.normal(0, 0.08, days)
            for t in range(1, days):
                mood[t] += 0.4 * mood[t - 1]
            n = rng.poisson(60 / (c + 1) / (m + 1) * level * np.exp(mood))
            worth = np.array([rng.lognormal(9, 0.6, k).sum().round() for k in n])
            cells.append(pd.DataFrame({"day": day, "channel": f"c{c}", "market": f"m{m}", "orders": n,
                                       "revenue": worth, "currency": "CNY"}))  # fmt: skip
    whole = pd.concat(cells, ignore_index=True)
    for figure in ("orders", "revenue"):
        for by in ([], ["channel"], ["market"]):
            part = whole.groupby(["day", *by])[figure].sum().rename("value").reset_index().assign(figure=figure)
            rows.append(part)
    return pd.concat(rows, ignore_index=True), whole


def test_many_series_at_once_are_the_plain_formula() -> None:
    rng = np.random.default_rng(1)
    values = rng.gamma(4, size=(90, 3))
    base = baseline(values, floor=0.1)
    for t in (28, 40, 56, 89):
        for k in range(3):
            past = values[max(0, t - 56) : t, k]
            place = np.arange(max(0, t - 56), t) % 7
            middle = {d: np.median(past[place == d]) for d in range(7)}
            rest = np.abs(past - np.array([middle[d] for d in place]))
            n = (place == t % 7).sum()
            spread = 1.4826 * np.median(rest) / np.sqrt(max(1 - 1 / n, 0.25)) * np.sqrt(1 + 1.57 / n)
            assert base.centre[t, k] == pytest.approx(middle[t % 7])
            assert base.scale[t, k] == pytest.approx(max(spread, 0.1))
    assert np.isnan(base.centre[:28]).all()


def test_a_quiet_company_hears_no_more_than_was_stated() -> None:
    rates = []
    for seed in range(6):
        model = Monitor(false_a_week=0.5).fit(company(seed)[0])
        rates.append(len(model.alarms_) / (model.days / 7))
    assert np.mean(rates) <= 0.5


def planted(drop: float, days: int, channel: str = "c1") -> tuple[pd.DataFrame, pd.DataFrame]:
    _rows, whole = company(11)
    last = whole["day"].max()
    hit = (whole["channel"] == channel) & (whole["day"] > last - pd.Timedelta(days=days))
    whole.loc[hit, ["orders", "revenue"]] = (whole.loc[hit, ["orders", "revenue"]] * (1 - drop)).round()
    parts = [whole.groupby(["day", *by])[f].sum().rename("value").reset_index().assign(figure=f)
             for f in ("orders", "revenue") for by in ([], ["channel"], ["market"])]  # fmt: skip
    return pd.concat(parts, ignore_index=True), whole


def test_a_channel_that_stops_is_one_incident_with_that_channel_as_its_cause() -> None:
    rows, whole = planted(1.0, 2)
    model = Monitor().fit(rows)
    fresh = model.found_[model.found_["end"] == whole["day"].max()].reset_index(drop=True)
    assert {"c1"} <= set(fresh["channel"].dropna())
    assert len(together(fresh)) == 1
    one = fresh[fresh["figure"].eq("revenue") & fresh["channel"].eq("c1")].iloc[0]
    usual = model.expected_["revenue", None, None]
    usual = usual[(usual["day"] >= one["day"]) & (usual["day"] <= one["end"])]["expected"].sum()
    parts = _explained(whole).of("revenue", None, None, one["day"], one["end"], usual)
    assert sum(c.change for c in parts["market"]) == sum(c.change for c in parts["channel"])
    assert parts["channel"][0].name == "c1"


def _explained(whole: pd.DataFrame) -> Explanations:
    cube = SimpleNamespace(money=whole, won=whole.assign(n=1), spend=whole.assign(amount=1))
    return Explanations(cube, {}, "CNY", date(2025, 9, 1), date(2025, 12, 29))


def test_causes_add_up_to_the_change_to_the_minor_unit() -> None:
    rows, whole = planted(0.8, 3)
    model = Monitor().fit(rows)
    explain = _explained(whole)
    seen = 0
    for alarm in model.found_.itertuples():
        parts = explain.of(alarm.figure, alarm.channel, alarm.market, alarm.day, alarm.end, alarm.expected)
        for found in parts.values():
            assert sum(c.change for c in found) == round(alarm.value) - round(alarm.expected)
            seen += 1
    assert seen


def test_a_level_that_moves_a_little_and_stays_is_heard() -> None:
    rows, _whole = planted(0.35, 21)
    found = Monitor().fit(rows).found_
    recent = found[(found["channel"] == "c1") & (found["end"] > found["end"].max() - pd.Timedelta(days=7))]
    assert "shift" in set(recent["kind"])


def test_not_useful_raises_the_threshold_and_no_further_than_double() -> None:
    rows, _whole = planted(1.0, 1)
    said = verdicts(pa.table({"figure": ["orders"] * 9, "channel": ["c1"] * 9, "verdict": ["not_useful"] * 9}))
    assert said.raised == {("orders", "c1"): 2.0}
    plain, raised = Monitor().fit(rows), Monitor(raised=said.raised).fit(rows)
    key = ("orders", "c1", None)
    width = [(m.expected_[key]["high"] - m.expected_[key]["low"]).iloc[-1] for m in (plain, raised)]
    assert width[1] > 1.5 * width[0]
    assert len(raised.found_) <= len(plain.found_)


@pytest.mark.parametrize("n", [0, 1, 5, 27])
def test_a_short_history_says_nothing(n: int) -> None:
    days = pd.date_range("2026-01-01", periods=n)
    model = Monitor().fit(pd.DataFrame({"day": days, "value": np.arange(n, dtype=float)}), until=date(2026, 2, 1))
    assert len(model.alarms_) == 0


def test_nonsense_is_named() -> None:
    with pytest.raises(ValueError, match="no column value"):
        Monitor().fit(pd.DataFrame({"day": ["2026-01-01"]}))
    with pytest.raises(ValueError, match="no number"):
        Monitor().fit(pd.DataFrame({"day": ["2026-01-01"], "value": ["x"]}))
    with pytest.raises(ValueError, match="false_a_week"):
        Monitor(false_a_week=0).fit(pd.DataFrame({"day": ["2026-01-01"], "value": [1.0]}))


def test_no_more_than_three_a_week_are_told_and_the_dearest_first() -> None:
    def one(i: int, money: int, figure: str = "revenue") -> Incident:
        return Incident(str(i), "day", figure, None, None, "2026-03-04", "2026-03-04", 0, 0, None, None, money,
                        severity(money, 1000.0), "down", 1e-4, True, "", (), 0.0, (), (), 1.0, ())  # fmt: skip

    found = limited([one(i, -i * 10) for i in range(1, 7)] + [one(9, -999, "spend")], 3, {("spend", "")})
    assert {i.id for i in found if i.told} == {"6", "5", "4"}
    assert len(found) == 7


def test_the_benchmark_score_by_hand() -> None:
    # A window of 10 rows from 500 to 509 in a stream of 1,000: the first row is worth everything.
    assert stream_score([500], [(500, 509)], 1000) == pytest.approx(1.0)
    # The last row of it stands 1/10 of the width before the end.
    last = (2 / (1 + np.exp(-0.5)) - 1) / (2 / (1 + np.exp(-5.0)) - 1)
    assert stream_score([509, 503], [(500, 509)], 1000) == pytest.approx(float(sigmoid(-0.7) / sigmoid(-1.0)))
    assert stream_score([509], [(500, 509)], 1000) == pytest.approx(last)
    # A false one before any window costs .11; just behind one nearly nothing; in the probation nothing.
    assert stream_score([300], [(500, 509)], 1000) == pytest.approx(-1.11)
    assert stream_score([510], [(500, 509)], 1000) == pytest.approx(-1 + 0.11 * (2 / (1 + np.exp(5 / 9)) - 1))
    assert stream_score([100], [(500, 509)], 1000) == -1.0
    assert (probation(1000), probation(10_000)) == (150, 750)
    assert normalised(-5.0, 10) == 25.0


def test_streams_of_the_benchmark_are_scored_well_above_silence(shared_data: Path) -> None:
    folder = shared_data / "nab"
    windows = json.loads((folder / "combined_windows.json").read_text())
    raw, many = 0.0, 0
    for path in sorted(folder.glob("realAdExchange/*.csv.gz")):
        frame = pd.read_csv(path, parse_dates=["timestamp"])
        stamps = frame["timestamp"]
        ends = [(stamps.searchsorted(pd.Timestamp(a)), stamps.searchsorted(pd.Timestamp(b), side="right") - 1)
                for a, b in windows[f"realAdExchange/{path.name[:-3]}"]]  # fmt: skip
        spans = [(int(a), int(b)) for a, b in ends]
        score = Surprise().fit(frame["value"]).score_
        raw += stream_score(np.flatnonzero(score >= 0.999).tolist(), spans, len(frame))
        many += len(spans)
    assert normalised(raw, many) > 20
    print(normalised(raw, many))


def test_a_score_knows_only_the_past() -> None:
    stream = np.random.default_rng(5).normal(size=500)
    whole, part = Surprise().fit(stream).score_, Surprise().fit(stream[:450]).score_
    assert whole[:425].tolist() == part[:425].tolist()
