"""The rows a budget is decided on: what a week's spend in each channel brings, and what one conversion is worth."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from regulars.measure.channel_weeks import channel_weeks, conversion_values, last_week
from regulars.measure.history import Cubes
from regulars.measure.leads import in_contacts, in_customers, leads, with_share
from regulars.measure.lift_tests import lift_tests
from regulars.measure.mix_fit import fit_mix
from regulars.measure.mix_weeks import mix_weeks
from regulars.measure.response import HARDLY_VARIED, Curve, ResponseCurves
from regulars.measure.revenue_worth import money_worth, profit_behind
from regulars.measure.steady import Steady
from regulars.measure.worth import customers_worth
from regulars.tables import why

FEWEST_WEEKS: Final = 30


def responses(
    cube: Cubes, scores: Any, today: pd.Timestamp, currency: str, margin: float, *, experiments: Any = None,
    country: str = "WORLD",
) -> pd.DataFrame:  # fmt: skip
    """Rows ``response_ceiling``, ``_half``, ``_baseline`` and ``_value`` per channel, grain week, 90 % intervals.

    Where new customers (or at least orders) can be credited to the channels with spend,
    a curve per channel is fitted to them, and one conversion is worth first-order margin plus mean CLV
    (or the order's margin). Where nothing can be credited, one mix model explains total
    revenue: then a "conversion" is one minor unit of revenue, worth the margin. Experiments
    of the owner's (``tables.EXPERIMENTS``) with a channel and a result are part of the evidence either way.
    """
    weekly, counted = channel_weeks(cube, today, currency)
    if weekly.empty:
        return pd.DataFrame()
    if counted == "none":
        return _from_total(cube, scores, today, currency, margin, experiments, country)
    worth = customers_worth(cube.expressions["won"], scores)
    worth["contract"] = worth["customer"].isin(_contracts(cube))
    values = conversion_values(worth, currency, margin, counted, today)
    if values.empty:
        return pd.DataFrame()
    met = leads(cube, weekly, today) if counted == "new_customers" else None
    rows: list[dict[str, Any]] = []
    rule = "clv_and_first_order" if counted == "new_customers" else "order_margin"
    order = money_worth(cube, currency)["orders"]
    unit = {"orders": 1.0, "new_customers": 1.0, "buyers": 1.0, "revenue": 1 / order if order > 0 else 0.0}
    tests = None if experiments is None else lift_tests(experiments, unit, currency=currency)
    if tests is not None and met is not None:
        tests = in_contacts(tests, met.share)
    for channel, fitted in ResponseCurves().fit(weekly if met is None else met.weekly, tests).curves_.items():
        known = channel in values.index
        value, low, high, n = (float(v) for v in values.loc[[channel if known else ""]].to_numpy()[0])
        customers, each, curve = (int(n) if known else 0), (value, low, high), fitted
        codes: dict[str, object] = {"value": rule, "customers": customers}
        if met is not None:
            curve, each = in_customers(fitted, met.share[channel]), with_share(each, met.share[channel])
            codes["share_who_buy"] = f"{met.share[channel][0]:.3f}"
        rows += _rows(curve, counted, each, why(codes), today, currency)
    return pd.DataFrame(rows)


def _contracts(cube: Cubes) -> set[str]:
    rows = cube.expressions["subscriptions"].select("customer").distinct().to_pyarrow()
    return set(rows.column("customer").to_pylist())


def _from_total(
    cube: Cubes, scores: Any, today: pd.Timestamp, currency: str, margin: float, experiments: Any, country: str
) -> pd.DataFrame:
    known = mix_weeks(cube, today, currency)
    if known is None or len(known.weeks) < FEWEST_WEEKS or float(known.national["target"].sum()) <= 0:
        return pd.DataFrame()
    national = known.national
    if national["target"].nunique() < 2:
        return pd.DataFrame()
    tests = lift_tests(experiments, money_worth(cube, currency), currency=currency)
    model = fit_mix(known, tests, country)
    # What new customers bring after the weeks the model counts is part of what its revenue is worth.
    worth = margin if known.factor is None else profit_behind(cube, scores, currency, margin, known.factor)
    steady, told = Steady(model), model.identified_.set_index("channel")["identified"]
    rows: list[dict[str, Any]] = []
    for channel in model.channels_:
        x = national[known.spend[channel]]
        flags = {
            "total_revenue_model": known.factor is None, "newcomers_only": known.factor is not None,
            "spend_hardly_varied": x.std() < HARDLY_VARIED * x.mean(),
            "data_did_not_decide": not told[channel], "chains_disagree": model.diagnostics_["r_hat"] > 1.05,
            "calibrated_by_experiment": channel in set(tests["channel"]),
        }  # fmt: skip
        curve = steady.curve(
            channel, float(x.max()), float(x.mean()), len(national), tuple(f for f, on in flags.items() if on)
        )
        rows += _rows(curve, "revenue", (worth, worth, worth), why({"value": "margin"}), today, currency)
    return pd.DataFrame(rows)


def _rows(
    curve: Curve, counted: str, worth: tuple[float, float, float], worth_why: str, today: pd.Timestamp, currency: str
) -> list[dict[str, Any]]:
    codes = {"counted": counted, "weeks": curve.weeks, "carry_over": f"{curve.decay:.2f}",
             "dispersion": f"{curve.dispersion:.2f}", **dict.fromkeys(curve.flags)}  # fmt: skip
    figures = (
        ("response_ceiling", curve.ceiling, None, why(codes)), ("response_half", curve.half, currency, why(codes)),
        ("response_baseline", curve.baseline, None, why(codes)), ("response_value", worth, currency, worth_why),
    )  # fmt: skip
    return [
        {"name": name, "day": last_week(today), "grain": "week", "channel": curve.channel, "value": value, "low": low,
         "high": high, "currency": money, "why": reason}
        for name, (value, low, high), money, reason in figures
    ]  # fmt: skip
