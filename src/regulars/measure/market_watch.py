"""Market watch: what competitors' prices, stock, ranks, mentions and demand say, and what to change because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from regulars.lake.frames import to_pandas
from regulars.measure.count_regression import count_regression
from regulars.measure.market_proposals import Proposal, proposals
from regulars.measure.price_gaps import elasticities, price_gaps
from regulars.tables.shares import newcombe, wilson

if TYPE_CHECKING:
    from datetime import date

WINDOW_DAYS: Final = 28
FEWEST_OUT: Final = 3
FEWEST_SEEN: Final = 4
VOICE: Final = ("watched", "mentions", "share", "low", "high", "before", "change_low", "change_high")
SIGNALS: Final = ("at", "kind", "watched", "product", "market", "value", "currency")
SALES: Final = ("day", "product", "quantity", "amount")


class MarketWatch:
    """Signals from outside beside our own sales: price gaps, stock-outs, ranks, share of voice and demand.

    ``gap = ours / theirs - 1``; how sales move with it is estimated from our own weeks (``price_gaps.elasticities``).
    A proposal carries a gain only where that, or the lift seen while a competitor was out of stock, was measured;
    a price move is proposed only if its gain is above zero in the whole interval, else the proposal is a test.

    Args:
        margin: share of the price left after the cost of goods, 0 to 1.
        window_days: days that count as now.
        level: share of the intervals that hold, 0 to 1.
        seed: of the draws behind the intervals of gains.

    Attributes:
        gaps_, elasticities_, stock_, ranks_, voice_, demand_: frames, one row a thing watched.
        proposals_: tuple of ``Proposal``, those with the largest gain first.

    Raises ``ValueError`` naming a column that is missing.
    Source: McCullagh and Nelder 1989 (counts); Wilson 1927 and Newcombe 1998 (shares).

    >>> import datetime as dt
    >>> seen = {"at": [dt.datetime(2026, 3, 1)], "kind": ["price"], "watched": ["Rival"], "product": ["tea"],
    ...         "market": [""], "value": [900.0], "currency": ["CNY"]}
    >>> sold = {"day": [dt.date(2026, 3, 1)], "product": ["tea"], "quantity": [2.0], "amount": [2000]}
    >>> found = MarketWatch().fit(seen, sold, until=dt.date(2026, 3, 1))
    >>> round(float(found.gaps_["gap"].iloc[0]), 3), found.proposals_[0].action, found.proposals_[0].gain
    (0.111, 'test', None)
    """

    gaps_: pd.DataFrame
    elasticities_: pd.DataFrame
    stock_: pd.DataFrame
    ranks_: pd.DataFrame
    voice_: pd.DataFrame
    demand_: pd.DataFrame
    proposals_: tuple[Proposal, ...]

    def __init__(self, *, margin: float = 0.5, window_days: int = WINDOW_DAYS, level: float = 0.9,
                 seed: int = 0) -> None:  # fmt: skip
        self.margin = margin
        self.window_days = window_days
        self.level = level
        self.seed = seed

    def fit(self, signals: Any, sales: Any, *, until: date, responses: pd.DataFrame | None = None,
            revenue: float | None = None) -> MarketWatch:  # fmt: skip
        """Read the signals up to a day beside our sales.

        Args:
            signals: rows of ``tables.SIGNALS``: prices in minor units, rank 1 is the top, stock 1 or 0, mentions and
                demand as counts or an index; ``watched`` "" is ourselves.
            sales: ``day, product, quantity, amount`` and, where known, ``market`` and ``currency``; minor units.
            until: the last day to count.
            responses: the measured curves of the channels (``demand_gains.response_rows``); without them more spend has
                no gain to tell.
            revenue: what the whole company sold in the last four weeks, for the part of it a signal is about.
        """
        end = pd.Timestamp(until)
        seen = _frame(signals, SIGNALS, "signals", end, "at")
        sold = _frame(sales, SALES, "sales", end, "day")
        prices = seen[(seen["kind"] == "price") & (seen["value"] > 0)]
        if prices["currency"].nunique() == 1 and sold["currency"].eq("").all():
            sold["currency"] = prices["currency"].iloc[0]
        self.gaps_ = price_gaps(prices, sold, end)
        self.elasticities_ = elasticities(prices, sold, end, self.level)
        self.stock_ = self._stock(seen[seen["kind"] == "stock"], sold, end)
        self.ranks_ = self._ranks(seen[seen["kind"] == "rank"], end)
        self.voice_ = self._voice(seen[seen["kind"] == "mention"], end)
        self.responses_, self.revenue_ = responses, revenue
        self.index_ = seen[(seen["kind"] == "demand") & (seen["value"] > 0)]
        self.demand_ = self._demand(self.index_, end)
        self.proposals_ = proposals(self, sold, end)
        return self

    def _stock(self, rows: pd.DataFrame, sold: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
        """Who is out of stock, since when, and how our sales of the product moved on days a competitor was out."""
        found = []
        for (watched, product, market), own in rows[rows["watched"] != ""].groupby(["watched", "product", "market"]):
            last = own.sort_values("at").groupby("day")["value"].last()
            days = pd.date_range(last.index[0], end)
            state = last.reindex(days).ffill(limit=14)
            ours = sold[sold["product"] == product]
            units = ours.groupby("day")["quantity"].sum().reindex(days, fill_value=0.0)[state.notna()]
            out = (state.dropna() <= 0).to_numpy()
            fit = None
            if out.sum() >= FEWEST_OUT and (~out).sum() >= FEWEST_OUT:
                fit = count_regression(units.clip(lower=0), np.column_stack([np.ones(len(out)), out]))
            lift = np.exp(fit.interval(1, self.level)) - 1 if fit else [None] * 3
            now = bool(len(out)) and bool(out[-1]) and state.index[-1] == end and not np.isnan(state.iloc[-1])
            since = state.dropna().index[len(out) - _run(out)] if now else None
            found.append((watched, product, market, now, since, int(out.sum()), *lift))
        return pd.DataFrame(found, columns=["watched", "product", "market", "out", "since", "days_out", "lift",
                                            "lift_low", "lift_high"])  # fmt: skip

    def _ranks(self, rows: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
        """The rank now and in the four weeks before; notable where the move is beyond its usual wobble."""
        found = []
        for (watched, product, market), own in rows.groupby(["watched", "product", "market"]):
            own = own.sort_values("at")
            age = (end - own["day"]).dt.days
            now, before = own[age < 7]["value"], own[(age >= 7) & (age < 7 + 2 * self.window_days)]["value"]
            if now.empty or len(before) < FEWEST_SEEN:
                continue
            usual = float(before.median())
            wobble = 1.4826 * float((before - usual).abs().median())
            move = float(now.median()) - usual
            found.append((watched, product, market, float(now.median()), usual, move,
                          abs(move) > max(3 * wobble, 1.0)))  # fmt: skip
        return pd.DataFrame(found, columns=["watched", "product", "market", "rank", "before", "move", "notable"])

    def _voice(self, rows: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
        """Share of all mentions now and in the window before."""
        age = (end - rows["day"]).dt.days
        # A feed counts each piece of news once, a file may say how many.
        counts = rows.assign(value=rows["value"].fillna(1.0), then=age // self.window_days)
        sums = counts[counts["then"] < 2].pivot_table(index="watched", columns="then", values="value", aggfunc="sum")
        sums = sums.reindex(columns=[0, 1]).fillna(0.0)
        total, past = float(sums[0].sum()), float(sums[1].sum())
        if not total:
            return pd.DataFrame(columns=list(VOICE))
        low, high = wilson(sums[0], np.full(len(sums), total), self.level)
        found = []
        for i, (watched, (now, then)) in enumerate(zip(sums.index, sums.to_numpy(), strict=True)):
            change = newcombe(now, total, then, past, self.level) if past else (None, None)
            found.append((watched, int(now), now / total, low[i], high[i], then / past if past else None, *change))
        rows = pd.DataFrame(found, columns=list(VOICE))
        return rows.sort_values("share", ascending=False, ignore_index=True)

    def _demand(self, rows: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
        """Mean of the demand index in the window over the two before, as a ratio with its interval (Welch, on logs)."""
        from scipy.stats import t as student

        found = []
        for (market, product), own in rows[rows["value"] > 0].groupby(["market", "product"]):
            age = (end - own["day"]).dt.days
            now = np.log(own[age < self.window_days]["value"].to_numpy())
            then = np.log(own[(age >= self.window_days) & (age < 3 * self.window_days)]["value"].to_numpy())
            if min(len(now), len(then)) < FEWEST_SEEN:
                continue
            spread = np.array([now.var(ddof=1) / len(now), then.var(ddof=1) / len(then)])
            change = float(now.mean() - then.mean())
            if spread.sum() > 0:
                free = spread.sum() ** 2 / ((spread**2) / [len(now) - 1, len(then) - 1]).sum()
                wide = float(student.ppf(0.5 + self.level / 2, free) * np.sqrt(spread.sum()))
            else:
                wide = 0.0
            ends = np.exp([change, change - wide, change + wide]) - 1
            found.append((market, product, float(np.exp(now.mean())), *ends, bool(ends[1] > 0 or ends[2] < 0)))
        return pd.DataFrame(found, columns=["market", "product", "level", "change", "low", "high", "notable"])


def _run(out: np.ndarray) -> int:
    """How many True stand at the end.

    >>> _run(np.array([True, False, True, True]))
    2
    """
    back = out[::-1]
    return len(back) if back.all() else int(np.argmin(back))


def _frame(data: Any, needed: tuple[str, ...], name: str, end: pd.Timestamp, when: str) -> pd.DataFrame:
    """The rows up to the last day, with a ``day`` and no empty keys."""
    rows = to_pandas(data if not isinstance(data, dict) else pd.DataFrame(data)).copy()
    missing = [c for c in needed if c not in rows]
    if missing:
        raise ValueError(f"the {name} have no column {', '.join(missing)}")
    at = pd.to_datetime(rows[when], utc=True).dt.tz_localize(None)
    rows["day"] = at.dt.normalize().dt.as_unit("s")
    if when == "at":
        rows["at"] = at
        rows["value"] = pd.to_numeric(rows["value"], errors="coerce")
    for column in ("watched", "product", "market", "currency"):
        rows[column] = rows[column].fillna("").astype(str) if column in rows else ""
    kept: pd.DataFrame = rows[rows["day"] <= end]
    return kept
