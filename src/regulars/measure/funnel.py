"""The funnel: how many go on from step to step, how long that takes, and through which channel it goes best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import ibis
import numpy as np
import pandas as pd

from regulars.measure.sales import DIRECT, fact, hold, numbered, seconds
from regulars.measure.waiting import Waiting, kaplan_meier
from regulars.tables.shares import wilson

if TYPE_CHECKING:
    from datetime import datetime

STEPS: Final = ("known", "visited", "signed_up", "ordered", "ordered_again")
VISITS: Final = ("visit", "click")
SIGN_UPS: Final = ("signed_up", "sign_up", "signup", "registered", "identified", "trial_started")
HORIZONS: Final = (7, 30, 90)
NEVER: Final = 2**53
AT_ONCE_HOURS: Final = 3


class Funnel:
    """From the first touch to the second order: counts, conversion and time between steps, by channel.

    A step counts as passed when it or a later one was seen, at the time of the first of
    them: who ordered was there. ``conversion = people who passed the step / people who passed the one before``.
    The time to the next step is of people seen at the step itself, by Kaplan and Meier: those who have not gone on
    count as still waiting, so a young funnel is not taken for a slow or a bad one.

    Args:
        window_days: count people who became known within so many days; None counts everybody.
        most: channels kept apart, the largest first; the rest together are ``other``.
        level: share of the intervals that hold, 0 to 1.

    Attributes:
        steps_: frame ``cut, step, people, unseen, share, conversion, low, high``; cut "" is all channels;
            ``unseen`` passed without being seen at it; steps nobody was ever seen at are left out.
        waits_: frame ``cut, step, to, n, went_on, half, half_low, half_high, usual, most, within_7, within_30,
            within_90`` (each ``within`` with ``_low`` and ``_high``), in days. ``half`` is when half of all have
            gone on; ``usual`` and ``most`` when half and 80 % of those who go on have.
        curves_: ``(cut, step)`` to the whole ``Waiting``, in days.

    Raises ``ValueError`` where ``now`` has no time zone.
    Source: Kaplan and Meier 1958; Wilson 1927.

    >>> import datetime as dt
    >>> day = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
    >>> shared = {"source": "s", "revision": 0, "recorded_at": day, "day": day.date()}
    >>> from regulars.tables import TABLES
    >>> touches = TABLES["touches"].fill({**shared, "id": ["1", "2"], "at": day, "customer": ["a", "b"],
    ...     "kind": "visit", "channel": "search"}, 2)
    >>> orders = TABLES["orders"].fill({**shared, "id": ["1"], "at": [day + dt.timedelta(days=4)], "customer": ["a"],
    ...     "kind": "sale", "status": "paid", "amount": 100, "ordered": 100, "currency": "CNY"}, 1)
    >>> found = Funnel().fit({"touches": touches, "orders": orders}, now=day + dt.timedelta(days=30))
    >>> found.steps_[found.steps_["cut"] == ""][["step", "people"]].to_numpy().tolist()
    [['known', 2], ['ordered', 1]]
    """

    steps_: pd.DataFrame
    waits_: pd.DataFrame
    curves_: dict[tuple[str, str], Waiting]

    def __init__(self, *, window_days: int | None = 365, most: int = 8, level: float = 0.9) -> None:
        self.window_days = window_days
        self.most = most
        self.level = level

    def fit(self, facts: Mapping[str, Any], *, now: datetime, channels: Any = None) -> Funnel:
        """Follow everybody up to ``now``.

        Args:
            facts: the tables ``touches``, ``events`` and ``orders`` by name; missing ones are empty.
            now: the moment to look from, with a time zone.
            channels: ``customer, channel`` of each customer's first touch, where it is known already.
        """
        if now.tzinfo is None:
            raise ValueError("now needs a time zone")
        since = None if self.window_days is None else int(now.timestamp()) - self.window_days * 86_400
        rows = funnel_cells(facts, int(now.timestamp()), since, channels)
        rows["cut"] = self._kept(rows)
        seen = {s for s in STEPS if int(rows.loc[(rows["step"] == s) & (rows["seen"] == 1), "people"].sum())}
        steps: list[str] = [s for s in STEPS if s in seen]
        steps = self._apart(rows, steps)
        both = pd.concat([rows.assign(cut=""), rows]) if len(rows) else rows
        self.steps_, self.waits_, self.curves_ = self._count(both, steps)
        return self

    def _kept(self, rows: pd.DataFrame) -> pd.Series:
        size = rows[rows["step"] == "known"].groupby("channel")["people"].sum().sort_values(ascending=False)
        return rows["channel"].where(rows["channel"].isin(size.index[: self.most]), "other")

    def _apart(self, rows: pd.DataFrame, steps: list[str]) -> list[str]:
        """Leave out an inner step everybody passes as good as at once: it would tell the one before again."""
        kept = steps[:1]
        for step in steps[1:]:
            own = rows[(rows["step"] == kept[-1]) & (rows["to"] == step)]
            people = own["people"].to_numpy()
            on = (own["went_on"] == 1).to_numpy()
            at_once = on & (own["wait"] <= AT_ONCE_HOURS).to_numpy()
            if step.startswith("ordered") or people[~on].sum() or people[at_once].sum() < 0.95 * people.sum():
                kept.append(step)
        return kept

    def _count(
        self, rows: pd.DataFrame, steps: list[str]
    ) -> tuple[pd.DataFrame, pd.DataFrame, dict[tuple[str, str], Waiting]]:
        counted: list[dict[str, Any]] = []
        waits: list[dict[str, Any]] = []
        curves: dict[tuple[str, str], Waiting] = {}
        for cut, own in rows.groupby("cut", sort=True):
            first = before = 0
            for step, to in zip(steps, [*steps[1:], ""], strict=True):
                here = own[(own["step"] == step) & (own["to"] == (to or ""))]
                n, unseen = int(here["people"].sum()), int(here.loc[here["seen"] == 0, "people"].sum())
                low, high = (float(x) for x in wilson(n, before, self.level)) if before else (None, None)
                first = first or n
                counted.append({
                    "cut": cut, "step": step, "people": n, "unseen": unseen, "share": n / first if first else None,
                    "conversion": n / before if before else None, "low": low, "high": high,
                })  # fmt: skip
                before = n
                if to and n:
                    waited = here[here["seen"] == 1]
                    curve = kaplan_meier(waited["wait"] / 24, waited["went_on"], waited["people"], self.level)
                    curves[str(cut), step] = curve
                    waits.append({"cut": cut, "step": step, "to": to, **_told(curve)})
        return pd.DataFrame(counted), pd.DataFrame(waits), curves


def _told(curve: Waiting) -> dict[str, Any]:
    """One row of ``waits_``; what is not known is None."""
    half = curve.when(0.5) if curve.n else None
    row: dict[str, Any] = {"n": curve.n, "went_on": curve.went_on}
    row |= dict(zip(("half", "half_low", "half_high"), half or (None, None, None), strict=True))
    row |= {"usual": curve.when_of_goers(0.5), "most": curve.when_of_goers(0.8)}
    for days in HORIZONS:
        share = curve.by(days)
        names = (f"within_{days}", f"within_{days}_low", f"within_{days}_high")
        row |= dict(zip(names, share or (None, None, None), strict=True))
    return row


def first_times(facts: Mapping[str, Any], channels: Any = None) -> Any:
    """When each person was first seen at each step: rows ``customer, channel`` and a second of each of ``STEPS``."""
    touches, events, orders = (fact(facts, name) for name in ("touches", "events", "orders"))
    never, unnamed = ibis.literal(NEVER, type="int64"), ibis.null("string")
    seen = touches.filter(touches.customer.notnull()).mutate(s=lambda t: seconds(t.at))
    reached = seen.group_by("customer").aggregate(
        known=seen.s.min(), visited=ibis.ifelse(seen.kind.isin(VISITS), seen.s, never).min(),
        touched=seen.channel.argmin(seen.s),
    )  # fmt: skip
    did = events.filter(events.customer.notnull()).mutate(s=lambda t: seconds(t.at))
    signed = did.group_by("customer").aggregate(
        known=did.s.min(), signed_up=ibis.ifelse(did.name.isin(SIGN_UPS), did.s, never).min()
    )
    bought = numbered(orders).mutate(s=lambda t: seconds(t.at))
    sold = bought.group_by("customer").aggregate(
        ordered=bought.s.min(), ordered_again=ibis.ifelse(bought.number >= 2, bought.s, never).min(),
        sold_in=ibis.ifelse(bought.number == 1, bought.channel, unnamed).max(),
    )  # fmt: skip
    columns = ("customer", *STEPS, "touched", "sold_in")
    own = ({"sold_in": unnamed}, {"touched": unnamed, "sold_in": unnamed}, {"known": sold.ordered, "touched": unnamed})
    parts = [
        part.mutate(**more, **{s: never for s in STEPS if s not in part.columns and s not in more})
        for part, more in zip((reached, signed, sold), own, strict=True)
    ]
    every = ibis.union(*(p.select(*columns) for p in parts), distinct=False)
    people = every.group_by("customer").aggregate(
        **{s: every[s].min() for s in STEPS}, touched=every.touched.max(), sold_in=every.sold_in.max()
    )
    if channels is not None:
        given = channels.select(who=channels.customer, given=channels.channel)
        people = people.left_join(given, people.customer == given.who)
        people = people.mutate(touched=ibis.coalesce(people.given, people.touched))
    named = ibis.coalesce(people.touched, people.sold_in, ibis.literal(DIRECT))
    return people.select("customer", *STEPS, channel=named)


def funnel_cells(facts: Mapping[str, Any], now_s: int, since_s: int | None = None, channels: Any = None) -> Any:
    """Counts of people by channel, step, next step, hours waited, whether they went on and were seen at the step.

    ``to`` runs over every later step and "", so that steps nobody was seen at can be skipped. Waits are rounded:
    to hours within three days, to days beyond, which keeps the answer small whatever the number of people.
    """
    # Asked fifteen times below: one row a person is little enough to keep.
    people = hold(first_times(facts, channels), True)
    now, never = ibis.literal(now_s, type="int64"), ibis.literal(NEVER, type="int64")
    people = people.filter(people.known <= now)
    if since_s is not None:
        people = people.filter(people.known >= ibis.literal(since_s, type="int64"))
    people = people.mutate(**{s: ibis.ifelse(people[s] <= now, people[s], never) for s in STEPS})
    passed = {s: ibis.least(*(people[t] for t in STEPS[i:])) if i + 1 < len(STEPS) else people[s]
              for i, s in enumerate(STEPS)}  # fmt: skip
    people = people.mutate(**{f"p_{s}": v for s, v in passed.items()})
    parts = []
    for i, step in enumerate(STEPS):
        here = people.filter(people[f"p_{step}"] < never)
        start = here[f"p_{step}"]
        for to in (*STEPS[i + 1 :], ""):
            on = here[f"p_{to}"] < never if to else ibis.literal(False)
            end = ibis.ifelse(on, here[f"p_{to}"], now) if to else start
            hours = ((end - start) / 3600).round().cast("int64")
            days = ((end - start) / 86_400).round().cast("int64") * 24
            parts.append(here.select(
                channel=here.channel, step=ibis.literal(step), to=ibis.literal(to),
                seen=(here[step] == start).cast("int64"), went_on=on.cast("int64"),
                wait=ibis.ifelse(hours <= 72, hours, days),
            ))  # fmt: skip
    every = ibis.union(*parts, distinct=False)
    keys = ["channel", "step", "to", "seen", "went_on", "wait"]
    frame = every.group_by(keys).aggregate(people=every.count()).to_pyarrow().to_pandas()
    return frame.astype(dict.fromkeys(("seen", "went_on", "wait", "people"), np.int64))
