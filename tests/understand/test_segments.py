from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from regulars.understand import RuleSegments
from regulars.understand.segments import SEGMENTS, describe


def test_every_combination_of_scores_is_in_exactly_one_segment_and_every_segment_is_used():
    scores = np.array([(*s, o) for s in product(range(1, 6), repeat=3) for o in (1, 7)])
    keys = RuleSegments().predict({"r": scores[:, 0], "f": scores[:, 1], "m": scores[:, 2], "orders": scores[:, 3]})
    assert len(keys) == 250
    assert set(keys) == set(SEGMENTS)


@pytest.mark.parametrize(
    ("r", "f", "m", "orders", "key"),
    [
        (5, 5, 5, 20, "champions"), (3, 5, 4, 9, "loyal"), (1, 5, 5, 20, "cant_lose"), (1, 1, 1, 1, "lost"),
        (5, 1, 1, 1, "new"), (5, 1, 1, 2, "potential_loyalist"), (4, 1, 1, 1, "promising"), (2, 3, 4, 4, "at_risk"),
        (2, 1, 2, 1, "hibernating"), (3, 2, 1, 2, "about_to_sleep"), (3, 3, 3, 3, "needs_attention"),
    ],
)  # fmt: skip
def test_the_words_fit_the_behaviour(r, f, m, orders, key):
    assert RuleSegments().predict({"r": [r], "f": [f], "m": [m], "orders": [orders]})[0] == key


def test_better_scores_never_lead_to_lost():
    keys = RuleSegments().predict({"r": [4, 5] * 25, "f": np.repeat(np.arange(1, 6), 10), "m": [3] * 50})
    assert not set(keys) & {"lost", "hibernating", "at_risk", "cant_lose"}


def test_profiles_add_up_and_say_what_sets_a_segment_apart():
    rng = np.random.default_rng(0)
    labels = np.array(["a", "b"])[(rng.random(1000) < 0.25).astype(int)]
    figures = {"orders": rng.normal(5, 2, 1000) + 4 * (labels == "b"), "age": rng.normal(0, 1, 1000)}
    spent = rng.integers(1, 100, 1000)
    profiles = describe(labels, figures, spent, spent * 2.0, method="rules", made_by="test/1")
    assert sum(p.size for p in profiles) == 1000
    assert sum(p.share for p in profiles) == pytest.approx(1.0)
    assert sum(p.worth for p in profiles) == pytest.approx(2.0 * spent.sum())
    b = next(p for p in profiles if p.key == "b")
    assert b.features[0].name == "orders"
    own = figures["orders"][labels == "b"].mean()
    assert b.features[0].difference == pytest.approx((own - figures["orders"].mean()) / figures["orders"].std())


def test_scores_out_of_range_are_refused():
    with pytest.raises(ValueError, match="1 to 5"):
        RuleSegments().predict({"r": [0], "f": [1], "m": [1]})
