"""Who lapsed and who came back: customers lost in a period, counted from purchases and contracts."""

from __future__ import annotations

from typing import Any, Final

import ibis
import numpy as np
import pandas as pd

from regulars.tables import ACTIVITY

NEVER: Final = 10**7


def usual_gap_days(bought: Any) -> float:
    """The company's usual gap: the median days between two purchases of one customer on different days.

    Takes numbered sales (``sales.numbered``); falls back on 30 days where nobody bought twice.
    """
    gaps = _steps(bought)
    gaps = gaps.filter(gaps.gap > 0).group_by("gap").aggregate(n=lambda t: t.count()).to_pyarrow().to_pandas()
    if gaps.empty:
        return 30.0
    gaps = gaps.sort_values("gap")
    reached = gaps["n"].cumsum().to_numpy()
    low, high = np.searchsorted(reached, [(reached[-1] - 1) // 2 + 1, reached[-1] // 2 + 1])
    return float(gaps["gap"].iloc[[low, high]].mean())


def _steps(bought: Any) -> Any:
    days = bought.mutate(day_no=_day_number(bought.day))
    own = ibis.window(group_by=[days.customer], order_by=[days.number])
    following = days.mutate(next_no=days.day_no.lead().over(own))
    return following.mutate(gap=following.next_no - following.day_no)


def _day_number(day: Any) -> Any:
    """Days since 1970: an integer the same on every engine."""
    return (day.cast("timestamp").epoch_seconds().cast("int64") / 86_400).floor().cast("int64")


def lapses(bought: Any, subscriptions: Any, acquired: Any, gap_days: float) -> pd.DataFrame:
    """Counts of comings and goings by day, from numbered sales and one row per acquired customer.

    A customer is lost when ``ACTIVITY.dormant_gaps`` usual gaps went by without a
    purchase, or on the day the contract was cancelled when they hold one.

    Returns a frame ``channel, market, since, lost, back, n``: n customers of that
    acquisition channel and market who were customers from day number ``since``,
    lost on ``lost`` and back on ``back`` (``NEVER`` where they are not).
    """
    patience = int(np.ceil(ACTIVITY.dormant_gaps * max(gap_days, ACTIVITY.shortest_gap_days)))
    steps = _steps(bought)
    who = acquired.select(person=acquired.customer, own_channel=acquired.channel, own_market=acquired.market)
    contract = _contracts(subscriptions)
    steps = steps.join(who, steps.customer == who.person)
    steps = steps.left_join(contract, steps.customer == contract.holder).select(
        "customer", "number", "day_no", "next_no", "own_channel", "own_market", "ended_no"
    )
    # A contract keeps its holder until it ends; the last purchase counts where it ends later.
    own = ibis.window(group_by=[steps.customer], order_by=[steps.number])
    due = steps.mutate(gone=steps.day_no + patience + 1)
    due = due.mutate(
        lost=ibis.cases(
            (due.ended_no.isnull(), due.gone), (due.ended_no >= due.gone, due.ended_no),
            (due.ended_no >= due.day_no, ibis.least(due.gone, due.ended_no + 1)), else_=due.gone,
        ),
        back=ibis.coalesce(due.next_no, ibis.literal(NEVER)),
    )  # fmt: skip
    ends = due.filter((due.back > due.lost) | due.next_no.isnull())
    own = ibis.window(group_by=[ends.customer], order_by=[ends.number])
    ends = ends.mutate(since=ends.back.lag().over(own))
    first = due.group_by("customer").aggregate(first_no=due.day_no.min())
    first = first.select(first_customer=first.customer, first_no=first.first_no)
    spells = ends.join(first, ends.customer == first.first_customer)
    spells = spells.mutate(start=ibis.coalesce(spells.since, spells.first_no))
    counted = spells.group_by(["own_channel", "own_market", "start", "lost", "back"]).aggregate(n=spells.count())
    frame: pd.DataFrame = counted.to_pyarrow().to_pandas()
    frame.columns = pd.Index(["channel", "market", "since", "lost", "back", "n"])
    return frame


def _contracts(subscriptions: Any) -> Any:
    """One row per holder with the day number the last contract ended, ``NEVER`` while one runs."""
    rows = subscriptions.filter((subscriptions.kind != "void") & subscriptions.customer.notnull())
    ended = ibis.window(group_by=[rows.contract], order_by=[ibis.desc(rows.at), ibis.desc(rows.id)])
    last = rows.mutate(place=ibis.row_number().over(ended))
    last = last.filter(last.place == 0)
    last = last.mutate(
        ended_no=ibis.ifelse(last.kind == "cancel", _day_number(last.day), ibis.literal(NEVER).cast("int64"))
    )
    return last.group_by("customer").aggregate(ended_no=last.ended_no.max()).select(
        "ended_no", holder=lambda t: t.customer
    )  # fmt: skip


def lost_and_at_start(spells: pd.DataFrame, starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Customers at each start and how many of them were gone at each end.

    ``starts`` and ``ends`` are day numbers of equal length; a period covers
    ``[start, end)``. At start: known before the first day and not lost by it.

    >>> import pandas as pd, numpy as np
    >>> one = pd.DataFrame({"since": [0, 5], "lost": [12, 90], "back": [NEVER, NEVER], "n": [100, 900]})
    >>> lost, at_start = lost_and_at_start(one, np.array([10]), np.array([20]))
    >>> int(lost[0]), int(at_start[0])
    (100, 1000)
    """
    since, gone, back, n = (spells[c].to_numpy() for c in ("since", "lost", "back", "n"))
    lost, base = np.zeros(len(starts), dtype=np.int64), np.zeros(len(starts), dtype=np.int64)
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        here = (since < start) & (gone > start)
        base[i] = n[here].sum()
        lost[i] = n[here & (gone <= end) & (back >= end)].sum()
    return lost, base


def customer_days(spells: pd.DataFrame, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Days that customers were customers in each period ``[start, end)``, added over them.

    >>> two = pd.DataFrame({"since": [0, 5], "lost": [12, NEVER], "n": [1, 10]})
    >>> customer_days(two, np.array([0, 10]), np.array([10, 20])).tolist()
    [60, 102]
    """
    if spells.empty or not len(starts):
        return np.zeros(len(starts), dtype=np.int64)
    since, gone, n = (spells[c].to_numpy() for c in ("since", "lost", "n"))
    first, last = int(min(since.min(), starts.min())), int(max(since.max(), ends.max()))
    size = last - first + 2
    came = np.bincount(since - first, n, size)
    left = np.bincount(np.minimum(gone, last + 1) - first, n, size)
    here = np.concatenate([[0.0], np.cumsum(np.cumsum(came - left))])
    days: np.ndarray = np.rint(here[ends - first] - here[starts - first]).astype(np.int64)
    return days
