"""What the lot of earlier plans tells: what always the best, or always another that pays, would have earned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from regulars.decide.contact_log import WINDOW_DAYS, cells
from regulars.decide.curves import Array
from regulars.decide.off_policy import Difference, OffPolicy, arm_means, chosen

NOTHING, BEST, OTHER = range(3)
ESTIMATES: Final = ("ips", "snips", "dr")
FOLDS: Final = 5
LEAN: Final = 400.0
FEWEST: Final = 50


@dataclass(frozen=True)
class LotValue:
    """What one policy would have earned per 1,000 people (minor units), by three estimates with 90 % intervals.

    ``effective`` is how many people the weights are worth, ``tried`` how many were treated as the policy would.
    """

    name: str
    ips: tuple[float, float, float]
    snips: tuple[float, float, float]
    dr: tuple[float, float, float]
    effective: float
    tried: int
    limits: tuple[str, ...]


@dataclass(frozen=True)
class LotBoard:
    """``people`` whom a lot could have moved, ``drawn`` whom it did, ``held`` back.

    ``code``: ``best_pays`` or ``other_pays`` where the interval of the difference (``over``, the best over another per
    1,000 people) says so, ``cannot_tell``, or ``too_few``.
    """

    people: int
    drawn: int
    held: int
    days: int
    policies: tuple[LotValue, ...]
    over: Difference | None
    code: str


def lot_log(facts: Mapping[str, Any], contacts: pd.DataFrame) -> pd.DataFrame:
    """The contacts (``contact_log``) whose action a lot could have changed, with the chances it gave.

    Adds ``propensity`` of the action done, ``paying`` (how many actions paid), ``drawn`` by lot, and ``best`` (whether
    it was the one worth most: at most half of the people may be drawn, so only that one is likelier than not).
    """
    empty = contacts.iloc[:0].assign(propensity=[], paying=[], drawn=[], best=[])
    decisions = facts.get("decisions")
    if decisions is None or not len(contacts):
        return empty
    rows = decisions.filter(
        (decisions.kind == "next_best") & decisions.plan.isin(sorted(set(contacts["plan"])))
        & decisions.why.contains(";paying=")
    )  # fmt: skip
    rows = rows.select(
        "plan", "customer", action=rows.subject, drawn=rows.why.contains(";explored"),
        propensity=rows.why.re_extract(";propensity=([0-9.eE+-]+)", 1).try_cast("float64"),
        paying=rows.why.re_extract(";paying=([0-9]+)", 1).try_cast("int64"),
    )  # fmt: skip
    rows = rows.filter((rows.propensity > 0) & (rows.propensity < 1) & (rows.paying > 1))
    known: pd.DataFrame = rows.to_pyarrow().to_pandas()
    if known.empty:
        return empty
    known = known.drop_duplicates(["plan", "customer", "action"], keep="last")
    log = contacts.merge(known, on=["plan", "action", "customer"], how="inner")
    log["drawn"] = log["drawn"].astype(bool)
    log["best"] = log["propensity"] > 0.5
    return log.sort_values(["plan", "action", "customer"], ignore_index=True)


def judge_lot(log: pd.DataFrame, *, margin: float, cost: float) -> LotBoard:
    """Three policies: nothing, the best of each, and another action that pays, drawn anew for each.

    Formula: a person was left alone with chance h (the holdout of the plan), got the best with (1 - h) p, and one of
    the k - 1 others with (1 - h) (k - 1) p, p the chance of what was done. What a policy would have done otherwise
    says nothing about it; what it would have done too counts 1 / chance.
    """
    held, drawn = int((log["treated"] == 0).sum()), int(log["drawn"].sum())
    if len(log) < FEWEST or not held or held == len(log):
        return LotBoard(len(log), drawn, held, WINDOW_DAYS, (), None, "too_few")
    share = 1.0 - log.groupby("plan")["treated"].transform("mean").to_numpy(dtype=float)
    inside = (share > 0) & (share < 1)
    log, share = log[inside].reset_index(drop=True), share[inside]
    treated, best = log["treated"].to_numpy(dtype=bool), log["best"].to_numpy(dtype=bool)
    own, paying = log["propensity"].to_numpy(dtype=float), log["paying"].to_numpy(dtype=float)
    did = np.where(treated, np.where(best, BEST, OTHER), NOTHING)
    chance = np.where(treated, (1 - share) * np.where(best, own, own * (paying - 1)), share)
    reward = margin * log["revenue"].to_numpy(dtype=float) - cost * treated
    fold = pd.util.hash_array(log["customer"].to_numpy(dtype=object), categorize=False) % FOLDS
    judge = OffPolicy(did, reward, chance, model=arm_means(did, reward, cells(log), fold, 3, LEAN))
    names = {"nothing": NOTHING, "best": BEST, "other": OTHER}
    policies = {name: chosen(np.full(len(log), k), 3) for name, k in names.items()}
    lines = tuple(_line(name, policy, judge, did) for name, policy in policies.items())
    over = judge.difference(policies["best"], policies["other"], "dr")
    thousand = Difference(1000 * over.value, 1000 * over.low, 1000 * over.high, over.limits)
    return LotBoard(len(log), drawn, int((~treated).sum()), WINDOW_DAYS, lines, thousand, _code(over, lines))


def _code(over: Difference, lines: tuple[LotValue, ...]) -> str:
    if any("too_little_overlap" in line.limits for line in lines if line.name != "nothing"):
        return "too_few"
    return "best_pays" if over.low > 0 else "other_pays" if over.high < 0 else "cannot_tell"


def _line(name: str, policy: Array, judge: OffPolicy, did: Array) -> LotValue:
    found = {e: judge.value(policy, e) for e in ESTIMATES}
    three = {e: (1000 * v.value, 1000 * v.low, 1000 * v.high) for e, v in found.items()}
    tried = int(policy[np.arange(len(did)), did].sum())
    return LotValue(name, three["ips"], three["snips"], three["dr"], found["snips"].effective, tried,
                    found["snips"].limits)  # fmt: skip
