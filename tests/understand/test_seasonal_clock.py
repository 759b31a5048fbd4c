from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from regulars.understand import ModifiedBetaGeo, ParetoNBD
from regulars.understand.day_cells import day_cells
from regulars.understand.seasonal_clock import SeasonalClock
from regulars.understand.seasonal_rates import months, regress, weekdays

FIRST = int(np.datetime64("2023-01-01").astype(int))
WEEK = np.array([0.7, 0.8, 0.9, 1.0, 1.1, 1.3, 1.2])
YEAR = np.array([0.6, 0.6, 0.8, 0.9, 0.9, 1.0, 1.0, 0.9, 1.0, 1.2, 1.5, 1.9])
FEASTS = {"Singles' Day": ["2023-11-11", "2024-11-11", "2025-11-11"]}
SINGLES = [int(np.datetime64(d).astype(int)) for d in FEASTS["Singles' Day"]]


def true_rate(day, week=WEEK, year=YEAR, feast=4.0):
    return week[weekdays(day)] * year[months(day)] * np.where(np.isin(day, SINGLES), feast, 1.0)


def simulate(n, days, seed, rate=true_rate, growth=0.0):
    """Pareto/NBD customers on a warped clock; ``growth`` > 0 brings more of them late."""
    rng = np.random.default_rng(seed)
    passed = np.append(0.0, np.cumsum(rate(FIRST + np.arange(days))))
    begin = np.floor(days * rng.random(n) ** (1 / (1 + growth))).astype(int)
    pace, stay = rng.gamma(1.0, 1 / 25.0, n), rng.exponential(1, n) / rng.gamma(1.2, 1 / 200.0, n)
    start = passed[begin + 1]
    end = np.minimum(passed[-1], start + stay)
    many = rng.poisson(pace * (end - start))
    who = np.repeat(np.arange(n), many)
    clock = start[who] + (end - start)[who] * rng.random(many.sum())
    bought = np.searchsorted(passed, clock, side="right") - 1
    code, day = np.append(np.arange(n), who), FIRST + np.append(begin, np.minimum(bought, days - 1))
    return pd.DataFrame({"customer": code, "day": day.astype("datetime64[D]").astype("datetime64[s]"), "amount": 100})


def split(orders, days):
    day = orders["day"].to_numpy().astype("datetime64[D]").astype(int)
    past = orders[day < FIRST + days]
    later = orders[day >= FIRST + days].drop_duplicates()
    return past, later.groupby("customer").size()


def test_factors_of_the_calendar_are_found_again():
    clock = SeasonalClock(holidays=FEASTS).fit(simulate(6_000, 730, 1))
    day = np.arange(FIRST + 1, FIRST + 730)
    truth = true_rate(day)
    off = np.log(clock.rate(day) / clock.rate(day).mean()) - np.log(truth / truth.mean())
    usual = ~np.isin(day, SINGLES)
    assert np.abs(off[usual]).mean() < 0.05
    assert np.abs(off).max() < 0.25
    assert {f.kind for f in clock.factors_} == {"weekday", "month", "holiday"}
    saturday = next(f for f in clock.factors_ if f.name == "Saturday")
    assert 1.2 < saturday.low < 1.3 < saturday.high < 1.4
    assert clock.rate(["2025-11-11"])[0] > 3 * clock.rate(["2025-11-12"])[0]  # a day nobody has seen yet


def test_forecasts_follow_the_calendar_better_than_without():
    """Forecast made at the end of October, for the two busiest months."""
    days = 365 + 304
    orders = simulate(5_000, 730, 2)
    past, later = split(orders, days)
    clock = SeasonalClock(holidays=FEASTS).fit(past)
    warped = clock.summary(past).to_pandas()
    plain = SeasonalClock(weekday=False, month=False).fit(past).summary(past).to_pandas()
    actual = later.reindex(warped["customer"]).fillna(0).to_numpy()
    errors, totals = {}, {}
    for name, table, horizon in (("clock", warped, clock.horizon(730 - days)), ("none", plain, 730 - days)):
        model = ParetoNBD().fit(table)
        mean = model.conditional_expected_purchases(horizon, table["frequency"], table["recency"], table["T"])
        errors[name], totals[name] = np.sqrt(np.mean((mean - actual) ** 2)), mean.sum() / actual.sum()
    assert abs(totals["clock"] - 1) < 0.06 < 0.2 < abs(totals["none"] - 1)
    assert errors["clock"] < 0.97 * errors["none"]


def test_likelihood_prefers_the_true_clock():
    orders = simulate(3_000, 730, 3)
    warped = ParetoNBD().fit(SeasonalClock(holidays=FEASTS).fit(orders).summary(orders))
    # Comparable once each purchase's density is counted per calendar day: add ln of the rate of its day.
    clock = SeasonalClock(holidays=FEASTS).fit(orders)
    cells = day_cells(orders)
    first = np.zeros(len(cells.day), dtype=bool)
    first[cells.starts] = True
    density = np.log(clock.rate(cells.day[~first])).sum()
    plain = ParetoNBD().fit(SeasonalClock(weekday=False, month=False).fit(orders).summary(orders))
    assert warped.log_likelihood_ + density > plain.log_likelihood_ + 100


def test_growth_and_leaving_are_not_taken_for_seasons():
    orders = simulate(5_000, 730, 4, rate=lambda day: np.ones(len(day)), growth=2.0)
    clock = SeasonalClock(month=True).fit(orders)
    # What luck and the model's own error leave is small beside a fivefold growth of daily orders.
    assert np.abs(np.log(clock.rate(np.arange(FIRST, FIRST + 730)))).max() < 0.12


def test_an_even_year_needs_no_clock():
    orders = simulate(1_500, 500, 5, rate=lambda day: np.ones(len(day)))
    clock = SeasonalClock(month=False).fit(orders)
    assert clock.chances_["weekday"] > 0.05
    assert clock.factors_ == ()
    assert clock.horizon(90) == pytest.approx(90)
    assert np.allclose(clock.rate(["2024-01-01", "2030-06-01"]), 1.0)


def test_an_even_clock_is_the_calendar():
    orders = simulate(300, 200, 6)
    summary = SeasonalClock(weekday=False, month=False).fit(orders).summary(orders).to_pandas()
    cells = day_cells(orders)
    starts = cells.starts
    last = np.append(starts[1:], len(cells.day)) - 1
    np.testing.assert_allclose(summary["recency"], cells.day[last] - cells.day[starts])
    np.testing.assert_allclose(summary["T"], cells.last_day - cells.day[starts])


def test_given_factors_are_used_as_they_are():
    orders = simulate(400, 400, 7)
    clock = SeasonalClock(
        weekday=WEEK, month=YEAR, holidays=FEASTS, holiday_factors={"Singles' Day": 4.0}, model=ModifiedBetaGeo()
    ).fit(orders)
    day = np.arange(FIRST, FIRST + 1_000)
    np.testing.assert_allclose(clock.rate(day) / clock.rate(day[:1]), true_rate(day) / true_rate(day[:1]))
    assert clock.rate(clock.last_day_ - np.arange(365)).mean() == pytest.approx(1.0)
    assert clock.elapsed("2023-05-01", "2023-05-08") == pytest.approx(clock.rate(np.arange(19479, 19486)).sum())
    assert clock.elapsed("2023-05-08", "2023-05-01") == -clock.elapsed("2023-05-01", "2023-05-08")


def test_short_or_small_histories_fall_back_to_the_calendar():
    few = pd.DataFrame({"customer": [1, 1, 2], "day": ["2026-01-02", "2026-01-10", "2026-01-05"], "amount": [5, 6, 7]})
    clock = SeasonalClock(holidays={"New Year": ["2026-01-01"]}).fit(few)
    assert clock.horizon(30) == 30
    assert clock.summary(few).column("T").to_pylist() == [8.0, 5.0]


def test_regression_is_poisson_maximum_likelihood():
    rng = np.random.default_rng(0)
    group = np.arange(400) % 4
    expected = rng.uniform(1, 20, 400)
    count = rng.poisson(expected * np.array([0.5, 1.0, 2.0, 1.5])[group]).astype(float)
    found = regress(count, expected, (group[:, None] == np.array([1, 2, 3])).astype(float), 0.0)
    ratio = np.array([count[group == g].sum() / expected[group == g].sum() for g in range(4)])
    np.testing.assert_allclose(found.effects, np.log(ratio[1:] / ratio[0]), rtol=1e-7)
    assert 1.0 <= found.dispersion < 1.25


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        ({"weekday": [1.0, 2.0]}, "7 factors"),
        ({"month": [0.0] * 12}, "above 0"),
        ({"month": "yes"}, "12 factors"),
        ({"holiday_factors": {"Feast": 2.0}}, "no dates"),
    ],
)
def test_impossible_factors_are_named(ask, says):
    with pytest.raises(ValueError, match=says):
        SeasonalClock(**ask).fit(simulate(50, 60, 8))


def test_nothing_to_learn_from_is_said_and_conventions_hold():
    with pytest.raises(ValueError, match="no paid order"):
        SeasonalClock().fit(pd.DataFrame({"customer": [], "day": pd.to_datetime([]), "amount": []}))
    assert clone(SeasonalClock(month=False)).get_params()["month"] is False
