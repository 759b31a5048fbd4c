"""Which attributes a group has more often, or more rarely, than everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from regulars.lake.frames import to_arrow
from regulars.tables.shares import wilson

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Product:
    """What a segment buys: the share of its customers who ever bought it, and that of everybody."""

    product: str
    share: float
    everybody: float
    lift: float


@dataclass(frozen=True)
class Lift:
    """One value of an attribute in one group: its share there, among all, and their ratio with its interval."""

    attribute: str
    value: str
    count: int
    share: float
    everybody: float
    lift: float
    low: float
    high: float


def lifts(
    group: NDArray[np.int64],
    groups: int,
    attributes: dict[str, Any],
    *,
    least: int = 5,
    false_share: float = 0.05,
    level: float = 0.9,
) -> list[list[Lift]]:
    r"""The values that set each group apart, the most telling first.

    .. math:: lift = \frac{P(value | group)}{P(value)}

    over the people whose value is known. Kept are values with at least
    ``least`` people in the group whose count differs from that of a random
    draw of the same size (hypergeometric, normal approximation); of all
    differences kept about ``false_share`` are chance (Benjamini and Hochberg
    1995). The interval is Wilson's of the share in the group over the share of
    everybody. Order: by the standardised difference.

    >>> found = lifts(np.array([0] * 50 + [1] * 50), 2, {"channel": ["web"] * 50 + ["shop"] * 40 + ["web"] * 10})
    >>> [(one.value, round(one.share, 2), round(one.lift, 2)) for one in found[1]]
    [('shop', 0.8, 2.0), ('web', 0.2, 0.33)]
    """
    parts = [part for name, values in attributes.items() if (part := _counted(name, group, groups, values)) is not None]
    found: list[list[Lift]] = [[] for _ in range(groups)]
    if not parts:
        return found
    scores = np.concatenate([z.ravel() for *_rest, z in parts])
    tried = np.concatenate([(expected > 0).ravel() for *_rest, expected, _z in parts])
    limit = _z_kept(np.abs(scores[tried]), false_share)
    for name, words, count, known, share, _expected, z in parts:
        order = np.argsort(-np.abs(z), axis=1, kind="stable")
        for g in range(groups):
            for v in order[g]:
                n = int(known[g])
                if abs(z[g, v]) < limit or n == 0 or max(count[g, v], share[v] * n) < least:
                    continue
                low, high = wilson(int(count[g, v]), n, level)
                here = count[g, v] / n
                ratio = 1.0 / share[v]
                found[g].append(
                    Lift(name, words[v], int(count[g, v]), float(here), float(share[v]),
                         float(here * ratio), float(low * ratio), float(high * ratio))
                )  # fmt: skip
    for one in found:
        one.sort(key=lambda x: -abs(x.share - x.everybody) / (x.everybody * (1 - x.everybody)) ** 0.5)
    return found


def products(
    customer: pa.Array, group: NDArray[np.int64], groups: int, baskets: Any, least: int, most: int
) -> list[tuple[Product, ...]]:
    """What the customers of each group ever bought, the most widespread first; ``baskets`` are (customer, product)."""
    none: list[tuple[Product, ...]] = [()] * groups
    if baskets is None:
        return none
    table = to_arrow(baskets).group_by(["customer", "product"]).aggregate([])
    at = pc.index_in(table.column("customer").combine_chunks().cast(pa.string()), value_set=customer)
    known = pc.is_valid(at)
    table, at = table.filter(known), at.filter(known).to_numpy()
    if len(at) == 0:
        return none
    coded = table.column("product").combine_chunks().dictionary_encode()
    words, code = coded.dictionary.to_pylist(), coded.indices.to_numpy().astype(np.int64)
    count = np.bincount(group[at] * len(words) + code, minlength=groups * len(words)).reshape(groups, -1)
    size = np.bincount(group, minlength=groups)
    share, everybody = count / size[:, None], count.sum(axis=0) / len(group)
    found = []
    for g in range(groups):
        top = np.argsort(-share[g], kind="stable")[:most]
        found.append(
            tuple(
                Product(str(words[v]), float(share[g, v]), float(everybody[v]), float(share[g, v] / everybody[v]))
                for v in top if count[g, v] >= min(least, size[g])
            )
        )  # fmt: skip
    return found


def shares(group: NDArray[np.int64], groups: int, values: Any, most: int = 4) -> list[tuple[tuple[str, float], ...]]:
    """The most frequent values of each group, as shares of those whose value is known."""
    if values is None:
        return [()] * groups
    coded = pc.dictionary_encode(values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values))
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    words, code = coded.dictionary.to_pylist(), pc.fill_null(coded.indices, -1).to_numpy().astype(np.int64)
    known = code >= 0
    if not words or not known.any():
        return [()] * groups
    count = np.bincount(group[known] * len(words) + code[known], minlength=groups * len(words)).reshape(groups, -1)
    total = np.maximum(count.sum(axis=1), 1)
    return [
        tuple((str(words[v]), float(count[g, v] / total[g])) for v in np.argsort(-count[g], kind="stable")[:most]
              if count[g, v] and words[v])
        for g in range(groups)
    ]  # fmt: skip


def _counted(name: str, group: NDArray[np.int64], groups: int, values: Any) -> tuple[Any, ...] | None:
    column = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values)
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    coded = pc.dictionary_encode(column)
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    words = [str(w) for w in coded.dictionary.to_pylist()]
    code = pc.fill_null(coded.indices, -1).to_numpy().astype(np.int64)
    if "" in words:
        code = np.where(code == words.index(""), -1, code)
    seen = code >= 0
    if not seen.any():
        return None
    k = len(words)
    count = np.bincount(group[seen] * k + code[seen], minlength=groups * k).reshape(groups, k)
    known = count.sum(axis=1)
    return name, words, count, known, *_against(count, known, count.sum(axis=0), int(known.sum()))


def _against(
    count: NDArray[np.int64], known: NDArray[np.int64], total: NDArray[np.int64], n: int
) -> tuple[Vector, Vector, Vector]:
    share = total / n
    expected = known[:, None] * share[None, :]
    variance = expected * (1.0 - share) * ((n - known) / max(n - 1, 1))[:, None]
    z = np.divide(count - expected, np.sqrt(variance), out=np.zeros(count.shape), where=variance > 0)
    return share, expected, z


def _z_kept(z: Vector, false_share: float) -> float:
    """The smallest |z| that Benjamini and Hochberg's procedure keeps; infinite when it keeps none."""
    p = np.sort(2.0 * ndtr(-z))
    good = np.flatnonzero(p <= false_share * np.arange(1, len(p) + 1) / max(len(p), 1))
    return float(-ndtri(p[good[-1]] / 2.0)) - 1e-9 if good.size else float("inf")
