"""Columns that know the answer: filled in after the outcome, or standing for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import same_kind, to_arrow
from regulars.understand.feature_matrix import FeatureMatrix, numbers, texts
from regulars.understand.gains import auc_interval
from regulars.understand.learners import LOGISTIC, chance, learner
from regulars.understand.outcomes import outcome
from regulars.understand.trials import folds_of

Vector = NDArray[np.float64]

# Words in a column's name or description that speak of a time after the decision. A whole word
# must match: "poutcome" (outcome of an earlier campaign) is not "outcome".
AFTERWARDS: Final = frozenset(
    ("duration", "disposition", "outcome", "result", "closed", "closing", "resolution", "resolved", "cancelled",
     "canceled", "cancellation", "refund", "refunded", "tag", "tags", "notable", "final", "deposit", "signed",
     "won", "lost", "churned", "terminated", "exit", "winback",
     "通话时长", "结果", "成交", "赢单", "输单", "丢单", "关闭", "标签", "退款", "取消", "最终", "流失原因", "备注")
)  # fmt: skip
# What staff or a program gave after looking at the case: bad only with a second sign, as a score may be old.
JUDGED: Final = frozenset(
    ("quality", "rating", "grade", "score", "index", "profile", "potential", "priority", "assigned", "intuition",
     "质量", "评级", "评分", "等级", "意向", "优先级")
)  # fmt: skip
LATEST: Final = re.compile(
    r"\b(last|latest|current)\b.*\b(activity|status|stage|note|action|event)\b|最后.*(活动|状态|动作)"
)
CODES: Final = (
    "equals_outcome", "too_good_alone", "more_than_all_others", "blank_tells", "after_outcome", "named_afterwards",
    "judged_by_staff", "latest_state", "filled_together", "id",
)  # fmt: skip
LEAK, SUSPECT, ID = "leak", "suspect", "id"


@dataclass(frozen=True)
class Leak:
    """One suspicious column.

    ``level``: ``leak`` (leave it out), ``suspect`` (look when it is filled in), ``id`` (names rows, teaches nothing);
    ``codes`` say why; ``auc`` is how well the column alone ranks the outcome on held-out rows,
    ``others`` how well all other columns together do (NaN where not asked).
    """

    column: str
    level: str
    codes: tuple[str, ...]
    auc: float
    others: float


class LeakDetector(BaseEstimator):  # type: ignore[misc]
    """Name the columns a model must not see, because nobody knows them when the forecast is needed.

    Signs, each on rows that were not learnt from: the column alone ranks the outcome
    nearly perfectly; it knows more alone than all other columns together; being
    empty tells the outcome; its date lies after the outcome; a block of columns
    is filled in together or not at all, and the name speaks of a judgement; its name or description speaks of a
    time after the decision (call duration, tags, closing, last activity). After the worst
    column is set aside the others are asked again, so that one leak cannot hide another.

    Parameters
    ----------
    outcome : str
        The column to foretell.
    at : str or None
        Column with the time of the outcome; dates after it are leaks.
    descriptions : mapping or None
        What each column means, as your data dictionary says it.
    perfect : float
        AUC of one column alone from which it is a leak.
    sample, folds, seed : int
        Of the tests.

    Attributes
    ----------
    leaks_ : tuple of Leak
        The worst first.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> bought = rng.random(400) < 0.4
    >>> table = {"visits": rng.poisson(2 + bought), "call_duration": rng.exponential(60 + 200 * bought),
    ...          "bought": bought}
    >>> [(leak.column, leak.codes[-1]) for leak in LeakDetector(outcome="bought").fit(table).leaks_]
    [('call_duration', 'named_afterwards')]

    Source: Kaufman, Rosset, Perlich, Stitelman (2012), "Leakage in data mining", ACM TKDD 6(4).
    """

    def __init__(
        self,
        *,
        outcome: str = "outcome",
        at: str | None = None,
        descriptions: Mapping[str, str] | None = None,
        perfect: float = 0.9,
        sample: int = 4000,
        folds: int = 3,
        seed: int = 0,
    ) -> None:
        self.outcome = outcome
        self.at = at
        self.descriptions = descriptions
        self.perfect = perfect
        self.sample = sample
        self.folds = folds
        self.seed = seed

    def fit(self, X: Any, y: ArrayLike | None = None) -> Self:
        """Look at every column; raises ``KeyError`` without the outcome and ``ValueError`` when it is not yes or no."""
        table = to_arrow(X)
        if y is None and self.outcome not in table.column_names:
            raise KeyError(f"the table lacks {self.outcome}; it has {', '.join(table.column_names)}")
        came = (np.asarray(y).astype(np.bool_) if y is not None else outcome(table.column(self.outcome))).astype(float)
        if len(came) != table.num_rows:
            raise ValueError(f"{len(came)} outcomes do not fit {table.num_rows} rows")
        if self.outcome in table.column_names:
            table = table.drop_columns(self.outcome)
        codes: dict[str, list[str]] = {name: [] for name in table.column_names}
        self._after(table, codes)
        if len(came) > self.sample:
            rows = np.sort(np.random.default_rng(self.seed).permutation(len(came))[: self.sample])
            table, came = table.take(rows), came[rows]
        alone: dict[str, float] = {}
        others: dict[str, float] = {}
        if min(came.sum(), len(came) - came.sum()) >= 2 * self.folds:
            alone, others = self._power(table, came, codes)
            self._blanks(table, came, codes)
        for name in table.column_names:
            self._named(name, codes[name], alone.get(name, 0.5))
            if is_id(table.column(name), name):
                codes[name].insert(0, "id")
        found = [
            Leak(name, level(told), tuple(sorted(told, key=CODES.index)), alone.get(name, float("nan")),
                 others.get(name, float("nan")))
            for name, told in codes.items() if level(told)
        ]  # fmt: skip
        self.leaks_ = tuple(sorted(found, key=lambda k: ((LEAK, SUSPECT, ID).index(k.level), -np.nan_to_num(k.auc))))
        return self

    def transform(self, X: Any) -> Any:
        """The table without the columns named, of whatever level."""
        check_is_fitted(self, "leaks_")
        table = to_arrow(X)
        return same_kind(table.drop_columns([k.column for k in self.leaks_ if k.column in table.column_names]), X)

    def _power(self, table: pa.Table, came: Vector, codes: dict[str, list[str]]) -> tuple[Any, Any]:
        """Each column alone against all others together, again after the worst is set aside."""
        folds = folds_of(came, self.folds, self.seed)
        alone = {name: _auc(table.select([name]), came, folds) for name in table.column_names}
        names = [n for n in table.column_names if not is_id(table.column(n), n)]
        others: dict[str, float] = {}
        for _round in range(len(names)):
            # Also among the columns that already look bad the strongest is asked first.
            rest = [n for n in names if not codes[n] or "filled_together" in codes[n]]
            if len(rest) < 2:
                break
            name = max(rest, key=lambda n: alone[n])
            others[name] = _auc(table.select([n for n in rest if n != name]), came, folds)
            if alone[name] >= 0.999:
                codes[name].append("equals_outcome")
            elif alone[name] >= self.perfect:
                codes[name].append("too_good_alone")
            elif alone[name] >= 0.75 and alone[name] > others[name] + 0.02:
                codes[name].append("more_than_all_others")
            else:
                break
        return alone, others

    def _blanks(self, table: pa.Table, came: Vector, codes: dict[str, list[str]]) -> None:
        """Whether being empty tells the outcome, and which columns are empty together."""
        gone = {
            n: np.asarray(pc.is_null(texts(table.column(n))).to_numpy(), dtype=np.bool_) for n in table.column_names
        }
        gone = {n: g for n, g in gone.items() if 0.02 < g.mean() < 0.98}
        for name, blank in gone.items():
            told = auc_interval(came, blank)[0]
            if max(told, 1.0 - told) >= 0.8:
                codes[name].append("blank_tells")
            twins = sum(1 for n, g in gone.items() if n != name and (g == blank).mean() >= 0.999)
            if twins and blank.mean() >= 0.1:
                codes[name].append("filled_together")

    def _after(self, table: pa.Table, codes: dict[str, list[str]]) -> None:
        if self.at is None:
            return
        if self.at not in table.column_names:
            raise KeyError(f"the table lacks {self.at}, the time of the outcome")
        moment = numbers(table.column(self.at))
        for name in table.column_names:
            kind = table.column(name).type
            if name == self.at or not (pa.types.is_date(kind) or pa.types.is_timestamp(kind)) or moment is None:
                continue
            when = numbers(table.column(name))
            known = ~np.isnan(when) & ~np.isnan(moment) if when is not None else np.zeros(len(moment), np.bool_)
            if when is not None and known.any() and (when[known] > moment[known] + 1e-9).mean() > 0.01:
                codes[name].append("after_outcome")

    def _named(self, name: str, told: list[str], alone: float) -> None:
        spoken = words(name) | words((self.descriptions or {}).get(name, ""))
        if spoken & AFTERWARDS or any(len(w) > 1 and not w.isascii() and w in name for w in AFTERWARDS):
            told.append("named_afterwards")
        if LATEST.search(spaced(name)):
            told.append("latest_state")
        judged = spoken & JUDGED or any(not w.isascii() and w in name for w in JUDGED)
        if judged and ("filled_together" in told or alone >= 0.7):
            told.append("judged_by_staff")


def _auc(table: pa.Table, came: Vector, folds: Any) -> float:
    """The AUC of these columns on rows not learnt from."""
    told = np.full(len(came), float(came.mean()))
    for learn, held in folds:
        matrix = FeatureMatrix(rare=0.002, levels=60).fit(table.take(learn))
        if not matrix.features_:
            return 0.5
        model = learner(LOGISTIC, C=0.1).fit(matrix.transform(table.take(learn)), came[learn])
        told[held] = chance(model, matrix.transform(table.take(held)))
    return auc_interval(came, told)[0]


def level(codes: list[str]) -> str:
    """How bad: ``leak``, ``suspect``, ``id`` or nothing."""
    if "id" in codes:
        return ID
    hard = {"equals_outcome", "too_good_alone", "blank_tells", "after_outcome"} & set(codes)
    named = {"named_afterwards", "judged_by_staff", "latest_state"} & set(codes)
    if hard or (named and "more_than_all_others" in codes):
        return LEAK
    return SUSPECT if named or "more_than_all_others" in codes else ""


def is_id(column: pa.ChunkedArray, name: str) -> bool:
    """Whether a column only names its rows: texts or whole numbers that never repeat, in many rows."""
    kind = column.type
    if len(column) < 100 or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        return False
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return False
    distinct = pc.count_distinct(column).as_py()
    if distinct < 0.995 * len(column):
        return False
    if pa.types.is_integer(kind):
        return bool(distinct == len(column))
    # Free amounts written as text hardly repeat either; a decimal point tells them apart.
    return not bool(pc.any(pc.match_substring_regex(texts(column), r"^-?\d+\.\d+$"), min_count=0).as_py())


def spaced(text: str) -> str:
    """A column's name as lower-case words: camel case, dots and underscores become spaces.

    >>> spaced("LastNotable_activity")
    'last notable activity'
    """
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return re.sub(r"[^0-9a-z\u4e00-\u9fff]+", " ", apart.lower()).strip()


def words(text: str) -> set[str]:
    """The words of a name or a description."""
    return set(spaced(text).split())
