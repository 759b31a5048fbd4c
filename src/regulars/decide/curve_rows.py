"""Response curves as measure leaves them in the KPI rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from regulars.decide.curves import FAMILIES, Array, Curves
from regulars.lake.frames import to_arrow
from regulars.tables import why_codes

# Two-sided 90 % of the normal law.
Z90 = 1.6448536269514722


def log_sd(value: ArrayLike, low: ArrayLike, high: ArrayLike) -> Array:
    """Standard error of the log from a 90 % interval; 0 where there is no usable interval.

    >>> round(float(log_sd(1.0, 0.5, 2.0)), 4)
    0.4214
    """
    v, a, b = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (value, low, high)))
    # An interval that reaches 0 says nothing about the lower side on the log scale: the upper side stands for both.
    whole = (a > 0) & (b > a)
    upper = ~whole & (v > 0) & (b > v)
    sd = np.zeros(v.shape)
    sd[whole] = np.log(b[whole] / a[whole]) / (2 * Z90)
    sd[upper] = np.log(b[upper] / v[upper]) / Z90
    return sd


def undecided(kpis: Any) -> frozenset[str]:
    """The channels whose curve the data could not tell: a code of ``response_ceiling`` says so."""
    table = to_arrow(kpis)
    columns = (table.column(c).to_pylist() for c in ("name", "channel", "why"))
    told = ("data_did_not_decide", "spend_hardly_varied")
    return frozenset(
        channel
        for name, channel, why in zip(*columns, strict=True)
        if name == "response_ceiling" and channel is not None and any(code in why_codes(why) for code in told)
    )


def _newest(kpis: Any, name: str) -> dict[str, tuple[float, dict[str, Any]]]:
    """Channel to the newest figure of a name over all markets, with its reason codes."""
    table = to_arrow(kpis)
    columns = (table.column(c).to_pylist() for c in ("name", "channel", "market", "value", "made_at", "why"))
    found: dict[str, tuple[Any, float, dict[str, Any]]] = {}
    for row, channel, market, value, made_at, why in zip(*columns, strict=True):
        usable = row == name and channel is not None and market is None and value is not None
        if usable and (channel not in found or found[channel][0] <= made_at):
            found[channel] = (made_at, float(value), dict(why_codes(why)))
    return {c: v[1:] for c, v in found.items()}


def _orders(kpis: Any) -> dict[str, tuple[float, dict[str, Any]]]:
    """Channel to the mean order over all its weeks: a single week says little."""
    table = to_arrow(kpis)
    sums: dict[str, dict[str, float]] = {"revenue": {}, "orders": {}}
    columns = (table.column(c).to_pylist() for c in ("name", "grain", "channel", "market", "value"))
    for name, grain, channel, market, value in zip(*columns, strict=True):
        if name in sums and grain == "week" and channel is not None and market is None and value is not None:
            sums[name][channel] = sums[name].get(channel, 0.0) + value
    return {c: (sums["revenue"].get(c, 0.0) / n, {}) for c, n in sums["orders"].items() if n > 0}


def carry_overs(kpis: Any) -> dict[str, float]:
    """Share of each channel's effect that goes over into the next week: the code ``carry_over`` of its curve."""
    codes = {c: codes.get("carry_over") for c, (_, codes) in _newest(kpis, "response_ceiling").items()}
    return {c: min(max(float(v), 0.0), 0.95) for c, v in codes.items() if v}


def objective_weights(kpis: Any, channels: Sequence[str]) -> dict[str, dict[str, float]]:
    """By objective other than contribution: what a channel's worth is multiplied by to be counted in it.

    ``new_customers`` where the curves count new customers: one over what one is worth. ``revenue``: the mean order
    of the channel per conversion, or one over the margin where the curves count revenue.
    ``clv``: the part of what a customer is worth that comes after the first order. An objective that is not known
    for every channel is left out: the split would compare what cannot be compared.
    """
    ceiling, value = _newest(kpis, "response_ceiling"), _newest(kpis, "response_value")
    orders, margins = _orders(kpis), _newest(kpis, "margin_rate")
    out: dict[str, dict[str, float]] = {"revenue": {}, "new_customers": {}, "clv": {}}
    for c in channels:
        if c not in value or c not in ceiling or value[c][0] <= 0:
            continue
        worth, counted = value[c][0], ceiling[c][1].get("counted")
        if counted == "new_customers":
            out["new_customers"][c] = 1 / worth
        if counted == "revenue":
            out["revenue"][c] = 1 / worth
        elif c in orders:
            out["revenue"][c] = orders[c][0] / worth
        if counted == "new_customers" and c in orders and c in margins:
            out["clv"][c] = max(1 - orders[c][0] * margins[c][0] / worth, 0.0)
    return {o: w for o, w in out.items() if len(w) == len(channels)}


def read_curves(kpis: Any, *, draws: int = 0, level: Mapping[str, float] | None = None, seed: int = 0) -> Curves | None:
    """The response curves that ``measure`` left in the KPI rows, or None when there are none.

    Reads the newest ``response_ceiling`` (conversions a week), ``response_half`` (minor units a week) and
    ``response_value`` (minor units a conversion) of each channel, all markets together; a channel that lacks one of
    the first two, or whose half is not positive, has no curve. A code ``form=...`` in ``why`` names the family.
    With ``draws`` the 90 % intervals of the rows become parameter draws, ``level`` being the usual weekly spend.
    """
    table = to_arrow(kpis)
    wanted = ("response_ceiling", "response_half", "response_value")
    found: dict[tuple[str, str], tuple[Any, float, float, float, str]] = {}
    columns = ("name", "channel", "market", "value", "low", "high", "made_at", "why")
    for name, channel, market, value, low, high, made_at, why in zip(
        *(table.column(c).to_pylist() for c in columns), strict=True
    ):
        if name not in wanted or channel is None or market is not None or value is None:
            continue
        key = (channel, name)
        if key in found and found[key][0] > made_at:
            continue
        form = why_codes(why).get("form") or "hyperbolic"
        found[key] = (made_at, value, np.nan if low is None else low, np.nan if high is None else high, form)
    names = [
        c
        for c in sorted({c for c, _ in found})
        if (c, "response_half") in found
        and (c, "response_ceiling") in found
        and found[c, "response_half"][1] > 0
        and found[c, "response_ceiling"][1] >= 0
        and found[c, "response_half"][4] in FAMILIES
    ]
    if not names:
        return None
    one = (None, 1.0, np.nan, np.nan, "hyperbolic")
    part = {w: np.array([found.get((c, w), one)[1:4] for c in names], dtype=float) for w in wanted}
    curves = Curves.make(
        names,
        ceiling=part["response_ceiling"][:, 0],
        half=part["response_half"][:, 0],
        value=np.maximum(part["response_value"][:, 0], 0.0),
        form=[found[c, "response_half"][4] for c in names],
    )
    sd = {w: log_sd(*part[w].T) for w in wanted}
    worth_sd = np.hypot(sd["response_ceiling"], sd["response_value"])
    if draws and (worth_sd.any() or sd["response_half"].any()):
        usual = [(level or {}).get(c) or np.inf for c in names]
        return curves.draw(draws, worth_sd=worth_sd, scale_sd=sd["response_half"], level=usual, seed=seed)
    return curves
