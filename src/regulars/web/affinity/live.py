"""What goes with a basket, from the weights the last turn learnt: a sum over what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Suggestion:
    """A product, what speaks for it as a share of the strongest, and what each thing in the basket adds."""

    product: str
    strength: float
    because: tuple[tuple[str, float], ...]


def suggest(near: dict[str, Any], have: Sequence[str], n: int = 5, hide: Sequence[str] = ()) -> list[Suggestion]:
    """The products with the largest sum of weights; the reasons are the parts of that sum, largest first.

    >>> near = {"gpu": [["api", 0.2], ["course", 0.05]], "labels": [["api", 0.1]]}
    >>> [(s.product, s.because) for s in suggest(near, ["gpu", "labels"], n=1)]
    [('api', (('gpu', 0.67), ('labels', 0.33)))]
    """
    parts: dict[str, list[tuple[str, float]]] = {}
    for owned in dict.fromkeys(have):
        for product, weight in near.get(owned, ()):
            if product not in have and product not in hide:
                parts.setdefault(product, []).append((owned, float(weight)))
    totals = {product: sum(w for _, w in some) for product, some in parts.items()}
    ranked = sorted(totals, key=lambda p: (-totals[p], p))[:n]
    most = max((totals[p] for p in ranked), default=0.0)
    return [
        Suggestion(
            p, totals[p] / most, tuple((o, round(w / totals[p], 2)) for o, w in sorted(parts[p], key=lambda x: -x[1]))
        )
        for p in ranked
    ]
