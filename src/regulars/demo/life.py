"""Newcomers and a stretch of life: everything that happens to a cast between two days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.demo import company, people
from regulars.demo.campaigns import past_campaigns
from regulars.demo.cast import NOBODY, Cast, draw_traits, gather, keys
from regulars.demo.clock import Clock, Ints, Reals
from regulars.demo.facts import Facts, fact_rows, join, pick
from regulars.demo.feedback import feedback_facts
from regulars.demo.purchases import Sales, order_facts, sell
from regulars.demo.subscriptions import contract_facts
from regulars.demo.touches import Paths, touch_facts, walk
from regulars.demo.usage import meter_facts

Rng = Callable[[int], np.random.Generator]
"""A generator of its own for each part, so that one part can change without moving the others."""

MQL_TOUCHES = 3


@dataclass(frozen=True)
class Lived:
    """What came of a stretch of life."""

    cast: Cast
    facts: Facts
    texts: pa.Table


def referred(rng: np.random.Generator, cast: Cast, start: int, end: int) -> tuple[Reals, Ints]:
    """When in [start, end) whom was referred by whom: Poisson with the referrer's own mean, sooner than later."""
    since = np.where(cast.kind == NOBODY, np.inf, cast.first_at)
    low, high = (1 - np.exp(-np.maximum(0.0, d - since) / company.REFERRAL_DAYS) for d in (start, end))
    by = np.repeat(np.arange(len(cast)), rng.poisson(cast.refers * (high - low)))
    u = low[by] + rng.random(len(by)) * (high - low)[by]
    return np.minimum(since[by] - company.REFERRAL_DAYS * np.log1p(-u), end - 1e-6), by


def newcomers(
    rng: Rng, clock: Clock, old: Cast | None, at: Reals, channel: Ints, start: int, end: int,
    seed: int, key_from: int, label: str,
) -> tuple[Cast, Facts, pa.Table]:  # fmt: skip
    """People who arrive by themselves and, generation by generation, those whom customers bring."""
    waves: list[Cast] = []
    facts: list[Facts] = []
    firms: list[pa.Table] = []
    referrer = pa.nulls(len(at), pa.string())
    wave = 0
    seats = 0
    while wave == 0 or len(at):
        name = f"{label}.{wave}"
        table, employer, market, place, english = people.settle(rng(100 + wave), len(at), name)
        paths = walk(rng(200 + wave), channel, at)
        cast = draw_traits(
            rng(300 + wave), keys(seed, key_from, len(at)), referrer, channel, at,
            np.where(employer >= 0, employer + seats, -1), market, place, english, paths.converts, paths.first_at,
            clock,
        )  # fmt: skip
        waves.append(cast)
        firms.append(table)
        seats += table.num_rows
        key_from += len(at)
        facts.append(
            {
                "touches": touch_facts(paths, cast, clock, name),
                "events": arrival_events(rng(400 + wave), clock, cast, paths, name),
            }
        )
        hosts = gather([old, cast]) if wave == 0 and old is not None else cast
        at, by = referred(rng(500 + wave), hosts, start, end)
        referrer = hosts.customer.take(pa.array(by))
        channel = np.full(len(at), len(company.CHANNELS), dtype=np.int64)
        wave += 1
    return gather(waves), join(facts), pa.concat_tables(firms)


def arrival_events(rng: np.random.Generator, clock: Clock, cast: Cast, paths: Paths, label: str) -> pa.Table:
    """Sign-up of everyone, a trial or a demo of some: likelier for those who will buy."""
    n = len(cast)
    stays = paths.first_at - cast.created
    trial = np.flatnonzero(rng.random(n) < np.where(paths.converts, 0.62, 0.12))
    demo = np.flatnonzero(rng.random(n) < np.where(paths.converts, 0.22, 0.06) * (cast.employer >= 0))
    who = np.concatenate([np.arange(n), trial, demo])
    late = np.concatenate([np.full(n, 1e-3), 0.3 * rng.random(len(trial)) + 0.05, 0.4 * rng.random(len(demo)) + 0.5])
    return fact_rows(
        "events", f"e{label}", clock, cast.created[who] + late * stays[who],
        customer=cast.customer.take(pa.array(who)),
        name=pick(["signed_up", "trial_started", "demo_booked"], np.repeat([0, 1, 2], [n, len(trial), len(demo)])),
        channel=pick(company.CHANNEL_KEYS, cast.channel[who]),
        market=pick([m.key for m in company.MARKETS], cast.market[who]),
    )  # fmt: skip


def live(
    rng: Rng, clock: Clock, cast: Cast, start: int, end: int, meter_weeks: int, label: str,
    extra: Sales | None = None, history: bool = False,
) -> Lived:  # fmt: skip
    """Orders, contracts, usage, messages and feedback of a cast in [start, end).

    ``extra`` are orders that messages sent in this stretch cause; with ``history`` the past
    campaigns take place.
    """
    sales, died = sell(rng(1), clock, cast, start, end)
    cast = replace(cast, died_at=died)
    contracts, cast = contract_facts(rng(2), clock, cast, start, end, label)
    caused = [extra] if extra is not None else []
    messages: Facts = {}
    if history:
        paid_by, paid_at = _invoices(clock, cast, contracts)
        person, at = np.concatenate([sales.person, paid_by]), np.concatenate([sales.at, paid_at])
        messages, caused = past_campaigns(rng(3), clock, cast, person, at, end, label)
    orders = order_facts(rng(4), clock, cast, _together([sales, *caused]), label)
    meters = meter_facts(rng(5), clock, cast, start, end, meter_weeks, label)
    feedback, texts = feedback_facts(rng(6), clock, cast, sales, start, end, label)
    return Lived(cast, join([orders, contracts, messages, meters, feedback]), texts)


def _invoices(clock: Clock, cast: Cast, contracts: Facts) -> tuple[Ints, Reals]:
    rows = contracts["orders"]
    sale = rows.filter(pc.equal(rows.column("kind"), "sale"))
    person = pc.index_in(sale.column("customer"), value_set=cast.customer)
    return person.to_numpy().astype(np.int64), clock.at(sale.column("at"))


def _together(parts: list[Sales]) -> Sales:
    return Sales(
        np.concatenate([p.person for p in parts]), np.concatenate([p.at for p in parts]),
        np.concatenate([p.amount for p in parts]), np.concatenate([p.induced for p in parts]),
    )  # fmt: skip


def stages(cast: Cast, facts: Facts, negotiating: pa.ChunkedArray, end: int) -> pa.Array:
    """Everyone's lifecycle stage at day ``end``, from what was seen: orders, deals, demos, trials, touches."""
    n = len(cast)

    def seen(table: str, name: str | None = None) -> Ints:
        rows = facts[table]
        if name is not None:
            rows = rows.filter(pc.equal(rows.column("name"), name))
        where = pc.index_in(rows.column("customer"), value_set=cast.customer)
        return np.bincount(where.to_numpy().astype(np.int64), minlength=n)

    brought = facts["touches"].column("referrer").drop_null()
    brings = np.bincount(
        pc.index_in(brought, value_set=cast.customer).drop_null().to_numpy().astype(np.int64), minlength=n
    )
    bought = (cast.kind != NOBODY) & (cast.first_at < end)
    deal_open = pc.is_in(cast.customer, value_set=negotiating.combine_chunks()).to_numpy(zero_copy_only=False)
    reader = (cast.channel == 1) & cast.consent
    level = np.select(
        [bought & (brings >= 2), bought, deal_open, seen("events", "demo_booked") > 0,
         (seen("events", "trial_started") > 0) | (seen("touches") >= MQL_TOUCHES), reader],
        [6, 5, 4, 3, 2, 0], default=1,
    )  # fmt: skip
    keys_ = ("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer",
             "evangelist")  # fmt: skip
    return pick(keys_, level.astype(np.int64))
