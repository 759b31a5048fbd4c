"""An experiment: arms against a control, read in a way that allows looking at it every day."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, Literal

import pandas as pd
import pyarrow as pa

from regulars.lake.frames import same_kind
from regulars.measure.arm_sums import ArmSums
from regulars.measure.bayes_test import Posterior, chance_best, credible, expected_loss
from regulars.measure.comparison import Alternative, Comparison, Reading, always_valid, fixed, holm, relative
from regulars.measure.confidence_sequence import tuned
from regulars.measure.cuped import Cuped, cuped
from regulars.measure.experiment_input import arms_of
from regulars.measure.ratio import ratio_variance
from regulars.measure.sample_ratio import sample_ratio_mismatch

Metric = Literal["proportion", "mean", "ratio", "revenue"]
METRICS: Final = ("proportion", "mean", "ratio", "revenue")
METHODS: Final = ("always_valid", "fixed", "bayes")
ALTERNATIVES: Final = ("two-sided", "greater", "less")


class Experiment:
    """What each arm changed against the control, with an interval, at any look.

    ``delta = mean(arm) - mean(control)``. ``always_valid`` (default): a confidence sequence, right at
    every look together, ``delta +- se sqrt(2 (1 + 1/e) log(sqrt(1 + e) / a))`` with information
    ``e = effect^2 n1 n0 / (n1 + n0)``; shares of few people get an exact one. ``fixed``: one look at the planned end
    (Newcombe and pooled z, Fisher where few; Welch else). ``bayes``: flat priors, credible interval.

    Args:
        metric: what is compared: ``proportion`` (did it or not), ``mean`` per head, ``ratio`` of two sums such as
            money per order (delta method), ``revenue`` per head (heavy tail, capped).
        alternative: ``two-sided``, or ``greater`` / ``less`` if only that direction would be acted on.
        level: how sure, 0.95 by default; several arms share the error (Holm for p, Bonferroni for intervals).
        method: ``always_valid`` if you look on the way, ``fixed`` if you look once, ``bayes`` for chances.
        control: name of the arm the others are held against; the first one by default.
        arm, outcome, denominator, covariate: columns of a table with one row a unit; the
            covariate (the same figure before the start) turns on CUPED for means, revenue and proportions.
        shares: planned share of each arm by name, for the check of the draw; equal by default.
        winsorise: revenue is capped at this quantile over all arms; None for no cap.
        effect: the difference you care for in standard deviations; tunes where the sequence is tightest.
        tightest_at: tune it to this many units in all instead.

    ``fit`` takes a table (pandas, Polars, Arrow, Ibis) of units, or a mapping of arm name to
    :class:`ArmSums`. It learns ``results_`` (a :class:`Comparison` per arm), ``sample_ratio_``, ``means_``, ``cuped_``,
    ``tail_``, ``chance_best_``, ``expected_loss_``, ``estimand_``, ``limits_``.

    Raises:
        ValueError: unknown option, missing column, empty cell, one arm only, a yes/no outcome that is neither.

    Sources: Robbins (1970); Waudby-Smith et al. (2024), Ann. Stat. 52(6); Newcombe (1998);
    Welch (1947); Deng et al. (2013, 2018).

    >>> arms = {"holdout": ArmSums.shares(300, 5_000), "message": ArmSums.shares(420, 5_000)}
    >>> found = Experiment(metric="proportion").fit(arms).results_[0]
    >>> round(found.delta, 3), round(found.low, 3), round(found.high, 3), found.decided
    (0.024, 0.008, 0.04, True)
    """

    def __init__(
        self, *, metric: Metric = "proportion", alternative: Alternative = "two-sided", level: float = 0.95,
        method: Literal["always_valid", "fixed", "bayes"] = "always_valid", control: str | None = None,
        arm: str = "arm", outcome: str = "outcome", denominator: str = "denominator", covariate: str | None = None,
        shares: Mapping[str, float] | None = None, winsorise: float | None = 0.999, effect: float = 0.1,
        tightest_at: float | None = None,
    ) -> None:  # fmt: skip
        self.metric, self.alternative, self.level, self.method = metric, alternative, level, method
        self.control, self.arm, self.outcome, self.denominator = control, arm, outcome, denominator
        self.covariate, self.shares, self.winsorise = covariate, shares, winsorise
        self.effect, self.tightest_at = effect, tightest_at

    def fit(self, data: Any, y: None = None, *, progress: float | None = None) -> Experiment:
        """Compare the arms.

        Args:
            data: one row a unit, or a mapping of arm name to sums.
            y: not used; here for scikit-learn.
            progress: where everybody was drawn at the start and outcomes come in with time, the part of
                the planned days that is over: information then grows with time, not with people.
        """
        self._check()
        self.arms_, self.tail_ = arms_of(self, data)
        self.control_ = next(iter(self.arms_)) if self.control is None else self.control
        if self.control_ not in self.arms_:
            raise ValueError(f"no arm {self.control_!r} among {', '.join(map(repr, self.arms_))}; set control")
        self.cuped_: Cuped | None = None
        if any(a.xx for a in self.arms_.values()):
            if self.metric == "ratio":
                raise ValueError("a ratio cannot be adjusted by a covariate; leave covariate out or compare means")
            self.cuped_ = cuped(self.arms_)
        self.readings_ = {name: self._reading(name, sums) for name, sums in self.arms_.items()}
        self.means_ = {name: r.mean for name, r in self.readings_.items()}
        self.sample_ratio_ = sample_ratio_mismatch(
            [a.people for a in self.arms_.values()],
            None if self.shares is None else [self.shares.get(name, 0.0) for name in self.arms_],
        )
        self.estimand_ = self._estimand()
        self.limits_ = self._limits()
        self._bayes()
        self.results_ = self._compare(progress)
        return self

    def _check(self) -> None:
        for name, value, known in (("metric", self.metric, METRICS), ("method", self.method, METHODS),
                                   ("alternative", self.alternative, ALTERNATIVES)):  # fmt: skip
            if value not in known:
                raise ValueError(f"{name} = {value!r} is not known; write one of {', '.join(known)}")
        if not 0.5 < self.level < 1:
            raise ValueError(f"level = {self.level} is not between 0.5 and 1; write 0.95 for 95 %")

    def _reading(self, name: str, sums: ArmSums) -> Reading:
        if self.metric == "ratio":
            return Reading(sums.people, sums.ratio if sums.d else 0.0, _number(ratio_variance(sums)))
        if self.cuped_ is not None and self.cuped_.theta:
            return Reading(sums.people, _number(self.cuped_.means[name]), _number(self.cuped_.variances[name]))
        if self.metric == "proportion":
            p = sums.y / sums.people if sums.people else 0.0
            return Reading(sums.people, p, p * (1 - p), sums.y)
        return Reading(sums.people, _number(sums.mean), _number(sums.variance))

    def _estimand(self) -> str:
        """What the difference is a difference of, as a code."""
        if self.metric == "revenue" and self.tail_ is not None and self.tail_.capped:
            return "mean_capped"
        return {"proportion": "share", "ratio": "ratio_of_sums"}.get(self.metric, "mean")

    def _limits(self) -> tuple[str, ...]:
        found, fewest = [], min(r.people for r in self.readings_.values())
        if self.sample_ratio_.off:
            found.append("sample_ratio_off")
        if self.tail_ is not None and self.tail_.units_needed > fewest:
            found.append("tail_too_heavy")
        if self.method == "bayes":
            found.append("bayes_not_for_peeking")
        if fewest < 2:
            found.append("too_few_people")
        return tuple(found)

    def _bayes(self) -> None:
        beliefs = {}
        for name, r in self.readings_.items():
            share = r.cases is not None
            ready = share or (r.people > 1 and math.isfinite(r.se2))
            if ready:
                beliefs[name] = Posterior.share(r.cases or 0.0, r.people) if share else Posterior.normal(
                    r.mean, math.sqrt(r.se2))  # fmt: skip
        full = len(beliefs) == len(self.readings_) and any(b.sd > 1e-299 for b in beliefs.values())
        self.beliefs_ = beliefs if full else {}
        lower_is_better = self.alternative == "less"
        self.chance_best_ = chance_best(self.beliefs_) if full and not lower_is_better else {}
        self.expected_loss_ = expected_loss(self.beliefs_) if full and not lower_is_better else {}

    def _information(self, a: Reading, b: Reading, level: float, progress: float | None) -> float:
        if progress is not None:
            return tuned(1.0, level) * max(progress, 1e-9)
        if self.tightest_at is not None:
            return tuned(self.tightest_at, level) * (a.people + b.people)
        pooled = (a.variance * a.people + b.variance * b.people) / max(a.people + b.people, 1)
        se2 = a.se2 + b.se2
        return self.effect**2 * pooled / se2 if 0 < se2 < math.inf and pooled > 0 else 1e-9

    def _compare(self, progress: float | None) -> tuple[Comparison, ...]:
        base, others = self.readings_[self.control_], [n for n in self.readings_ if n != self.control_]
        level = 1 - (1 - self.level) / len(others)
        raw = [self._ends(self.readings_[n], base, n, level, progress) for n in others]
        adjusted = holm([1.0 if p is None else p for *_rest, p, _m in raw])
        out = []
        for name, (low, high, p, method), holmed in zip(others, raw, adjusted, strict=True):
            a = self.readings_[name]
            delta, se = a.mean - base.mean, math.sqrt(a.se2 + base.se2) if a.people and base.people else math.inf
            beyond = low > 0 or high < 0
            # Holm can decide where the wider simultaneous interval does not yet; a share's p and interval are of two
            # tests, so where there is only one comparison both must agree.
            decided = beyond if p is None else holmed <= 1 - self.level and (beyond or len(others) > 1)
            one_sided = self.alternative != "two-sided"
            ends = [abs(e - delta) for e in (low, high) if math.isfinite(e)]
            ratio = relative(a, base, ends[0] / se if ends and 0 < se < math.inf and not one_sided else math.inf)
            chance, loss = self._pair(name)
            out.append(Comparison(
                name, self.control_, a.people, base.people, a.mean, base.mean, delta, low, high, se, p,
                None if p is None else holmed, decided, *ratio, chance, loss, method, level, self.limits_,
            ))  # fmt: skip
        return tuple(out)

    def _pair(self, name: str) -> tuple[float | None, float | None]:
        """Chance of an arm to beat the control, and what choosing it costs on average; with two arms known already."""
        if not self.beliefs_:
            return None, None
        if len(self.beliefs_) == 2 and self.chance_best_:
            return self.chance_best_[name], self.expected_loss_[name]
        pair = {"arm": self.beliefs_[name], "control": self.beliefs_[self.control_]}
        return chance_best(pair)["arm"], expected_loss(pair)["arm"]

    def _ends(
        self, a: Reading, b: Reading, name: str, level: float, progress: float | None
    ) -> tuple[float, float, float | None, str]:
        if self.method == "fixed":
            return fixed(a, b, level, self.alternative)
        if self.method == "always_valid":
            return always_valid(a, b, level, self.alternative, self._information(a, b, level, progress))
        if not self.beliefs_:
            return -math.inf, math.inf, None, "none"
        low, high = credible(self.beliefs_[name], self.beliefs_[self.control_], level)
        return low, high, None, "bayes"

    def table(self, like: Any = None) -> Any:
        """The results as a table, one row an arm: the kind of ``like``, or pandas."""
        rows = [{f: getattr(r, f) for f in Comparison.__dataclass_fields__ if f != "limits"} for r in self.results_]
        return pd.DataFrame(rows) if like is None else same_kind(pa.Table.from_pylist(rows), like)


def _number(value: float) -> float:
    return value if math.isfinite(value) else 0.0
