"""Several figures of one experiment read together: one decides, the others guard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from regulars.measure.comparison import Comparison, holm
from regulars.measure.experiment import Experiment


@dataclass(frozen=True)
class Line:
    """One figure of one arm: its ``role`` (primary, guardrail or other) and ``code``.

    ``better`` or ``worse`` (proven), ``safe`` (a guardrail that cannot have fallen by more than its margin), ``harmed``
    (it has fallen), ``cannot_tell``.
    """

    figure: str
    arm: str
    role: str
    code: str
    adjusted_p: float | None
    result: Comparison


@dataclass(frozen=True)
class Scorecard:
    """All lines, and the advice per arm: ship, stop, wait, or look (better, but a guardrail is hurt)."""

    lines: tuple[Line, ...]
    advice: dict[str, str]


def scorecard(
    fitted: Mapping[str, Experiment], *, primary: str, guardrails: Mapping[str, float] | None = None
) -> Scorecard:
    """Read several fitted experiments on the same people together.

    The primary figure keeps its whole error; the others share theirs by Holm. A guardrail names the
    loss that could be borne, in its own units: ``safe`` needs ``low > -margin`` (non-inferiority), ``harmed``
    ``high < 0``. More is better in every figure; turn the sign of one where less is.

    Args:
        fitted: figure to fitted :class:`Experiment`.
        primary: the figure the experiment was made for.
        guardrails: figure to the loss per head that could be borne (0 or more).

    Raises ``ValueError`` for a figure that was not fitted or a margin below zero.

    >>> from regulars.measure.arm_sums import ArmSums
    >>> arms = {"control": ArmSums.shares(400, 8000), "new": ArmSums.shares(640, 8000)}
    >>> kept = {"control": ArmSums.shares(7900, 8000), "new": ArmSums.shares(7890, 8000)}
    >>> fitted = {"buy": Experiment().fit(arms), "stay": Experiment().fit(kept)}
    >>> scorecard(fitted, primary="buy", guardrails={"stay": 0.01}).advice
    {'new': 'ship'}
    """
    guards = dict(guardrails or {})
    for name, margin in {primary: 0.0, **guards}.items():
        if name not in fitted:
            raise ValueError(f"{name!r} is not among the fitted figures {', '.join(map(repr, fitted))}")
        if margin < 0:
            raise ValueError(f"the margin of {name!r} is {margin}; write how much it may fall, as a number above zero")
    others = [(n, r) for n, f in fitted.items() if n != primary for r in f.results_]
    corrected = iter(holm([1.0 if r.p_value is None else r.p_value for _n, r in others]))
    lines = []
    for name, experiment in fitted.items():
        role = "primary" if name == primary else "guardrail" if name in guards else "other"
        for r in experiment.results_:
            p = r.adjusted_p if name == primary else next(corrected)
            told = r.decided if name == primary else r.decided and p is not None and p <= 1 - experiment.level
            lines.append(Line(name, r.arm, role, _code(role, r, told, guards.get(name, 0.0)), p, r))
    arms = dict.fromkeys(line.arm for line in lines)
    return Scorecard(tuple(lines), {arm: _advice([x for x in lines if x.arm == arm]) for arm in arms})


def _code(role: str, r: Comparison, told: bool, margin: float) -> str:
    if role == "guardrail":
        return "harmed" if r.high < 0 else "safe" if r.low > -margin else "cannot_tell"
    return "cannot_tell" if not told else "better" if r.delta > 0 else "worse"


def _advice(lines: list[Line]) -> str:
    main = next(x.code for x in lines if x.role == "primary")
    guards = [x.code for x in lines if x.role == "guardrail"]
    if any("sample_ratio_off" in x.result.limits for x in lines):
        return "stop"
    if main == "worse":
        return "stop"
    if main != "better":
        return "stop" if "harmed" in guards else "wait"
    return "look" if "harmed" in guards else "ship" if all(g == "safe" for g in guards) else "wait"
