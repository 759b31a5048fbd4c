"""The next best action for every person: uplift times what is at stake, minus all that it costs; or nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.decide.actions import ACTIONS, Action
from regulars.decide.assign_offers import Limit
from regulars.decide.exploration_share import ExplorationShare
from regulars.decide.next_best_least import assigned, certain, filled, held, minimums, said
from regulars.decide.next_best_people import People
from regulars.decide.next_best_rows import CHOSEN, left_out, rows_of
from regulars.decide.result import Decision
from regulars.decide.uplift import Uplift
from regulars.lake.frames import to_arrow

__all__ = ["CHOSEN", "NextBestAction", "NextBestDecision"]

NOTHING: Final = "nothing"


@dataclass(frozen=True)
class NextBestDecision(Decision[pa.Table]):
    """Who gets what, and why the others get nothing.

    ``left`` counts the others by the first reason that holds: ``leave`` (the owner's rule), ``no_action`` (nothing
    suits), ``no_consent``, ``cap``, ``harm`` (everything open would keep them from buying), ``nothing_better`` (what
    it brings does not pay what it costs), ``limit``. ``unreached`` counts, by channel, people whom an action of that
    channel suits and who may not be reached there. ``people`` is how many there are in all, ``explored`` how many got
    what a lot gave them, ``limits`` what each limit allows and what was used of it.
    """

    left: Mapping[str, int] = field(default_factory=dict)
    unreached: Mapping[str, int] = field(default_factory=dict)
    people: int = 0
    explored: int = 0
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class NextBestAction:
    """The action for each person that adds the most money, at most one each, under limits on all of them; or nothing.

    Formula: value = u * stake - (discount + points * redeemed) * order * (p0 + u) - cost - fatigue, with u the uplift
    of the action (capped so that no chance exceeds 1, so the gain never exceeds the stake), p0 the chance of an order
    in the window without us (1 - exp(-expected orders * window / horizon)) and ``stake`` as the action says: margin *
    usual order; what is lost with a customer who leaves, clv (1 - p_alive) / p_alive; or the mean clv of new
    customers. Fatigue is what one more contact puts at risk: chance to leave the channel * (1 + recent contacts) *
    contacts ahead * u * stake. Nobody is ranked by how likely they are to respond: who buys anyway has a high score
    and nothing to gain. Where a value is not positive nothing is done: whoever a message keeps from buying gets none.

    All limits bind at once and are met exactly (``Assignment``: a Lagrangian bound with a certified gap). The 90 %
    interval holds the uncertainty of u and of the clv, taken as independent and normal.

    Parameters: ``actions``, one ``Action`` for each code and channel; ``margin`` share of an order that stays;
    ``window_days`` the time the uplift is measured over; ``horizon_days`` of clv and expected orders;
    ``channel_cost`` minor units a contact by channel (absent: 0). Limits (None or absent: none): ``quota`` contacts in
    all, ``channel_quota`` by channel, ``action_quota`` by code, ``stock`` units of what an action gives away (by the
    chance that it is taken up), ``budget`` minor units for costs and discounts expected. ``contact_cap``: nobody who
    had as many messages lately (column ``recent``) gets another; ``fatigue``: chance that one more message makes a
    person leave the channel, with ``contacts_ahead`` the contacts then lost. ``redeemed``: share of points that are
    ever redeemed. ``least``: at least so many contacts of ``action:<code>``, ``channel:<name>`` or ``segment:<name>``
    (column ``segment``, absent: activity), met exactly and priced, if at a loss, and never by somebody whom it would
    harm. ``leave``: activity states left in peace; ``by_hand_from``: the worth (clv) from which people in a
    state are called. ``measured_on``: by action, the days since the last order of those it was measured on (it suits
    them whatever their state; column ``quiet_days``). ``explore``: the share that gets another paying option by lot,
    ``key`` what draws the lot.

    Raises ``ValueError`` naming the column that is missing or the limit that is negative, and ``InfeasibleError`` with
    the smallest set of minimums and limits that cannot hold together. Source: Gubela and Lessmann,
    European Journal of Operational Research 283 (2020) 647-661, for profit as the target of uplift.

    >>> people = {"customer": ["a", "b"], "activity": ["active", "lost"], "email_ok": [True, False],
    ...           "aov": [20_000.0, 20_000.0], "clv": [9_000.0, 100.0]}
    >>> plan = NextBestAction(margin=0.5, channel_cost={"email": 1}).decide(people)
    >>> plan.solution.select(["customer", "action", "value"]).to_pylist()
    [{'customer': 'a', 'action': 'cross_sell', 'value': 49.0}]
    >>> dict(plan.left)
    {'no_consent': 1}
    """

    actions: Sequence[Action] = ACTIONS
    margin: float = 0.6
    window_days: float = 28.0
    horizon_days: float = 365.0
    channel_cost: Mapping[str, float] = field(default_factory=dict)
    quota: int | None = None
    channel_quota: Mapping[str, float] = field(default_factory=dict)
    action_quota: Mapping[str, float] = field(default_factory=dict)
    stock: Mapping[str, float] = field(default_factory=dict)
    budget: float | None = None
    contact_cap: int | None = None
    fatigue: float = 0.0
    contacts_ahead: float = 26.0
    redeemed: float = 0.7
    least: Mapping[str, float] = field(default_factory=dict)
    leave: Collection[str] = ()
    by_hand_from: Mapping[str, float] = field(default_factory=dict)
    measured_on: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    explore: float = 0.0
    key: str = ""

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The limits that bind people together."""

        def options(test: Any) -> tuple[int, ...]:
            return tuple(k for k, a in enumerate(self.actions) if test(a))

        found = [Limit("quota:total", self.quota)] if self.quota is not None else []
        found += [Limit(f"quota:{c}", n, options(lambda a, c=c: a.channel == c)) for c, n in self.channel_quota.items()]
        found += [Limit(f"action:{c}", n, options(lambda a, c=c: a.code == c)) for c, n in self.action_quota.items()]
        found += [Limit(f"stock:{c}", n, options(lambda a, c=c: a.code == c), "units") for c, n in self.stock.items()]
        if self.budget is not None:
            found.append(Limit("contact_budget", self.budget, None, "money"))
        return tuple(k for k in found if k.options is None or k.options)

    def decide(self, people: Any, *, uplifts: Mapping[str, Uplift] | None = None) -> NextBestDecision:
        """Choose for every person; the solution has one row per chosen person (see ``CHOSEN``), best first.

        ``people``: customer, activity (null: never ordered), email_ok, aov and clv (minor units; null: unknown), and
        where known clv_low, clv_high, p_alive, expected_orders, recent (messages lately), answer (how their market
        answers, 1: as all), quiet_days, ``<channel>_ok`` (absent: nobody agreed to be written to or called there) and
        ``uplift_<key>`` with ``_low`` and ``_high``: what is learnt of each. An unknown order value is the mean of the
        others. ``uplifts`` come from ``read_uplifts`` by the ``key`` of the action; an action without one uses its
        stated prior.
        """
        table = to_arrow(people)
        known = People.read(table, self, uplifts or {})
        offers, lot = known.offers(), ExplorationShare(self.explore, self.key)
        lots = lot.lots(table.column("customer").to_pylist()) if self.explore else np.zeros((len(known), 2))
        limits, may = lot.room(offers, self.limits, lots)
        asked = minimums(self, known, table)
        chosen = assigned(known, offers, limits, asked)
        final = certain(lot.draw(offers, chosen.solution, may, held(lots, chosen.kept)), chosen.kept)
        rows = said(rows_of(known, offers, final))
        value = chosen.value if not final.drawn.any() else float(pc.sum(rows.column("value")).as_py() or 0.0)
        left, unreached = left_out(known, final.choice)
        return NextBestDecision(
            solution=rows,
            value=value,
            bound=chosen.bound,
            gap=chosen.gap,
            binding=chosen.binding,
            shadow_prices=chosen.shadow_prices,
            why=tuple(sorted({u.code for a, u in zip(self.actions, known.given, strict=True) if _uses(rows, a)})),
            left=left,
            unreached=unreached,
            people=len(known),
            explored=int(final.drawn.sum()),
            limits={k.code: (k.most, _used(known, k, final.choice)) for k in self.limits} | filled(asked, final.choice),
        )


def _uses(rows: pa.Table, action: Action) -> bool:
    both = pc.and_(pc.equal(rows.column("action"), action.code), pc.equal(rows.column("channel"), action.channel))
    return bool(pc.any(both).as_py())


def _used(known: People, limit: Limit, choice: Any) -> float:
    options = range(len(known.rule.actions)) if limit.options is None else limit.options
    total = 0.0
    for k in options:
        who = np.flatnonzero(choice == k)
        if len(who):
            _worth, money, units = known.amounts(k, who)
            total += float({"people": len(who), "money": money.sum(), "units": units.sum()}[limit.of])
    return total
