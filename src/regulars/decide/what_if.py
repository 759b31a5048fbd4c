"""What if: the weekly split solved anew with other wishes, from nothing but the body of the topic ``split``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from regulars.decide.budget import BudgetDecision
from regulars.decide.budget_input import BudgetInput


def resolve(
    body: Mapping[str, Any],
    *,
    total: int | None = None,
    limits: Mapping[str, Mapping[str, Any]] | None = None,
    frozen: Collection[str] | None = None,
    objective: str | None = None,
    risk: float | None = None,
) -> BudgetDecision:
    """The best weekly split under other wishes, exact and certified as the turn's own; nothing is stored.

    ``body`` is the body of the topic ``split`` (see ``split_board.Split``). ``total``: minor units a week over the
    channels with curves (None: the body's). ``limits``: channel to ``{"low": 1000, "high": None}``; a side that is
    there replaces the owner's (None lifts it), a side that is not leaves it. ``frozen``: all the channels that stay
    as they are (None: those of the body). ``objective``: one of ``body["objectives"]`` (None: the body's). ``risk``:
    None for the mean over the draws, or the share of worst draws whose mean is maximised (0.2: the worst fifth).
    Gains are in contribution whatever is maximised (``reached`` is the gain in the objective).

    Raises ``InfeasibleError`` (``conflict``: the fewest wishes that cannot hold together) and ``ValueError`` for a
    channel or objective that is not there.
    """
    asked = BudgetInput.read(body).changed(total=total, limits=limits, frozen=frozen)
    return replace(asked, objective=asked.objective if objective is None else objective, risk=risk).decide()
