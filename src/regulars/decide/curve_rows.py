"""Response curves as measure leaves them in the KPI rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike

from regulars.decide.curves import FORMS, Array, Curves
from regulars.lake.frames import to_arrow
from regulars.tables import why_codes

# Two-sided 90 % of the normal law.
Z90 = 1.6448536269514722
# Between the channel and the market of a cell that has a curve of its own.
AT = "@"
# The families with a shape of their own.
SHAPED = ("hill", "power")


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


def cell_of(channel: str, market: str | None) -> str:
    """The name of what a curve is of: a channel, or a channel in one market."""
    return channel if market is None else f"{channel}{AT}{market}"


def channel_of(cell: str) -> str:
    """The channel of a cell."""
    return cell.partition(AT)[0]


def undecided(kpis: Any) -> frozenset[str]:
    """The cells whose curve the data could not tell: a code of ``response_ceiling`` says so."""
    table = _named(kpis, "response_ceiling")
    columns = (table.column(c).to_pylist() for c in ("name", "channel", "market", "why"))
    told = ("data_did_not_decide", "spend_hardly_varied")
    return frozenset(
        cell_of(channel, market)
        for name, channel, market, why in zip(*columns, strict=True)
        if name == "response_ceiling" and channel is not None and any(code in why_codes(why) for code in told)
    )


def _named(kpis: Any, *names: str) -> pa.Table:
    """The figures of these names: the others are not worth a Python object each."""
    table = to_arrow(kpis)
    return table.filter(pc.is_in(table.column("name"), value_set=pa.array(names, pa.string())))


def _newest(kpis: Any, name: str) -> _Rows:
    """Cell to the newest figure of a name, with its reason codes; a market without one has its channel's."""
    table = _named(kpis, name)
    columns = (table.column(c).to_pylist() for c in ("name", "channel", "market", "value", "made_at", "why"))
    found: dict[str, tuple[Any, float, dict[str, Any]]] = {}
    for row, channel, market, value, made_at, why in zip(*columns, strict=True):
        if row != name or channel is None or value is None:
            continue
        cell = cell_of(channel, market)
        if cell not in found or found[cell][0] <= made_at:
            found[cell] = (made_at, float(value), dict(why_codes(why)))
    return _Rows({c: v[1:] for c, v in found.items()})


class _Rows(dict[str, tuple[float, dict[str, Any]]]):
    def __missing__(self, cell: str) -> tuple[float, dict[str, Any]]:
        if AT not in cell:
            raise KeyError(cell)
        return self[channel_of(cell)]

    def __contains__(self, cell: object) -> bool:
        return super().__contains__(cell) or super().__contains__(channel_of(str(cell)))


def _orders(kpis: Any) -> _Rows:
    """Channel to the mean order over all its weeks: a single week says little."""
    table = _named(kpis, "revenue", "orders")
    sums: dict[str, dict[str, float]] = {"revenue": {}, "orders": {}}
    columns = (table.column(c).to_pylist() for c in ("name", "grain", "channel", "market", "value"))
    for name, grain, channel, market, value in zip(*columns, strict=True):
        if name in sums and grain == "week" and channel is not None and market is None and value is not None:
            sums[name][channel] = sums[name].get(channel, 0.0) + value
    return _Rows({c: (sums["revenue"].get(c, 0.0) / n, {}) for c, n in sums["orders"].items() if n > 0})


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
    """The response curves that ``measure`` or the owner left in the KPI rows, or None when there are none.

    Reads the newest ``response_ceiling`` (conversions a week), ``response_half`` (minor units a week) and
    ``response_value`` (minor units a conversion) of each channel; one that lacks one of the first two, or whose half
    is not positive, has no curve. Rows of a market make a curve of ``channel@market``, unless the channel has one of
    all markets together; its value, where the market has none, is the channel's. Codes in ``why`` of the half name
    the family, ``form=hill``, and its ``shape=2.5``. With ``draws`` the 90 % intervals of the rows become parameter
    draws, ``level`` being the usual weekly spend.
    """
    rows = {name: _found(kpis, name) for name in ("response_ceiling", "response_half", "response_value")}
    ceiling, half, value = rows.values()
    whole = [c for c in sorted(half) if c in ceiling and half[c].usable and ceiling[c].value >= 0]
    names = [c for c in whole if AT not in c or channel_of(c) not in whole]
    if not names:
        return None
    one = _Figure(None, 1.0)
    worth = [value.get(c) or value.get(channel_of(c)) or one for c in names]
    curves = Curves.make(
        names, ceiling=[ceiling[c].value for c in names], half=[half[c].value for c in names],
        value=[max(v.value, 0.0) for v in worth], form=[half[c].form for c in names],
        shape=[half[c].shape for c in names] if any(half[c].form in SHAPED for c in names) else 1.0,
    )  # fmt: skip
    worth_sd = np.hypot(_sd([ceiling[c] for c in names]), _sd(worth))
    half_sd = _sd([half[c] for c in names])
    if draws and (worth_sd.any() or half_sd.any()):
        usual = [(level or {}).get(c) or np.inf for c in names]
        return curves.draw(draws, worth_sd=worth_sd, scale_sd=half_sd, level=usual, seed=seed)
    return curves


@dataclass(frozen=True)
class _Figure:
    made_at: Any
    value: float
    low: float = math.nan
    high: float = math.nan
    form: str = "hyperbolic"
    shape: float = 1.0

    @property
    def usable(self) -> bool:
        if not (math.isfinite(self.value) and self.value > 0) or self.form not in FORMS:
            return False
        return self.form not in SHAPED or 0 < self.shape <= (1 if self.form == "power" else 20)


def _found(kpis: Any, wanted: str) -> dict[str, _Figure]:
    table = to_arrow(kpis)
    columns = (
        table.column(c).to_pylist() for c in ("name", "channel", "market", "value", "low", "high", "made_at", "why")
    )
    found: dict[str, _Figure] = {}
    for name, channel, market, value, low, high, made_at, why in zip(*columns, strict=True):
        if name != wanted or channel is None or value is None:
            continue
        cell, codes = cell_of(channel, market), why_codes(why)
        if cell in found and found[cell].made_at > made_at:
            continue
        low, high = (math.nan if end is None else end for end in (low, high))
        form, shape = codes.get("form") or "hyperbolic", _number(codes.get("shape"))
        found[cell] = _Figure(made_at, value, low, high, form, shape)
    return found


def _number(text: str | None) -> float:
    try:
        return 1.0 if text is None else float(text)
    except ValueError:
        return math.nan


def _sd(figures: Sequence[_Figure]) -> Array:
    return log_sd(*(np.array([getattr(f, part) for f in figures]) for part in ("value", "low", "high")))
