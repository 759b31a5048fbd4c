from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regulars.understand.diffusion import AdoptionHazard, links, panel, spread


def villages(influence, seed=0, groups=8, size=40, periods=12):
    """Adoption simulated over random acquaintances; the logit rises by ``influence`` once somebody known has."""
    rng = np.random.default_rng(seed)
    n = groups * size
    group = np.repeat(np.arange(groups), size)
    source = np.repeat(np.arange(n), 3)
    target = group[source] * size + rng.integers(0, size, len(source))
    known = [set() for _ in range(n)]
    for a, b in zip(source, target, strict=True):
        if a != b:
            known[a].add(b)
            known[b].add(a)
    when = np.full(n, periods + 1)
    for t in range(1, periods + 1):
        some = np.array([any(when[j] < t for j in known[i]) for i in range(n)])
        chance = 1 / (1 + np.exp(-(-3 + influence * some)))
        when[(when > periods) & (rng.random(n) < chance)] = t
    return panel(when, source, target, periods=periods, group=group)


def test_influence_is_found_where_it_is_and_not_where_it_is_not():
    assert spread(villages(1.5), draws=100).code == "network_foretells"
    codes = [spread(villages(0.0, seed), draws=50).code for seed in range(8)]
    assert codes.count("network_foretells") <= 1


def test_hybrid_corn_spreads_along_acquaintances_and_tetracycline_cannot_be_told(shared_data):
    found = {}
    for name, file, group, periods in (
        # Who is coded 20 had mostly not adopted at the survey, so the last period seen is 19.
        ("corn", "diffusion_brfarmers/brfarmers.csv.gz", "commun", 19),
        ("drug", "diffusion_medinnovations/medInnovations.csv.gz", "city", 17),
    ):
        data = pd.read_csv(shared_data / file)
        named = data[[c for c in data if c.startswith("net")]]
        source, target = links(named, data["id"].tolist(), data[group].tolist())
        found[name] = spread(panel(data["toa"], source, target, periods=periods, group=data[group]), draws=200)
    corn, drug = found["corn"], found["drug"]
    assert (corn.people, corn.groups, drug.people, drug.groups) == (692, 11, 125, 4)
    assert corn.code == "network_foretells"
    assert corn.gain_low > 0.002
    assert corn.auc_low > 0.01
    assert corn.auc > 0.78
    # Van den Bulte and Lilien (2001) found no contagion in these data either, once marketing is counted.
    assert drug.code == "cannot_tell"
    assert drug.gain_low < 0 < drug.auc_gain < drug.auc_high


def test_chances_are_right_on_average():
    data = villages(1.0)
    told = AdoptionHazard().fit(data).predict(data)
    assert told.mean() == pytest.approx(data.adopts.mean(), rel=1e-3)
    assert ((told > 0) & (told < 1)).all()


def test_names_outside_the_group_and_twice_do_not_count():
    source, target = links([[2, 2, 9], [2, None, 1]], [1, 2], ["a", "a"])
    assert (source.tolist(), target.tolist()) == ([0, 1], [1, 0])


def test_what_cannot_be_said_is_said():
    alone = panel([1, 2, 9], [0], [1], periods=2)
    with pytest.raises(ValueError, match="two groups"):
        spread(alone)
    with pytest.raises(ValueError, match="periods from 1"):
        panel([0, 1], [0], [1], periods=2)
    with pytest.raises(ValueError, match="nobody or everybody"):
        AdoptionHazard().fit(panel([9, 9], [0], [1], periods=2))
