from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from regulars.understand.contract_facts import DAYS_A_MONTH, contract_table
from regulars.understand.contracts import ContractWorth

NOW = datetime(2026, 6, 30, tzinfo=UTC)
TODAY = int(np.datetime64("2026-06-30").astype(int))


def company(n, seed, months=1, a=0.9, b=6.0, ahead=0):
    """Contracts that end at renewals as sBG says; rows as they stand ``ahead`` days later."""
    rng = np.random.default_rng(seed)
    start = TODAY - rng.integers(0, 900, n)
    life = rng.geometric(rng.beta(a, b, n))
    end = start + np.round(life * months * DAYS_A_MONTH).astype(int)
    gone = end <= TODAY + ahead
    contract = np.char.add("k", np.arange(n).astype(str))
    return {
        "contract": np.concatenate([contract, contract[gone]]),
        "customer": np.concatenate([contract, contract[gone]]),
        "kind": ["start"] * n + ["cancel"] * int(gone.sum()),
        "day": np.concatenate([start, end[gone]]).astype("datetime64[D]"),
        "months": np.full(n + int(gone.sum()), months),
        "amount": np.full(n + int(gone.sum()), 1000),
    }, end


def rows(*changes):
    contract, kind, day, amount = zip(*changes, strict=True)
    return {"contract": contract, "kind": kind, "day": day, "amount": amount, "months": [1] * len(kind)}


def test_changes_fold_to_contracts():
    found = contract_table(
        rows(
            ("a", "start", "2026-01-15", 900), ("a", "upgrade", "2026-03-01", 1500),
            ("b", "cancel", "2026-03-15", 500), ("b", "start", "2026-01-15", 500),
            ("c", "start", "2026-06-29", 700), ("c", "cancel", "2026-06-29", 700),
            ("d", "start", "2026-01-01", 100), ("d", "renewal", "2026-02-01", 100),
            ("e", "start", "2026-07-15", 100),
        ),
        TODAY,
    ).to_pylist()  # fmt: skip
    told = {r["contract"]: (r["renewals"], r["active"], r["price"]) for r in found}
    assert told == {
        "a": (5, True, 1500.0), "b": (2, False, 500.0), "c": (1, False, 700.0), "d": (2, False, 100.0),
    }  # fmt: skip


def test_voided_rows_do_not_count_and_a_start_takes_a_cancel_back():
    table = {
        "source": ["s"] * 5, "id": ["1", "2", "2", "3", "4"], "revision": [0] * 5,
        "contract": ["a", "a", "a", "b", "b"], "kind": ["start", "cancel", "void", "start", "cancel"],
        "day": ["2026-01-15", "2026-03-15", "2026-03-15", "2026-01-01", "2026-02-01"],
    }  # fmt: skip
    assert contract_table(table, TODAY).column("active").to_pylist() == [True, False]
    again = rows(("a", "start", "2026-01-01", 1), ("a", "cancel", "2026-02-01", 1), ("a", "start", "2026-03-01", 1))
    assert contract_table(again, TODAY).column("active").to_pylist() == [True]


def test_the_money_of_the_next_year_is_foretold_on_contracts_with_known_lives():
    table, end = company(8000, 1)
    model = ContractWorth(discount_rate=0.0).fit(table, now=NOW)
    assert model.models_[1].name == "sbg"
    assert [model.models_[1].alpha_, model.models_[1].beta_] == pytest.approx([0.9, 6.0], rel=0.2)
    worth = model.predict()
    contract = np.char.add("k", np.arange(8000).astype(str))
    place = {k: i for i, k in enumerate(contract.tolist())}
    at = np.array([place[k] for k in worth.column("contract").to_pylist()])
    # Twelve renewals lie in the year ahead, as many as come before the end.
    start = TODAY - np.random.default_rng(1).integers(0, 900, 8000)
    life = np.round((end - start) / DAYS_A_MONTH)
    age = worth.column("renewals").to_numpy()
    to_come = np.clip(life[at] - 1 - age, 0, int(365 / DAYS_A_MONTH))
    assert worth.column("expected_renewals").to_numpy().sum() == pytest.approx(to_come.sum(), rel=0.04)
    assert worth.column("clv").to_numpy().sum() == pytest.approx(1000 * to_come.sum(), rel=0.04)
    low, high = (worth.column(f"clv_{e}").to_numpy() / 1000 for e in ("low", "high"))
    inside = np.mean((to_come >= low - 1e-9) & (to_come <= high + 1e-9))
    assert 0.88 <= inside <= 1.0
    assert abs(model.card_.holdout.bias) < 0.05


def test_each_renewal_is_discounted_at_its_own_day():
    table = rows(*[(f"k{i}", "start", "2026-06-30", 1000) for i in range(40)])
    plain, discounted = (ContractWorth(discount_rate=d).fit(table, now=NOW) for d in (0.0, 0.2))
    model = plain.models_[1]
    k = np.arange(1, 12)
    by_hand = 1000 * np.sum(model.survival(k) * 1.2 ** (-k * DAYS_A_MONTH / 365))
    assert discounted.predict().column("clv")[0].as_py() == pytest.approx(by_hand)
    assert plain.predict().column("clv")[0].as_py() == pytest.approx(1000 * model.survival(k).sum())
    assert "too_few_contracts" in plain.card_.limits


def test_the_curve_follows_the_count_and_goes_on_beyond_it():
    table, _ = company(4000, 3)
    months, curve = ContractWorth().fit(table, now=NOW).curve()
    assert months == 1
    assert curve[0].model == curve[0].seen == 1.0
    assert all(abs(p.seen - p.model) < 0.05 for p in curve if p.seen is not None)
    assert curve[-1].seen is None
    assert all(p.low <= p.model <= p.high for p in curve)


def test_lengths_of_period_are_learnt_apart_and_little_data_is_no_crash():
    short, _ = company(200, 1)
    long, _ = company(5, 2, months=12)
    long["contract"] = np.char.add("y", long["contract"])
    both = {k: np.concatenate([short[k], long[k]]) for k in short}
    model = ContractWorth().fit(both, now=NOW)
    assert sorted(model.models_) == [1, 12]
    worth = model.predict()
    assert np.isfinite(worth.column("clv").to_numpy()).all()
    with pytest.raises(ValueError, match="no contract"):
        ContractWorth().fit(pa.table({"contract": pa.array([], pa.string()), "kind": [], "day": []}), now=NOW)
    with pytest.raises(KeyError, match="kind"):
        ContractWorth().fit({"contract": ["a"], "day": ["2026-01-01"]}, now=NOW)
    ended = rows(("a", "start", "2026-01-01", 1), ("a", "cancel", "2026-02-01", 1))
    assert ContractWorth().fit(ended, now=NOW).predict().num_rows == 0
