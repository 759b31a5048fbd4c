"""What is bought together: rules over baskets, counted exactly, and told from luck."""

from __future__ import annotations

from collections.abc import Iterable
from math import comb
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import same_kind, to_arrow
from regulars.tables.shares import wilson
from regulars.understand.itemsets import Ints, Itemsets, baskets_of
from regulars.understand.rule_tests import Vector, false_discovery, fisher_more

# Several products of a rule in one text; product codes with a plus and spaces around it are unheard of.
AND = " + "


class BasketRules(BaseEstimator):  # type: ignore[misc]
    r"""Rules "who buys A also buys B" from baskets; A is one product or several.

    .. math::
        support = \frac{n_{AB}}{n}, \quad confidence = \frac{n_{AB}}{n_A}, \quad
        lift = \frac{n_{AB}\,n}{n_A\,n_B}, \quad
        leverage = \frac{n_{AB}}{n} - \frac{n_A n_B}{n^2}, \quad
        conviction = \frac{1 - n_B / n}{1 - confidence}

    All counts are exact; a product twice in one basket counts once. A lift of 1
    means "no more than chance". ``low`` is the lower end of the 95 % Wilson
    interval of the confidence, so that three of three baskets do not outrank
    ninety of a hundred: rank by it.

    ``rules_`` holds every rule that reaches the thresholds, as arules counts
    them (one product on the right, at least one on the left). ``kept_`` holds
    those fit to be shown: more than luck, and saying more than a shorter rule.

    * More than luck: one-sided Fisher test of each product on the left given
      the others, the weakest of them counts; ``q_value`` corrects for all rules
      of that size that could have been found, not only those that were.
    * Says more: ``gain`` is the confidence less the best confidence of any
      shorter rule to the same product ("nothing -> B" included).

    Parameters
    ----------
    min_support : float
        The smallest share of baskets with all products of the rule.
    min_confidence : float
        The smallest share of A's baskets that hold B too.
    max_size : int
        The most products in a rule, both sides together; 2 finds pairs only.
    alpha : float
        Of the rules in ``kept_``, at most this share is expected to be luck.
    max_itemsets : int
        Where more sets than this are frequent, larger ones are not looked for
        and ``limits_`` says so.

    Attributes
    ----------
    rules_, kept_ : pyarrow.Table
        ``product, then, baskets, support, confidence, lift, leverage,
        conviction, low, p_value, q_value, gain, size``; most ``low`` first.
        Conviction is null where confidence is 1 (it would be infinite).
        Several products on the left are joined by " + ".
    counts_ : dict of str to int
        Baskets per product.
    n_baskets_, n_itemsets_ : int
    limits_ : tuple of str
        ``rules_cut_at_size=k`` when the search had to stop.

    Examples
    --------
    >>> from regulars.understand import BasketRules
    >>> lines = {"basket": [1, 1, 2, 2, 3], "product": ["tea", "milk", "tea", "milk", "tea"]}
    >>> BasketRules(min_support=0.5).fit(lines).rules_.to_pylist()[0]["then"]
    'tea'

    References
    ----------
    Agrawal, Imielinski and Swami (1993), SIGMOD; Brin et al. (1997) for lift and
    conviction; Webb (2007), Machine Learning 68, for productive rules.
    """

    def __init__(
        self, *, min_support: float = 0.001, min_confidence: float = 0.1, max_size: int = 10, alpha: float = 0.05,
        max_itemsets: int = 300_000,
    ) -> None:  # fmt: skip
        self.min_support = min_support
        self.min_confidence = min_confidence
        self.max_size = max_size
        self.alpha = alpha
        self.max_itemsets = max_itemsets

    def fit(self, lines: Any, y: None = None) -> Self:
        """Count rows of (basket or order_id, product); refunds and rows that are not goods are left out.

        Raises ``KeyError`` for a missing column, ``ValueError`` for a threshold outside 0..1.
        """
        for name in ("min_support", "min_confidence", "alpha"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} is a share between 0 and 1, not {getattr(self, name)}")
        baskets = baskets_of(to_arrow(lines))
        self.n_baskets_ = baskets.n
        self.counts_ = dict(zip(baskets.keys, baskets.counts.tolist(), strict=True))
        # A hair below, so that 0.006 of 1,000 baskets is 6 and not 7 by rounding of the product.
        least = max(int(np.ceil(self.min_support * baskets.n - 1e-9)), 1)
        sets = Itemsets(baskets, least, self.max_size, self.max_itemsets)
        self.n_itemsets_ = sum(len(level.counts) for level in sets.levels)
        self.limits_ = (f"rules_cut_at_size={sets.limit}",) if sets.limit else ()
        names = np.array(baskets.keys, dtype=object)[sets.products]
        self.rules_ = _ranked(self._rules(sets, names))
        keep = (self.rules_["q_value"].to_numpy() <= self.alpha) & (self.rules_["gain"].to_numpy() > 0.0)
        self.kept_ = self.rules_.filter(pa.array(keep))
        self._left = [frozenset(p.split(AND)) for p in self.kept_["product"].to_pylist()]
        return self

    def recommend(self, products: Iterable[str], n: int = 5) -> list[tuple[str, float, str]]:
        """What to offer to somebody who has these products: (product, cautious confidence, because of).

        Only rules fit to be shown are used, the surest one for each product.
        """
        check_is_fitted(self, "rules_")
        have = set(products)
        best: dict[str, tuple[str, float, str]] = {}
        thens, lows = self.kept_["then"].to_pylist(), self.kept_["low"].to_pylist()
        for left, then, low in zip(self._left, thens, lows, strict=True):
            if then not in have and then not in best and left <= have:
                best[then] = (then, low, AND.join(sorted(left)))
        return sorted(best.values(), key=lambda r: (-r[1], r[0]))[:n]

    def transform(self, lines: Any) -> Any:
        """The rules as the kind of table given."""
        check_is_fitted(self, "rules_")
        return same_kind(self.rules_, lines)

    def _rules(self, sets: Itemsets, names: NDArray[Any]) -> pa.Table:
        n, each = self.n_baskets_, sets.levels[0].counts
        # Of each set of the level below: confidence and best shorter confidence of "the rest -> its j-th product".
        below = (each / max(n, 1))[:, None], np.full((len(each), 1), -1.0)
        tables = [_table(0, names, n, each, *(np.empty((0, 2), dtype=np.int64) for _ in range(2)))]
        for size in range(2, len(sets.levels) + 1):
            level, under = sets.levels[size - 1], sets.levels[size - 2]
            without = np.stack([sets.find(np.delete(level.items, j, axis=1)) for j in range(size)], axis=1)
            left = under.counts[without]
            confidence = level.counts[:, None] / left
            best = np.stack(
                [np.max([np.maximum(*(b[without[:, x], j - (j > x)] for b in below)) for x in range(size) if x != j],
                        axis=0) for j in range(size)], axis=1,
            )  # fmt: skip
            at, right = np.nonzero(confidence >= self.min_confidence - 1e-12)
            p = self._luck(sets, size, at, right, without)
            tests = comb(len(each), size) * (size if size > 2 else 1)
            q = _both_ways(p, at, tests) if size == 2 else false_discovery(p, tests)
            tables.append(
                _table(size, names, n, each, level.items[at], np.stack([at, right], axis=1), level.counts[at],
                       left[at, right], p, q, confidence[at, right] - best[at, right])
            )  # fmt: skip
            below = confidence, best
        return pa.concat_tables(tables)

    def _luck(self, sets: Itemsets, size: int, at: Ints, right: Ints, without: Ints) -> Vector:
        """The weakest of the tests "x goes with the product, among baskets that hold the rest of the left side"."""
        level, under = sets.levels[size - 1], sets.levels[size - 2]
        if size == 2:
            n_left, n_right = under.counts[without[at, right]], under.counts[without[at, 1 - right]]
            return fisher_more(level.counts[at], n_left, n_right, self.n_baskets_)
        worst = np.zeros(len(at))
        lower = sets.levels[size - 3].counts
        for x in range(size):
            rows = np.flatnonzero(right != x)
            i, j = at[rows], right[rows]
            rest = np.empty(len(rows), dtype=np.int64)
            for c in range(size):
                if c != x and (some := np.flatnonzero(j == c)).size:
                    rest[some] = sets.find(np.delete(level.items[i[some]], (x, c), axis=1))
            p = fisher_more(level.counts[i], under.counts[without[i, j]], under.counts[without[i, x]], lower[rest])
            worst[rows] = np.maximum(worst[rows], p)
        return worst


def _both_ways(p: Vector, at: Ints, tests: int) -> Vector:
    """Q-values of pairs: A -> B and B -> A are one test."""
    pairs, first, back = np.unique(at, return_index=True, return_inverse=True)
    return false_discovery(p[first], tests)[back] if len(pairs) else p


def _table(
    size: int, names: NDArray[Any], n: int, each: Ints, items: Ints, place: Ints, both: Any = (), left: Any = (),
    p: Any = (), q: Any = (), gain: Any = (),
) -> pa.Table:  # fmt: skip
    right = items[np.arange(len(items)), place[:, 1]] if len(items) else np.empty(0, dtype=np.int64)
    others = items[np.arange(size) != place[:, 1:]].reshape(len(items), max(size - 1, 0)) if len(items) else items
    left_names = names[others].tolist()
    products = [row[0] for row in left_names] if size == 2 else [AND.join(sorted(row)) for row in left_names]
    both, left, n_right = (np.asarray(v, dtype=np.float64) for v in (both, left, each[right]))
    confidence = both / np.maximum(left, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        conviction = (1 - n_right / max(n, 1)) / (1 - confidence)
    return pa.table(
        {
            "product": pa.array(products, pa.string()),
            "then": pa.array(names[right].tolist(), pa.string()),
            "baskets": both.astype(np.int64),
            "support": both / max(n, 1),
            "confidence": confidence,
            "lift": both * n / np.maximum(left * n_right, 1),
            "leverage": both / max(n, 1) - left * n_right / max(n, 1) ** 2,
            "conviction": pa.array(conviction, mask=~np.isfinite(conviction)),
            "low": wilson(both, left, 0.95)[0],
            "p_value": np.asarray(p, dtype=np.float64),
            "q_value": np.asarray(q, dtype=np.float64),
            "gain": np.asarray(gain, dtype=np.float64),
            "size": np.full(len(items), size, dtype=np.int64),
        }
    )


def _ranked(rules: pa.Table) -> pa.Table:
    """The surest first; ties by size and name, so that the order is the same everywhere."""
    by = [("low", "descending"), ("size", "ascending"), ("product", "ascending"), ("then", "ascending")]
    return rules.sort_by(by) if rules.num_rows else rules
