"""What to suggest when little is known: what sells to people like them, and what resembles what they know."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import gammaln
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import to_arrow
from regulars.understand.itemsets import codes_of

Vector = NDArray[np.float64]


class Popularity(BaseEstimator):  # type: ignore[misc]
    r"""What sells, by group of people, with small groups drawn towards everybody.

    .. math:: share_{gj} = \frac{n_{gj} + \kappa\,share_j}{n_g + \kappa}

    :math:`\kappa`, how many purchases the word of everybody is worth, is learnt:
    it maximises the Dirichlet-multinomial likelihood of all groups. Where the
    groups buy alike it grows without end and all get the same list; where they
    differ, a few purchases are enough to tell.

    Parameters
    ----------
    by : str
        The column that holds the group: ``segment``, ``market``, ``channel`` ...
        Rows without a group count for everybody only.
    kappa : float or None
        None learns it.

    Attributes
    ----------
    products_, groups_ : list of str
    shares_ : numpy.ndarray, groups by products, rows add up to 1
    everybody_ : numpy.ndarray, one share per product
    kappa_ : float

    Examples
    --------
    >>> from regulars.understand.popularity import Popularity
    >>> lines = {"product": ["a", "a", "b", "b"], "segment": ["x", "x", "x", "y"]}
    >>> Popularity(kappa=2.0).fit(lines).top("y", 1)[0][0]
    'b'

    References
    ----------
    Minka (2000), Estimating a Dirichlet distribution.
    """

    def __init__(self, *, by: str = "segment", kappa: float | None = None) -> None:
        self.by = by
        self.kappa = kappa

    def fit(self, lines: Any, y: None = None) -> Self:
        """Count rows of (product[, group]); raises ``KeyError`` without a product column."""
        table = to_arrow(lines)
        if "product" not in table.column_names:
            raise KeyError(f"lines need a column 'product'; they have {', '.join(table.column_names)}")
        what, self.products_ = codes_of(table["product"])
        width = len(self.products_)
        counts = np.zeros((0, width))
        self.groups_: list[str] = []
        if self.by in table.column_names:
            known = np.asarray(table[self.by].is_valid())
            group, self.groups_ = codes_of(table[self.by].filter(pa.array(known)))
            cells = np.bincount(group * max(width, 1) + what[known], minlength=len(self.groups_) * max(width, 1))
            counts = cells.reshape(len(self.groups_), max(width, 1))[:, :width].astype(np.float64)
        each = np.bincount(what, minlength=width).astype(np.float64)
        # Half a purchase for each product: what was never sold is unlikely, not impossible.
        self.everybody_: Vector = (each + 0.5) / (each.sum() + 0.5 * width) if width else each
        self.kappa_ = float(self.kappa) if self.kappa is not None else concentration(counts, self.everybody_)
        total = counts.sum(axis=1, keepdims=True)
        self.shares_: Vector = (counts + self.kappa_ * self.everybody_) / (total + self.kappa_)
        return self

    def shares(self, group: str | None) -> Vector:
        """The shares of a group; those of everybody for a group never seen."""
        check_is_fitted(self, "shares_")
        return self.shares_[self.groups_.index(group)] if group in self.groups_ else self.everybody_

    def top(self, group: str | None, n: int = 5, hide: Iterable[str] = ()) -> list[tuple[str, float]]:
        """The products that sell best to a group: (product, share of its purchases)."""
        shares, hidden = self.shares(group), set(hide)
        order = np.argsort(-shares, kind="stable")
        return [(self.products_[i], float(shares[i])) for i in order if self.products_[i] not in hidden][:n]


def concentration(counts: Vector, everybody: Vector, most: float = 1e6) -> float:
    """Kappa of the Dirichlet-multinomial with mean ``everybody`` that fits the groups best.

    >>> alike = concentration(np.array([[50.0, 50.0], [500.0, 500.0]]), np.array([0.5, 0.5]))
    >>> apart = concentration(np.array([[90.0, 10.0], [10.0, 90.0]]), np.array([0.5, 0.5]))
    >>> alike > 1e5, apart < 5
    (True, True)
    """
    counts = counts[counts.sum(axis=1) > 0]
    if len(counts) < 2:
        return most
    total = counts.sum(axis=1)

    def loss(u: float) -> float:
        kappa = float(np.exp(u))
        a = kappa * everybody
        value = (gammaln(kappa) - gammaln(total + kappa)).sum() + (gammaln(counts + a) - gammaln(a)).sum()
        return -float(value)

    found = minimize_scalar(loss, bounds=(np.log(0.1), np.log(most)), method="bounded", options={"xatol": 1e-3})
    return float(np.exp(found.x))


class ContentNeighbours(BaseEstimator):  # type: ignore[misc]
    """Products that resemble each other by name and category: the stand-in for a product nobody has bought yet.

    Names are compared by their characters (runs of one to three, TF-IDF,
    cosine), which needs no dictionary and reads Chinese and English alike; the
    category counts as one more word, ``category_weight`` times as heavy.

    Attributes
    ----------
    products_ : list of str

    Examples
    --------
    >>> from regulars.understand.popularity import ContentNeighbours
    >>> table = {"product": ["g1", "g2", "c1"], "title": ["GPU pack small", "GPU pack large", "Course"]}
    >>> ContentNeighbours().fit(table).like("g1", 1)[0][0]
    'g2'
    """

    def __init__(self, *, category_weight: float = 1.0, least: float = 0.1, n: int = 5) -> None:
        self.category_weight = category_weight
        self.least = least
        self.n = n

    def fit(self, products: Any, y: None = None) -> Self:
        """Read rows of (product or sku, title[, category])."""
        from scipy import sparse
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.preprocessing import normalize

        table = to_arrow(products)
        key = "product" if "product" in table.column_names else "sku"
        if key not in table.column_names or "title" not in table.column_names:
            raise KeyError("products need a column 'product' (or 'sku') and 'title'")
        self.products_ = [str(v) for v in table[key].to_pylist()]
        titles = [(t or "").strip().lower() for t in table["title"].to_pylist()]
        self.place_ = {p: i for i, p in enumerate(self.products_)}
        if not any(titles):
            self.vectors_ = sparse.csr_array((len(titles), 1))
            return self
        grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3), sublinear_tf=True).fit_transform(titles)
        if "category" in table.column_names:
            codes, words = codes_of(table["category"].fill_null(""))
            ones = np.array([0.0 if words[c] == "" else self.category_weight for c in codes])
            more = sparse.csr_array((ones, (np.arange(len(codes)), codes)), shape=(len(codes), len(words)))
            grams = sparse.hstack([grams, more])
        self.vectors_ = sparse.csr_array(normalize(grams))
        return self

    def like(self, product: str, n: int | None = None, among: Iterable[str] | None = None) -> list[tuple[str, float]]:
        """The products that resemble one most: (product, likeness 0 to 1); those below ``least`` are left out."""
        check_is_fitted(self, "vectors_")
        if product not in self.place_:
            return []
        own = self.place_[product]
        likeness = np.asarray((self.vectors_ @ self.vectors_[[own]].T).todense()).ravel()
        likeness[own] = 0.0
        if among is not None:
            allowed = np.zeros(len(likeness), dtype=np.bool_)
            allowed[[self.place_[p] for p in among if p in self.place_]] = True
            likeness[~allowed] = 0.0
        order = np.argsort(-likeness, kind="stable")[: n or self.n]
        return [(self.products_[i], float(likeness[i])) for i in order if likeness[i] >= self.least]

    def column(self, product: str, items: list[str], coef: Vector) -> Vector:
        """Weights for a product nobody bought: those of its likes, the nearer the more, weaker the less alike.

        Give it EASE's ``items_`` and ``coef_``; zeros where nothing resembles it.
        """
        near = self.like(product, among=items)
        if not near:
            return np.zeros(len(items))
        place = {key: i for i, key in enumerate(items)}
        pull = np.array([s for _, s in near])
        columns = coef[:, [place[p] for p, _ in near]].copy()
        # Owning the very product it resembles speaks for it at least as much as owning what goes with that product.
        for c, (p, _) in enumerate(near):
            columns[place[p], c] = max(float(columns[:, c].max()), 0.0)
        return np.asarray(columns @ pull / pull.sum() * pull.max())
