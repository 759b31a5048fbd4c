"""The simulated company from first day to last, and on from there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.demo import acquisition, company, people
from regulars.demo.acquisition import Media
from regulars.demo.campaigns import sent_now
from regulars.demo.cast import Cast, gather
from regulars.demo.clock import Clock, make_clock
from regulars.demo.deals import deal_table, settled
from regulars.demo.facts import Facts, cut, join
from regulars.demo.life import live, newcomers, stages
from regulars.demo.state import State, join_states, recent_spend
from regulars.demo.touches import absorption
from regulars.demo.truth import truth
from regulars.demo.world import PLAIN, World

BLOCK = 50_000
"""People simulated at a time; memory grows with this, not with the size of the company."""
METERED_WEEKLY = 60_000
"""A larger company reads its meters every four weeks, or usage would outweigh everything else."""
KEYS_A_BLOCK = 1 << 24


@dataclass(frozen=True)
class Company:
    """Facts for the lake, records for the book, the truth behind both, and the state to go on from."""

    facts: Facts
    people: pa.Table
    companies: pa.Table
    deals: pa.Table
    products: pa.Table
    texts: pa.Table
    truth: dict[str, Any]
    state: State


def _rng(seed: int, epoch: int, block: int) -> Any:
    return lambda part: np.random.default_rng([seed, epoch, block, part])


def _expected(clock: Clock, spend: np.ndarray, days: int, world: World) -> tuple[float, np.ndarray]:
    """Expected people at reference scale, referrals included, and the share of starts per channel."""
    share = (acquisition.week_lengths(days) / 7.0)[:, None]
    leads = acquisition.response(spend, 1.0, world.channels) * share * world.tide(clock.origin, 0, len(spend))[:, None]
    convert = absorption()
    left = days - 7 * np.arange(len(spend)) - 3.5 - 3.0
    told = company.REFERRALS * (1 - np.exp(-np.maximum(left, 0) / company.REFERRAL_DAYS))
    first = float((leads * convert[:-1] * told[:, None]).sum())
    # Those who were referred refer in turn, with about half the time left.
    brought = first / (1 - 0.5 * company.REFERRALS * float(convert[-1]))
    total = float(leads.sum()) + brought
    return total, np.append(leads.sum(axis=0), brought) / total


def stream(
    people: int = 5_000, seed: int = 8, *, until: datetime, months: int = 18, world: World = PLAIN
) -> Iterator[Company]:
    """The company in blocks of at most 50,000 newcomers, for large numbers and bounded memory.

    Each block is a ``Company`` of its own people; spend, products and truth come with the first
    (the truth with all). Together the blocks are what ``simulate`` returns.
    """
    if not 100 <= people <= 1_000_000:
        raise ValueError(f"people must lie between 100 and 1,000,000, got {people}")
    clock, days = make_clock(until, months)
    rng = np.random.default_rng([seed, 0])
    unit = acquisition.spend_plan(rng, clock, days, world.channels)
    total, starts = _expected(clock, unit, days, world)
    scale = people / total
    media = acquisition.acquire(rng, unit * scale, scale, 0, days, clock, world)
    at, channel = acquisition.arrivals(rng, media)
    known = truth(clock, scale, seed, people, starts, world)
    blocks = max(1, -(-len(at) // BLOCK))
    phones = 0
    for block in range(blocks):
        mine = slice(block, None, blocks)
        made = _block(
            _rng(seed, 0, block), clock, at[mine], channel[mine], media if block == 0 else None, days, seed, scale,
            block, 1 if people <= METERED_WEEKLY else 4, phones, recent_spend(media.spend, media.length), known,
        )  # fmt: skip
        phones = made.state.phones
        yield made


def _block(
    rng: Any, clock: Clock, at: Any, channel: Any, media: Media | None, days: int, seed: int, scale: float, block: int,
    meter_weeks: int, phones: int, weekly: tuple[float, ...], known: dict[str, Any],
) -> Company:  # fmt: skip
    label = f"{block:02d}"
    cast, arrived, firms = newcomers(rng, clock, None, at, channel, 0, days, seed, block * KEYS_A_BLOCK, label)
    lived = live(rng, clock, cast, 0, days, meter_weeks, label, history=True)
    spend = [{"spend": acquisition.spend_facts(media, clock, label)}] if media is not None else []
    past, future = cut(join([arrived, lived.facts, *spend]), clock, days)
    texts, later = cut({"texts": lived.texts}, clock, days)
    deals, waiting = deal_table(rng(7), clock, lived.cast, days, label)
    stage = stages(lived.cast, past, waiting.column("customer"), days)
    book = people.people_table(rng(8), clock, lived.cast, firms, phones, stage, days)
    state = State(
        clock,
        seed,
        scale,
        days,
        1,
        meter_weeks,
        phones + len(lived.cast),
        weekly,
        lived.cast,
        future,
        later["texts"],
        waiting,
    )
    return Company(past, book, firms, deals, people.price_list(), texts["texts"], known, state)


def simulate(people: int = 5_000, seed: int = 8, *, until: datetime, months: int = 18, world: World = PLAIN) -> Company:
    """Simulate a whole company whose truth is known.

    Everything before the midnight that begins ``until``'s day in the company's zone; about
    ``people`` people (a Poisson number with that mean). The same arguments give the same bytes.

    >>> from datetime import datetime, timezone
    >>> made = simulate(people=200, seed=1, until=datetime(2026, 11, 1, tzinfo=timezone.utc), months=6)
    >>> made.facts["spend"].num_rows > 0 and made.people.num_rows > 100
    True

    Raises ``ValueError`` for a naive ``until``, fewer than 100 or more than 1,000,000 people.
    """
    return unite(list(stream(people, seed, until=until, months=months, world=world)))


def unite(parts: list[Company]) -> Company:
    """Several blocks as one company."""
    if len(parts) == 1:
        return parts[0]

    def stack(name: str) -> pa.Table:
        return pa.concat_tables([getattr(p, name) for p in parts])

    return Company(
        join([p.facts for p in parts]), stack("people"), stack("companies"), stack("deals"), parts[0].products,
        stack("texts"), parts[0].truth, join_states([p.state for p in parts]),
    )  # fmt: skip


def advance(
    state: State, messages: pa.Table | None, start: datetime, until: datetime, seed: int | None = None,
    spend: Mapping[str, int] | None = None, world: World = PLAIN,
) -> Company:  # fmt: skip
    """Let the company live on from ``start`` to ``until`` under what was really sent and spent.

    ``messages`` has the columns customer, at, state, action: people whose message was sent (or
    sandboxed) within the stretch order more by the known effect of the action, the holdout does
    not. ``spend`` is minor units a week per channel; a channel not named keeps the mean of its
    last four weeks. ``world`` may differ from the one before: what channels answer has changed. The result holds
    only what is new: facts, people, companies, texts, deals (new ones, and the new standing of those decided since),
    and the state to save.

    Raises ``ValueError`` when the stretch does not begin where the state ends, is empty, or names
    an unknown channel.
    """
    clock, first, end = state.clock, state.clock.day_of(start), state.clock.day_of(until)
    if first != state.end or end <= first:
        raise ValueError(
            f"the company has lived {state.end} days since {clock.origin}; the next stretch must begin there "
            f"and last at least a day, got day {first} to day {end}"
        )
    unknown = sorted(set(spend or {}) - set(company.CHANNEL_KEYS[:-1]))
    if unknown:
        raise ValueError(f"no such channel: {', '.join(unknown)}; there are {', '.join(company.CHANNEL_KEYS[:-1])}")
    seed = state.seed if seed is None else seed
    rng = _rng(seed, state.epoch, 0)
    label = f"a{state.epoch}"
    usual = np.array(state.weekly_spend)
    given = np.array([(spend or {})[c.key] / 100 if c.key in (spend or {}) else usual[j]
                      for j, c in enumerate(company.CHANNELS)])  # fmt: skip
    weeks = len(acquisition.week_lengths(end - first))
    media = acquisition.acquire(rng(9), np.tile(given, (weeks, 1)), state.scale, first, end - first, clock, world)
    at, channel = acquisition.arrivals(rng(10), media)
    newest, arrived, firms = newcomers(
        rng, clock, state.cast, at, channel, first, end, state.seed, (state.epoch << 40) | (1 << 39), label
    )
    cast = gather([state.cast, newest])
    extra = sent_now(rng(11), clock, cast, messages, first, end) if messages is not None else None
    lived = live(rng, clock, cast, first, end, state.meter_weeks, label, extra=extra)
    spent = {"spend": acquisition.spend_facts(media, clock, label)}
    past, future = cut(join([state.pending, arrived, lived.facts, spent]), clock, end)
    texts, later = cut({"texts": pa.concat_tables([state.pending_texts, lived.texts])}, clock, end)
    new = lived.cast.take(np.arange(len(state.cast), len(cast)))
    deals, waiting = deal_table(rng(7), clock, new, end, label)
    decided, undecided = settled(state.open_deals, clock, end)
    stage = stages(new, _of(past, new), waiting.column("customer"), end)
    book = people.people_table(rng(8), clock, new, firms, state.phones, stage, end)
    after = replace(
        state, end=end, epoch=state.epoch + 1, phones=state.phones + len(new), weekly_spend=tuple(given.tolist()),
        cast=lived.cast, pending=future, pending_texts=later["texts"],
        open_deals=pa.concat_tables([undecided, waiting]),
    )  # fmt: skip
    return Company(
        past, book, firms, pa.concat_tables([decided, deals]), people.price_list(), texts["texts"], {}, after
    )


def _of(facts: Facts, cast: Cast) -> Facts:
    """The rows of touches and events that belong to a cast."""
    return {
        name: facts[name].filter(pc.is_in(facts[name].column("customer"), value_set=cast.customer))
        for name in ("touches", "events")
    }
