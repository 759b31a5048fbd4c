"""Cells to begin with, from what was sold, and what the owner said of them; resources as the owner wrote them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd

from regulars.decide.resources_cells import RESELLER, SELF, Cell, Level

DAYS: Final = 91
WEEKS: Final = DAYS / 7
LEAST_ORDERS: Final = 6
MOST: Final = 200
# Nobody can serve much more next week than this week: a quarter above today, won a little harder.
ROOM: Final = 0.25
HARDER: Final = 0.7
# Words of a channel that say who sells, in English and Chinese.
MODES: Final = {
    "agent": ("agent", "代理"),
    RESELLER: ("resell", "dealer", "distribut", "经销", "分销"),
    "marketplace": (
        "marketplace", "amazon", "ebay", "tmall", "taobao", "jd.com", "pdd", "shopee", "lazada", "天猫", "淘宝", "京东",
        "拼多多",
    ),
    "platform": ("platform", "app_store", "appstore", "平台"),
}  # fmt: skip


@dataclass(frozen=True)
class Resource:
    """What there is of one resource a week; ``assumed`` where the owner has not said and today's use stands in."""

    code: str
    name: str
    unit: str
    amount: float
    meter: str = ""
    per: float = 1.0
    guarantee: float = 0.0
    fairness: str = "balanced"
    assumed: bool = False


@dataclass(frozen=True)
class Today:
    """The cells as the facts know them, and what each serves now, in units a week."""

    cells: tuple[Cell, ...]
    units: Mapping[str, float]


def mode_of(channel: str) -> str:
    """Who sells in a channel, told by its name; ``direct`` where the name does not say.

    >>> mode_of("agents"), mode_of("天猫旗舰店"), mode_of("search")
    ('agent', 'marketplace', 'direct')
    """
    plain = channel.lower()
    return next((mode for mode, words in MODES.items() if any(w in plain for w in words)), "direct")


def written_resources(rows: Iterable[Mapping[str, Any]]) -> tuple[Resource, ...]:
    """The owner's resources; a cash amount is minor units a week."""
    return tuple(
        Resource(r["code"], r["name"] or r["code"], r["unit"] or "", float(r["amount"]), r["meter"] or "",
                 float(r["per"] or 1.0), float(r["guarantee"] or 0.0), r["fairness"] or "balanced")
        for r in rows if r["amount"] is not None
    )  # fmt: skip


def written_levels(rows: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Level, ...]]:
    """The choices of service the owner offers, by kind; serving as today is always one of them."""
    kinds: dict[str, tuple[Level, ...]] = {}
    for r in rows:
        one = Level(
            r["name"], r["price"] or 1.0, 1.0 if r["churn"] is None else r["churn"], r["unit_cost"] or 0.0,
            r["fixed_cost"] or 0.0, times={k: float(v) for k, v in json.loads(r.get("times") or "{}").items()},
        )  # fmt: skip
        kinds[r["kind"]] = (*kinds.get(r["kind"], (Level(""),)), one)
    return kinds


def todays_cells(
    facts: Mapping[str, Any], today: date, *, margin: float, currency: str, churn: Mapping[str, float],
    uses: Mapping[str, Mapping[str, float]],
) -> Today:  # fmt: skip
    """Every market x mode that sold at least ``LEAST_ORDERS`` times in ``DAYS``.

    The price is the mean paid order, unit cost what the margin leaves of it, ``churn`` and ``uses`` (resource to
    units a week) by market. A cell may grow by a quarter at most and never below nothing; ``high`` of the owner
    lifts that. Figures are minor units a unit and units a week.
    """
    sold = _sold(facts, today, currency)
    total = sold.groupby("market")["units"].sum().to_dict() if len(sold) else {}
    cells: dict[str, Cell] = {}
    units: dict[str, float] = {}
    for row in sold.to_dict("records"):
        market, weekly, price = str(row["market"]), float(row["units"]), float(row["price"])
        cell = Cell(
            market, str(row["mode"]), SELF, total[market] * (1 + ROOM), price, price * (1 - margin),
            churn.get(market, 0.0), segments=(1 / (1 + ROOM), ROOM / (1 + ROOM)), effects=(1.0, HARDER),
            uses={code: by.get(market, 0.0) / total[market] for code, by in uses.items() if by.get(market)},
            high=weekly * (1 + ROOM),
        )  # fmt: skip
        cells[cell.code], units[cell.code] = cell, weekly
    best = sorted(cells.values(), key=lambda c: (-c.price * c.high, c.code))[:MOST]
    return Today(tuple(sorted(best, key=lambda c: c.code)), units)


def corrected(cells: Iterable[Cell], book: Iterable[Mapping[str, Any]]) -> tuple[Cell, ...]:
    """The cells with what the owner wrote in place of what the facts say, and those only the owner knows.

    Facts of a market and of a partner are one: the largest demand, and the partner's strictest terms, hold for all.
    """
    by = {c.code: c for c in cells}
    for said in book:
        cell = _said(by.get(_code(said)), said)
        if said.get("closed"):
            by.pop(cell.code, None)
        else:
            by[cell.code] = cell
    return tuple(sorted(_agreed(list(by.values())), key=lambda c: c.code))


def _sold(facts: Mapping[str, Any], today: date, currency: str) -> pd.DataFrame:
    columns = ["market", "mode", "units", "price"]
    orders = facts.get("orders")
    if orders is None:
        return pd.DataFrame(columns=columns)
    orders = orders.filter((orders.day < today) & (orders.day >= today - timedelta(days=DAYS)))
    orders = orders.filter((orders.kind == "sale") & (orders.status == "paid") & (orders.currency == currency))
    orders = orders.filter(orders.market.notnull())
    rows = orders.group_by(["market", "channel"]).aggregate(n=orders.count(), money=orders.amount.sum())
    frame = rows.to_pyarrow().to_pandas()
    frame["mode"] = [mode_of(c or "") for c in frame["channel"]]
    frame = frame.astype({"money": float}).groupby(["market", "mode"], as_index=False)[["n", "money"]].sum()
    frame = frame[(frame["n"] >= LEAST_ORDERS) & (frame["money"] > 0)]
    found: pd.DataFrame = frame.assign(units=frame["n"] / WEEKS, price=frame["money"] / frame["n"])[columns]
    return found


def _code(said: Mapping[str, Any]) -> str:
    return f"{said['market']}/{said['mode'] or 'direct'}/{said['partner'] or SELF}"


def _said(cell: Cell | None, said: Mapping[str, Any]) -> Cell:
    """The cell with what the owner wrote in place of what the facts say."""
    cell = cell or Cell(said["market"], said["mode"] or "direct", said["partner"] or SELF)
    names = ("demand", "price", "unit_cost", "churn", "kappa", "fixed_cost", "capacity", "minimum", "signed", "low",
             "high", "frozen")  # fmt: skip
    given = {n: said[n] for n in names if said.get(n) is not None}
    uses = {**cell.uses, **{k: float(v) for k, v in json.loads(said.get("uses") or "{}").items()}}
    if given.get("low", 0.0) > given.get("high", cell.high):
        given["high"] = math.inf
    return replace(cell, uses=uses, **given)


def _agreed(cells: list[Cell]) -> list[Cell]:
    demand: dict[str, Cell] = {}
    partner: dict[str, Cell] = {}
    for c in cells:
        if c.market not in demand or c.demand > demand[c.market].demand:
            demand[c.market] = c
        if c.partner not in partner or (c.minimum, -c.capacity) > (
            partner[c.partner].minimum, -partner[c.partner].capacity
        ):  # fmt: skip
            partner[c.partner] = c
    return [
        replace(c, demand=(d := demand[c.market]).demand, segments=d.segments, effects=d.effects,
                capacity=(p := partner[c.partner]).capacity, minimum=p.minimum, signed=p.signed)
        for c in cells
    ]  # fmt: skip
