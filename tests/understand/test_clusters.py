from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from tests.understand.groups import FOUR, planted

from regulars.understand import KMeansSegments


def test_finds_the_groups_that_are_there_and_their_number():
    truth, table = planted(FOUR, 1500, 0)
    model = KMeansSegments().fit(table)
    assert model.k_ == 4
    assert model.limits_ == ()
    assert adjusted_rand_score(truth, model.predict(table)) > 0.98


def test_groups_are_numbered_by_money_and_the_same_every_time():
    _, table = planted(FOUR, 800, 1)
    one, two = KMeansSegments().fit(table), KMeansSegments().fit(table)
    assert one.predict(table).tolist() == two.predict(table).tolist()
    money = [table["spent"][one.predict(table) == f"k{i}"].mean() for i in range(one.k_)]
    assert money == sorted(money, reverse=True)


def test_noise_without_groups_is_called_unstable():
    rng = np.random.default_rng(2)
    table = {name: np.exp(rng.normal(3, 1, 600)) for name in ("days_since_last", "orders", "spent", "T")}
    assert KMeansSegments().fit(table).limits_ in {("groups_not_stable",), ("one_group",)}


@pytest.mark.parametrize("n", [1, 2, 19])
def test_a_handful_of_customers_is_one_group(n):
    _, table = planted(FOUR, n, 3)
    model = KMeansSegments().fit(table)
    assert model.k_ == 1
    assert model.limits_ == ("too_few_customers",)
    assert set(model.predict(table)) == {"k0"}


def test_a_given_number_is_kept_and_other_criteria_work():
    _, table = planted(FOUR, 400, 4)
    assert KMeansSegments(k=3).fit(table).k_ == 3
    assert KMeansSegments(criterion="calinski_harabasz").fit(table).k_ == 4
    with pytest.raises(ValueError, match="criterion"):
        KMeansSegments(criterion="magic").fit(table)
