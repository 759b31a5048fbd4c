"""What there is to say about word of mouth: families, who brings, what that is worth, and whether it carries itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.lake.frames import to_arrow
from regulars.tables import SCORES, why
from regulars.understand.cards import ModelCard
from regulars.understand.network import ReferralNetwork
from regulars.understand.referral_rates import HORIZON, Compared, Month, again, months, worth
from regulars.understand.view import View
from regulars.understand.viral import Viral, viral

Vector = NDArray[np.float64]
MADE_BY: Final = "referral_network/1"
LISTED: Final = 50
TREES: Final = 4
NODES: Final = 60
FEW: Final = 30
DAY_S: Final = 86_400_000_000.0


@dataclass(frozen=True)
class Bringer:
    """Somebody who brought others; money in minor units, ``credit`` their share of what those below are worth."""

    customer: str
    brought: int
    cascade: int
    worth_direct: int
    worth_cascade: int
    credit: int
    own: int
    pagerank: float


@dataclass(frozen=True)
class Node:
    """One person of a drawn family: who brought them, and the worth of the person."""

    customer: str
    referrer: str | None
    worth: int


@dataclass(frozen=True)
class Ask:
    """Somebody to ask for a recommendation: whom they are expected to bring in a year, and what that is worth."""

    customer: str
    expected: float
    value: int
    brought: int


@dataclass(frozen=True)
class NetworkBoard:
    """``share`` of all customers were brought by another; ``credit`` is what all those brought are worth together."""

    customers: int
    referrals: int
    share: float
    families: int
    largest: int
    deepest: int
    ignored: int
    bringers: int
    half_by: int
    credit: int
    viral: Viral
    months: tuple[Month, ...]
    again: Compared
    worth: Compared
    top: tuple[Bringer, ...]
    trees: tuple[tuple[Node, ...], ...]
    asks: tuple[Ask, ...]
    limits: tuple[str, ...]
    made_by: str
    scores: pa.Table | None
    cards: tuple[ModelCard, ...]


def network_board(view: View) -> NetworkBoard | None:
    """The board of this turn; None while nobody is known to have brought anybody."""
    links = _links(view)
    if links.num_rows == 0:
        return None
    own = {"customer": view.cells.customers.cast(pa.string()), "clv": _whole(view.worth.column("clv"))}
    net = ReferralNetwork().fit(links, worth=own)
    if not net.referrals_:
        return None
    people = net.people_.append_column("own", _looked_up(net.people_.column("customer"), own))
    everybody, joined, host, brought = _timeline(view, people)
    found = viral(joined, host, brought, now=_now(view), horizon_days=HORIZON)
    counts = np.bincount(host, minlength=len(everybody))
    referred = pc.is_in(everybody, value_set=people.filter(pc.is_valid(people["referrer"]))["customer"]).to_numpy(False)
    value = _looked_up(everybody, own).to_numpy().astype(float)
    known = pc.is_in(everybody, value_set=own["customer"]).to_numpy(False)
    asks = _asks(view, everybody, joined, counts, people)
    credit = people.column("credit").to_numpy()
    limits = ("few_referrals",) if net.referrals_ < FEW else ()
    return NetworkBoard(
        customers=len(everybody), referrals=net.referrals_, share=float(referred.mean()), families=net.families_,
        largest=net.largest_, deepest=int(people.column("depth").to_numpy().max(initial=0)), ignored=net.ignored_,
        bringers=int((counts > 0).sum()), half_by=_half(credit), credit=int(credit.sum()), viral=found,
        months=months(joined, host, brought, _now(view)), again=again(joined, host, brought, referred, _now(view)),
        worth=worth(value[known], referred[known]), top=_top(people), trees=_trees(people), asks=asks, limits=limits,
        made_by=MADE_BY, scores=_scores(view, people), cards=(_card(view, net, found, limits),),
    )  # fmt: skip


def _links(view: View) -> pa.Table:
    touches = view.facts.get("touches")
    if touches is None:
        return pa.table({"customer": pa.array([], pa.string()), "referrer": pa.array([], pa.string())})
    if hasattr(touches, "to_pyarrow"):
        named = touches.filter(touches.referrer.notnull() & touches.customer.notnull())
        touches = named.group_by(["customer", "referrer"]).aggregate(at=named["at"].min()).order_by(["at", "customer"])
    table = to_arrow(touches)
    return table.filter(pc.less_equal(pc.cast(table.column("at"), pa.timestamp("us", tz="UTC")), pa.scalar(view.now)))


def _now(view: View) -> float:
    return view.now.timestamp() / 86_400.0


def _days(column: Any) -> Vector:
    """Days since 1970, with gaps as infinity."""
    at = pc.cast(pc.cast(column, pa.timestamp("us", tz="UTC")), pa.int64())
    return np.asarray(pc.fill_null(pc.cast(at, pa.float64()), np.inf).to_numpy(), dtype=np.float64) / DAY_S


def _timeline(view: View, people: pa.Table) -> tuple[pa.Array, Vector, NDArray[np.int64], Vector]:
    """Everybody known, the day each joined (first order, being brought or brought somebody, whichever is first), and
    of each referral the row of the bringer and the day."""
    has = people.filter(pc.is_valid(people.column("referrer")))
    frames = [
        pd.DataFrame({
            "customer": view.cells.customers.to_pandas(), "day": view.cells.day[view.cells.starts].astype(float)}),
        pd.DataFrame({"customer": has["customer"].to_pandas(), "day": _days(has["at"])}),
        pd.DataFrame({"customer": has["referrer"].to_pandas(), "day": _days(has["at"])}),
    ]  # fmt: skip
    first = pd.concat(frames).groupby("customer", sort=True)["day"].min()
    everybody = pa.array(first.index, pa.string())
    host = pc.index_in(has["referrer"], value_set=everybody).to_numpy().astype(np.int64)
    return everybody, first.to_numpy(dtype=np.float64), host, _days(has["at"])


def _asks(
    view: View, everybody: pa.Array, joined: Vector, counts: NDArray[np.int64], people: pa.Table
) -> tuple[Ask, ...]:
    """Whom to ask: still active, and by their own record and everybody's rate likely to bring somebody of worth.

    Expected referrals a year of one person, with years seen y and brought b, by a gamma law over persons whose mean m
    and variance are those seen: ``(b + m^2 / v) / (y + m / v)`` (empirical Bayes).
    """
    years = np.maximum((_now(view) - joined) / 365.0, 1.0 / 12.0)
    mean = float(counts.sum() / years.sum())
    over = float(((counts - mean * years) ** 2 - counts).sum() / (years**2).sum())
    spread = max(over, 0.1 * mean**2)
    expected = (counts + mean**2 / spread) / (years + mean / spread)
    alive = pc.fill_null(view.worth.column("p_alive"), 0.0).to_numpy()
    row = pc.index_in(everybody, value_set=view.cells.customers.cast(pa.string()))
    here = np.asarray(pc.fill_null(pa.array(alive).take(row), 0.0).to_numpy(zero_copy_only=False))
    has = people.filter(pc.is_valid(people.column("referrer")))
    each = float(has.column("own").to_numpy().mean())
    value = expected * here * each
    open_to = here >= 0.5
    best = np.lexsort((np.arange(len(value)), -value))
    best = best[open_to[best]][:LISTED]
    keys = everybody.take(pa.array(best)).to_pylist()
    return tuple(
        Ask(k, float(expected[i]), round(float(value[i])), int(counts[i])) for k, i in zip(keys, best, strict=True)
    )


def _top(people: pa.Table) -> tuple[Bringer, ...]:
    order = [("credit", "descending"), ("cascade", "descending"), ("customer", "ascending")]
    rows = people.filter(pc.greater(people.column("brought"), 0)).sort_by(order).slice(0, LISTED)
    names = list(Bringer.__dataclass_fields__)
    return tuple(Bringer(**row) for row in rows.select(names).to_pylist())


def _trees(people: pa.Table) -> tuple[tuple[Node, ...], ...]:
    """The largest families, at most sixty people of each: the nearest to the top, those with most below first."""
    out = []
    for family in range(TREES):
        own = people.filter(pc.equal(people.column("family"), family))
        if own.num_rows < 2:
            break
        own = own.sort_by([("depth", "ascending"), ("cascade", "descending"), ("customer", "ascending")])
        kept: set[str] = set()
        nodes: list[Node] = []
        for row in own.select(["customer", "referrer", "own"]).slice(0, 10 * NODES).to_pylist():
            if len(nodes) < NODES and (row["referrer"] is None or row["referrer"] in kept):
                kept.add(row["customer"])
                nodes.append(Node(row["customer"], row["referrer"], int(row["own"])))
        out.append(tuple(nodes))
    return tuple(out)


def _half(credit: Sequence[int] | NDArray[np.int64]) -> int:
    """How few bringers hold half of all credit."""
    down = np.sort(np.asarray(credit))[::-1]
    return int(np.searchsorted(np.cumsum(down) * 2, down.sum()) + 1) if down.sum() > 0 else 0


def _looked_up(keys: Any, own: dict[str, Any]) -> pa.Array:
    row = pc.index_in(keys, value_set=own["customer"])
    row = row.combine_chunks() if isinstance(row, pa.ChunkedArray) else row
    return pc.fill_null(own["clv"].take(row), 0)


def _whole(column: Any) -> pa.Array:
    values = np.rint(np.nan_to_num(np.asarray(column.to_numpy(), dtype=np.float64)))
    return pa.array(values.astype(np.int64))


def _scores(view: View, people: pa.Table) -> pa.Table | None:
    rows = people.filter(pc.greater(people.column("brought"), 0))
    if not rows.num_rows:
        return None
    reasons = [why({"brought": b, "below": c}) for b, c in
               zip(rows["brought"].to_pylist(), rows["cascade"].to_pylist(), strict=True)]  # fmt: skip
    return SCORES.fill(
        {
            "customer": rows.column("customer"), "name": "referral_worth",
            "value": pc.cast(rows.column("credit"), pa.float64()), "made_by": MADE_BY, "made_at": view.now,
            "lake_version": view.lake_version, "why": reasons,
        },
        rows.num_rows,
    )  # fmt: skip


def _card(view: View, net: ReferralNetwork, found: Viral, limits: tuple[str, ...]) -> ModelCard:
    at = net.people_.column("at").drop_null()
    first, last = (str(f(at).as_py().date()) for f in (pc.min, pc.max)) if len(at) else (None, None)
    error = (found.high - found.low) / (2 * 1.645)
    return ModelCard(
        model="referral_network", version=MADE_BY, trained_from=first, trained_to=last, n=net.referrals_,
        features=("referrer", "first order"), parameters=(("viral_coefficient", found.value, error),
        ("discount", net.discount, None)), holdout=None, limits=limits,
        metrics=(("viral_coefficient", found.value, found.low, found.high),), data="touches, orders",
    )  # fmt: skip
