"""What is true in the trial: what a new person of each channel is worth, what a week's plan earns in expectation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.demo import acquisition, campaigns, company
from regulars.demo.cast import NOBODY, Cast, draw_traits, keys
from regulars.demo.clock import Clock, Ints, Reals
from regulars.demo.life import live
from regulars.demo.state import State
from regulars.demo.touches import absorption
from regulars.demo.world import World

YEAR_DAYS = 365
PAID = len(company.CHANNELS)


@lru_cache(maxsize=8)
def revenue_by_kind(clock: Clock, people: int = 24_000, seed: int = 17) -> tuple[float, float]:
    """Mean revenue (minor units, refunds taken off) of a new customer's first year: one-off buyer, subscriber.

    A simulated cohort of its own, all with a first order on day 0; the standard error is about 2 %.
    """
    rng = np.random.default_rng([seed, 1])
    nothing = np.zeros(people, dtype=np.int64)
    start = rng.random(people) * 0.5
    cast = draw_traits(
        rng, keys(seed, 0, people), pa.nulls(people, pa.string()), rng.integers(0, PAID, people), start,
        nothing - 1, nothing, nothing, np.zeros(people, dtype=bool), np.ones(people, dtype=bool), start, clock,
    )  # fmt: skip
    facts = live(lambda part: np.random.default_rng([seed, part]), clock, cast, 0, YEAR_DAYS, 400, "v").facts
    orders = facts["orders"]
    row = pc.index_in(orders.column("customer"), value_set=cast.customer).to_numpy().astype(np.int64)
    money = np.bincount(row, weights=orders.column("amount").to_numpy().astype(float), minlength=people)
    return float(money[cast.kind == 1].mean()), float(money[cast.kind == 2].mean())


@dataclass(frozen=True)
class Truth:
    """The truth of one company of the trial; policies that must stay blind never hold one.

    ``worth``: contribution (margin on a year's revenue, minor units) of one new person by channel, the people whom
    they refer included. ``margin`` and ``message_cost`` are the owner's.
    """

    clock: Clock
    scale: float
    worth: Reals
    margin: float
    message_cost: int

    @classmethod
    def of(cls, state: State, margin: float, message_cost: int, cohort: int = 24_000) -> Truth:
        """Work out what new people are worth from the laws the simulation follows."""
        # A clock of a plain year, so that the value of a customer does not hang on where the history began.
        once, contract = revenue_by_kind(Clock(state.clock.origin, state.clock.season_scale), cohort)
        share = np.array([c.subscriber_share for c in company.ALL_CHANNELS])
        convert = absorption()
        buyer = margin * ((1 - share) * once + share * contract)
        # Whoever is referred comes with the worth of a referred person, and refers in turn.
        referred = convert[-1] * buyer[-1] / (1 - company.REFERRALS * convert[-1])
        worth = convert[:-1] * (buyer[:-1] + company.REFERRALS * referred)
        return cls(state.clock, state.scale, worth, margin, message_cost)

    def earned(self, spend: Reals, world: World, day: int) -> float:
        """Expected contribution of a week's spend (minor units by channel): worth of those it brings less the money."""
        people = acquisition.response(np.asarray(spend) / 100.0, self.scale, world.channels)
        tide = float(world.tide(self.clock.origin, day, 1)[0])
        return float(people @ self.worth) * tide - float(np.sum(spend))

    def best_spend(self, total: float, world: World, day: int) -> Reals:
        """The spend of at most ``total`` minor units that earns the most: equal slopes, none below its cost."""
        half = np.array([c.half for c in world.channels]) * self.scale * 100.0
        top = np.array([c.ceiling for c in world.channels]) * self.scale * self.worth
        top = top * float(world.tide(self.clock.origin, day, 1)[0])

        def at(price: float) -> Reals:
            return np.asarray(np.maximum(np.sqrt(top * half / price) - half, 0.0), dtype=np.float64)

        low, high = 1.0, max(float((top / half).max()), 1.0)
        if at(1.0).sum() <= total:
            return at(1.0)
        for _ in range(200):
            price = 0.5 * (low + high)
            low, high = (price, high) if at(price).sum() > total else (low, price)
        return at(high)

    def message_worth(self, cast: Cast, person: Ints, action: list[str], end: int) -> Reals:
        """Expected contribution of one message to each person, its cost taken off.

        Customers order what they are used to; of people who never ordered nobody can know more than the mean.
        """
        size = np.array([campaigns.effect(a) for a in action], dtype=np.float64)
        chance = np.minimum(0.95, size * campaigns.market_answer()[cast.market[person]])
        buy = company.Purchases()
        bought = (cast.kind[person] != NOBODY) & (cast.first_at[person] < end)
        order = np.where(bought, buy.p / cast.size[person], buy.p * buy.v / (buy.q - 1))
        return np.asarray(chance * order * self.margin - self.message_cost, dtype=np.float64)


def best_messages(
    truth: Truth, state: State, allowed: pa.Array, recent: pa.Array, capacity: int
) -> tuple[pa.Array, list[str]]:
    """Whom the oracle writes to and what: the highest true worth among those who may be written to.

    The same menu as every policy has: ``onboard`` for those who never ordered, ``cross_sell`` for those who ordered
    lately (``recent``), ``win_back`` for the other customers.
    """
    cast = state.cast
    row = pc.index_in(allowed, value_set=cast.customer).drop_null().to_numpy().astype(np.int64)
    bought = (cast.kind[row] != NOBODY) & (cast.first_at[row] < state.end)
    lately = pc.is_in(cast.customer.take(pa.array(row)), value_set=recent).to_numpy(zero_copy_only=False)
    action = np.where(bought, np.where(lately, "cross_sell", "win_back"), "onboard").tolist()
    worth = truth.message_worth(cast, row, action, state.end)
    order = np.argsort(-worth, kind="stable")[:capacity]
    order = order[worth[order] > 0]
    return cast.customer.take(pa.array(row[order])), [action[i] for i in order]
