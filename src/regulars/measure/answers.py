"""What customers answered, week by week: enough of it to ring, which part moved, and what an unhappy answer costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import ibis
import pandas as pd

from regulars.measure.decomposition import Cause, ratio_causes
from regulars.measure.sales import fact, sales

# With fewer answers in a week, one angry customer is a fifth of the score.
FEWEST: Final = 10
# Weeks that have to have that many, of those since the first answer, before a slice is listened to.
MOSTLY: Final = 0.5
PAST_WEEKS: Final = 26
AFTER_DAYS: Final = 90
YEAR: Final = 365
SCORES: Final = {"csat": ("csat", "score"), "first_response_s": (None, "first_response_s"),
                 "resolution_s": (None, "resolution_s")}  # fmt: skip


class Answers:
    """Weekly scores and times of answering, with how many answers each rests on.

    Parameters
    ----------
    feedback : ``day, channel, market, kind, score, first_response_s, resolution_s``, one row an answer or ticket.
    """

    def __init__(self, feedback: pd.DataFrame) -> None:
        rows = feedback.copy()
        rows["week"] = rows["day"] - pd.to_timedelta(rows["day"].dt.day_of_week, unit="D") if len(rows) else rows["day"]
        self.rows = rows

    def of(self, figure: str) -> pd.DataFrame:
        """The answers a figure is made of."""
        kind, column = SCORES[figure]
        known = self.rows[column].notna()
        return self.rows[known & (self.rows["kind"] == kind) if kind else known]

    def enough(self, weekly: pd.DataFrame) -> pd.DataFrame:
        """Of weekly rows ``figure, day, channel, market, value``, those that rest on ten answers or more.

        A slice of which most weeks have fewer is left out whole: drawing a line through its gaps would make it look
        steadier than it is.
        """
        asked = weekly["figure"].isin(list(SCORES))
        if not asked.any() or self.rows.empty:
            return weekly[~asked] if self.rows.empty else weekly
        kept = [weekly[~asked]]
        for figure, own in weekly[asked].groupby("figure"):
            counts = self._counts(str(figure))
            keys = pd.MultiIndex.from_arrays([
                pd.to_datetime(own["day"]).astype("datetime64[s]"), *(_text(own[c]) for c in ("channel", "market"))
            ])  # fmt: skip
            many = own.assign(n=counts.reindex(keys).fillna(0).to_numpy() >= FEWEST)
            share = many.groupby([_text(many["channel"]), _text(many["market"])])["n"].transform("mean")
            kept.append(own[many["n"].to_numpy() & (share.to_numpy() >= MOSTLY)])
        return pd.concat(kept, ignore_index=True)

    def _counts(self, figure: str) -> pd.Series:
        own = self.of(figure)
        parts = []
        for by in ((), ("channel",), ("market",)):
            left = own.dropna(subset=list(by))
            named = {c: left[c].astype(str) if c in by else "" for c in ("channel", "market")}
            parts.append(left.assign(**named).groupby(["week", "channel", "market"]).size())
        return pd.concat(parts)

    def causes(
        self, figure: str, channel: str | None, market: str | None, first: pd.Timestamp, last: pd.Timestamp,
        expected: float,
    ) -> dict[str, tuple[Cause, ...]]:  # fmt: skip
        """Which channel, market or kind of answer moved the figure since ``first``, each adding up to the change.

        Of satisfaction: the share of satisfied answers. Of a time, whose median has no parts that add up: the share
        of tickets that took longer than usual. Before is the half year before ``first``.
        """
        own = self.of(figure)
        for name, only in (("channel", channel), ("market", market)):
            own = own[own[name] == only] if only is not None else own
        bad = own["score"] >= 4 if figure == "csat" else own[figure] > expected
        own = own.assign(hit=bad.astype(float))
        past = own[(own["day"] >= first - pd.Timedelta(weeks=PAST_WEEKS)) & (own["day"] < first)]
        now = own[(own["day"] >= first) & (own["day"] <= last)]
        out: dict[str, tuple[Cause, ...]] = {}
        if len(past) < FEWEST or len(now) < 1:
            return out
        for by in ("channel", "market", "kind"):
            sides = [s.assign(name=_text(s[by])).groupby("name")["hit"].agg(["sum", "size"]) for s in (past, now)]
            names = sorted(set(sides[0].index) | set(sides[1].index))
            if len(names) > 1 and not (by == "kind" and figure == "csat"):
                before, after = (tuple(s.reindex(names, fill_value=0)[c].to_numpy(float) for c in ("sum", "size"))
                                 for s in sides)  # fmt: skip
                out[by] = ratio_causes(by, names, before, after)  # type: ignore[arg-type]
        return out

    def more_bad(self, figure: str, first: pd.Timestamp, last: pd.Timestamp, value: float, expected: float) -> float:
        """How many more answers than usual were bad between two days: unhappy, or later than usual."""
        own = self.of(figure)
        now = own[(own["day"] >= first) & (own["day"] <= last)]
        if figure == "csat":
            return (expected - value) * len(now)
        return float((now[figure] > expected).sum()) - len(now) / 2


def cost_of_bad(facts: Mapping[str, Any], figure: str, usual: float, today: date, currency: str) -> float | None:
    r"""What a customer with a bad answer buys less in the next 90 days, minor units; None where the data do not say.

    .. math:: (\bar a_1 - \bar b_1) - (\bar a_0 - \bar b_0)

    with a and b the revenue of the 90 days after and before, 1 the bad answers and 0 the others, so that customers
    who always bought less are not counted as lost. Only told when it is below zero by 1.645 standard errors;
    who answers badly was not drawn by lot, so it is an estimate and not a proof.
    """
    kind, column = SCORES[figure]
    answers = fact(facts, "feedback", today - timedelta(days=AFTER_DAYS))
    answers = answers.filter((answers.kind != "void") & answers.customer.notnull() & answers[column].notnull()
                             & (answers.day >= today - timedelta(days=AFTER_DAYS + YEAR)))  # fmt: skip
    if kind:
        answers = answers.filter(answers.kind == kind)
    is_bad = answers.score < 4 if figure == "csat" else answers[column] > usual
    # One answer a person: the newest bad one, else the newest.
    who = answers.group_by("customer").aggregate(bad=is_bad.cast("int64").max(), since=answers.day.max())
    who = who.select("bad", "since", person=who.customer)
    bought = sales(fact(facts, "orders", today))
    bought = bought.filter((bought.currency == currency) & bought.customer.notnull())
    pairs = who.left_join(bought, who.person == bought.customer)
    gap = pairs.day.delta(pairs.since, unit="day")
    sign = ibis.cases(((gap > 0) & (gap <= AFTER_DAYS), 1), ((gap <= 0) & (gap > -AFTER_DAYS), -1), else_=0)
    moved = pairs.group_by(["person", "bad"]).aggregate(moved=(sign * pairs.amount).fill_null(0).sum())
    value = moved.moved.cast("float64")
    sums = moved.group_by("bad").aggregate(n=moved.count(), mean=value.mean(), var=value.var()).to_pyarrow()
    side = {r["bad"]: r for r in sums.to_pylist()}
    if set(side) != {0, 1} or min(s["n"] for s in side.values()) < 30:
        return None
    gain = float(side[1]["mean"]) - float(side[0]["mean"])
    error = float(sum((s["var"] or 0.0) / s["n"] for s in side.values())) ** 0.5
    return -gain if gain < -1.645 * error else None


def _text(values: pd.Series) -> pd.Series:
    return values.astype(object).where(values.notna(), "").astype(str)
