"""ChurnHazard against known truth: simulated hazards, scikit-learn, Kaplan-Meier, and the Telco sample."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from regulars.understand import ChurnHazard
from regulars.understand.gains import auc_interval, calibration_error, calibration_noise
from regulars.understand.outcomes import outcome
from regulars.understand.person_periods import life_table


def lives(n=3000, seed=0, most=24):
    """Contracts with hazard expit(-2.5 + 0.8 x - 0.4 log(1 + t)) in period t, each watched for a while."""
    rng = np.random.default_rng(seed)
    x, watch = rng.normal(size=n), rng.integers(1, most + 1, n)
    t = np.arange(1, most + 1)
    hazard = expit(-2.5 + 0.8 * x[:, None] - 0.4 * np.log1p(t)[None, :])
    ends = rng.random((n, most)) < hazard
    first = np.where(ends.any(axis=1), ends.argmax(axis=1) + 1, most + 1)
    left = first <= watch
    return pa.table({"x": x, "tenure": np.where(left, first, watch), "churned": left})


def test_it_finds_the_hazard_that_made_the_data():
    model = ChurnHazard(history="whole_life", model="logistic", folds=2).fit(lives())
    x = np.repeat([-1.0, 0.0, 1.0], 3)
    t = np.tile([1, 6, 18], 3)
    told = model.predict(pa.table({"x": x, "tenure": t}))["risk"].to_numpy()
    true = expit(-2.5 + 0.8 * x - 0.4 * np.log1p(t))
    assert np.abs(told - true).max() < 0.025
    slope = logit(told[6]) - logit(told[3])
    assert slope == pytest.approx(0.8, abs=0.12)


def test_survival_multiplies_the_hazards_to_come():
    model = ChurnHazard(history="whole_life", model="logistic", folds=2).fit(lives(800))
    who = pa.table({"x": [0.5], "tenure": [3]})
    each = [float(model.predict(pa.table({"x": [0.5], "tenure": [3 + k]}))["risk"][0].as_py()) for k in range(4)]
    assert model.survival(who, 4)[0] == pytest.approx(np.cumprod(1 - np.array(each)))
    assert model.leave_within(who, 4)[0] == pytest.approx(1 - np.prod(1 - np.array(each)))


def test_with_time_alone_it_is_kaplan_and_meier():
    table = lives(1500, most=8).select(["tenure", "churned"])
    model = ChurnHazard(history="whole_life", model="logistic", clock="each", C=1e9, folds=2, calibrate="none")
    model.fit(table)
    truth = life_table(table["tenure"].to_numpy(), table["churned"].to_numpy(zero_copy_only=False))
    told = model.survival({"tenure": [1]}, len(truth.period))[0]
    assert told == pytest.approx(truth.survival, abs=2e-4)


def test_without_bends_it_is_logistic_regression():
    rng = np.random.default_rng(3)
    table = {"tenure": rng.integers(1, 6, 500), "x": rng.integers(-3, 4, 500)}
    left = rng.random(500) < expit(-1 + 0.5 * table["x"])
    model = ChurnHazard(model="logistic", calibrate="none", C=2.0).fit(pa.table(table), left)
    X = np.stack([(v - v.mean()) / v.std() for v in table.values()], axis=1)
    other = LogisticRegression(C=2.0, max_iter=5000, tol=1e-9).fit(X, left)
    assert model.predict_proba(table)[:, 1] == pytest.approx(other.predict_proba(X)[:, 1], abs=1e-4)


@pytest.mark.parametrize("name", ["logistic", "boosting", "blend"])
def test_reasons_add_up_to_the_margin(name):
    table = lives(600)
    model = ChurnHazard(history="whole_life", model=name, calibrate="none", folds=2).fit(table)
    names, parts, base = model.reasons(table)
    assert set(names) == {"x", "tenure"}
    assert base + parts.sum(axis=1) == pytest.approx(logit(model.predict_proba(table)[:, 1]), abs=1e-8)


def test_columns_that_teach_nothing_do_no_harm():
    table = lives(600)
    rng = np.random.default_rng(1)
    table = (
        table.append_column("same", pa.array(["a"] * 600))
        .append_column("empty", pa.nulls(600, pa.string()))
        .append_column("typed", pa.array([f"{v:,.2f}" if v > 0 else " " for v in rng.normal(5000, 4000, 600)]))
        .append_column("key", pa.array([f"id-{i}" for i in range(600)]))
        .append_column("plan", pa.array(rng.choice(["basic", "pro", None], 600).tolist()))
    )
    model = ChurnHazard(model="logistic", folds=2).fit(table)
    assert model.matrix_.dropped_ == {"same": "constant", "empty": "all_missing", "key": "id"}
    strange = table.slice(0, 1).set_column(table.column_names.index("plan"), "plan", pa.array(["never seen"]))
    for told in (model.predict(table), model.predict(strange)):
        assert not np.isnan(told["risk"].to_numpy()).any()
        assert np.all(told["low"].to_numpy() <= told["risk"].to_numpy())
        assert np.all(told["risk"].to_numpy() <= told["high"].to_numpy())


def test_few_leavers_get_the_average():
    model = ChurnHazard().fit({"tenure": [1, 2, 3, 4], "churned": ["no", "no", "yes", "no"]})
    assert model.limits_[-1] == "few_leavers"
    assert model.predict({"tenure": [7]})["risk"].to_pylist() == [0.25]
    assert model.survival({"tenure": [7]}, 2)[0] == pytest.approx([0.75, 0.5625])


@pytest.mark.parametrize(
    ("table", "error", "words"),
    [
        ({"tenure": [], "churned": []}, ValueError, "no rows"),
        ({"tenure": [1], "left": ["yes"]}, KeyError, "churned"),
        ({"tenure": [1, 2], "churned": ["maybe", "yes"]}, ValueError, "maybe"),
        ({"tenure": ["long", "short"], "churned": ["no", "yes"]}, ValueError, "no numbers"),
    ],
)
def test_bad_tables_say_what_is_wrong(table, error, words):
    with pytest.raises(error, match=words):
        ChurnHazard().fit(table)


def test_the_clock_and_history_are_checked():
    with pytest.raises(ValueError, match="whole_life"):
        ChurnHazard(history="some").fit({"tenure": [1], "churned": [1]})
    with pytest.raises(ValueError, match="no model is called"):
        ChurnHazard(model="oracle", folds=2).fit(lives(300))


def test_without_lightgbm_it_says_so_and_works(monkeypatch):
    monkeypatch.setattr("regulars.understand.learners.find_spec", lambda name: None)
    model = ChurnHazard(model="boosting", folds=2).fit(lives(400))
    assert "no_lightgbm" in model.limits_
    names, parts, _base = model.reasons(lives(50))
    assert parts.shape == (50, len(names))


@pytest.mark.shared_data
def test_telco_without_a_glance_at_the_answer(shared_data):
    """Selection, calibration and scaling all happen inside the outer fold."""
    table = pcsv.read_csv(shared_data / "telco_churn" / "telco_churn.csv").drop_columns("customerID")
    left = outcome(table["Churn"])
    told, aucs = np.zeros(len(left)), []
    for learn, held in StratifiedKFold(5, shuffle=True, random_state=42).split(told, left):
        model = ChurnHazard(outcome="Churn", folds=3).fit(table.take(learn))
        told[held] = model.predict(table.take(held))["risk"].to_numpy()
        aucs.append(auc_interval(left[held], told[held])[0])
    assert np.mean(aucs) >= 0.846
    # On so few rows even true chances show an error of about .012; more than half again would be the model's own.
    assert calibration_error(left, told) < 1.5 * calibration_noise(told)
