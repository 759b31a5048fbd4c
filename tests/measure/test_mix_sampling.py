from __future__ import annotations

import numpy as np
from tests.measure.test_mix_density import density

from regulars.measure.mix_sampling import names, sampled

SHORT = {"chains": 4, "draws": 150, "warmup": 200}


def test_every_coordinate_has_a_name_and_its_own_diagnosis():
    f, _ = density(saturation="hill", geos=2)
    named = names(f, ("a", "b"), ("g0", "g1"))
    assert len(named) == f.size
    assert named[0] == "return[a]"
    assert "geo[b, g1]" in named
    assert named[-1] == "sigma"


def test_the_preview_is_near_the_answer_where_the_data_speak():
    f, _ = density()
    named = names(f, ("a", "b"), ("all",))
    drawn, told = sampled(f, named, sampler="hmc", rng=np.random.default_rng(0), **SHORT)
    quick, said = sampled(f, named, sampler="laplace", rng=np.random.default_rng(0), **SHORT)
    assert drawn.shape == quick.shape == (4, 150, f.size)
    assert told["r_hat"] < 1.1
    assert told["parameters"]["name"].tolist() == named
    assert said["r_hat"] is said["divergences"] is None
    both = [x[..., -1].mean() for x in (drawn, quick)]
    assert abs(both[0] - both[1]) < 2 * drawn[..., -1].std()
