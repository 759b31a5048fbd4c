"""Monthly contracts: a shifted-beta-geometric life, upgrades, and an invoice a month (Fader, Hardie 2007)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.demo import company
from regulars.demo.cast import SUBSCRIBER, Cast
from regulars.demo.clock import Clock, Ints, Reals
from regulars.demo.facts import Facts, fact_rows, pick
from regulars.demo.purchases import refunds

WEEKS_A_MONTH = 365.25 / 7 / 12
KINDS = ("start", "renewal", "upgrade", "downgrade", "cancel")
REFUND = 0.004


def overage(plan: Ints, gpu: Reals) -> Ints:
    """Minor units a month for GPU seconds beyond what the plan includes."""
    usual = np.array([p.gpu_week for p in company.PLANS])[plan] * gpu * WEEKS_A_MONTH
    extra = np.maximum(0.0, usual - np.array([p.included for p in company.PLANS])[plan])
    return np.asarray(np.round(extra * company.GPU_SECOND_PRICE), dtype=np.int64)


def contract_facts(
    rng: np.random.Generator, clock: Clock, cast: Cast, start: int, end: int, label: str
) -> tuple[Facts, Cast]:
    """Contract changes and invoices in [start, end), and the cast with the plans people moved to."""
    who = np.flatnonzero((cast.kind == SUBSCRIBER) & (cast.first_at < end) & (cast.died_at >= start))
    plan = cast.plan.copy()
    rows: list[tuple[Any, ...]] = []
    month = 0
    while len(who):
        due = clock.due(cast.first_at[who], month)
        later = due < end
        who, due = who[later], due[later]
        now = due >= start
        kind = np.full(len(who), 0 if month == 0 else 1)
        if month:
            # Heavy users outgrow their plan.
            u = rng.random(len(who))
            up = now & (u < company.UPGRADE * np.minimum(3.0, cast.gpu[who])) & (plan[who] < len(company.PLANS) - 1)
            down = now & ~up & (u > 1 - company.DOWNGRADE) & (plan[who] > 0)
            stop = cast.cancel_after[who] <= month
            kind = np.where(stop, 4, np.where(up, 2, np.where(down, 3, 1)))
            plan[who] += np.where(stop, 0, up.astype(np.int64) - down.astype(np.int64))
        rows.append((who[now], due[now], kind[now], plan[who[now]]))
        who = who[kind != 4]
        month += 1
    at = np.concatenate([np.empty(0), *(r[1] for r in rows)])
    order = np.argsort(at, kind="stable")
    person, kind, tier = (np.concatenate([np.empty(0, dtype=np.int64), *(r[i] for r in rows)]) for i in (0, 2, 3))
    facts = _rows(clock, cast, person[order], at[order], kind[order], tier[order], label, rng)
    return facts, replace(cast, plan=plan)


def _rows(
    clock: Clock, cast: Cast, person: Ints, at: Reals, kind: Ints, tier: Ints, label: str, rng: np.random.Generator
) -> Facts:
    customer = cast.customer.take(pa.array(person))
    where = {
        "channel": pick(company.CHANNEL_KEYS, cast.channel[person]),
        "market": pick([m.key for m in company.MARKETS], cast.market[person]),
    }
    price = np.array([p.price for p in company.PLANS])[tier]
    changes = fact_rows(
        "subscriptions", f"c{label}", clock, at, contract=pc.binary_join_element_wise("k", customer, "-"),
        customer=customer, kind=pick(KINDS, kind), plan=pick([p.key for p in company.PLANS], tier), months=1,
        amount=price, currency=company.CURRENCY, **where,
    )  # fmt: skip
    paid = np.flatnonzero(kind != 4)
    extra = np.where(kind[paid] == 0, 0, overage(tier[paid], cast.gpu[person[paid]]))
    noise = rng.lognormal(-0.02, 0.2, len(paid))
    extra = np.round(extra * noise).astype(np.int64)
    total = price[paid] + extra
    pick_paid = pa.array(paid)
    invoice = pc.binary_join_element_wise(f"s{label}", pc.cast(pa.array(np.arange(len(paid))), pa.string()), "-")
    orders = fact_rows(
        "orders", invoice, clock, at[paid], customer=customer.take(pick_paid), kind="sale", status="paid",
        amount=total, ordered=total, currency=company.CURRENCY,
        channel=where["channel"].take(pick_paid), market=where["market"].take(pick_paid),
    )  # fmt: skip
    over = np.flatnonzero(extra > 0)
    row = np.concatenate([np.arange(len(paid)), over])
    is_over = np.repeat([0, 1], [len(paid), len(over)])
    rows = pa.array(row)
    sku = pick([f"PLAN-{p.key.upper()}" for p in company.PLANS], tier[paid][row])
    lines = fact_rows(
        "order_lines", pc.binary_join_element_wise(invoice.take(rows), pick(["1", "2"], is_over), "-"), clock,
        at[paid][row], order_id=invoice.take(rows), customer=customer.take(pick_paid).take(rows), kind="sale",
        product=pc.if_else(pa.array(is_over == 1), company.USAGE_SKU, sku), goods=True,
        quantity=np.where(is_over == 1, np.round(extra[row] / company.GPU_SECOND_PRICE), 1.0),
        amount=np.where(is_over == 1, extra[row], price[paid][row]), currency=company.CURRENCY,
    )  # fmt: skip
    refund, refund_lines = refunds(rng, clock, orders, lines, at[paid], REFUND)
    return {
        "subscriptions": changes,
        "orders": pa.concat_tables([orders, refund]),
        "order_lines": pa.concat_tables([lines, refund_lines]),
    }
