"""Segments an owner recognises, from the recency, frequency and money scores; every customer is in exactly one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from regulars.lake.frames import to_arrow

Vector = NDArray[np.float64]

SEGMENTS: Final = (
    "champions", "loyal", "potential_loyalist", "new", "promising", "needs_attention",
    "about_to_sleep", "at_risk", "cant_lose", "hibernating", "lost",
)  # fmt: skip

# Rows: recency score 1 to 5. Columns: value score 1 to 5, the mean of frequency and money rounded half up.
GRID: Final = (
    ("lost", "lost", "at_risk", "at_risk", "cant_lose"),
    ("hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"),
    ("about_to_sleep", "about_to_sleep", "needs_attention", "loyal", "loyal"),
    ("promising", "potential_loyalist", "potential_loyalist", "loyal", "champions"),
    ("new", "potential_loyalist", "potential_loyalist", "champions", "champions"),
)


@dataclass(frozen=True)
class Feature:
    """How a segment's customers differ from everybody in one figure.

    ``difference`` is (mean of the segment - mean of all) / standard deviation of all.
    """

    name: str
    mean: float
    everybody: float
    difference: float


@dataclass(frozen=True)
class SegmentProfile:
    """One segment: how many, what they spent, what they will bring, what sets them apart (largest first)."""

    method: str
    key: str
    size: int
    share: float
    worth: float
    spent: float
    made_by: str
    features: tuple[Feature, ...]
    limits: tuple[str, ...] = ()


class RuleSegments(BaseEstimator):  # type: ignore[misc]
    """Name every customer's segment from the scores ``r, f, m`` of ``RFM``.

    The recency score picks the row and the value score, (f + m) / 2 rounded half
    up, the column of ``GRID``. "new" and "promising" are kept for people with
    one order: who has ordered before is a potential loyalist there.

    Attributes
    ----------
    profiles_ : tuple of SegmentProfile
        The segments of the customers fitted, largest worth first.

    Examples
    --------
    >>> from regulars.understand import RuleSegments
    >>> RuleSegments().predict({"r": [5, 1, 5], "f": [5, 5, 1], "m": [4, 5, 1], "orders": [9, 9, 1]}).tolist()
    ['champions', 'cant_lose', 'new']
    """

    def __init__(self) -> None:
        pass

    def fit(self, rfm: Any, y: None = None, worth: ArrayLike | None = None) -> Self:
        """Profile the segments of these customers; the rule itself has nothing to learn."""
        table = to_arrow(rfm)
        figures = {
            name: np.asarray(table.column(name).to_numpy(), dtype=np.float64)
            for name in ("days_since_last", "orders", "spent", "monetary", "T")
            if name in table.column_names
        }
        spent = figures.get("spent", np.zeros(table.num_rows))
        self.profiles_ = describe(self.predict(table), figures, spent, worth, method="rules", made_by="rfm_rules/1")
        return self

    def predict(self, rfm: Any) -> NDArray[np.str_]:
        """The segment key of every row."""
        table = to_arrow(rfm)
        r, f, m = (np.asarray(table.column(c).to_numpy(), dtype=np.int64) for c in ("r", "f", "m"))
        if r.size and (min(r.min(), f.min(), m.min()) < 1 or max(r.max(), f.max(), m.max()) > 5):
            raise ValueError("scores r, f and m run from 1 to 5")
        keys = np.array(GRID)[r - 1, (f + m + 1) // 2 - 1]
        if "orders" in table.column_names:
            again = np.asarray(table.column("orders").to_numpy()) > 1
            keys = np.where(again & np.isin(keys, ("new", "promising")), "potential_loyalist", keys)
        return np.asarray(keys, dtype=np.str_)


def describe(
    labels: NDArray[Any],
    figures: dict[str, Vector],
    spent: ArrayLike,
    worth: ArrayLike | None = None,
    *,
    method: str,
    made_by: str,
    limits: tuple[str, ...] = (),
) -> tuple[SegmentProfile, ...]:
    """What sets each group of customers apart: standardised differences, size, money, largest worth first."""
    total = len(labels)
    money = np.asarray(spent, dtype=np.float64)
    future = np.zeros(total) if worth is None else np.asarray(worth, dtype=np.float64)
    keys, at = np.unique(labels, return_inverse=True)
    size = np.bincount(at, minlength=len(keys))
    sums = {name: np.bincount(at, values, minlength=len(keys)) for name, values in figures.items()}
    everybody = {name: (float(v.mean()), float(v.std())) for name, v in figures.items() if total}
    spent_by, worth_by = np.bincount(at, money, len(keys)), np.bincount(at, future, len(keys))
    profiles = []
    for i, key in enumerate(keys.tolist()):
        features = [
            Feature(name, s[i] / size[i], everybody[name][0],
                    (s[i] / size[i] - everybody[name][0]) / everybody[name][1] if everybody[name][1] > 0 else 0.0)
            for name, s in sums.items()
        ]  # fmt: skip
        features.sort(key=lambda f: -abs(f.difference))
        profiles.append(
            SegmentProfile(
                method, key, int(size[i]), float(size[i] / total), float(worth_by[i]), float(spent_by[i]),
                made_by, tuple(features), limits,
            )
        )  # fmt: skip
    return tuple(sorted(profiles, key=lambda p: (-p.worth, -p.spent, p.key)))
