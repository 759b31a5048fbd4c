"""Behaviour: nothing of the future is used, known truth is found, and real customers are ranked."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from regulars.understand import Behaviour
from regulars.understand.behaviour_features import features, history, labels, next_purchase
from regulars.understand.next_purchase import NextPurchase
from regulars.understand.order_value import OrderValue

START = np.datetime64("2025-01-01")


def orders(n=800, days=240, seed=0, shape=0.8, scale=0.06):
    """Customers who buy by a Poisson process each with a rate of their own; returns orders and the rates a day."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(shape, scale, n)
    born = rng.integers(0, days // 3, n)
    bought = rng.random((n, days)) < 1 - np.exp(-rate[:, None])
    bought &= np.arange(days)[None, :] >= born[:, None]
    bought[np.arange(n), born] = True
    who, day = np.nonzero(bought)
    table = pa.table({
        "customer": pa.array([f"c{i:05d}" for i in who]), "day": pa.array(START + day),
        "amount": pa.array(rng.integers(500, 1500, len(who))), "kind": pa.array(["sale"] * len(who)),
    })  # fmt: skip
    return table, rate


UNTIL = (START + 239).astype(object)


@pytest.fixture(scope="module")
def shop():
    return orders()


def test_what_comes_later_changes_nothing_known_before(shop):
    table, _rate = shop
    rng = np.random.default_rng(1)
    some = rng.choice(table.num_rows, 200, replace=False)
    refunds = pa.table({
        "customer": table["customer"].take(some), "amount": pc.negate(table["amount"].take(some)),
        "day": pa.array(np.asarray(table["day"].take(some), dtype="datetime64[D]") + 20), "kind": ["refund"] * 200,
    }).select(table.column_names)  # fmt: skip
    everything = pa.concat_tables([table, refunds])
    cut = int((START + 150).astype(int))
    early = everything.filter(pc.less(everything["day"], pa.scalar((START + 150).astype(object))))
    who, known = features(history(everything, until=UNTIL), cut)
    same, then = features(history(early, until=cut - 1), cut)
    whole, part = history(everything, until=UNTIL).cells.customers, history(early, until=cut - 1).cells.customers
    assert whole.take(pa.array(who)).to_pylist() == part.take(pa.array(same)).to_pylist()
    for name in known.column_names:
        assert known[name].to_pylist() == pytest.approx(then[name].to_pylist()), name


def test_labels_against_counting(shop):
    table, _rate = shop
    past = history(table, until=UNTIL)
    cut = past.until + 1 - 30
    who, _known = features(past, cut)
    first = (START + 210).astype(object)
    late = table.filter(pc.greater_equal(table["day"], pa.scalar(first)))
    spent = {
        r["customer"]: r["amount_sum"] for r in late.group_by("customer").aggregate([("amount", "sum")]).to_pylist()
    }
    keys = past.cells.customers.take(pa.array(who)).to_pylist()
    assert labels(past, who, "purchase", cut, 30).tolist() == [float(k in spent) for k in keys]
    assert labels(past, who, "spend", cut, 30).tolist() == [float(spent.get(k, 0)) for k in keys]
    days, came = next_purchase(past, who, cut)
    assert came.tolist() == [k in spent for k in keys]
    assert set(days[~came].tolist()) <= {30.0}
    assert (days[came] < 30).all()


def test_it_ranks_nearly_as_well_as_the_truth(shop):
    """A Poisson buyer with rate r buys within 30 days with 1 - exp(-30 r); no model can beat that ranking by much."""
    table, rate = shop
    model = Behaviour(models=("logistic", "boosting"), until=UNTIL).fit(table)
    told = model.predict()
    at = [int(k[1:]) for k in told["customer"].to_pylist()]
    true = 1 - np.exp(-30 * rate[at])
    value = told["value"].to_numpy()
    assert np.corrcoef(true, value)[0, 1] > 0.9
    assert value.mean() == pytest.approx(true.mean(), abs=0.04)
    assert model.trials_[0].auc > 0.75
    assert {t.model for t in model.trials_} == {"logistic", "boosting"}
    assert np.all((told["low"].to_numpy() <= value) & (value <= told["high"].to_numpy()))
    assert model.card_.metrics[0][0] == "auc"


def test_all_four_models_meet_on_the_same_rows(shop):
    model = Behaviour(sample=400, folds=2, gain=100.0, cost=30.0, until=UNTIL).fit(shop[0])
    assert {t.model for t in model.trials_} == {"logistic", "boosting", "forest", "neural"}
    assert len({t.n for t in model.trials_}) == 1
    assert model.threshold_.chance == 0.3
    assert model.threshold_.profit >= model.threshold_.everybody - 1e-9
    assert model.lift_[1].lift > 1.0


def test_spend_adds_up(shop):
    model = Behaviour(target="spend", models=("logistic",), until=UNTIL).fit(shop[0])
    assert abs(model.holdout_.bias) < 0.25
    assert model.holdout_.mae < model.holdout_.naive_mae
    told = model.predict(["c00001", "nobody"]).to_pylist()
    assert told[0]["value"] >= 0
    assert told[1]["value"] is None


def test_order_value_keeps_the_total():
    rng = np.random.default_rng(0)
    x = rng.gamma(2.0, 50.0, 500)
    money = x * rng.lognormal(0, 0.4, 500)
    told = OrderValue(alpha=0.1).fit({"x": x}, money).predict({"x": x})
    assert told.sum() == pytest.approx(money.sum(), rel=0.02)
    assert OrderValue().fit({"x": [1.0]}, [5.0]).predict({"x": [3.0]}).tolist() == [5.0]


def test_use_that_falls_and_plans_that_grow():
    rng = np.random.default_rng(4)
    table, _rate = orders(400, seed=4)
    keys = sorted(set(table["customer"].to_pylist()))
    weeks = np.arange(0, 239, 7)
    fades = rng.random(len(keys)) < 0.4
    rows = [
        (k, w, 100.0 * (0.35 ** ((w - 120) / 30) if fade and w > 120 else 1.0))
        for k, fade in zip(keys, fades, strict=True)
        for w in weeks
    ]
    usage = pa.table({"customer": [r[0] for r in rows], "day": pa.array(START + np.array([r[1] for r in rows])),
                      "quantity": [r[2] for r in rows]})  # fmt: skip
    facts = {"orders": table, "usage": usage}
    model = Behaviour(target="usage_drop", models=("logistic",), until=UNTIL).fit(facts)
    told = dict(zip(model.predict()["customer"].to_pylist(), model.predict()["value"].to_pylist(), strict=True))
    faded = np.mean([told[k] for k, f in zip(keys, fades, strict=True) if f])
    steady = np.mean([told[k] for k, f in zip(keys, fades, strict=True) if not f])
    assert faded > steady + 0.3
    assert Behaviour(target="upgrade", until=UNTIL).fit(facts).limits_ == ("few_cases",)


def test_the_next_purchase_of_a_memoryless_buyer_is_geometric():
    """All buy with p = .05 a day: median 13.5 days, 90 % between 1.0 and 58.4."""
    rng = np.random.default_rng(5)
    n, days = 2000, 240
    bought = rng.random((n, days)) < 0.05
    bought[:, 0] = True
    who, day = np.nonzero(bought)
    table = {"customer": [f"c{i}" for i in who], "day": pa.array(START + day), "amount": [100] * len(who)}
    model = NextPurchase(until=UNTIL, watch_days=80).fit(pa.table(table))
    _who, gone = model.distribution()
    assert np.median(model.quantile(gone, 0.5)) == pytest.approx(13.5, abs=2.0)
    assert np.nanmedian(model.quantile(gone, 0.95)) == pytest.approx(58.4, abs=10.0)
    told = model.predict()
    assert told["day"][0].as_py() > UNTIL


def test_nine_in_ten_next_purchases_fall_in_the_interval(shop):
    table, _rate = shop
    cut = (START + 170).astype(object)
    past = history(table, until=UNTIL)
    model = NextPurchase(until=cut, watch_days=60).fit(table.filter(pc.less_equal(table["day"], pa.scalar(cut))))
    who, gone = model.distribution()
    keys = model.history_.cells.customers.take(pa.array(who))
    days, came = next_purchase(past, past.codes_of(keys), model.history_.until + 1)
    low, high = model.quantile(gone, 0.05), model.quantile(gone, 0.95)
    waited = np.where(came, days, 1e9) + 0.5
    inside = (waited >= np.nan_to_num(low, nan=1e8) - 1) & (waited <= np.nan_to_num(high, nan=1e10) + 1)
    assert 0.86 <= inside.mean() <= 0.985


@pytest.mark.parametrize("n", [1, 5])
def test_a_handful_of_customers_gets_the_average_and_no_error(n):
    table = {"customer": [f"c{i}" for i in range(n)], "day": ["2026-01-01"] * n, "amount": [100] * n}
    model = Behaviour().fit(table)
    assert model.limits_
    assert model.predict().num_rows == n
    assert not np.isnan(model.predict()["value"].to_numpy()).any()
    assert NextPurchase().fit(table).limits_ == ("few_cases",)


def test_bad_questions_say_what_is_wrong():
    table = {"customer": ["a"], "day": ["2026-01-01"], "amount": [100]}
    with pytest.raises(ValueError, match="no target is called"):
        Behaviour(target="marry").fit(table)
    with pytest.raises(ValueError, match="no paid order"):
        Behaviour().fit(pa.table({"customer": pa.array([], pa.string()), "day": pa.array([], pa.date32()),
                                  "amount": pa.array([], pa.int64())}))  # fmt: skip
    with pytest.raises(ValueError, match="at least 1"):
        Behaviour(horizon_days=0).fit(table)


@pytest.mark.shared_data
def test_a_gift_shop_foretold_out_of_time(shared_data):
    """Online Retail: who buys within 30 days, judged on customers and days the models had not seen."""
    table = pq.read_table(shared_data / "online_retail_uk" / "online_retail.parquet")
    table = table.filter(pc.is_valid(table["CustomerID"]))
    table = table.append_column("m", pc.multiply(table["Quantity"].cast("float64"), table["UnitPrice"].cast("float64")))
    bills = table.group_by(["InvoiceNo", "CustomerID"]).aggregate([("m", "sum"), ("InvoiceDate", "min")])
    sales = pa.table({
        "customer": bills["CustomerID"].cast("string"),
        "day": bills["InvoiceDate_min"].cast("timestamp[us]").cast("date32"),
        "amount": pc.round(pc.multiply(bills["m_sum"], 100)).cast("int64"),
        "kind": pc.if_else(pc.starts_with(bills["InvoiceNo"].cast("string"), "C"), "refund", "sale"),
    })  # fmt: skip
    model = Behaviour(sample=2000, folds=2, models=("logistic", "boosting"), gain=10_000, cost=4_000).fit(sales)
    best = model.trials_[0]
    assert best.auc_low > 0.70
    assert model.lift_[1].lift > 2.0
    assert model.threshold_.profit > model.threshold_.everybody
