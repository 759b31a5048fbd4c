from __future__ import annotations

import numpy as np
import pytest

from regulars.measure.arm_sums import ArmSums
from regulars.measure.experiment import Experiment
from regulars.measure.scorecard import scorecard

N = 8000


def fitted(control: int, new: int) -> Experiment:
    return Experiment().fit({"control": ArmSums.shares(control, N), "new": ArmSums.shares(new, N)})


@pytest.mark.parametrize(
    ("buy", "stay", "advice"),
    [
        ((400, 640), (7600, 7590), "ship"), ((400, 640), (7600, 7000), "look"), ((400, 410), (7600, 7590), "wait"),
        ((640, 400), (7600, 7590), "stop"), ((400, 410), (7600, 7000), "stop"),
    ],
)  # fmt: skip
def test_the_advice_follows_from_the_figures(buy: tuple[int, int], stay: tuple[int, int], advice: str) -> None:
    found = scorecard({"buy": fitted(*buy), "stay": fitted(*stay)}, primary="buy", guardrails={"stay": 0.02})
    assert found.advice == {"new": advice}
    assert [x.role for x in found.lines] == ["primary", "guardrail"]


def test_a_broken_draw_stops_everything() -> None:
    arms = {"control": ArmSums.shares(400, 8000), "new": ArmSums.shares(640, 7000)}
    assert scorecard({"buy": Experiment().fit(arms)}, primary="buy").advice == {"new": "stop"}


def test_ten_figures_by_chance_prove_nothing() -> None:
    rng = np.random.default_rng(1)
    wrong = 0
    for _ in range(15):
        counts = rng.binomial(2000, 0.2, (11, 2))
        each = {f"f{i}": Experiment(method="fixed").fit(
            {"control": ArmSums.shares(int(a), 2000), "new": ArmSums.shares(int(b), 2000)})
            for i, (a, b) in enumerate(counts)}  # fmt: skip
        found = scorecard(each, primary="f0")
        wrong += any(x.code != "cannot_tell" for x in found.lines if x.role == "other")
    assert wrong <= 3


def test_what_was_not_fitted_is_named() -> None:
    with pytest.raises(ValueError, match="'stay' is not among"):
        scorecard({"buy": fitted(400, 500)}, primary="buy", guardrails={"stay": 0.1})
    with pytest.raises(ValueError, match="above zero"):
        scorecard({"buy": fitted(400, 500)}, primary="buy", guardrails={"buy": -0.1})
