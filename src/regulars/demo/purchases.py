"""One-off orders: BG/NBD for when, Gamma-Gamma for how much (Fader, Hardie, Lee 2005; Hardie 2013 note 025)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.demo import company
from regulars.demo.cast import ONE_OFF, Cast, categorical
from regulars.demo.clock import Clock, Ints, Reals
from regulars.demo.facts import Facts, fact_rows, ids, pick

BUY = company.Purchases()


@dataclass(frozen=True)
class Sales:
    """Sales in the making: who, when, how much (minor units), and whether a message caused it."""

    person: Ints
    at: Reals
    amount: Ints
    induced: np.ndarray


def repeat_orders(
    rng: np.random.Generator, clock: Clock, cast: Cast, start: int, end: int
) -> tuple[Ints, Reals, Reals]:
    """Repeat orders in [start, end): who and when, and everybody's updated ``died_at``.

    A customer orders as a Poisson process with their own rate in season days, and after each
    repeat order leaves with their own chance; the process has no memory, so a window can start anywhere.
    """
    season = np.concatenate([[0.0], np.cumsum(clock.season(end))])
    grid = np.arange(end + 1.0)
    here = (cast.kind == ONE_OFF) & (cast.first_at < end) & np.isinf(cast.died_at)
    who = np.flatnonzero(here)
    t = np.interp(np.maximum(cast.first_at[who], start), grid, season)
    died = cast.died_at.copy()
    people: list[Ints] = []
    times: list[Reals] = []
    while len(who):
        t = t + rng.exponential(1.0, len(who)) / np.maximum(cast.rate[who], 1e-12)
        inside = t < season[-1]
        who, t = who[inside], t[inside]
        at = np.minimum(np.interp(t, season, grid), end - 1e-6)
        people.append(who)
        times.append(at)
        leaves = rng.random(len(who)) < cast.dropout[who]
        died[who[leaves]] = at[leaves]
        who, t = who[~leaves], t[~leaves]
    if not people:
        return np.empty(0, dtype=np.int64), np.empty(0), died
    return np.concatenate(people), np.concatenate(times), died


def amounts(rng: np.random.Generator, cast: Cast, person: Ints) -> Ints:
    """Order sizes in minor units: Gamma(p, the person's own rate)."""
    return np.maximum(100, np.round(rng.gamma(BUY.p, 1.0, len(person)) / cast.size[person])).astype(np.int64)


def sell(
    rng: np.random.Generator, clock: Clock, cast: Cast, start: int, end: int
) -> tuple[Sales, Reals]:  # fmt: skip
    """First and repeat one-off orders in [start, end), and everybody's updated ``died_at``."""
    first = np.flatnonzero((cast.kind == ONE_OFF) & (cast.first_at >= start) & (cast.first_at < end))
    person, at, died = repeat_orders(rng, clock, cast, start, end)
    person = np.concatenate([first, person])
    at = np.concatenate([cast.first_at[first], at])
    return Sales(person, at, amounts(rng, cast, person), np.zeros(len(at), dtype=bool)), died


def order_facts(rng: np.random.Generator, clock: Clock, cast: Cast, sales: Sales, label: str) -> Facts:
    """Orders, their lines, refunds, orders never paid, and the GPU seconds a pack was spent on."""
    n = len(sales.at)
    order = np.argsort(sales.at, kind="stable")
    sales = Sales(sales.person[order], sales.at[order], sales.amount[order], sales.induced[order])
    order_id = pc.binary_join_element_wise(
        pick([f"o{label}", f"x{label}"], sales.induced.astype(np.int64)),
        pc.cast(pa.array(np.arange(n)), pa.string()), "-",
    )  # fmt: skip
    customer = cast.customer.take(pa.array(sales.person))
    where = {
        "channel": pick(company.CHANNEL_KEYS, cast.channel[sales.person]),
        "market": pick([m.key for m in company.MARKETS], cast.market[sales.person]),
    }
    sale = fact_rows(
        "orders", order_id, clock, sales.at, customer=customer, kind="sale", status="paid",
        amount=sales.amount, ordered=sales.amount, currency=company.CURRENCY, **where,
    )  # fmt: skip
    lines, gpu = basket(rng, clock, cast, sales, order_id, label)
    refund, refund_lines = refunds(rng, clock, sale, lines, sales.at, BUY.refund_share)
    return {
        "orders": pa.concat_tables([sale, refund, unpaid(rng, clock, cast, sales, label)]),
        "order_lines": pa.concat_tables([lines, refund_lines]),
        "usage": gpu,
    }


def basket(
    rng: np.random.Generator, clock: Clock, cast: Cast, sales: Sales, order_id: pa.Array, label: str
) -> tuple[pa.Table, pa.Table]:
    """One or two products an order by the person's segment; amounts add up to the order."""
    n = len(sales.at)
    customer = cast.customer.take(pa.array(sales.person))
    first = categorical(rng, cast.segment[sales.person], np.array(company.FIRST_PRODUCT))
    more = rng.random(n) < BUY.second_line
    second = categorical(rng, first, np.array(company.SAME_BASKET))
    part = np.where(more, np.round(sales.amount * rng.uniform(0.25, 0.6, n)), 0).astype(np.int64)
    row = np.concatenate([np.arange(n), np.flatnonzero(more)])
    product = np.concatenate([first, second[more]])
    amount = np.concatenate([sales.amount - part, part[more]])
    price = np.array([p.price for p in company.PRODUCTS])
    suffix = pick(["1", "2"], np.repeat([0, 1], [n, int(more.sum())]))
    rows = pa.array(row)
    lines = fact_rows(
        "order_lines", pc.binary_join_element_wise(order_id.take(rows), suffix, "-"), clock, sales.at[row],
        order_id=order_id.take(rows), customer=customer.take(rows), kind="sale",
        product=pick([p.sku for p in company.PRODUCTS], product), goods=True,
        quantity=np.maximum(1.0, np.round(amount / price[product])), amount=amount, currency=company.CURRENCY,
    )  # fmt: skip
    packs = np.flatnonzero(product == 0)
    gpu = fact_rows(
        "usage", f"g{label}", clock, sales.at[row][packs] + rng.exponential(5.0, len(packs)),
        customer=customer.take(rows).take(pa.array(packs)), meter="gpu_seconds",
        quantity=np.round(amount[packs] / company.GPU_SECOND_PRICE),
    )  # fmt: skip
    return lines, gpu


def refunds(
    rng: np.random.Generator, clock: Clock, sale: pa.Table, lines: pa.Table, at: Reals, share: float
) -> tuple[pa.Table, pa.Table]:
    """Money going back for some orders: the same id with kind ``refund``, lines negated."""
    back = np.flatnonzero(rng.random(len(at)) < share)
    later = at[back] + rng.uniform(0.5, 14.0, len(back))
    rows = sale.take(pa.array(back))
    given = fact_rows(
        "orders", rows.column("id"), clock, later, customer=rows.column("customer"), kind="refund", status="paid",
        amount=pc.negate(rows.column("amount")), ordered=0, currency=company.CURRENCY,
        channel=rows.column("channel"), market=rows.column("market"),
    )  # fmt: skip
    which = pc.index_in(lines.column("order_id"), value_set=rows.column("id")).combine_chunks()
    hit = pc.is_valid(which)
    old = lines.filter(hit)
    when = later[which.filter(hit).to_numpy(zero_copy_only=False).astype(np.int64)]
    negated = fact_rows(
        "order_lines", old.column("id"), clock, when, order_id=old.column("order_id"),
        customer=old.column("customer"), kind="refund", product=old.column("product"), goods=True,
        quantity=pc.negate(old.column("quantity")), amount=pc.negate(old.column("amount")), currency=company.CURRENCY,
    )  # fmt: skip
    return given, negated


def unpaid(rng: np.random.Generator, clock: Clock, cast: Cast, sales: Sales, label: str) -> pa.Table:
    """Orders that were placed and never paid: no money, and no order for any model."""
    row = np.flatnonzero(rng.random(len(sales.at)) < BUY.unpaid_share)
    person = sales.person[row]
    return fact_rows(
        "orders", ids(f"u{label}", len(row)), clock, sales.at[row] + rng.uniform(0.01, 2.0, len(row)),
        customer=cast.customer.take(pa.array(person)), kind="sale",
        status=pick(["unpaid", "cancelled"], (rng.random(len(row)) < 0.3).astype(np.int64)),
        amount=0, ordered=amounts(rng, cast, person), currency=company.CURRENCY,
        channel=pick(company.CHANNEL_KEYS, cast.channel[person]),
        market=pick([m.key for m in company.MARKETS], cast.market[person]),
    )  # fmt: skip
