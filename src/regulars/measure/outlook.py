"""The next quarter of the main figures, week by week, with intervals."""

from __future__ import annotations

from typing import Final

import pandas as pd

from regulars.measure.channel_weeks import last_week
from regulars.measure.forecast import forecast
from regulars.measure.history import Cubes, first_day
from regulars.tables import why

WEEKS_AHEAD: Final = 13
FEWEST_WEEKS: Final = 12


def outlook(cube: Cubes, today: pd.Timestamp, currency: str) -> pd.DataFrame:
    """Rows ``revenue_forecast``, ``orders_forecast`` and ``new_customers_forecast`` of the next 13 weeks.

    Full weeks only; figures with fewer than 12 of them get no forecast. ``why`` names the
    method and its backtest error over the naive one's.
    """
    money = cube.money[cube.money["currency"] == currency]
    series = (
        ("revenue", money, "revenue", currency), ("orders", cube.money, "orders", None),
        ("new_customers", cube.won, "n", None),
    )  # fmt: skip
    end, rows = last_week(today), []
    for name, cube_rows, column, unit in series:
        weekly = cube_rows.groupby(first_day(cube_rows["day"], "week"))[column].sum() if len(cube_rows) else None
        if weekly is None or weekly.index.min() > end:
            continue
        # The first week on record is rarely a whole one.
        full = weekly.reindex(pd.date_range(weekly.index.min(), end, freq="7D")).fillna(0.0).iloc[1:]
        if len(full) < FEWEST_WEEKS:
            continue
        ahead = forecast(full.to_numpy(float), WEEKS_AHEAD, season=52, positive=bool(full.min() >= 0))
        codes: dict[str, object] = {"method": ahead.method}
        if 0 < ahead.mae_naive < float("inf"):
            codes["error_over_naive"] = f"{ahead.mae / ahead.mae_naive:.2f}"
        rows += [
            {"name": f"{name}_forecast", "day": end + pd.Timedelta(weeks=i + 1), "grain": "week",
             "value": float(ahead.value[i]), "low": float(ahead.low[i]), "high": float(ahead.high[i]),
             "currency": unit, "why": why(codes)}
            for i in range(WEEKS_AHEAD)
        ]  # fmt: skip
    return pd.DataFrame(rows)
