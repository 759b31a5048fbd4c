"""How well what people bought next was foretold, beside "offer everybody what sells best"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from regulars.understand.ease import EASE
from regulars.understand.itemsets import incidence
from regulars.understand.ownership import Ownership
from regulars.understand.purchase_lines import Purchases
from regulars.understand.ranking_metrics import best, coverage, diversity, ndcg, recall

Metric = tuple[str, float, float | None, float | None]
LEAST, MOST, TESTED = 30, 3_000, 300


@dataclass(frozen=True)
class HeldOut:
    """The newest purchases set aside, foretold from those before: shares found among ``k`` suggestions.

    ``metrics`` holds (name, value, low, high); ``beats`` says whether the 90 %
    interval of the difference to popularity is above 0; ``lam`` is the penalty found best.
    """

    k: int
    days: int
    people: int
    products: int
    beats: bool
    lam: float
    metrics: tuple[Metric, ...]


def held_out(bought: Purchases, today: int, *, seed: int = 0) -> HeldOut | None:
    """Learn without the newest tenth of the time, suggest, and count what was bought then and not owned before.

    None where fewer than 30 people bought something new in that time.
    """
    b = bought.known()
    if not len(b.day):
        return None
    first = int(b.day.min())
    days = max(int((today - first) * 0.15), 7)
    cut = today - days
    old, new = b.some(b.day <= cut), b.some(b.day > cut)
    width = len(b.products)
    known, came = (incidence(p.who, p.what, len(b.people), width) for p in (old, new))
    owners = np.bincount(known.indices, minlength=width)
    top = np.sort(np.argsort(-owners, kind="stable")[:TESTED])
    top = top[owners[top] > 0]
    known, came = sparse.csr_array(known[:, top]), sparse.csr_array(came[:, top])
    fresh = sparse.csr_array(came - came.multiply(known))
    fresh.eliminate_zeros()
    people = np.flatnonzero((np.diff(known.indptr) > 0) & (np.diff(fresh.indptr) > 0))
    if len(people) < LEAST or len(top) < 3:
        return None
    some = np.random.default_rng(seed).permutation(people)[:MOST]
    keys = [b.products[i] for i in top]
    model = EASE(folds=1).fit_owned(Ownership(b.people, keys, known, np.zeros(len(keys), dtype=np.int64)))
    k = int(min(10, max(1, len(keys) // 4)))
    held, bought_new = known[some].toarray() > 0, fresh[some]
    shown = best(known[some] @ model.coef_, k, held)
    plain = best(np.broadcast_to(owners[top].astype(np.float64), held.shape), k, held)
    return _counted(shown, plain, bought_new, k, days, len(keys), model.lam_)


def _counted(
    shown: NDArray[np.int64],
    plain: NDArray[np.int64],
    came: sparse.csr_array,
    k: int,
    days: int,
    products: int,
    lam: float,
) -> HeldOut:
    ours, theirs = recall(shown, came), recall(plain, came)
    gain = _mean("recall_gain", ours - theirs)
    metrics = (
        _mean("recall", ours), _mean("recall_popularity", theirs), gain, _mean("ndcg", ndcg(shown, came)),
        _mean("ndcg_popularity", ndcg(plain, came)), ("coverage", coverage(shown, products), None, None),
        ("coverage_popularity", coverage(plain, products), None, None),
        ("diversity", diversity(shown), None, None), ("diversity_popularity", diversity(plain), None, None),
    )  # fmt: skip
    return HeldOut(k, days, len(ours), products, bool((gain[2] or 0.0) > 0), lam, metrics)


def _mean(name: str, each: NDArray[np.float64]) -> Metric:
    """A mean over people with its 90 % interval."""
    value = float(each.mean())
    half = 1.645 * float(each.std(ddof=1) / np.sqrt(len(each))) if len(each) > 1 else 0.0
    return name, value, value - half, value + half
