from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regulars.decide.off_policy import OffPolicy, arm_means, chosen


def world(n: int, seed: int) -> tuple[np.ndarray, ...]:
    """Contexts, chances of three actions, what was done, what came, and the true mean of every action."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    logits = np.stack([0.4 * x, -0.2 * x, np.zeros(n)], axis=1)
    p = 0.1 + 0.7 * np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    mean = np.stack([1 + 0.5 * x, 1.2 - x, np.full(n, 0.8)], axis=1)
    a = (rng.random(n)[:, None] > np.cumsum(p, axis=1)).sum(axis=1)
    r = mean[np.arange(n), a] + rng.normal(size=n)
    return x, p, a, r, mean


def test_by_hand_on_four_people() -> None:
    log = OffPolicy([0, 1, 1, 0], [1.0, 4.0, 2.0, 3.0], [0.5, 0.25, 0.5, 0.5], model=[[1, 2]] * 4)
    always = chosen([1] * 4, 2)
    # weights 0, 4, 2, 0
    assert log.value(always, "ips").value == pytest.approx((16 + 4) / 4)
    assert log.value(always, "snips").value == pytest.approx(20 / 6)
    assert log.value(always, "dm").value == 2.0
    assert log.value(always, "dr").value == pytest.approx(2 + (4 * 2 + 0) / 4)
    assert log.value(always, "sndr").value == pytest.approx(2 + 8 / 6)
    assert log.value(always, "ips").effective == pytest.approx(36 / 20)
    assert "too_little_overlap" in log.value(always, "ips").limits


def test_the_logging_policy_itself_is_worth_the_mean() -> None:
    _x, p, a, r, _mean = world(500, 1)
    log = OffPolicy(a, r, p[np.arange(500), a])
    found = log.value(p, "ips")
    assert found.value == pytest.approx(r.mean())
    assert found.effective == pytest.approx(500)
    assert log.difference(p, p).value == 0.0


@pytest.mark.parametrize("estimator", ["ips", "snips", "dr", "sndr"])
def test_estimates_are_unbiased_and_their_intervals_cover(estimator: str) -> None:
    off, covered, runs = [], 0, 150
    for seed in range(runs):
        x, p, a, r, mean = world(600, seed)
        policy = 0.1 / 3 + 0.9 * chosen((x < 0).astype(int), 3)
        policy /= policy.sum(axis=1, keepdims=True)
        cell, fold = np.digitize(x, [-1, 0, 1]), np.arange(600) % 2
        log = OffPolicy(a, r, p[np.arange(600), a], model=arm_means(a, r, cell, fold, 3, 5.0))
        truth = float((policy * mean).sum(axis=1).mean())
        found = log.value(policy, estimator)
        off.append(found.value - truth)
        covered += found.low <= truth <= found.high
    error = np.std(off) / np.sqrt(runs)
    assert abs(np.mean(off)) <= 4 * error + 0.005
    assert 0.82 <= covered / runs <= 0.96


def test_a_model_makes_the_answer_sharper_and_a_wrong_one_does_not_bias_it() -> None:
    x, p, a, r, mean = world(4_000, 3)
    policy = chosen((x < 0).astype(int), 3)
    own = p[np.arange(4_000), a]
    plain = OffPolicy(a, r, own).value(policy, "ips")
    helped = OffPolicy(a, r, own, model=mean).value(policy, "dr")
    wrong = OffPolicy(a, r, own, model=np.full((4_000, 3), 7.0)).value(policy, "dr")
    truth = float((policy * mean).sum(axis=1).mean())
    assert helped.high - helped.low < 0.8 * (plain.high - plain.low)
    assert abs(helped.value - truth) < 0.1
    assert wrong.low <= truth <= wrong.high
    assert abs(OffPolicy(a, r, own, model=np.full((4_000, 3), 7.0)).value(policy, "dm").value - truth) > 5


def test_paired_differences_are_sharper_than_two_intervals_and_the_bootstrap_agrees() -> None:
    x, p, a, r, _mean = world(3_000, 5)
    log = OffPolicy(a, r + 20, p[np.arange(3_000), a])
    one, other = chosen((x < 0).astype(int), 3), chosen((x < 0.2).astype(int), 3)
    gap = log.difference(one, other)
    alone = log.value(one)
    boot = log.difference(one, other, draws=400)
    assert gap.value == pytest.approx(alone.value - log.value(other).value)
    assert gap.high - gap.low < 0.6 * (alone.high - alone.low)
    assert boot.high - boot.low == pytest.approx(gap.high - gap.low, rel=0.2)


def test_what_was_never_tried_is_said() -> None:
    _x, p, a, r, _mean = world(1_000, 2)
    keep = a < 2
    support = np.tile([True, True, False], (int(keep.sum()), 1))
    log = OffPolicy(a[keep], r[keep], p[np.arange(1_000), a][keep], support=support)
    found = log.value(chosen(np.full(int(keep.sum()), 2), 3), "ips")
    assert found.unseen == 1.0
    assert not found.sure
    assert log.value(p[keep] * [1, 1, 0] / (p[keep] * [1, 1, 0]).sum(axis=1, keepdims=True)).sure


def test_bad_logs_are_named() -> None:
    with pytest.raises(ValueError, match="nobody was logged"):
        OffPolicy([], [], [])
    with pytest.raises(ValueError, match="never 0"):
        OffPolicy([0], [1.0], [0.0])
    with pytest.raises(ValueError, match="add up to 1"):
        OffPolicy([0], [1.0], [0.5]).value([[0.5, 0.2]])
    with pytest.raises(ValueError, match="needs a model"):
        OffPolicy([0], [1.0], [0.5]).value([[0.5, 0.5]], "dr")


def hillstrom(folder: Path) -> pd.DataFrame:
    rows = pd.read_csv(folder / "hillstrom_email" / "hillstrom_half_a.csv.gz")
    rows["action"] = rows["segment"].map({"No E-Mail": 0, "Mens E-Mail": 1, "Womens E-Mail": 2})
    return rows


def test_gains_beat_the_likeliest_buyers_on_hillstrom(shared_data: Path) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from regulars.decide import Action, NextBestAction, Prior
    from regulars.decide import Uplift as Mean
    from regulars.understand import Uplift

    rows = hillstrom(shared_data)
    rows = rows[rows["action"] != 1].reset_index(drop=True)
    got = (rows["action"] == 2).to_numpy()
    seen = rows["visit"].to_numpy(dtype=float)
    known = ["recency", "history", "mens", "womens", "zip_code", "newbie", "channel"]
    plain = pd.get_dummies(rows[known], dtype=float)
    fold = np.random.default_rng(0).integers(0, 5, len(rows))
    likely, gains = np.zeros(len(rows)), np.zeros(len(rows), dtype=bool)
    for part in range(5):
        learn, told = fold != part, fold == part
        model = Uplift(learner="t").fit(rows.loc[learn, known], got[learn], seen[learn])
        value, low, high = (v[:, 0] for v in model.predict_interval(rows.loc[told, known]))
        response = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
        response.fit(plain[learn & got], seen[learn & got])
        likely[told] = response.predict_proba(plain[told])[:, 1]
        n = int(told.sum())
        people = {
            "customer": [f"{i}" for i in range(n)], "activity": ["active"] * n, "email_ok": [True] * n,
            "aov": [100.0] * n, "clv": [0.0] * n, "uplift_mail": value, "uplift_mail_low": low,
            "uplift_mail_high": high,
        }  # fmt: skip
        one, zero = seen[learn & got], seen[learn & ~got]
        mean = Mean(one.mean() - zero.mean(), np.sqrt(one.var() / len(one) + zero.var() / len(zero)), 1, 1.0)
        mail = Action("mail", ("active",), "order", "email", Prior(0.0, 1.0))
        rule = NextBestAction((mail,), margin=1.0, channel_cost={"email": 4})
        chosen_ = rule.decide(people, uplifts={"mail": mean}).solution.column("customer").to_pylist()
        here = np.flatnonzero(told)
        gains[here[[int(c) for c in chosen_]]] = True
    # A visit is worth 100 and a message costs 4; the usual rule writes wherever chance of a visit x 100 exceeds 4.
    usual = likely * 100 > 4
    count = np.zeros(len(rows), dtype=bool)
    count[np.argsort(-likely)[: gains.sum()]] = True
    profit = 100 * seen - 4 * got
    cell = rows["mens"] * 4 + rows["womens"] * 2 + (rows["recency"] > 5)
    log = OffPolicy(got.astype(int), profit, np.full(len(rows), 0.5),
                    model=arm_means(got.astype(int), profit, cell, fold, 2, 100.0))  # fmt: skip
    over_usual = log.difference(chosen(gains, 2), chosen(usual, 2), "dr", draws=200)
    over_count = log.difference(chosen(gains, 2), chosen(count, 2), "dr", draws=200)
    assert 0.2 < gains.mean() < 0.9
    assert over_usual.low > 0
    assert over_count.low > 0
