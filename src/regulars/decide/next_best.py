"""The next best action for every person: uplift times what is at stake, minus what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.decide.actions import ACTIONS, PROSPECT, Action
from regulars.decide.curve_rows import Z90
from regulars.decide.curves import Array
from regulars.decide.quota import Quota
from regulars.decide.result import Decision
from regulars.decide.uplift import Uplift
from regulars.lake.frames import to_arrow

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
    ]
)


@dataclass(frozen=True)
class NextBest:
    """The action for each person that adds the most money, at most one each, under quotas; exact.

    Formula: value = u * stake - discount * order * (p0 + u) - cost, with u the uplift of the action (capped so that
    no chance exceeds 1, so the gain never exceeds the stake), p0 the chance of an order in the window without us
    (1 - exp(-expected orders * window / horizon)) and ``stake`` as the action says: margin * usual order; what is
    lost with a customer who leaves, clv (1 - p_alive) / p_alive; or the mean clv of new customers. Nobody is ranked
    by how likely they are to respond: who buys anyway has a high score and nothing to gain.

    The 90 % interval holds the uncertainty of u and of the clv, taken as independent and normal.

    Parameters: ``actions``; ``margin`` share of an order that stays; ``window_days`` the time the uplift is measured
    over; ``horizon_days`` of clv and expected orders; ``channel_cost`` minor units a contact by channel (absent: 0);
    ``quota`` contacts in all and ``channel_quota`` by channel (None or absent: no limit). Only actions with a positive
    value are proposed. Where the uplift of ``care`` is measured as extra buyers, an extra buyer counts as one kept.

    Raises ``ValueError`` naming the column that is missing. Source: Gubela and Lessmann, European Journal of
    Operational Research 283 (2020) 647-661, for profit as the target of uplift.

    >>> people = {"customer": ["a", "b"], "activity": ["active", "lost"], "email_ok": [True, False],
    ...           "aov": [20_000.0, 20_000.0], "clv": [9_000.0, 100.0]}
    >>> plan = NextBest(margin=0.5, channel_cost={"email": 1}).decide(people)
    >>> plan.solution.select(["customer", "action", "value"]).to_pylist()
    [{'customer': 'a', 'action': 'cross_sell', 'value': 49.0}]
    """

    actions: Sequence[Action] = ACTIONS
    margin: float = 0.6
    window_days: float = 28.0
    horizon_days: float = 365.0
    channel_cost: Mapping[str, int] = field(default_factory=dict)
    quota: int | None = None
    channel_quota: Mapping[str, int] = field(default_factory=dict)

    def decide(self, people: Any, *, uplifts: Mapping[str, Uplift] | None = None) -> Decision[pa.Table]:
        """Choose for every person; the solution has one row per chosen person (see ``CHOSEN``), best first.

        ``people``: customer, activity (null: never ordered), email_ok, aov and clv (minor units; null: unknown), and
        where known clv_low, clv_high, p_alive, expected_orders. An unknown order value is the mean of the others.
        ``uplifts`` come from ``read_uplifts``; an action without one uses its stated prior.
        """
        table = to_arrow(people)
        missing = [c for c in ("customer", "activity", "email_ok", "aov", "clv") if c not in table.column_names]
        if missing:
            raise ValueError(f"people: column {', '.join(missing)} is missing")
        given = [(uplifts or {}).get(a.code) or Uplift(a.prior.mean, a.prior.sd) for a in self.actions]
        stakes = _Stakes.read(table, self)
        worth = np.full((table.num_rows, len(self.actions)), -np.inf)
        for k, action in enumerate(self.actions):
            who = np.flatnonzero(stakes.fits(action))
            worth[who, k] = stakes.value(action, given[k].mean, who) - self.channel_cost.get(action.channel, 0)
        chosen = Quota(self.quota, self.channel_quota).decide(worth, [a.channel for a in self.actions])
        rows = self._rows(table, stakes, worth, chosen.solution, given)
        return Decision(
            solution=rows,
            value=chosen.value,
            bound=chosen.bound,
            gap=chosen.gap,
            binding=chosen.binding,
            shadow_prices=chosen.shadow_prices,
            why=tuple(sorted({u.code for a, u in zip(self.actions, given, strict=True) if _uses(rows, a)})),
        )

    def _rows(
        self, table: pa.Table, stakes: _Stakes, worth: Array, choice: NDArray[np.int64], given: Sequence[Uplift]
    ) -> pa.Table:
        parts = []
        for k, (action, uplift) in enumerate(zip(self.actions, given, strict=True)):
            who = np.flatnonzero(choice == k)
            stake, spread = stakes.stake(action, who), stakes.spread(action, who)
            u = stakes.capped(action, uplift.mean, who)
            sd = np.sqrt((u * spread) ** 2 + (uplift.sd * stake) ** 2 + (uplift.sd * spread) ** 2)
            value = worth[who, k]
            state = stakes.state.take(pa.array(who))
            codes = [
                pc.binary_join_element_wise("activity", state, "="),
                pa.repeat(uplift.code, len(who)),
                pc.binary_join_element_wise("stake", _text(stake), "="),
                pa.repeat(f"cost={self.channel_cost.get(action.channel, 0)}", len(who)),
            ]
            if action.discount:
                codes.append(pa.repeat(f"discount={action.discount:g}", len(who)))
            codes.append(pa.repeat(f"stake_is_{action.stake}", len(who)))
            why = pc.binary_join_element_wise(*codes, ";")
            columns = [
                table.column("customer").take(pa.array(who)).combine_chunks().cast(pa.string()),
                pa.repeat(action.code, len(who)),
                pa.repeat(action.channel, len(who)),
                pa.array(value),
                pa.array(value - Z90 * sd),
                pa.array(np.minimum(value + Z90 * sd, stake)),
                pa.array(stake),
                why,
            ]
            parts.append(pa.table(columns, schema=CHOSEN))
        return pa.concat_tables(parts).sort_by([("value", "descending"), ("customer", "ascending")])


def _uses(rows: pa.Table, action: Action) -> bool:
    return bool(pc.any(pc.equal(rows.column("action"), action.code)).as_py())


def _text(amounts: Array) -> pa.Array:
    return pc.cast(pa.array(np.rint(amounts).astype(np.int64)), pa.string())


@dataclass(frozen=True)
class _Stakes:
    """What is known of the people, as arrays."""

    state: pa.Array
    email_ok: NDArray[np.bool_]
    order: Array
    p0: Array
    lifetime: Array
    lifetime_sd: Array
    newcomer: float
    margin: float

    @classmethod
    def read(cls, table: pa.Table, rule: NextBest) -> _Stakes:
        def column(name: str) -> Array:
            if name not in table.column_names:
                return np.full(table.num_rows, np.nan)
            return np.asarray(table.column(name).cast(pa.float64()).to_numpy(), dtype=float)

        state = pc.fill_null(table.column("activity").cast(pa.string()), PROSPECT).combine_chunks()
        aov, clv = column("aov"), column("clv")
        known = aov[np.isfinite(aov) & (aov > 0)]
        order = np.where(np.isfinite(aov) & (aov > 0), aov, known.mean() if known.size else 0.0)
        alive = np.clip(np.nan_to_num(column("p_alive"), nan=1.0), 0.0, 1.0)
        # Below one in five the division would turn a guess about the dead into a fortune.
        sure = np.maximum(alive, 0.2)
        worth = np.maximum(np.nan_to_num(clv, nan=0.0), 0.0)
        width = np.nan_to_num(column("clv_high") - column("clv_low"), nan=0.0)
        fresh = np.asarray(pc.equal(state, "new").to_numpy(zero_copy_only=False)) & np.isfinite(clv)
        usual = rule.margin * float(order.mean()) if len(order) else 0.0
        rate = np.maximum(np.nan_to_num(column("expected_orders"), nan=0.0), 0.0) / rule.horizon_days
        return cls(
            state=state,
            email_ok=np.asarray(table.column("email_ok").cast(pa.int8()).fill_null(0).to_numpy(), dtype=bool),
            order=order,
            p0=-np.expm1(-rate * rule.window_days),
            lifetime=worth * (1 - alive) / sure,
            lifetime_sd=np.maximum(width, 0.0) / (2 * Z90) * (1 - alive) / sure,
            newcomer=float(worth[fresh].mean()) if fresh.any() else usual,
            margin=rule.margin,
        )

    def fits(self, action: Action) -> NDArray[np.bool_]:
        state = np.asarray(pc.is_in(self.state, pa.array(action.states)).to_numpy(zero_copy_only=False), dtype=bool)
        return state & self.email_ok if action.channel == "email" else state

    def stake(self, action: Action, who: NDArray[np.int64]) -> Array:
        if action.stake == "order":
            return np.asarray(self.margin * self.order[who])
        return self.lifetime[who] if action.stake == "lifetime" else np.full(len(who), self.newcomer)

    def spread(self, action: Action, who: NDArray[np.int64]) -> Array:
        return self.lifetime_sd[who] if action.stake == "lifetime" else np.zeros(len(who))

    def capped(self, action: Action, uplift: float, who: NDArray[np.int64]) -> Array:
        most = 1 - self.p0[who] if action.stake == "order" else np.ones(len(who))
        return np.minimum(uplift, most)

    def value(self, action: Action, uplift: float, who: NDArray[np.int64]) -> Array:
        u = self.capped(action, uplift, who)
        given_away = action.discount * self.order[who] * (self.p0[who] + np.maximum(u, 0.0))
        return np.asarray(u * self.stake(action, who) - given_away)
