from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from regulars.measure import Attribution, markov
from regulars.measure.journeys import Journeys, journeys
from regulars.measure.resample import buckets


def random_paths(seed: int, rows: int, channels: int, longest: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    paths = [[f"c{k:02d}" for k in rng.integers(0, channels, rng.integers(1, longest + 1))] for _ in range(rows)]
    won = rng.poisson(1.0, rows)
    return pa.table({"path": paths, "conversions": won, "value": won * rng.integers(1, 5_000, rows),
                     "nulls": rng.poisson(3.0, rows)})  # fmt: skip


def deleted_by_hand(told: Journeys, order: int) -> Any:
    """Removal effects by walking every path into dictionaries, and solving each thinned chain from scratch."""
    moves: dict[tuple[Any, Any], np.ndarray] = {}
    rows = zip(told.total(told.won), told.total(told.money), told.total(told.lost), strict=True)
    for d, (won, money, lost) in enumerate(rows):
        own = told.channel[told.start[d] : told.start[d + 1]].tolist()
        states = [tuple(own[max(0, i - order + 1) : i + 1]) for i in range(len(own))]
        for a, b in zip(["start", *states[:-1]], states, strict=True):
            moves[a, b] = moves.get((a, b), 0) + np.array([won + lost, 0.0, 0.0])
        moves[states[-1], "end"] = moves.get((states[-1], "end"), 0) + np.array([won + lost, won, money])
    names = sorted({a for a, _ in moves if a != "start"})

    def worth(deleted: int | None) -> np.ndarray:
        keep = ["start", *(s for s in names if deleted not in s)]
        at = {s: i for i, s in enumerate(keep)}
        Q, R, out = np.zeros((len(keep), len(keep))), np.zeros((len(keep), 2)), np.zeros(len(keep))
        for (a, b), (every, won, money) in moves.items():
            if a in at:
                out[at[a]] += every
                R[at[a]] += won, money
                if b in at:
                    Q[at[a], at[b]] += every
        out[out == 0] = 1
        return np.linalg.solve(np.eye(len(keep)) - Q / out[:, None], R / out[:, None])[0]

    whole = worth(None)
    return np.array([1 - worth(k) / whole for k in range(len(told.names))])


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("dense", [10**6, 0])
def test_removal_effects_equal_deleting_each_channel(order: int, dense: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markov, "DENSE", dense)
    told = journeys(random_paths(1, 60, 5, 8))
    made = markov.chain(told, order)
    seen = markov.counts(made, *(told.total(x) for x in (told.won, told.money, told.lost)))
    assert markov.removal_effects(made, seen) == pytest.approx(deleted_by_hand(told, order), abs=1e-12)


def test_a_small_chain_by_hand() -> None:
    # From a half go on to b and half are lost; from b, two of three buy.
    paths = pa.table({"path": ["a > b", "a", "b"], "conversions": [1, 0, 1], "nulls": [0, 1, 1]})
    found = Attribution(draws=0).fit(paths)
    # P(order) = 1/2 (1/2 * 2/3) + 1/2 * 2/3 = 1/2; without a 1/3, without b 0.
    assert found.removal_effects_.to_pydict() == {"channel": ["a", "b"], "conversions": pytest.approx([1 / 3, 1])}
    assert found.credits_.to_pydict()["conversions"] == pytest.approx([0.5, 1.5])


def test_staying_on_a_channel_changes_nothing() -> None:
    """With a memory of one touch, only moves between different channels matter."""
    told = random_paths(2, 80, 4, 6)
    once = [[c for i, c in enumerate(p) if i == 0 or c != p[i - 1]] for p in told["path"].to_pylist()]
    short = told.set_column(0, "path", pa.array(once))
    a, b = (Attribution(draws=0).fit(t).removal_effects_["conversions"].to_numpy() for t in (told, short))
    assert a == pytest.approx(b, abs=1e-12)


def test_journeys_longer_than_the_memory_of_all_give_the_share_of_paths_with_the_channel() -> None:
    """Where states tell whole paths apart, deleting a channel loses exactly the orders whose path holds it."""
    told = random_paths(3, 40, 5, 4)
    found = Attribution(order=4, draws=0).fit(told).removal_effects_
    won, paths = told["conversions"].to_pylist(), told["path"].to_pylist()
    for name, effect in zip(found["channel"].to_pylist(), found["conversions"].to_pylist(), strict=True):
        # Two paths may share a state only as beginnings of each other: with up to four touches, states are paths.
        whole = sum(w for w, p in zip(won, paths, strict=True) if name in p)
        assert effect == pytest.approx(whole / sum(won), abs=1e-12)


def test_first_order_replicates_agree_with_solving_each_one_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    told = journeys(random_paths(4, 2_000, 5, 6))
    made = markov.chain(told, 1)
    seen = markov.counts(made, *(told.total(x) for x in (told.won, told.money, told.lost)))
    drawn = buckets(told, 100, 0)
    anew = markov.replicates(made, seen, drawn)
    monkeypatch.setattr(markov, "RESOLVED", 0)
    quick = markov.replicates(made, seen, drawn)
    assert quick.std(axis=0) == pytest.approx(anew.std(axis=0), rel=0.05)
    assert np.abs(quick - anew).max() < 0.15 * anew.std(axis=0).max() + 0.002


def test_intervals_hold_about_as_often_as_they_say() -> None:
    """Companies drawn from one known chain: nine in ten intervals hold the credit of the whole population."""
    rng = np.random.default_rng(5)
    every = random_paths(6, 3_000, 4, 5)
    paths, chance = every["path"].to_pylist(), rng.beta(1, 3, every.num_rows)
    base = {"path": paths, "conversions": chance, "nulls": 1 - chance}
    true = Attribution(draws=0).fit(pa.table(base)).credits_["share"].to_numpy()
    held = []
    for run in range(40):
        at = rng.integers(0, len(paths), 1_500)
        won = (rng.random(1_500) < chance[at]).astype(int)
        some = pa.table({"path": [paths[i] for i in at], "conversions": won, "nulls": 1 - won})
        found = Attribution(draws=100, seed=run).fit(some).intervals_
        low, high = (found[f"conversions_{end}"].to_numpy() / won.sum() for end in ("low", "high"))
        held.append((low <= true) & (true <= high))
    assert 0.84 <= np.mean(held) <= 0.95


def test_too_long_a_memory_is_refused() -> None:
    paths = pa.table({"path": [[f"c{i}" for i in range(50_000)]], "conversions": [1]})
    with pytest.raises(ValueError, match="too long"):
        Attribution(order=4).fit(paths)
