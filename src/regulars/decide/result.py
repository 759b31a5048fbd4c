"""What every decider answers: the solution, its certificate, and the reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

S = TypeVar("S")


@dataclass(frozen=True)
class ShadowPrice:
    """What one unit more of a limit earns, and what one unit less costs.

    Formula: for the optimum v(b) as a function of the limit b, ``more`` is the right derivative v'(b+) and
    ``less`` the left derivative v'(b-). They are the two ends of the set of optimal dual values: equal where the
    dual is unique, apart where it is degenerate (several duals are optimal and no single one is "the" price).

    Source: Rockafellar, Convex Analysis (1970), theorem 23.4.

    >>> ShadowPrice(1.8, 1.8).unique, ShadowPrice(0.0, 1.8).unique
    (True, False)
    """

    more: float
    less: float

    @property
    def unique(self) -> bool:
        """Whether one price holds in both directions."""
        return abs(self.less - self.more) <= 1e-9 * max(1.0, abs(self.less), abs(self.more))


@dataclass(frozen=True)
class Estimate:
    """A figure with its 90 % interval; ``low`` and ``high`` are None when nothing is known about its error."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Decision(Generic[S]):
    """The answer of a decider.

    ``solution`` is what to do, ``value`` what it earns, ``bound`` what no plan can exceed, ``gap`` the relative
    distance between the two, ``binding`` the codes of the limits that stop us, ``shadow_prices`` what each of them
    costs, ``why`` the reason codes.
    """

    solution: S
    value: float
    bound: float
    gap: float
    binding: tuple[str, ...]
    shadow_prices: Mapping[str, ShadowPrice]
    why: tuple[str, ...]


@dataclass(frozen=True)
class Wish:
    """One thing the owner asked for: a code for machines, a label in the owner's words, the amount asked.

    >>> str(Wish("at_least:search", "Search ads", 500))
    'at_least:search (Search ads) 500'
    """

    code: str
    label: str = ""
    amount: float | None = None

    def __str__(self) -> str:
        label = f" ({self.label})" if self.label and self.label != self.code else ""
        amount = "" if self.amount is None else f" {self.amount:.12g}"
        return self.code + label + amount


class InfeasibleError(ValueError):
    """The wishes cannot hold together; ``conflict`` is the smallest set of them that already cannot.

    ``smallest`` is True when it is proved that no smaller set is in conflict, False when it is only known that
    dropping any one of these resolves this conflict.

    >>> raise InfeasibleError([Wish("total", "Weekly budget", 100), Wish("at_least:search", "Search ads", 120)])
    Traceback (most recent call last):
    regulars.decide.result.InfeasibleError: these 2 wishes cannot hold together: total (Weekly budget) 100; at_least:search (Search ads) 120. Relax one of them.
    """  # noqa: E501

    def __init__(self, conflict: Sequence[Wish], *, smallest: bool = True) -> None:
        self.conflict = tuple(conflict)
        self.smallest = smallest
        wishes = "; ".join(str(w) for w in self.conflict)
        super().__init__(f"these {len(self.conflict)} wishes cannot hold together: {wishes}. Relax one of them.")


def relative_gap(value: float, bound: float) -> float:
    """How far the bound lies above the value, as a share of the larger of the two; rounding noise below 0 reads 0.

    >>> relative_gap(90.0, 100.0)
    0.1
    """
    size = max(abs(value), abs(bound))
    return max(0.0, (bound - value) / size) if size > 0 else 0.0
