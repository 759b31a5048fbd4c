"""The rows of a next best action: who gets what, what comes next best, and why the others get nothing."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.decide.assign_offers import NOBODY, Choice, Offers
from regulars.decide.curve_rows import Z90
from regulars.decide.curves import Array
from regulars.decide.exploration_share import Lot
from regulars.decide.next_best_people import People

CHOSEN = pa.schema(
    [
        ("customer", pa.string()),
        ("action", pa.string()),
        ("channel", pa.string()),
        ("value", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("stake", pa.float64()),
        ("why", pa.string()),
        ("alternative", pa.string()),
        ("alternative_value", pa.float64()),
        ("propensity", pa.float64()),
        ("explored", pa.bool_()),
    ]
)
NOTHING: Final = "nothing"
LEFT: Final = ("leave", "no_action", "no_consent", "cap", "harm", "nothing_better", "limit")


def rows_of(known: People, offers: Offers, lot: Lot) -> pa.Table:
    """One row a person who gets something, the most valuable first."""
    parts = [_option(known, offers, lot, k, np.flatnonzero(lot.choice == k)) for k in range(offers.options)]
    parts = [p for p in parts if p.num_rows]
    if not parts:
        return CHOSEN.empty_table()
    return pa.concat_tables(parts).sort_by([("value", "descending"), ("customer", "ascending")])


def _option(known: People, offers: Offers, lot: Lot, k: int, who: Choice) -> pa.Table:
    """The rows of one option, all reasons said in codes."""
    if not len(who):
        return CHOSEN.empty_table()
    rule, action, n = known.rule, known.rule.actions[k], len(who)
    stake, spread = known.stake(action, who), known.spread(action, who)
    u, error = known.uplift(k, who)
    sd = np.sqrt((u * spread) ** 2 + (error * stake) ** 2 + (error * spread) ** 2)
    value, _money, _taken = known.amounts(k, who)
    second, second_value = _second(known, offers, k, who)
    codes = [pc.binary_join_element_wise("activity", known.state.take(pa.array(who)), "=")]
    if action.key in known.personal:
        codes.append(pc.binary_join_element_wise("own_uplift", _text(u, 4), "="))
    else:
        codes.append(pa.repeat(known.given[k].code, n))
        own = pc.binary_join_element_wise("market_answer", _text(known.answer[who], 2), "=")
        codes.append(pc.if_else(pa.array(known.answer[who] != 1.0), own, pa.scalar(None, pa.string())))
    codes.append(pc.binary_join_element_wise("stake", _text(stake), "="))
    codes.append(pa.repeat(f"cost={rule.channel_cost.get(action.channel, 0):g}", n))
    if action.discount:
        codes.append(pa.repeat(f"discount={action.discount:g}", n))
    if action.points:
        codes.append(pa.repeat(f"points={action.points:g}", n))
    if rule.fatigue:
        recent = pa.array(known.recent[who].astype(np.int64))
        said = pc.binary_join_element_wise("recent", recent.cast(pa.string()), "=")
        codes.append(pc.if_else(pc.greater(recent, 0), said, pa.scalar(None, pa.string())))
    codes.append(pa.repeat(f"stake_is_{action.stake}", n))
    codes.append(pc.binary_join_element_wise("alternative", second, "="))
    codes.append(pc.binary_join_element_wise("alternative_value", _text(second_value), "="))
    if rule.explore:
        codes.append(pc.binary_join_element_wise("propensity", _text(lot.propensity[who], 5), "="))
        among = pc.binary_join_element_wise("paying", pa.array(lot.paying[who]).cast(pa.string()), "=")
        codes.append(pc.if_else(pa.array(lot.paying[who] > 1), among, pa.scalar(None, pa.string())))
        codes.append(pc.if_else(pa.array(lot.drawn[who]), "explored", pa.scalar(None, pa.string())))
    why = pc.binary_join_element_wise(*codes, ";", null_handling="skip")
    return pa.table(
        [
            known.customer.take(pa.array(who)).combine_chunks().cast(pa.string()), pa.repeat(action.code, n),
            pa.repeat(action.channel, n), pa.array(value), pa.array(value - Z90 * sd),
            pa.array(np.maximum(np.minimum(value + Z90 * sd, stake), value)), pa.array(stake), why, second,
            pa.array(second_value), pa.array(lot.propensity[who]), pa.array(lot.drawn[who]),
        ],
        schema=CHOSEN,
    )  # fmt: skip


def _second(known: People, offers: Offers, k: int, who: Choice) -> tuple[pa.Array, Array]:
    """What would come next, as ``code@channel``, and its value; ``nothing`` and 0 where nothing else pays."""
    names = pa.array([*(f"{a.code}@{a.channel}" for a in known.rule.actions), NOTHING])
    at, value = np.full(len(who), offers.options), np.zeros(len(who))
    for start in range(0, len(who), 50_000):
        piece = slice(start, start + 50_000)
        worth = offers.block(who[piece])["worth"]
        worth[k] = -np.inf
        best = worth.argmax(axis=0)
        own = worth[best, np.arange(worth.shape[1])]
        at[piece] = np.where(own > 0, best, offers.options)
        value[piece] = np.maximum(own, 0.0)
    return names.take(pa.array(at)), value


def left_out(known: People, choice: Choice) -> tuple[dict[str, int], dict[str, int]]:
    """How many get nothing, by the first reason that holds, and whom a channel suits but may not reach."""
    n, everybody = len(known), slice(0, len(known))
    suits, reach, open_, good, pays = (np.zeros(n, dtype=bool) for _ in range(5))
    unreached: dict[str, int] = {}
    for k, action in enumerate(known.rule.actions):
        fits, ok = known.fits[action.key], known.ok[action.channel]
        both = fits & ok
        may = both & known.spared(action, everybody)
        suits |= fits
        reach |= both
        open_ |= may
        who = np.flatnonzero(may & ~pays)
        u, _sd = known.uplift(k, who)
        good[who[u >= 0]] = True
        pays[who[known.amounts(k, who)[0] > 0]] = True
        unreached[action.channel] = max(unreached.get(action.channel, 0), int((fits & ~ok).sum()))
    left = np.asarray(pc.is_in(known.state, pa.array(list(known.rule.leave), pa.string())).to_numpy(
        zero_copy_only=False), dtype=bool)  # fmt: skip
    rest, counts = choice == NOBODY, {}
    for reason, holds in zip(LEFT, (left, ~suits, ~reach, ~open_, ~good, ~pays, np.ones(n, dtype=bool)), strict=True):
        counts[reason] = int((rest & holds).sum())
        rest = rest & ~holds
    return {k: v for k, v in counts.items() if v}, {k: v for k, v in unreached.items() if v}


def _text(amounts: Array, digits: int = 0) -> pa.Array:
    if digits:
        return pc.cast(pa.array(np.round(amounts, digits)), pa.string())
    return pc.cast(pa.array(np.rint(amounts).astype(np.int64)), pa.string())
