"""The score of the trial: which share of the oracle's extra contribution each policy captures, with intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from regulars.demo.trial import POLICIES, Week

Array = NDArray[np.float64]
LATE: Final = 4
"""The weeks at the end that show what a policy has come to."""
# Two-sided 90 % of Student's law with 1, 2, ... degrees of freedom.
T90: Final = (6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761)
REFERENCE: Final = "last_quarter"


@dataclass(frozen=True)
class Interval:
    """A mean over seeds with its 90 % interval; no ends from a single seed."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Score:
    """One policy in one kind of company.

    ``share`` of the oracle's extra contribution over last quarter's plan in all weeks, ``late`` in the last four;
    ``money`` and ``messages`` the same of either part alone; ``worst`` the worst week of any seed against last
    quarter's plan (-0.02 is two per cent below); ``booked`` the share by what was really booked; ``weekly`` the share
    over each week and the three before it (people rest four weeks, so single weeks go up and down), mean over seeds.
    """

    share: Interval
    late: Interval
    money: Interval
    messages: Interval
    worst: float
    booked: Interval
    weekly: tuple[float, ...]


def interval(figures: Sequence[float]) -> Interval:
    """Mean and 90 % interval by Student's t.

    >>> interval([1.0, 3.0]).value
    2.0
    """
    known = np.array(figures, dtype=float)
    mean = float(known.mean())
    if len(known) < 2:
        return Interval(mean, None, None)
    t = T90[len(known) - 2] if len(known) - 2 < len(T90) else 1.645
    half = t * float(known.std(ddof=1)) / math.sqrt(len(known))
    return Interval(mean, mean - half, mean + half)


def figures(weeks: Sequence[Week]) -> dict[str, list[float]]:
    """What is kept of a run: the weekly figures as plain lists."""
    return {
        "money": [round(w.money) for w in weeks], "messages": [round(w.messages) for w in weeks],
        "booked": [round(w.booked) for w in weeks],
    }  # fmt: skip


Runs = Mapping[str, Mapping[str, Sequence[float]]]
"""Policy to its weekly figures, of one (kind, seed)."""


def _extra(runs: Runs, policy: str, part: str) -> Array:
    names = ("money", "messages") if part == "earned" else (part,)
    return np.asarray(
        sum(np.array(runs[policy][n], dtype=float) - np.array(runs[REFERENCE][n], dtype=float) for n in names)
    )


def _trailing(figures_: Array) -> Array:
    """Sums over each week and the three before it."""
    return np.convolve(figures_, np.ones(LATE))[: len(figures_)]


def share(runs: Runs, policy: str, part: str = "earned", last: int | None = None) -> float:
    """The policy's extra over last quarter's plan, divided by the oracle's."""
    own, best = (_extra(runs, p, part)[-last if last else None :].sum() for p in (policy, "oracle"))
    return float(own / best) if best > 0 else 0.0


def worst(runs: Runs, policy: str) -> float:
    """The lowest week against last quarter's plan."""
    base = np.array(runs[REFERENCE]["money"], dtype=float) + np.array(runs[REFERENCE]["messages"], dtype=float)
    return float((_extra(runs, policy, "earned") / base).min())


def scores(seeds: Sequence[Runs]) -> dict[str, Score]:
    """The score of every policy over several runs of one kind, or of all kinds together."""
    out = {}
    for policy in [p for p in POLICIES if all(p in r for r in seeds)]:
        weekly = [_trailing(_extra(r, policy, "earned")) / _trailing(_extra(r, "oracle", "earned")) for r in seeds]
        out[policy] = Score(
            share=interval([share(r, policy) for r in seeds]),
            late=interval([share(r, policy, last=LATE) for r in seeds]),
            money=interval([share(r, policy, "money") for r in seeds]),
            messages=interval([share(r, policy, "messages") for r in seeds]),
            worst=min(worst(r, policy) for r in seeds),
            booked=interval([share(r, policy, "booked") for r in seeds]),
            weekly=tuple(round(float(x), 4) for x in np.mean(weekly, axis=0)),
        )
    return out


def result(runs: Mapping[tuple[str, int], Runs], **stamp: Any) -> dict[str, Any]:
    """The published result: scores by kind and over all, with how they were made."""
    kinds = list(dict.fromkeys(kind for kind, _ in runs))
    by_kind = {k: scores([r for (kind, _), r in runs.items() if kind == k]) for k in kinds}
    return {
        **stamp,
        "kinds": {k: {p: asdict(s) for p, s in found.items()} for k, found in by_kind.items()},
        "all": {p: asdict(s) for p, s in scores(list(runs.values())).items()},
    }


def table(found: Mapping[str, Any]) -> str:
    """The result as text, one line a kind and policy."""
    lines = [f"{'':13} {'':21} {'last weeks':>22} {'all weeks':>22} {'money':>7} {'letters':>8} {'worst week':>11}"]
    for kind, own in [*found["kinds"].items(), ("all", found["all"])]:
        for policy, s in own.items():
            lines.append(
                f"{kind:13} {policy:21} {_ends(s['late']):>22} {_ends(s['share']):>22} "
                f"{s['money']['value']:7.0%} {s['messages']['value']:8.0%} {s['worst']:+11.1%}"
            )
    return "\n".join(lines)


def _ends(i: Mapping[str, float | None]) -> str:
    value, low, high = i["value"], i["low"], i["high"]
    whole = f"{value:.0%}"
    return whole if low is None or high is None else f"{whole} [{low:.0%}, {high:.0%}]"
