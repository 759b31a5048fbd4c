"""Attribution: which touch gets the credit for an order, by rule over the lake or over whole path strings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from regulars.measure.sales import LOOKBACK_DAYS, credited, touched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

MODELS: Final = ("first", "last", "linear")


def attribution(orders: Any, touches: Any, *, lookback_days: int = LOOKBACK_DAYS, credit: Any = None) -> pd.DataFrame:
    """Orders and revenue credited to each channel by first, last and linear touch, per month.

    Each paid order counts once in every model: its touches at or before it, at most
    ``lookback_days`` days old, share it (first: the oldest; last: the newest; linear:
    1/n each). Without such a touch the channel of the order is its only touch, and
    without that ``direct``. Linear money is rounded so that totals match to the minor unit.

    Args:
        orders: the orders table (Ibis).
        touches: the touches table (Ibis).
        lookback_days: how old a touch may be and still count.
        credit: the result of ``sales.credited`` for the same arguments, if it is at hand.

    Returns a frame ``model, month, channel, currency, orders, revenue`` (minor units).
    """
    whole = credited(orders, touches, lookback_days) if credit is None else credit
    month = whole.day.truncate("M").cast("date")
    parts = []
    for model in ("first", "last"):
        grouped = whole.group_by(month=month, channel=whole[f"{model}_channel"], currency=whole.currency)
        rows = grouped.aggregate(orders=whole.count(), revenue=whole.amount.sum()).to_pyarrow().to_pandas()
        parts.append(rows.assign(model=model))
    parts.append(_linear(orders, touches, whole, lookback_days).assign(model="linear"))
    columns = ["model", "month", "channel", "currency", "orders", "revenue"]
    frame: pd.DataFrame = pd.concat(parts, ignore_index=True)[columns]
    return frame


def _linear(orders: Any, touches: Any, whole: Any, lookback_days: int) -> pd.DataFrame:
    """Linear touch; only sums per (month, channel, path length) cross over, divided here to keep totals exact."""
    pairs = touched(orders, touches, lookback_days)
    pairs = pairs.mutate(month=pairs.day.truncate("M").cast("date"))
    shared = pairs.group_by(["month", "touch_channel", "currency", "n"]).aggregate(
        orders=pairs.count(), revenue=pairs.amount.sum()
    )
    alone = whole.filter(whole.touches == 0)
    alone = alone.mutate(month=alone.day.truncate("M").cast("date"))
    rest = alone.group_by(month=alone.month, touch_channel=alone.last_channel, currency=alone.currency).aggregate(
        orders=alone.count(), revenue=alone.amount.sum()
    )
    sums = pd.concat([shared.to_pyarrow().to_pandas(), rest.to_pyarrow().to_pandas().assign(n=1)], ignore_index=True)
    for column in ("orders", "revenue"):
        sums[column] = sums[column].astype(float) / sums["n"].astype(float)
    keys = ["month", "touch_channel", "currency"]
    frame = sums.groupby(keys, dropna=False)[["orders", "revenue"]].agg(math.fsum).reset_index()
    frame["revenue"] = frame.groupby(["month", "currency"])["revenue"].transform(lambda v: whole_units(v.to_numpy()))
    named: pd.DataFrame = frame.rename(columns={"touch_channel": "channel"})
    return named


def whole_units(parts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round parts to whole units so that they still add up to their (whole) total: largest remainders first.

    >>> whole_units(np.array([33.3333333, 33.3333333, 33.3333334])).tolist()
    [33, 33, 34]
    """
    floor = np.floor(parts).astype(np.int64)
    missing = round(math.fsum(parts)) - int(floor.sum())
    order = np.argsort(-(parts - floor), kind="stable")
    floor[order[:missing]] += 1
    return floor


class Codes(NamedTuple):
    """Paths as integers: the channel of every touch, and where each path begins (one more entry than paths)."""

    channel: NDArray[np.int64]
    start: NDArray[np.int64]
    names: list[str]


def encode(paths: Sequence[str] | pa.Array, separator: str = ">") -> Codes:
    """Split path strings into integer codes; spaces around a channel do not count.

    >>> encode(["a > b", "b"]).channel.tolist()
    [0, 1, 1]
    """
    split = pc.split_pattern(pa.array(paths, type=pa.large_string()), separator)
    flat = pc.dictionary_encode(pc.utf8_trim_whitespace(split.flatten()))
    flat = flat.combine_chunks() if isinstance(flat, pa.ChunkedArray) else flat
    return Codes(
        np.asarray(flat.indices).astype(np.int64), np.asarray(split.offsets).astype(np.int64),
        flat.dictionary.to_pylist(),
    )  # fmt: skip


def attribute_paths(
    paths: Sequence[str], conversions: ArrayLike, values: ArrayLike | None = None, nulls: ArrayLike | None = None,
    *, separator: str = ">",
) -> pa.Table:  # fmt: skip
    """Credit conversions on whole paths to channels by five rules.

    first, last, linear; Markov of order 1, where a channel's removal effect is the
    share of conversions lost when it is deleted (closed form; ``markov``); and Shapley,
    where a path's conversions are shared equally by the distinct channels on it.

    Args:
        paths: channels in order, like ``"search > email > search"``.
        conversions: journeys on each path that ended in an order.
        values: money those orders brought, if known.
        nulls: journeys on each path that ended without an order; they make the Markov chain honest.
        separator: what stands between two channels.

    Returns one row per channel: ``channel, first, last, linear, markov, shapley`` (conversions), the same with
    ``_value``, and ``removal_effect``. Every column of credit adds up to the total. Money follows the conversions'
    removal effects in ``markov_value``. Raises ``ValueError`` when lengths differ.

    Source: Anderl et al. (2016), IJRM 33(3), for the chain; Shapley (1953): the value of a set of channels
    is the conversions of the paths within it, a sum of unanimity games.

    >>> t = attribute_paths(["a > b", "b"], [1, 2])
    >>> t.select(["channel", "first", "last", "linear"]).to_pylist()[0]
    {'channel': 'a', 'first': 1.0, 'last': 0.0, 'linear': 0.5}
    """
    codes = encode(paths, separator)
    won = np.asarray(conversions, dtype=float)
    money = np.zeros_like(won) if values is None else np.asarray(values, dtype=float)
    lost = np.zeros_like(won) if nulls is None else np.asarray(nulls, dtype=float)
    if not len(won) == len(money) == len(lost) == len(codes.start) - 1:
        raise ValueError("paths, conversions, values and nulls must have the same length")
    n, length = len(codes.names), np.diff(codes.start)
    path = np.repeat(np.arange(len(length)), length)
    first, last = codes.channel[codes.start[:-1]], codes.channel[codes.start[1:] - 1]
    distinct = np.unique(path * n + codes.channel)
    set_path, set_channel = distinct // n, distinct % n
    set_size = np.bincount(set_path, minlength=len(length))
    effect = removal_effects(*transitions(codes, won, lost))
    share = effect / effect.sum() if effect.sum() > 0 else effect
    columns: dict[str, Any] = {"channel": codes.names, "removal_effect": effect}
    for suffix, weight in (("", won), ("_value", money)):
        columns[f"first{suffix}"] = np.bincount(first, weight, n)
        columns[f"last{suffix}"] = np.bincount(last, weight, n)
        columns[f"linear{suffix}"] = np.bincount(codes.channel, (weight / length)[path], n)
        columns[f"markov{suffix}"] = share * weight.sum()
        columns[f"shapley{suffix}"] = np.bincount(set_channel, (weight / set_size)[set_path], n)
    return pa.table(columns)


def transitions(
    codes: Codes, won: NDArray[np.float64], lost: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Start law s, moves Q between channels and chance r to convert next, of the Markov chain of the journeys."""
    n, length = len(codes.names), np.diff(codes.start)
    weight = won + lost
    path = np.repeat(np.arange(len(length)), length)
    inner = np.ones(len(codes.channel), dtype=bool)
    inner[codes.start[1:] - 1] = False
    step = np.flatnonzero(inner)
    moves = np.bincount(codes.channel[step] * n + codes.channel[step + 1], weight[path[step]], n * n).reshape(n, n)
    ends = codes.channel[codes.start[1:] - 1]
    to_won, to_lost = np.bincount(ends, won, n), np.bincount(ends, lost, n)
    out = moves.sum(axis=1) + to_won + to_lost
    out[out == 0] = 1.0
    starts = np.bincount(codes.channel[codes.start[:-1]], weight, n)
    return starts / max(starts.sum(), 1.0), moves / out[:, None], to_won / out


def removal_effects(
    s: NDArray[np.float64], Q: NDArray[np.float64], r: NDArray[np.float64]
) -> NDArray[np.float64]:  # fmt: skip
    """Share of conversions lost when a channel is deleted, for all channels from one factorisation.

    With N = (I - Q)^-1: ``RE_k = (s'N)_k (N r)_k / (N_kk * s'N r)``, which equals
    deleting each channel in turn (its visitors are lost).
    """
    N = np.linalg.inv(np.eye(len(r)) - Q)
    visits, reach = s @ N, N @ r
    total = float(s @ reach)
    if total <= 0:
        return np.zeros(len(r))
    effect: NDArray[np.float64] = visits * reach / (np.diag(N) * total)
    return effect
