"""Who the customers of a segment are: what sets them apart, what they buy and say, and a typical one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from regulars.lake.frames import to_arrow
from regulars.tables import currency_digits
from regulars.understand.lifts import Lift, Product, lifts, products, shares
from regulars.understand.segments import Feature, SegmentProfile, describe

Vector = NDArray[np.float64]

NAMES = {
    "en": {
        "champions": "Champions", "loyal": "Loyal customers", "potential_loyalist": "Potential loyalists",
        "new": "New customers", "promising": "Promising", "needs_attention": "Need attention",
        "about_to_sleep": "About to sleep", "at_risk": "At risk", "cant_lose": "Can't lose them",
        "hibernating": "Hibernating", "lost": "Lost",
    },
    "zh-hans": {
        "champions": "冠军客户", "loyal": "忠诚客户", "potential_loyalist": "潜力客户", "new": "新客户",
        "promising": "有希望的客户", "needs_attention": "需要关注", "about_to_sleep": "即将沉睡",
        "at_risk": "有流失风险", "cant_lose": "不能失去", "hibernating": "沉睡客户", "lost": "已流失",
    },
}  # fmt: skip

# What a feature's mean reads like; {value} and {all} are the segment's and everybody's.
PHRASES = {
    "en": {
        "days_since_last": "last bought {value:,.0f} days ago (all: {all:,.0f})",
        "orders": "{value:,.1f} orders each (all: {all:,.1f})",
        "spent": "{value} spent each (all: {all})",
        "monetary": "{value} per repeat purchase (all: {all})",
        "T": "customers for {value:,.0f} days (all: {all:,.0f})",
    },
    "zh-hans": {
        "days_since_last": "上次购买在 {value:,.0f} 天前（全体 {all:,.0f} 天）",
        "orders": "人均 {value:,.1f} 单（全体 {all:,.1f} 单）",
        "spent": "人均消费 {value}（全体 {all}）",
        "monetary": "复购每次 {value}（全体 {all}）",
        "T": "成为客户 {value:,.0f} 天（全体 {all:,.0f} 天）",
    },
}
MONEY = ("spent", "monetary")


def persona_words(profile: SegmentProfile, language: str = "en", currency: str = "CNY", features: int = 3) -> str:
    """Describe a segment: size, worth, and the figures that set it apart most.

    >>> who = SegmentProfile("rules", "champions", 120, 0.1, 900_000.0, 500_000.0, "rfm_rules/1",
    ...                      (Feature("orders", 9.4, 3.1, 1.7),))
    >>> persona_words(who, "en")
    'Champions: 120 customers (10%), expected to bring CNY 9,000.00. What sets them apart: 9.4 orders each (all: 3.1).'
    >>> persona_words(who, "zh-hans")
    '冠军客户：120 人（10%），预计还会带来 CNY 9,000.00。与众不同之处：人均 9.4 单（全体 3.1 单）。'
    """
    if language not in NAMES:
        raise ValueError(f"language is one of {', '.join(NAMES)}, not {language!r}")
    chinese = language == "zh-hans"
    name = NAMES[language].get(profile.key, f"{'群组' if chinese else 'Group'} {profile.key}")
    worth = _money(profile.worth, currency)
    apart = [_phrase(f, language, currency) for f in profile.features[:features] if f.name in PHRASES[language]]
    if chinese:
        text = f"{name}：{profile.size:,} 人（{profile.share:.0%}），预计还会带来 {worth}。"
        return text + (f"与众不同之处：{'；'.join(apart)}。" if apart else "")
    text = f"{name}: {profile.size:,} customers ({profile.share:.0%}), expected to bring {worth}."
    return text + (f" What sets them apart: {'; '.join(apart)}." if apart else "")


def _phrase(feature: Feature, language: str, currency: str) -> str:
    words = PHRASES[language][feature.name]
    if feature.name in MONEY:
        return words.format(value=_money(feature.mean, currency), all=_money(feature.everybody, currency))
    return words.format(value=feature.mean, all=feature.everybody)


def _money(minor: float, currency: str) -> str:
    digits = currency_digits(currency)
    return f"{currency} {minor / 10**digits:,.{digits}f}"


@dataclass(frozen=True)
class Voice:
    """What a segment's customers gave as marks of one kind, beside everybody; the range is of their mean."""

    kind: str
    marks: int
    mean: float
    low: float
    high: float
    everybody: float


@dataclass(frozen=True)
class Persona:
    """One segment as a person: figures, attributes, channels, products, voice, and the customer most like them all."""

    method: str
    key: str
    size: int
    share: float
    worth: float
    spent: float
    features: tuple[Feature, ...]
    lifts: tuple[Lift, ...]
    channels: tuple[tuple[str, float], ...]
    states: tuple[tuple[str, float], ...]
    products: tuple[Product, ...]
    voice: tuple[Voice, ...]
    typical: str
    limits: tuple[str, ...] = ()


class Personas(BaseEstimator):  # type: ignore[misc]
    """Describe segments by what distinguishes them from everybody.

    Figures by their standardised difference, attributes by lift (see ``lifts``),
    products by the share of customers who ever bought them, marks by their mean,
    and one typical customer: the one with the smallest sum of squared distances
    to all others of the segment, in standardised logarithms of the figures.

    Parameters
    ----------
    least : int
        People or marks below which nothing is said.
    false_share : float
        Share of the attributes named that may be chance.
    products : int
        How many products are named.

    Attributes
    ----------
    personas_ : tuple of Persona
        Largest worth first.

    Examples
    --------
    >>> table = {"customer": ["a", "b", "c"] * 10, "orders": [9, 9, 1] * 10, "spent": [900, 800, 50] * 10}
    >>> came_by = {"channel": ["web", "web", "shop"] * 10}
    >>> found = Personas().fit(table, ["best", "best", "rest"] * 10, attributes=came_by)
    >>> [(p.key, p.size, [one.value for one in p.lifts]) for p in found.personas_]
    [('best', 20, ['web', 'shop']), ('rest', 10, ['shop', 'web'])]

    References
    ----------
    Wedel and Kamakura (2000), "Market Segmentation", chapter 2, on profiling;
    Kaufman and Rousseeuw (1990) on medoids.
    """

    def __init__(self, *, least: int = 5, false_share: float = 0.05, products: int = 5) -> None:
        self.least = least
        self.false_share = false_share
        self.products = products

    def fit(
        self,
        figures: Any,
        labels: ArrayLike,
        *,
        attributes: Mapping[str, Any] | None = None,
        baskets: Any = None,
        marks: Any = None,
        states: Any = None,
        worth: ArrayLike | None = None,
        method: str = "rules",
    ) -> Self:
        """Describe the segments.

        ``figures`` has a row per customer: the key in ``customer``, numbers
        elsewhere. ``attributes`` are columns in the same order; ``baskets`` rows
        of (customer, product), ``marks`` rows of (customer, kind, score), and
        ``states`` the activity state of every customer.
        """
        table = to_arrow(figures)
        names = np.asarray(labels, dtype=np.str_)
        if len(names) != table.num_rows:
            raise ValueError(f"{len(names)} segments were given for {table.num_rows} customers")
        keys, group = np.unique(names, return_inverse=True)
        customer = table.column("customer").combine_chunks().cast(pa.string())
        numbers = {
            c: np.asarray(table.column(c).to_numpy(), dtype=np.float64) for c in table.column_names if c != "customer"
        }
        spent = numbers.get("spent", np.zeros(len(names)))
        profiles = describe(names, numbers, spent, worth, method=method, made_by="personas/1")
        apart = lifts(
            group, len(keys), dict(attributes or {}), least=self.least, false_share=self.false_share
        )  # fmt: skip
        bought = products(customer, group, len(keys), baskets, self.least, self.products)
        said = self._voice(customer, group, keys, marks)
        typical = _typical(numbers, group, len(keys))
        channels = shares(group, len(keys), (attributes or {}).get("channel"))
        stand = shares(group, len(keys), states)
        place = {key: i for i, key in enumerate(keys.tolist())}
        self.personas_ = tuple(
            Persona(
                method, p.key, p.size, p.share, p.worth, p.spent, p.features, tuple(apart[i][:8]), channels[i],
                stand[i], bought[i], said[i], str(customer[typical[i]].as_py()),
                ("few_people",) if p.size < 4 * self.least else (),
            )
            for p in profiles for i in (place[p.key],)
        )  # fmt: skip
        return self

    def _voice(
        self, customer: pa.Array, group: NDArray[np.int64], keys: NDArray[np.str_], marks: Any
    ) -> list[tuple[Voice, ...]]:
        found: list[list[Voice]] = [[] for _ in keys]
        if marks is None:
            return [()] * len(keys)
        table = to_arrow(marks)
        at = pc.index_in(table.column("customer").combine_chunks().cast(pa.string()), value_set=customer)
        keep = pc.and_(pc.is_valid(at), pc.is_valid(table.column("score")))
        table, rows = table.filter(keep), at.filter(keep).to_numpy()
        score = np.asarray(table.column("score").to_numpy(), dtype=np.float64)
        kinds = np.asarray(table.column("kind").to_pylist(), dtype=object)
        for kind in sorted({str(k) for k in kinds}):
            of = kinds == kind
            where, given = group[rows[of]], score[of]
            n = np.bincount(where, minlength=len(keys))
            total, squares = np.bincount(where, given, len(keys)), np.bincount(where, given**2, len(keys))
            for g in np.flatnonzero(n >= self.least):
                mean = total[g] / n[g]
                half = 1.645 * np.sqrt(max(squares[g] / n[g] - mean**2, 0.0) / max(n[g] - 1, 1))
                found[g].append(
                    Voice(kind, int(n[g]), float(mean), float(mean - half), float(mean + half), float(given.mean()))
                )
        return [tuple(one) for one in found]


def _typical(numbers: Mapping[str, Vector], group: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    """The row nearest to its group's mean, which is the medoid under squared distance."""
    nearest = np.zeros(groups, dtype=np.int64)
    if not numbers:
        return np.array([int(np.argmax(group == g)) for g in range(groups)], dtype=np.int64)
    X = np.stack([np.sign(v) * np.log1p(np.abs(v)) for v in numbers.values()], axis=1)
    spread = X.std(axis=0)
    X = X / np.where(spread > 0, spread, 1.0)
    size = np.maximum(np.bincount(group, minlength=groups), 1)[:, None]
    mean = np.stack([np.bincount(group, X[:, j], groups) for j in range(X.shape[1])], axis=1) / size
    far = ((X - mean[group]) ** 2).sum(axis=1)
    order = np.lexsort((far, group))
    first = np.searchsorted(group[order], np.arange(groups))
    nearest[:] = order[first]
    return nearest
