"""Exact arithmetic over groups of rows: the lines of an order, the repeats of an id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from regulars.collect.money import Amounts, scaled

if TYPE_CHECKING:
    from regulars.collect.sheet import Cells


def on_scale(amounts: Amounts, scale: int) -> np.ndarray:
    """The exact units on a common, finer scale; 0 where invalid."""
    return scaled(np.where(amounts.valid, amounts.units, 0), scale - amounts.scale)


def nth(keys: list[np.ndarray]) -> np.ndarray:
    """For each row, how many rows before it have the same keys.

    >>> nth([np.array([1, 1, 2, 1])]).tolist()
    [0, 1, 0, 2]
    """
    frame = pd.DataFrame({str(i): k for i, k in enumerate(keys)})
    counted: np.ndarray = frame.groupby(list(frame.columns), sort=False).cumcount().to_numpy()
    return counted


def group_sum(units: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    """Exact sums per group; rows of group -1 are left out.

    >>> group_sum(np.array([1, 2, 4]), np.array([0, 1, 0]), 2).tolist()
    [5, 2]
    """
    some = group >= 0
    if units.dtype == object or (len(units) and int(np.abs(units).max()) * len(units) >= 2**62):
        out = np.zeros(count, object)
        for g, u in zip(group[some], units[some], strict=True):
            out[g] += int(u)
        return out
    sums: np.ndarray = np.zeros(count, np.int64)
    np.add.at(sums, group[some], units[some])
    return sums


def first_of(filled: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    """The first row of each group where ``filled`` is true, -1 where there is none.

    >>> first_of(np.array([False, True, True]), np.array([0, 0, 1]), 3).tolist()
    [1, 2, -1]
    """
    out: np.ndarray = np.full(count, -1, np.int64)
    at = np.flatnonzero(filled & (group >= 0))
    which, first = np.unique(group[at], return_index=True)
    out[which] = at[first]
    return out


def pick(values: np.ndarray, at: np.ndarray, blank: Any) -> np.ndarray:
    """The values at some rows, ``blank`` where the row is -1."""
    if not len(values):
        return np.full(len(at), blank)
    out: np.ndarray = np.where(at >= 0, values[np.maximum(at, 0)], blank)
    return out


def pick_cells(cells: Cells, group: np.ndarray, count: int) -> Cells:
    """The first filled cell of each group."""
    from regulars.collect.sheet import Cells

    at = first_of(cells.codes >= 0, group, count)
    return Cells(pick(cells.codes, at, -1).astype(np.int32), cells.values)


def share_out(units: np.ndarray, group: np.ndarray, totals: np.ndarray, drop: int) -> np.ndarray:
    """Round the lines of each group so that they add up to the group's rounded total.

    Largest remainder: every line is rounded down, and the missing minor units go
    to the lines that lost most, the earlier first. Totals rounded half away from
    zero are never more than one unit per line away from the lines' floors.

    >>> share_out(np.array([15, 15]), np.array([0, 0]), np.array([3]), 1).tolist()
    [2, 1]
    """
    if drop <= 0:
        return scaled(units, -drop)
    step = 10**drop
    down: np.ndarray = units // step
    rest = units % step
    if not rest.any():
        return down
    short = totals - group_sum(down, group, len(totals))
    some = group >= 0
    frame = pd.DataFrame({"g": group[some], "rest": rest[some].astype(np.float64), "i": np.flatnonzero(some)})
    frame = frame.sort_values(["g", "rest", "i"], ascending=[True, False, True])
    place = frame.groupby("g", sort=False).cumcount().to_numpy()
    up = frame["i"].to_numpy()[place < short[frame["g"].to_numpy()].astype(np.int64)]
    out: np.ndarray = down.copy()
    out[up] += 1
    return out


def is_per_group(amounts: Amounts, group: np.ndarray, count: int, lines: np.ndarray | None, name: str) -> bool:
    """Whether a money column repeats (or shows once) the group's own amount rather than each row's.

    Decided over the file: an amount that stands in one row of each group is the
    group's; where it stands in several, it is the group's when it equals the sum
    of the lines, or never differs within a group.
    """
    valid = amounts.valid & (group >= 0)
    at = group[valid]
    held = np.bincount(at, minlength=count)
    several = held > 1
    if not several.any():
        return True
    frame = pd.DataFrame({"g": at, "u": amounts.units[valid]})
    spread = frame.groupby("g")["u"].nunique().reindex(range(count), fill_value=0).to_numpy()
    same = (spread[several] <= 1).mean()
    if lines is not None:
        firsts = pick(np.where(amounts.valid, amounts.units, 0), first_of(valid, group, count), 0)
        equal = (firsts == group_sum(lines, group, count))[several].mean()
        if equal > 0.5:
            return True
    return bool(same > 0.95 and (several.sum() >= 3 or name == "total"))
