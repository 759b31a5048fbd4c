"""What somebody will buy next and how likely: logistic models from what they have, calibrated on later weeks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import same_kind
from regulars.understand.cards import Decile, ModelCard
from regulars.understand.days import as_dates, day_number
from regulars.understand.itemsets import distinct
from regulars.understand.logit import logit_probability
from regulars.understand.logit_fit import Logit, calibrate, fit_logits, ranking_area
from regulars.understand.purchase_lines import Purchases, purchases

Vector = NDArray[np.float64]
Ints = NDArray[np.int64]
WHEN = ("days_since_last", "order_days", "days_as_customer", "products")
VERSION = "cross_sell/1"
# Fewer customers than this have no pattern to learn.
LEAST = 30


@dataclass(frozen=True)
class Moment:
    """What was known of every customer on the evening of a day; ``owned`` in the order of the products looked at."""

    who: Ints
    features: Vector
    owned: NDArray[np.bool_]


class CrossSell(BaseEstimator):  # type: ignore[misc]
    r"""The chance that a customer buys each product within the next days.

    .. math:: P(j \text{ within } H \mid x) = \frac{1}{1 + e^{-z}}, \quad
        z = a_j + b_j \Big(w_{j0} + \sum_i w_{ji} x_i\Big)

    x: which products they have, how recently they bought each, how long since
    the last purchase, how often, for how long, how many different ones. The
    weights w are learnt on one stretch of H days, the line (a, b) that calibrates them
    on the stretch after it, and the figures of ``card_`` are counted on a third stretch that
    neither has seen; then all is moved to the newest stretches. No feature
    looks past the evening the stretch begins.

    Parameters
    ----------
    horizon_days : int
        H.
    by : str
        ``product`` or ``category``, a column of the lines.
    max_targets, max_features : int
        The most bought products that are foretold, and looked at.
    l2 : float
        Ridge penalty on the weights of standardised features.
    max_people : int
        More customers than this are sampled for learning; everybody is scored.
    seed : int
        Of that sample.

    Attributes
    ----------
    targets_ : list of str
    models_ : list of Logit, one a target
    limits_ : tuple of str
    card_ : ModelCard

    Examples
    --------
    >>> from regulars.understand import CrossSell
    >>> round(CrossSell.from_weights(1.0, [0.5, 0.3, 0.2]).probability([5, 8, 1]), 5)
    0.99776

    References
    ----------
    Knott, Hayes and Neslin (2002), Journal of Interactive Marketing 16(3); Platt (1999) for the calibration.
    """

    def __init__(
        self, *, horizon_days: int = 30, by: str = "product", max_targets: int = 12, max_features: int = 24,
        l2: float = 3.0, max_people: int = 20_000, seed: int = 0,
    ) -> None:  # fmt: skip
        self.horizon_days = horizon_days
        self.by = by
        self.max_targets = max_targets
        self.max_features = max_features
        self.l2 = l2
        self.max_people = max_people
        self.seed = seed

    @classmethod
    def from_weights(cls, intercept: float, weights: Any) -> CrossSell:
        """A model with weights set by hand, for ``probability``; nothing is scaled."""
        model = cls()
        model.given_ = (float(intercept), np.asarray(weights, dtype=np.float64))
        return model

    def probability(self, features: Any) -> float:
        """The chance by the weights of ``from_weights``."""
        check_is_fitted(self, "given_")
        intercept, given = self.given_
        return logit_probability(given, features, intercept=intercept)

    def fit(self, lines: Any, y: None = None, *, now: Any = None, zone: str = "UTC") -> Self:
        """Learn from order lines (``customer``, ``product`` or the category, ``day`` or ``at``).

        ``now`` is the moment to speak from; without it, the last day of the lines.
        """
        if self.by != "product":
            from regulars.lake.frames import to_arrow

            table = to_arrow(lines)
            if self.by not in table.column_names:
                raise KeyError(f"lines need a column '{self.by}'; they have {', '.join(table.column_names)}")
            lines = table.drop_columns(["product"] if "product" in table.column_names else [])
            lines = lines.rename_columns(["product" if c == self.by else c for c in lines.column_names])
        until = None if now is None else day_number(now, zone)
        return self.fit_purchases(purchases(lines, zone=zone, until=until), until)

    def fit_purchases(self, bought: Purchases, until: int | None = None) -> Self:
        """Learn from purchases as ``purchases`` reads them."""
        self.bought_ = bought = bought.known()
        self.until_ = int(bought.day.max(initial=0)) if until is None else until
        buyers = np.bincount(bought.what, minlength=len(bought.products))
        order = np.argsort(-buyers, kind="stable")
        self.looked_ = np.sort(order[: max(self.max_features, self.max_targets)])
        self.targets_at_ = order[: self.max_targets][buyers[order[: self.max_targets]] > 0]
        self.targets_ = [bought.products[i] for i in self.targets_at_]
        h = self.horizon_days
        span = self.until_ - int(bought.day.min(initial=self.until_))
        self.limits_: tuple[str, ...] = ()
        self.moments_: dict[int, Moment] = {}
        self.card_ = self._card(span)
        if len(np.unique(bought.who)) < LEAST:
            self.limits_ = (*self.limits_, "too_few_customers")
            self.models_ = []
        elif span >= 2 * h:
            self.models_ = self._learnt(self.until_ - 2 * h, self.until_ - h)
        else:
            self.limits_ = (*self.limits_, "too_short_for_next_product")
            self.models_ = []
        self.moments_ = {}
        return self

    def predict(self, like: Any = None) -> Any:
        """``customer, product, chance, low, high, because`` for every customer and target, the chance within H days."""
        chance, people, _ = self.chances()
        who, what = (v.ravel() for v in np.indices(chance.shape))
        low, high, because = self.explained(who, what)
        names = pa.array(self.bought_.products, pa.string())
        table = pa.table(
            {
                "customer": pa.array(people, pa.string()).take(pa.array(who)),
                "product": pa.array(self.targets_, pa.string()).take(pa.array(what)),
                "chance": chance.ravel(), "low": low, "high": high,
                "because": names.take(pa.array(because, mask=because < 0)),
            }
        )  # fmt: skip
        return table if like is None else same_kind(table, like)

    def chances(self) -> tuple[Vector, list[str], NDArray[np.bool_]]:
        """The chance of every customer (rows) to buy every target (columns); the customers; which targets they own."""
        check_is_fitted(self, "models_")
        now = self._moment(self.until_)
        chance = np.zeros((len(now.who), len(self.models_)))
        for j, model in enumerate(self.models_):
            chance[:, j] = expit(model.line(now.features))
        owned = now.owned[:, np.searchsorted(self.looked_, self.targets_at_)][:, : len(self.models_)]
        return chance, [self.bought_.people[i] for i in now.who], owned

    def explained(self, who: Ints, what: Ints) -> tuple[Vector, Vector, Ints]:
        """For (row, column) of ``chances``: the 90 % interval, and the product that speaks most for it (-1: none)."""
        low, high, why = np.zeros(len(who)), np.zeros(len(who)), np.full(len(who), -1, dtype=np.int64)
        features = self._moment(self.until_).features
        for j, model in enumerate(self.models_):
            some = np.flatnonzero(what == j)
            mine = features[who[some]]
            z, error = model.scored(mine)
            low[some], high[some] = expit(z - 1.645 * error), expit(z + 1.645 * error)
            why[some] = self._because(model, mine)
        return low, high, why

    def _because(self, model: Logit, features: Vector) -> Ints:
        """The product whose ownership and freshness together raise the chance most, and at all."""
        k = len(self.looked_)
        parts = model.parts(features)
        each = parts[:, :k] + parts[:, k : 2 * k]
        # Not having a product is no reason an owner would tell.
        each = np.where(features[:, :k] > 0, each, -np.inf)
        if not k or not len(each):
            return np.full(len(features), -1, dtype=np.int64)
        top = each.argmax(axis=1)
        return np.where(each[np.arange(len(each)), top] > 0, self.looked_[top], -1)

    # --- learning --------------------------------------------------------------------

    def _learnt(self, learn: int, settle: int) -> list[Logit]:
        first, then = self._sample(self._moment(learn)), self._sample(self._moment(settle))
        models = fit_logits(first.features, self._came(first, learn), self.l2)
        return calibrate(models, then.features, self._came(then, settle))

    def _moment(self, evening: int) -> Moment:
        """What was known that evening: products they have, how freshly, and the rhythm of their purchases."""
        if evening in self.moments_:
            return self.moments_[evening]
        past = self.bought_.some(self.bought_.day <= evening)
        who, at = np.unique(past.who, return_inverse=True)
        n, width = len(who), max(len(self.looked_), 1)
        place = np.full(len(self.bought_.products), -1)
        place[self.looked_] = np.arange(len(self.looked_))
        seen = place[past.what] >= 0
        cell, back = np.unique(at[seen] * width + place[past.what[seen]], return_inverse=True)
        last = np.full(len(cell), np.iinfo(np.int64).min)
        np.maximum.at(last, back, past.day[seen])
        row, column = np.divmod(cell, width)
        owned = np.zeros((n, width), dtype=np.bool_)
        owned[row, column] = True
        fresh = np.zeros((n, width))
        fresh[row, column] = np.exp(-(evening - last) / self.horizon_days)
        kinds = distinct(at * len(self.bought_.products) + past.what) // max(len(self.bought_.products), 1)
        visits = distinct(at * 1_000_000 + past.day)
        person, day = np.divmod(visits, 1_000_000)
        count = np.bincount(person, minlength=n).astype(np.float64)
        newest, oldest = np.zeros(n), np.zeros(n)
        newest[person] = day
        oldest[person[::-1]] = day[::-1]
        rhythm = np.stack(
            [np.log1p(evening - newest), np.log(np.maximum(count, 1)), np.log1p(evening - oldest),
             np.log1p(np.bincount(kinds, minlength=n))], axis=1,
        )  # fmt: skip
        found = Moment(who, np.concatenate([owned, fresh, rhythm], axis=1), owned)
        self.moments_[evening] = found
        return found

    def _sample(self, moment: Moment) -> Moment:
        if len(moment.who) <= self.max_people:
            return moment
        some = np.sort(np.random.default_rng(self.seed).choice(len(moment.who), self.max_people, replace=False))
        return Moment(moment.who[some], moment.features[some], moment.owned[some])

    def _came(self, moment: Moment, evening: int) -> Vector:
        """Who bought which target in the H days after that evening."""
        b = self.bought_
        some = (b.day > evening) & (b.day <= evening + self.horizon_days)
        came = np.zeros((len(b.people), len(b.products)), dtype=np.bool_)
        came[b.who[some], b.what[some]] = True
        return came[np.ix_(moment.who, self.targets_at_)].astype(np.float64)

    def _card(self, span: int) -> ModelCard:
        """Learn one stretch earlier and count on the newest, which that model has not seen."""
        h, end = self.horizon_days, self.until_
        metrics: tuple[tuple[str, float, float | None, float | None], ...] = ()
        deciles: tuple[Decile, ...] = ()
        if span < 4 * h or len(np.unique(self.bought_.who)) < LEAST:
            self.limits_ = (*self.limits_, "history_too_short_to_test")
        else:
            models = self._learnt(end - 3 * h, end - 2 * h)
            moment = self._sample(self._moment(end - h))
            came, chance = self._came(moment, end - h), np.zeros((len(moment.who), len(models)))
            for j, model in enumerate(models):
                chance[:, j] = expit(model.line(moment.features))
            past = self._came(self._sample(self._moment(end - 2 * h)), end - 2 * h)
            metrics, deciles = _counted(chance, came, past.mean(axis=0))
        return ModelCard(
            model="cross_sell", version=VERSION, trained_from=_day(end - 2 * h), trained_to=_day(end),
            n=len(self.bought_.people), features=("owned_products", "fresh_products", *WHEN), parameters=(),
            holdout=None, limits=self.limits_, metrics=metrics, calibration=deciles, data="order_lines",
        )  # fmt: skip


def _counted(
    chance: Vector, came: Vector, before: Vector
) -> tuple[tuple[tuple[str, float, float | None, float | None], ...], tuple[Decile, ...]]:
    """Ranking, squared error beside "everybody as likely as the month before", and calibration by tenths."""
    areas = [ranking_area(chance[:, j], came[:, j]) for j in range(chance.shape[1]) if 0 < came[:, j].sum() < len(came)]
    brier, plain = float(((chance - came) ** 2).mean()), float(((before - came) ** 2).mean())
    order = np.argsort(-chance.ravel(), kind="stable")
    deciles = tuple(
        Decile(len(rows), float(chance.ravel()[rows].mean()), float(came.ravel()[rows].mean()))
        for rows in np.array_split(order, 10)
        if len(rows)
    )
    off = sum(abs(d.forecast - d.actual) * d.customers for d in deciles) / max(chance.size, 1)
    names = ("auc", "brier", "brier_base_rate", "calibration_error", "forecast", "actual")
    values = (float(np.mean(areas)) if areas else 0.5, brier, plain, off, float(chance.sum()), float(came.sum()))
    return tuple((n, v, None, None) for n, v in zip(names, values, strict=True)), deciles


def _day(day: int) -> str:
    return str(as_dates(np.array([day]))[0])
