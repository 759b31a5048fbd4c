"""What is bought together: rules over baskets, counted exactly."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import same_kind, to_arrow


class BasketRules(BaseEstimator):  # type: ignore[misc]
    r"""Rules "who buys A also buys B" from baskets.

    .. math::
        support = \frac{n_{AB}}{n}, \quad confidence = \frac{n_{AB}}{n_A}, \quad
        lift = \frac{n_{AB}\,n}{n_A\,n_B}

    All pairs are counted exactly by one sparse product; a product twice in one
    basket counts once. A lift of 1 means "no more than chance". ``low`` is the
    lower end of the 95 % Wilson interval of the confidence, so that three of
    three baskets do not outrank ninety of a hundred: rank by it.

    Parameters
    ----------
    min_support : float
        The smallest share of baskets with both products.
    min_confidence : float
        The smallest share of A's baskets that hold B too.

    Attributes
    ----------
    rules_ : pyarrow.Table
        ``product, then, baskets, support, confidence, lift, low``; most ``low`` first.
    counts_ : dict of str to int
        Baskets per product.
    n_baskets_ : int

    Examples
    --------
    >>> from regulars.understand import BasketRules
    >>> lines = {"basket": [1, 1, 2, 2, 3], "product": ["tea", "milk", "tea", "milk", "tea"]}
    >>> BasketRules(min_support=0.5).fit(lines).rules_.to_pylist()[0]["then"]
    'tea'

    References
    ----------
    Agrawal, Imielinski and Swami (1993), SIGMOD; Brin et al. (1997) for lift.
    """

    def __init__(self, *, min_support: float = 0.001, min_confidence: float = 0.1) -> None:
        self.min_support = min_support
        self.min_confidence = min_confidence

    def fit(self, lines: Any, y: None = None) -> Self:
        """Count rows of (basket or order_id, product); refunds and rows that are not goods are left out."""
        table = to_arrow(lines)
        baskets, products, keys = _baskets(table)
        self.n_baskets_ = int(baskets.max(initial=-1)) + 1
        ones = sparse.csr_array((np.ones(len(baskets)), (baskets, products)), shape=(self.n_baskets_, len(keys)))
        ones.data[:] = 1.0
        each: NDArray[np.float64] = np.asarray(ones.sum(axis=0)).ravel()
        self.counts_ = dict(zip(keys, each.astype(int).tolist(), strict=True))
        pairs = sparse.coo_array(ones.T @ ones)
        n, a, b = pairs.data, pairs.coords[0], pairs.coords[1]
        keep = (a != b) & (n >= self.min_support * self.n_baskets_) & (n >= self.min_confidence * each[a])
        n, a, b = n[keep], a[keep], b[keep]
        low, _ = wilson(n, each[a])
        order = np.lexsort((b, a, -low))
        n, a, b, low = n[order], a[order], b[order], low[order]
        names = pa.array(keys, pa.string())
        self.rules_ = pa.table(
            {
                "product": names.take(pa.array(a)),
                "then": names.take(pa.array(b)),
                "baskets": n.astype(np.int64),
                "support": n / max(self.n_baskets_, 1),
                "confidence": n / each[a],
                "lift": n * self.n_baskets_ / (each[a] * each[b]),
                "low": low,
            }
        )
        return self

    def recommend(self, products: list[str], n: int = 5) -> list[tuple[str, float, str]]:
        """What to offer to somebody who has these products: (product, cautious confidence, because of)."""
        check_is_fitted(self, "rules_")
        have = set(products)
        best: dict[str, tuple[float, str]] = {}
        for rule in self.rules_.to_pylist():
            if rule["product"] in have and rule["then"] not in have and rule["lift"] > 1.0:
                best.setdefault(rule["then"], (rule["low"], rule["product"]))
        ranked = sorted(((k, low, why) for k, (low, why) in best.items()), key=lambda r: (-r[1], r[0]))
        return ranked[:n]

    def transform(self, lines: Any) -> Any:
        """The rules as the kind of table given."""
        check_is_fitted(self, "rules_")
        return same_kind(self.rules_, lines)


def wilson(hits: Any, n: Any, z: float = 1.959963984540054) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The Wilson score interval of a share (95 % by default); (0, 1) where n is 0.

    >>> [round(float(v), 4) for v in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    hits, n = (np.asarray(v, dtype=np.float64) for v in (hits, n))
    safe = np.maximum(n, 1e-300)
    share = hits / safe
    middle = (share + z * z / (2 * safe)) / (1 + z * z / safe)
    half = z * np.sqrt(share * (1 - share) / safe + z * z / (4 * safe * safe)) / (1 + z * z / safe)
    return np.where(n > 0, np.maximum(middle - half, 0.0), 0.0), np.where(n > 0, np.minimum(middle + half, 1.0), 1.0)


def _baskets(table: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.int64], list[str]]:
    basket = next((c for c in ("basket", "order_id", "basket_id") if c in table.column_names), None)
    product = next((c for c in ("product", "item") if c in table.column_names), None)
    if basket is None or product is None:
        raise KeyError("lines need a basket (or order_id) and a product column")
    names = [basket, product, *(c for c in ("source", "kind", "goods") if c in table.column_names)]
    frame = table.select(names).to_pandas().dropna(subset=[basket, product])
    if "kind" in frame:
        frame = frame[frame["kind"] == "sale"]
    if "goods" in frame:
        frame = frame[frame["goods"].fillna(True).astype(bool)]
    by = [basket] if "source" not in frame else ["source", basket]
    frame = frame.drop_duplicates([*by, product])
    codes = frame.groupby(by, sort=True, dropna=False).ngroup().to_numpy().astype(np.int64)
    keys, at = np.unique(frame[product].astype(str).to_numpy(dtype=object), return_inverse=True)
    return codes, at.astype(np.int64), [str(k) for k in keys]
