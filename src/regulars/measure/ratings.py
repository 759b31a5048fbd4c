"""What customers answered and how fast we did: CSAT, NPS, first response and resolution time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

import pandas as pd

Figure = tuple[str, pd.Series, None, str, tuple[str, ...]]


def ratings(
    feedback: pd.DataFrame, first_day: Callable[[pd.Series, str], pd.Series], grains: Iterable[str],
    daily: Collection[str] = (),
) -> Iterator[Figure]:  # fmt: skip
    """(name, values by (period, *cut), no currency, grain, cut) of the four figures, those of ``daily`` by day too.

    Answers without a score, and tickets without a time, do not count.
    """
    if feedback.empty:
        return
    satisfied = feedback[(feedback["kind"] == "csat") & feedback["score"].notna()]
    asked = feedback[(feedback["kind"] == "nps") & feedback["score"].notna()]
    points = (asked["score"] >= 9).astype(float) - (asked["score"] <= 6).astype(float)
    sets = (
        ("csat", satisfied, (satisfied["score"] >= 4).astype(float), "mean"),
        ("nps", asked, 100 * points, "mean"),
        *(
            (name, rows, rows[name].astype(float), "median")
            for name in ("first_response_s", "resolution_s")
            for rows in (feedback[feedback[name].notna()],)
        ),
    )
    for grain in grains:
        for by in ((), ("channel",), ("market",)):
            for name, rows, values, how in sets:
                if not rows.empty and (grain != "day" or name in daily):
                    keys = [first_day(rows["day"], grain).rename("period"), *(rows[c] for c in by)]
                    yield name, values.groupby(keys, dropna=True).agg(how), None, grain, by
