"""Who brought whom: referral families, the reach and the worth of each bringer, and whether it carries itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import same_kind, to_arrow
from regulars.understand.graph_measures import below, core_numbers, cut_circles, depths, pagerank

Ints = NDArray[np.int64]
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Referrals:
    """A referral forest.

    ``people`` has one row per customer in it: ``customer, referrer, family``
    (number of the family, largest first), ``brought`` (directly) and
    ``cascade`` (all below, at any depth). ``viral_coefficient`` is referrals per
    customer, ``referrals / customers``; at 1 or more every generation is larger
    than the last. ``ignored`` counts self-referrals, second referrers of the
    same customer and links that would close a circle.
    """

    people: pa.Table
    referrals: int
    families: int
    largest: int
    viral_coefficient: float
    ignored: int


def referrals(touches: Any, customers: int | None = None) -> Referrals:
    """Read who brought whom from rows of (customer, referrer[, at]).

    The earliest referrer of a customer counts. ``customers`` is the number of
    all customers, for the viral coefficient; None counts those in the forest.

    >>> found = referrals({"customer": ["b", "c", "d"], "referrer": ["a", "a", "c"]}, customers=10)
    >>> found.viral_coefficient, found.people.to_pylist()[0]["cascade"]
    (0.3, 3)
    """
    net = ReferralNetwork().fit(touches)
    n = net.people_.num_rows if customers is None else customers
    table = net.people_.select(["customer", "referrer", "family", "brought", "cascade"])
    return Referrals(table, net.referrals_, net.families_, net.largest_, net.referrals_ / n if n else 0.0, net.ignored_)


class ReferralNetwork(BaseEstimator):  # type: ignore[misc]
    """Learn the families of a company's word of mouth, and what each bringer is worth.

    Everybody has at most one who brought them: the earliest named. Worth of a referral: the worth of a customer who
    was brought is shared among those above, nearest first: the one ``k`` steps above gets a share proportional to
    ``discount^(k-1)``, and the shares of one customer add up to one. So the credits of all bringers add up to the
    worth of all who were brought, to the cent, and nothing is counted twice.

    Parameters
    ----------
    discount : float, default=0.5
        How much less somebody gets for each further step; 0 gives all to the one who brought them directly.
    damping : float, default=0.85
        PageRank's chance to follow a link.

    Attributes
    ----------
    people_ : pa.Table
        A row per customer in a family: ``customer, referrer, at, family, depth, brought, cascade, pagerank, core``
        and, with worth given, ``worth_direct`` (of those brought), ``worth_cascade`` (of all below) and ``credit``.
    referrals_, families_, largest_, ignored_ : int
        Links kept; families; people in the largest; self-referrals, later referrers and circles left out.
    links_ : pa.Table
        All that is known, ``customer, referrer, at``; the state that ``partial_fit`` adds to.

    Examples
    --------
    >>> from regulars.understand import ReferralNetwork
    >>> net = ReferralNetwork(discount=0.5)
    >>> _ = net.fit({"customer": ["b", "c"], "referrer": ["a", "b"]}, worth={"customer": ["b", "c"], "clv": [600, 300]})
    >>> net.predict(["a", "b"]).select(["customer", "cascade", "credit"]).to_pylist()
    [{'customer': 'a', 'cascade': 2, 'credit': 700}, {'customer': 'b', 'cascade': 1, 'credit': 200}]
    """

    def __init__(self, *, discount: float = 0.5, damping: float = 0.85) -> None:
        self.discount = discount
        self.damping = damping

    def fit(self, touches: Any, y: None = None, worth: Any = None) -> Self:
        """Learn from rows of (customer, referrer[, at]); ``worth`` is a table of (customer, clv) in minor units.

        Raises ``KeyError`` for a missing column and ``ValueError`` for a discount outside 0 to 1.
        """
        if not 0.0 <= self.discount <= 1.0:
            raise ValueError(f"discount must be between 0 and 1, not {self.discount}")
        self.links_ = _links(touches)
        return self._learn(worth)

    def partial_fit(self, touches: Any, y: None = None, worth: Any = None) -> Self:
        """Add later or earlier rows; the same network as from all rows at once."""
        if not hasattr(self, "links_"):
            return self.fit(touches, worth=worth)
        more = _links(touches)
        self.links_ = pa.concat_tables([self.links_, more.cast(self.links_.schema)])
        return self._learn(worth)

    def predict(self, customers: Any) -> Any:
        """The row of each customer: a list or array gives an Arrow table, a table with ``customer`` its own kind.

        Who is in no family has no referrer, brought nobody and has the smallest PageRank of all.
        """
        check_is_fitted(self)
        plain = isinstance(customers, list | tuple | np.ndarray | pa.Array | pa.ChunkedArray)
        keys = pa.array(customers, pa.string()) if plain else to_arrow(customers).column("customer").cast(pa.string())
        row = pc.index_in(keys, value_set=self.people_.column("customer"))
        out = self.people_.drop_columns(["customer"]).take(row)
        for name in out.column_names:
            if name not in ("referrer", "at", "family"):
                column = pc.fill_null(out.column(name), 0)
                out = out.set_column(out.schema.get_field_index(name), name, column)
        out = out.add_column(0, "customer", keys)
        return out if plain else same_kind(out, customers)

    def top(self, n: int = 10, by: str = "credit") -> pa.Table:
        """Those who bring most: by ``credit`` (money), ``cascade``, ``brought`` or ``pagerank``."""
        check_is_fitted(self)
        if by not in self.people_.column_names:
            raise ValueError(f"no column {by!r}: the network was fitted without worth")
        order = [(by, "descending"), ("cascade", "descending"), ("customer", "ascending")]
        return self.people_.filter(pc.greater(self.people_.column("brought"), 0)).sort_by(order).slice(0, n)

    def _learn(self, worth: Any) -> Self:
        frame = self.links_.to_pandas()
        frame["nth"] = np.arange(len(frame))
        timed = frame.sort_values(["at", "nth"], kind="stable", na_position="last")
        given = len(timed.drop_duplicates(["customer", "referrer"]))
        real = timed[timed["customer"] != timed["referrer"]]
        codes, names = pd.factorize(pd.concat([real["customer"], real["referrer"]]), sort=True)
        n, half = len(names), len(real)
        child, host = codes[:half].astype(np.int64), codes[half:].astype(np.int64)
        _, first = np.unique(child, return_index=True)
        parent, order = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=np.int64)
        parent[child[first]], order[child[first]] = host[first], first
        self.parent_ = cut_circles(parent, order)
        at = np.full(n, np.datetime64("NaT"), dtype="datetime64[us]")
        at[child[first]] = real["at"].to_numpy(dtype="datetime64[us]")[first]
        at[self.parent_ < 0] = np.datetime64("NaT")
        self.referrals_ = int((self.parent_ >= 0).sum())
        self.ignored_ = given - self.referrals_
        self._describe(names, child, host, at)
        if worth is not None:
            self._worth(worth)
        return self

    def _describe(self, names: Any, child: Ints, host: Ints, at: NDArray[np.datetime64]) -> None:
        parent, n = self.parent_, len(names)
        keys = pa.array(names, pa.string())
        depth, top = depths(parent)
        roots, family = np.unique(top, return_inverse=True)
        size = np.bincount(family, minlength=len(roots))
        rank = np.empty(len(roots), dtype=np.int64)
        rank[np.lexsort((np.arange(len(roots)), -size))] = np.arange(len(roots))
        has = np.flatnonzero(parent >= 0)
        self.families_, self.largest_ = len(roots), int(size.max(initial=0))
        self.people_ = pa.table({
            "customer": keys,
            "referrer": keys.take(pa.array(parent, mask=parent < 0)),
            "at": pa.array(at, pa.timestamp("us", tz="UTC")),
            "family": rank[family] if n else np.empty(0, dtype=np.int64),
            "depth": depth,
            "brought": np.bincount(parent[has], minlength=n),
            "cascade": np.rint(below(parent, np.ones(n))).astype(np.int64),
            "pagerank": pagerank(has, parent[has], n, damping=self.damping),
            "core": core_numbers(child, host, n),
        })  # fmt: skip

    def _worth(self, worth: Any) -> None:
        table = to_arrow(worth)
        row = pc.index_in(self.people_.column("customer"), value_set=table.column("customer").cast(pa.string()))
        clv = pc.fill_null(table.column("clv").take(row), 0).to_numpy()
        value = np.rint(np.asarray(clv, dtype=np.float64))
        parent, depth, d = self.parent_, self.people_.column("depth").to_numpy(), self.discount
        brought = np.where(parent >= 0, value, 0.0)
        above = np.maximum(depth, 1)
        whole = above.astype(float) if d == 1.0 else (1.0 - d**above) / (1.0 - d)
        direct = np.bincount(parent[parent >= 0], value[parent >= 0], minlength=len(parent))
        exact = below(parent, brought / whole, d)
        for name, column in (
            ("worth_direct", direct), ("worth_cascade", np.rint(below(parent, brought))),
            ("credit", _whole_units(exact, int(brought.sum()))),
        ):  # fmt: skip
            self.people_ = self.people_.append_column(name, pa.array(column.astype(np.int64)))


def _links(touches: Any) -> pa.Table:
    table = to_arrow(touches)
    for name in ("customer", "referrer"):
        if name not in table.column_names:
            raise KeyError(f"touches need a column '{name}'; they have {', '.join(table.column_names)}")
    both = pc.and_(pc.is_valid(table.column("customer")), pc.is_valid(table.column("referrer")))
    table = table.filter(both)
    at = pa.nulls(table.num_rows, pa.timestamp("us", tz="UTC"))
    if "at" in table.column_names:
        column = table.column("at")
        counted = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
        at = (column.cast(pa.int64()) if counted else column).cast(at.type, safe=False)
    names = {c: table.column(c).cast(pa.string()) for c in ("customer", "referrer")}
    return pa.table({**names, "at": at})


def _whole_units(exact: Vector, total: int) -> Ints:
    """Round to whole units so that the sum is kept: the largest remainders get the units left over."""
    floor = np.floor(exact + 1e-9).astype(np.int64)
    left = total - int(floor.sum())
    if left:
        by = np.argsort(-(exact - floor) if left > 0 else exact - floor, kind="stable")
        floor[by[: abs(left)]] += 1 if left > 0 else -1
    return floor
