"""Attribution: which channel gets the credit for an order, by nine methods over the same journeys, with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
from sklearn.base import BaseEstimator  # type: ignore[import-untyped]

from regulars.lake.frames import same_kind
from regulars.measure import markov, path_model, shapley
from regulars.measure.credit import whole_units
from regulars.measure.journeys import Journeys, journeys
from regulars.measure.resample import Buckets, buckets
from regulars.measure.touch_rules import RULES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

METHODS: Final = (*RULES, "markov", "shapley", "logistic")
FEW_CONVERSIONS: Final = 100
# A path model is worth its credit only where it ranks journeys better than luck.
RANKS: Final = 0.55
# Replicates of the path model cost a pass over the paths each; their spread is taken as normal.
MODEL_DRAWS: Final = 40


class Attribution(BaseEstimator):  # type: ignore[misc]
    """Share orders and money among the channels on the way to them.

    ``first``, ``last``, ``last_non_direct``, ``linear``, ``time_decay`` (``2^(-age / half_life)``) and ``position``
    are rules about the places of touches. ``markov`` deletes a channel from the chain of journeys and shares by
    what is lost, ``RE_k = 1 - P(order without k) / P(order)``, in closed form. ``shapley`` pays a channel its mean
    contribution over all orders of joining: of ``game="paths"``, journeys won within the set, or ``game="rate"``,
    orders per journey within the set. ``logistic`` shares each order by what the chance of an order loses when a
    channel is taken out of its path. None of them is a cause: they share what happened, a test tells what would not
    have happened otherwise.

    Args:
        method: ``first``, ``last``, ``last_non_direct``, ``linear``, ``time_decay``, ``position``, ``markov``,
            ``shapley`` or ``logistic``.
        order: how many touches the Markov chain remembers, 1 to 4.
        window_days: touches older than this do not count (needs ``ages``); a journey's newest touch always does.
        half_life_days: days after which a touch counts half in ``time_decay`` (touches, where no ages are known).
        position: shares of the oldest touch, of all between together, and of the newest; they add up to 1.
        direct: the channel that ``last_non_direct`` passes over.
        game: which game ``shapley`` plays: ``paths`` or ``rate``.
        ridge: how much the path model is pulled to "no channel matters".
        separator: what stands between two channels where paths are text.
        draws: bootstrap replicates behind the intervals; 0 for none.
        level: how often the interval should hold.
        seed: the draws are the same for the same seed.

    Attributes after ``fit``:
        credits_: ``channel, conversions, share`` and, where money is known, ``value``: a row per channel, the
            kind of table that was given. Columns add up to the totals; integer money stays whole minor units.
        removal_effects_: ``channel, conversions`` and ``value`` for ``markov``; None for other methods. The money has
            its own effect, with the mean money of the orders that follow each state as its reward.
        intervals_: ``channel, conversions_low, conversions_high`` (and of ``value``) from a Poisson bootstrap
            of journeys; the totals are taken as given, so this is the doubt about the split. None without draws.
        auc_: for ``logistic``, how well journeys of held-back paths were ranked; 0.5 is luck.
        limits_: codes of what to keep in mind: ``no_nulls``, ``few_conversions``, ``one_channel``,
            ``negative_credit``, ``path_model_no_better_than_luck``, ``orderings_drawn``.

    ``fit`` raises ``ValueError`` for unknown settings, missing columns, negative counts, an order without a channel,
    and for ``logistic`` without journeys lost.

    Source: Anderl et al. (2016), IJRM 33(3); Shapley (1953); Shao and Li (2011), KDD, for the path model.

    >>> paths = pa.table({"path": ["search > mail", "mail"], "conversions": [1, 2], "nulls": [1, 0]})
    >>> Attribution(method="linear").fit(paths).credits_.to_pydict()["conversions"]
    [2.5, 0.5]
    >>> Attribution(method="markov").fit(paths).removal_effects_.to_pydict()["conversions"]
    [1.0, 0.5]
    """

    def __init__(
        self, method: str = "markov", order: int = 1, window_days: float | None = None, half_life_days: float = 7.0,
        position: tuple[float, float, float] = (0.4, 0.2, 0.4), direct: str = "direct", game: str = "paths",
        ridge: float = 1.0, separator: str = ">", draws: int = 200, level: float = 0.9, seed: int = 0,
    ) -> None:  # fmt: skip
        self.method = method
        self.order = order
        self.window_days = window_days
        self.half_life_days = half_life_days
        self.position = position
        self.direct = direct
        self.game = game
        self.ridge = ridge
        self.separator = separator
        self.draws = draws
        self.level = level
        self.seed = seed

    def fit(self, paths: Any, y: Any = None) -> Attribution:
        """Share what happened on the paths: columns ``path, conversions`` and, where known, ``value, nulls, ages``."""
        self._check()
        told = journeys(paths, self.separator, self.window_days)
        self.fit_journeys(told, buckets(told, self.draws, self.seed) if self.draws else None)
        for name in ("credits_", "removal_effects_", "intervals_"):
            made = getattr(self, name)
            setattr(self, name, None if made is None else same_kind(made, paths))
        return self

    def fit_journeys(self, told: Journeys, drawn: Buckets | None = None) -> Attribution:
        """Share journeys that are read already, with buckets that several methods may have in common; makes Arrow."""
        self._check()
        won, money, lost = told.total(told.won), told.total(told.money), told.total(told.lost)
        self.limits_: tuple[str, ...] = self._limits(told)
        self.removal_effects_: Any = None
        self.auc_: float | None = None
        credit, replicates = getattr(self, f"_{'rule' if self.method in RULES else self.method}")(
            told, won, money, lost, drawn
        )
        if (credit < 0).any():
            self.limits_ += ("negative_credit",)
        columns = ["conversions", *(["value"] if told.has_value else [])]
        whole = [won.sum(), money.sum()]
        made: dict[str, Any] = {"channel": pa.array(told.names, pa.string())}
        ends: dict[str, Any] = dict(made)
        for j, name in enumerate(columns):
            own = credit[:, j]
            made[name] = whole_units(own) if name == "value" and told.whole_money else own
            if replicates is not None:
                low, high = interval(replicates[:, :, j], own, float(whole[j]), self.level)
                ends |= {f"{name}_low": low, f"{name}_high": high}
        made["share"] = credit[:, 0] / whole[0] if whole[0] else np.zeros(len(credit))
        self.credits_: Any = pa.table(made)
        self.intervals_: Any = None if replicates is None else pa.table(ends)
        return self

    def _check(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method: there is no {self.method!r}; there is {', '.join(METHODS)}")
        if not 1 <= self.order <= 4:
            raise ValueError(f"order must be 1, 2, 3 or 4, not {self.order!r}")
        if self.game not in ("paths", "rate"):
            raise ValueError(f"game must be 'paths' or 'rate', not {self.game!r}")
        if len(self.position) != 3 or min(self.position) < 0 or abs(sum(self.position) - 1) > 1e-9:
            raise ValueError("position needs three shares of 0 or more that add up to 1, such as (0.4, 0.2, 0.4)")
        if not self.half_life_days > 0 or (self.window_days is not None and not self.window_days > 0):
            raise ValueError("half_life_days and window_days must be more than 0")

    def _limits(self, told: Journeys) -> tuple[str, ...]:
        needs = self.method in ("markov", "logistic") or (self.method == "shapley" and self.game == "rate")
        found = [("no_nulls", needs and not told.lost.any()), ("one_channel", len(told.names) == 1),
                 ("few_conversions", told.won.sum() < FEW_CONVERSIONS)]  # fmt: skip
        return tuple(code for code, holds in found if holds)

    def _rule(self, told: Journeys, won: Vector, money: Vector, lost: Vector, drawn: Buckets | None) -> Any:
        weight = RULES[self.method](told, self)
        n = len(told.names)
        # The rules of one place give whole orders: most touches weigh nothing.
        keep = np.flatnonzero(weight)
        path, cell = told.at[keep], (told.at[keep], told.channel[keep])
        credit = np.stack([np.bincount(cell[1], weight[keep] * part[path], n) for part in (won, money)], axis=1)
        if drawn is None:
            return credit, None
        from scipy import sparse

        return credit, _drawn(sparse.csr_array((weight[keep], cell), shape=(len(told.length), n)), drawn)

    def _markov(self, told: Journeys, won: Vector, money: Vector, lost: Vector, drawn: Buckets | None) -> Any:
        made = markov.chain(told, self.order)
        seen = markov.counts(made, won, money, lost)
        effect = markov.removal_effects(made, seen)
        names = ["conversions", *(["value"] if told.has_value else [])]
        self.removal_effects_ = pa.table({"channel": pa.array(told.names, pa.string()),
                                          **{name: effect[:, j] for j, name in enumerate(names)}})  # fmt: skip
        whole = np.array([won.sum(), money.sum()])
        credit = _scaled(effect[None], effect)[0] * whole
        return credit, None if drawn is None else _scaled(markov.replicates(made, seen, drawn), effect) * whole

    def _shapley(self, told: Journeys, won: Vector, money: Vector, lost: Vector, drawn: Buckets | None) -> Any:
        if self.game == "paths":
            share, _ = shapley.paths_game(told)
            return np.stack([won @ share, money @ share], axis=1), None if drawn is None else _drawn(share, drawn)
        count = float(won.sum() + lost.sum())
        found = shapley.rate_game(told, won, money, lost, self.seed)
        credit = found.value * count
        if found.error is not None:
            self.limits_ += ("orderings_drawn",)
        if drawn is None:
            return credit, None
        every = shapley.rate_replicates(told, drawn, self.seed) * count
        every += credit - every.mean(axis=0)
        if found.error is not None:
            noise = np.random.default_rng(self.seed).standard_normal(every.shape)
            every += noise * found.error * count
        return credit, every

    def _logistic(self, told: Journeys, won: Vector, money: Vector, lost: Vector, drawn: Buckets | None) -> Any:
        if not lost.any() or not won.any():
            raise ValueError("logistic needs journeys with and without an order: fill 'conversions' and 'nulls'")
        model = path_model.fit(told, won, lost, self.ridge, self.seed)
        self.auc_ = model.auc
        if model.auc is None or model.auc < RANKS:
            self.limits_ += ("path_model_no_better_than_luck",)
        share = path_model.shares(told, model.beta)
        credit = np.stack([won @ share, money @ share], axis=1)
        if drawn is None:
            return credit, None
        few = drawn._replace(draws=drawn.draws[:MODEL_DRAWS])
        return credit, path_model.replicates(told, model, few, self.ridge)


def _drawn(share: Any, drawn: Buckets) -> Vector:
    """Replicates of a method that is a fixed sharing of each path."""
    parts = [drawn.draws @ np.asarray((part @ share).todense()) for part in (drawn.won, drawn.money)]
    return np.stack(parts, axis=2)


def _scaled(effect: Vector, fallback: Vector) -> Vector:
    """Effects as shares; money that no channel moves follows the orders."""
    effect = np.where(effect.sum(axis=1, keepdims=True) > 0, effect, effect[:, :, :1])
    whole = effect.sum(axis=1, keepdims=True)
    found: Vector = np.where(whole > 0, effect / np.where(whole > 0, whole, 1.0), 1.0 / len(fallback))
    return found


def interval(replicates: Vector, credit: Vector, total: float, level: float) -> tuple[Vector, Vector]:
    """Low and high of each channel's part of a total that is known; around the credit where replicates are few."""
    whole = replicates.sum(axis=1, keepdims=True)
    good = whole[:, 0] > 0 if total > 0 else np.ones(len(whole), dtype=bool)
    if total > 0 and good.any():
        replicates = replicates[good] / whole[good] * total
    if len(replicates) >= 2 * MODEL_DRAWS:
        low, high = np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2], axis=0)
    else:
        from scipy.special import ndtri

        half = ndtri((1 + level) / 2) * replicates.std(axis=0)
        low, high = credit - half, credit + half
        if (credit >= 0).all():
            low, high = np.maximum(low, 0.0), np.minimum(high, max(total, 0.0))
    return np.minimum(low, credit), np.maximum(high, credit)
