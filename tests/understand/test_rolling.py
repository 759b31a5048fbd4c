from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from regulars.understand.day_cells import DayCells, day_cells
from regulars.understand.mbgnbd import ModifiedBetaGeo
from regulars.understand.pareto_nbd import ParetoNBD
from regulars.understand.repeat_buying import MODELS
from regulars.understand.rolling import past, rolling_holdout, sampled


def leavers_at_any_time(n, seed, days=540):
    """Customers of the Pareto/NBD: exponential lives, Poisson purchases."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 120, n)
    rate, life = rng.gamma(1.2, 1 / 12.0, n), rng.exponential(1.0, n) / rng.gamma(0.9, 1 / 60.0, n)
    count = rng.poisson(rate * np.minimum(life, days - first))
    who = np.repeat(np.arange(n), count)
    day = first[who] + np.floor(rng.random(len(who)) * np.minimum(life, days - first)[who]).astype(int)
    code, day = np.concatenate([np.arange(n), who]), np.concatenate([first, day])
    key = np.unique(code * 10_000 + day)
    code, day = key // 10_000, key % 10_000
    return DayCells(pa.array(np.arange(n).astype(str)), code, day, np.ones(len(code), int), np.ones(len(code)), days)


@pytest.fixture(scope="module")
def cells():
    return leavers_at_any_time(3000, 1)


@pytest.fixture(scope="module")
def found(cells):
    return rolling_holdout(cells, MODELS)


def test_the_past_of_a_customer_stops_at_the_cut_off():
    cells = day_cells(
        {"customer": list("aabab"), "day": [f"2026-01-0{d}" for d in (1, 3, 2, 8, 9)], "amount": [1] * 5},
        until=np.datetime64("2026-01-10").astype(int),
    )
    at = past(cells, int(np.datetime64("2026-01-05").astype(int)), cells.last_day)
    assert (at.x.tolist(), at.tx.tolist(), at.T.tolist()) == ([1, 0], [2, 0], [4, 3])
    assert at.actual.tolist() == [1, 1]
    assert not at.tells


def test_customers_who_leave_at_any_time_are_told_by_the_model_of_that(found):
    assert found.chosen == ParetoNBD.name
    best = {cut: max((t for t in found.trials if t.cut == cut), key=lambda t: t.log_score) for cut in (270, 360, 450)}
    assert {t.model for t in best.values()} == {ParetoNBD.name}


def test_the_report_is_of_days_the_procedure_was_not_told(cells, found):
    h = found.holdout
    assert (h.days, h.customers) == (180, 3000)
    assert h.actual == np.sum(cells.day > 360)
    assert abs(h.bias) < 0.1
    assert found.likely_mae < h.mae < h.naive_mae
    assert sum(d.customers for d in h.deciles) == h.customers
    assert found.held.said.sum() == pytest.approx(h.forecast)


def test_days_to_come_cannot_change_what_was_learnt_before(cells, found):
    """Other purchases in the last third change the report, not the model that was tested."""
    early = cells.day <= 360
    other = DayCells(
        cells.customers, cells.code[early], cells.day[early], cells.orders[early], cells.amount[early], 540
    )
    nothing_came = rolling_holdout(other, MODELS)
    assert nothing_came is None or nothing_came.tested == found.tested


def test_a_fixed_model_is_only_tested(cells):
    one = rolling_holdout(cells, {ModifiedBetaGeo.name: ModifiedBetaGeo})
    assert one.chosen == one.tested == ModifiedBetaGeo.name
    assert {t.model for t in one.trials} == {ModifiedBetaGeo.name}


def test_many_customers_are_sampled_evenly_and_few_days_test_nothing(cells):
    many = DayCells(
        cells.customers.take(np.arange(30_000) % 3000), np.arange(30_000), np.full(30_000, 5), np.ones(30_000, int),
        np.ones(30_000), 100,
    )  # fmt: skip
    assert len(sampled(many).code) == 30_000 // 7 + 1
    short = DayCells(cells.customers, cells.code, cells.day // 20, cells.orders, cells.amount, 27)
    assert rolling_holdout(short, MODELS) is None
