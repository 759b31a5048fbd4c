"""What is known of the people of a next best action, and what each option would bring each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.decide.actions import PROSPECT, Action
from regulars.decide.assign_offers import Choice, Offers
from regulars.decide.curve_rows import Z90
from regulars.decide.curves import Array
from regulars.decide.uplift import Uplift

if TYPE_CHECKING:
    from regulars.decide.next_best import NextBestAction

Rows = slice | Choice
# Nobody is written to or called without a yes; other channels, like a task for the team, need none.
CONSENTED: Final = ("email", "phone", "sms", "wechat", "whatsapp", "line", "push")
SINGLE: Final = 5_000_000  # people times options from which single precision is enough


@dataclass(frozen=True)
class People:
    """The columns of the people as arrays, and the rule they are judged by."""

    rule: NextBestAction
    customer: pa.ChunkedArray
    state: pa.Array
    order: Array
    p0: Array
    lifetime: Array
    lifetime_sd: Array
    worth: Array
    recent: Array
    answer: Array
    newcomer: float
    ok: Mapping[str, NDArray[np.bool_]]
    fits: Mapping[str, NDArray[np.bool_]]
    given: tuple[Uplift, ...]
    personal: Mapping[str, tuple[Array, Array]]

    @classmethod
    def read(cls, table: pa.Table, rule: NextBestAction, uplifts: Mapping[str, Uplift]) -> People:
        """Read the table; what is unknown gets the mean of the others, or nothing."""
        missing = [c for c in ("customer", "activity", "email_ok", "aov", "clv") if c not in table.column_names]
        if missing:
            raise ValueError(f"people: column {', '.join(missing)} is missing")

        def column(name: str, empty: float = np.nan) -> Array:
            if name not in table.column_names:
                return np.full(table.num_rows, empty)
            values = np.asarray(table.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=float)
            return np.asarray(np.nan_to_num(values, nan=empty))

        state = pc.fill_null(table.column("activity").cast(pa.string()), PROSPECT).combine_chunks()
        aov, clv = column("aov"), column("clv")
        known = aov[np.isfinite(aov) & (aov > 0)]
        order = np.where(np.isfinite(aov) & (aov > 0), aov, known.mean() if known.size else 0.0)
        alive = np.clip(column("p_alive", 1.0), 0.0, 1.0)
        # Below one in five the division would turn a guess about the dead into a fortune.
        sure = np.maximum(alive, 0.2)
        worth = np.maximum(np.nan_to_num(clv, nan=0.0), 0.0)
        width = np.nan_to_num(column("clv_high") - column("clv_low"), nan=0.0)
        fresh = np.asarray(pc.equal(state, "new").to_numpy(zero_copy_only=False)) & np.isfinite(clv)
        usual = rule.margin * float(order.mean()) if len(order) else 0.0
        rate = np.maximum(column("expected_orders", 0.0), 0.0) / rule.horizon_days
        ok = {}
        for channel in dict.fromkeys(a.channel for a in rule.actions):
            name = f"{channel}_ok"
            if name in table.column_names:
                ok[channel] = np.asarray(table.column(name).cast(pa.int8()).fill_null(0).to_numpy(), dtype=bool)
            else:
                ok[channel] = np.full(table.num_rows, channel not in CONSENTED)
        fits, quiet = {}, column("quiet_days")
        spare = np.asarray(pc.is_in(state, pa.array(sorted(rule.leave), pa.string())).to_numpy(zero_copy_only=False))
        for action in rule.actions:
            suits = pc.is_in(state, pa.array(action.states, pa.string())).to_numpy(zero_copy_only=False)
            low, high = rule.measured_on.get(action.key, (np.inf, -np.inf))
            fits[action.key] = (np.asarray(suits) | ((quiet >= low) & (quiet <= high))) & ~spare
        given = tuple(uplifts.get(a.key) or Uplift(a.prior.mean, a.prior.sd) for a in rule.actions)
        people = cls(
            rule, table.column("customer"), state, order, -np.expm1(-rate * rule.window_days),
            worth * (1 - alive) / sure, np.maximum(width, 0.0) / (2 * Z90) * (1 - alive) / sure, worth,
            np.maximum(column("recent", 0.0), 0.0), np.maximum(column("answer", 1.0), 0.0),
            float(worth[fresh].mean()) if fresh.any() else usual,
            ok, fits, given, {},
        )  # fmt: skip
        return people._with_personal(table)

    def _with_personal(self, table: pa.Table) -> People:
        """Uplift of each person where it was learnt, pulled towards the measured mean of the action.

        Formula: u_p = m + k_p (s_p - mean s), k_p = t / (t + e_p^2), with s_p the score, e_p its error, t the
        variance of the scores beyond their errors, m the mean of the action (Efron and Morris, 1975).
        """
        found = {}
        for action, given in zip(self.rule.actions, self.given, strict=True):
            name = f"uplift_{action.key}"
            if name not in table.column_names:
                continue
            score, low, high = (
                np.asarray(table.column(c).cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=float)
                if c in table.column_names else np.full(table.num_rows, np.nan)
                for c in (name, f"{name}_low", f"{name}_high")
            )  # fmt: skip
            error = np.nan_to_num((high - low) / (2 * Z90), nan=0.0) ** 2
            own = np.isfinite(score) & self.fits[action.key]
            if own.sum() < 2:
                continue
            between = max(float(score[own].var()) - float(error[own].mean()), 0.0)
            weight = np.divide(between, between + error, out=np.zeros(len(score)), where=own & (between + error > 0))
            shift = np.where(own, weight * (np.nan_to_num(score) - score[own].mean()), 0.0)
            found[action.key] = (given.mean + shift, np.sqrt(given.sd**2 + np.where(own, weight * error, 0.0)))
        return People(**{**self.__dict__, "personal": found})

    def open(self, action: Action, rows: Rows) -> NDArray[np.bool_]:
        """Whether the action may be offered: it suits, the channel may be used, and there was not too much lately."""
        return np.asarray(self.fits[action.key][rows] & self.ok[action.channel][rows] & self.spared(action, rows))

    def spared(self, action: Action, rows: Rows) -> NDArray[np.bool_]:
        """Whether the cap of messages, or the owner's rule of whom to call, leaves the person to this action."""
        if action.channel == "phone":
            may = np.ones(len(self.recent[rows]), dtype=bool)
            states = self.rule.by_hand_from
            if states:
                codes = self.state.take(pa.array(np.arange(len(self.recent))[rows])).to_pylist()
                least = np.array([states.get(s, 0.0) for s in codes])
                may = self.worth[rows] >= least
            return may
        cap = self.rule.contact_cap
        return np.full(len(self.recent[rows]), True) if cap is None else self.recent[rows] < cap

    def stake(self, action: Action, rows: Rows) -> Array:
        """What is won when the action works, minor units."""
        if action.stake == "order":
            return np.asarray(self.rule.margin * self.order[rows])
        return self.lifetime[rows] if action.stake == "lifetime" else np.full(len(self.order[rows]), self.newcomer)

    def spread(self, action: Action, rows: Rows) -> Array:
        """The error of what is at stake."""
        return self.lifetime_sd[rows] if action.stake == "lifetime" else np.zeros(len(self.order[rows]))

    def uplift(self, k: int, rows: Rows) -> tuple[Array, Array]:
        """Mean and error of the uplift of option ``k``; no chance exceeds one."""
        action = self.rule.actions[k]
        mean, sd = self.personal.get(action.key, (None, None))
        most = 1 - self.p0[rows] if action.stake == "order" else np.ones(len(self.p0[rows]))
        if mean is None or sd is None:
            answer = self.answer[rows]
            return np.minimum(self.given[k].mean * answer, most), self.given[k].sd * answer
        return np.minimum(mean[rows], most), sd[rows]

    def amounts(self, k: int, rows: Rows) -> tuple[Array, Array, Array]:
        """What option ``k`` brings each, what money it is expected to use, and how many take it up."""
        rule, action = self.rule, self.rule.actions[k]
        u, _sd = self.uplift(k, rows)
        stake, cost = self.stake(action, rows), rule.channel_cost.get(action.channel, 0)
        taken = self.p0[rows] + np.maximum(u, 0.0)
        away = action.discount * self.order[rows] * taken
        owed = action.points * rule.redeemed * self.order[rows] * taken
        worn = rule.fatigue * (1 + self.recent[rows]) * rule.contacts_ahead * np.maximum(u, 0.0) * stake
        return u * stake - away - owed - worn - cost, away + cost, taken

    def offers(self) -> Offers:
        """Everybody's options, read in pieces."""
        n, actions = len(self.order), self.rule.actions
        kind = np.float32 if n * len(actions) > SINGLE else np.float64

        def block(rows: Rows) -> dict[str, Any]:
            size = len(self.order[rows])
            worth, money, units = (np.empty((len(actions), size), dtype=kind) for _ in range(3))
            for k, action in enumerate(actions):
                worth[k], money[k], units[k] = self.amounts(k, rows)
                worth[k][~self.open(action, rows)] = -np.inf
            return {"worth": worth, "money": money, "units": units}

        return Offers(n, len(actions), block)

    def __len__(self) -> int:
        return len(self.order)
