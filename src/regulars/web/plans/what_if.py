"""What if: the split solved anew on the server for other wishes, beside the plan's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from regulars.web.findings.queries import finding
from regulars.web.plans.models import Plan, PlanRow
from regulars.web.plans.wishes import Wishes
from regulars.web.words.amounts import major, money_text
from regulars.web.words.labels import label
from regulars.web.words.reasons import sentence

ENDS = (0.05, 0.95)


@dataclass(frozen=True)
class Row:
    """One channel under other wishes; money in minor units a week, ``place`` its number in the form."""

    place: int
    channel: str
    today: int
    proposed: int
    new: int | None
    at: int
    held: bool
    low: str
    high: str
    most: int
    unit_at: int
    unit_today: int
    unit_new: int | None
    why: str = ""

    @property
    def moves(self) -> int:
        return (self.new or 0) - self.proposed


@dataclass(frozen=True)
class Clash:
    """One wish of a set that cannot hold together, and the code that gives it up."""

    text: str
    code: str


@dataclass(frozen=True)
class Answer:
    """The new optimum: what it gains over today and over the plan's split, what binds, what more money earns."""

    gain: dict[str, int] | None = None
    beside: dict[str, int] | None = None
    total: int = 0
    unspent: int = 0
    extra: int = 0
    extra_earns: int = 0
    binding: list[dict[str, Any]] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    problem: str = ""
    same: bool = False
    objective: str = "contribution"
    reached: dict[str, float] | None = None


@dataclass(frozen=True)
class Board:
    """The form and its answer."""

    wishes: Wishes
    rows: list[Row]
    answer: Answer
    total_unit: int
    total_most: int
    held: list[tuple[str, int]]
    objectives: list[str]

    @property
    def steps(self) -> list[tuple[str, str]]:
        return [("-20", "− 20 %"), ("+20", "+ 20 %")]


def split_of(plan: Plan) -> dict[str, Any] | None:
    """The finding this plan was made with; None for older plans, which cannot be solved anew."""
    found = finding("split")
    same = found is not None and abs((found.made_at - plan.made_at).total_seconds()) < 1
    return found.body if found is not None and same and found.body.get("channels") else None


def proposed_of(plan: Plan) -> dict[str, int]:
    """What the plan spends by channel as it stands now."""
    rows = PlanRow.objects.filter(plan=plan, kind="budget").values_list("subject", "today", "proposed", "state")
    return {c: (t if s == "declined" else p) or 0 for c, t, p, s in rows}


def as_it_stands(plan: Plan, body: dict[str, Any]) -> Board:
    """The form before anything was asked: the plan's own split, with what binds it."""
    proposed = proposed_of(plan)
    budget = plan.budget or {}
    wishes = Wishes.of(body, proposed, budget.get("wishes"))
    spends = {n: proposed.get(n, t) for n, t in wishes.today.items()}
    prices = budget.get("shadow_prices") or {}
    answer = Answer(
        gain=gained(body, spends, wishes.today), beside={"value": 0, "low": 0, "high": 0}, total=sum(spends.values()),
        unspent=left(wishes.total - sum(spends.values()), spends), extra=budget.get("extra") or 0,
        extra_earns=round(budget.get("extra_earns") or 0), same=True,
        binding=[{"text": sentence(c), "code": c, "more": more_of(prices.get(c), budget.get("objective"))}
                 for c in budget.get("binding") or ()],
        objective=budget.get("objective") or "contribution", reached=budget.get("reached"),
    )  # fmt: skip
    whys = {r["channel"]: ";".join(r["why"]) for r in budget.get("rows") or ()}
    return _drawn(plan, body, wishes, proposed, answer, {n: (spends[n], whys.get(n, "")) for n in spends})


def board(plan: Plan, body: dict[str, Any], wishes: Wishes, *, problem: str = "") -> Board:
    """The form filled with the wishes, and what they lead to."""
    from regulars.decide.result import InfeasibleError

    proposed = proposed_of(plan)
    new: dict[str, tuple[int, str]] = {}
    if problem:
        answer = Answer(problem=problem)
    else:
        try:
            decision = solved(body, wishes)
            answer = answered(body, wishes, decision, proposed)
            new = {r.channel: (r.proposed, ";".join(r.why)) for r in decision.rows}
        except InfeasibleError as error:
            answer = Answer(clashes=[Clash(clash_words(w, wishes, plan.currency), w.code) for w in error.conflict])
        except ValueError as error:
            answer = Answer(problem=str(error))
    return _drawn(plan, body, wishes, proposed, answer, new)


def _drawn(plan: Plan, body: dict[str, Any], wishes: Wishes, proposed: Mapping[str, int], answer: Answer,
           new: Mapping[str, tuple[int, str]]) -> Board:  # fmt: skip
    def unit(amount: int) -> int:
        return int(major(amount, plan.currency).to_integral_value())

    def typed(amount: int | None) -> str:
        return "" if amount is None else str(unit(amount))

    rows = []
    for i, (name, w) in enumerate(wishes.channels.items()):
        today, own = wishes.today[name], proposed.get(name, wishes.today[name])
        spends, why = new.get(name, (None, ""))
        most = max(2 * today, own * 3 // 2, w.at, 10_000)
        rows.append(Row(i, name, today, own, spends, w.at, w.held, typed(w.low), typed(w.high), unit(most),
                        unit(w.at if w.held or spends is None else spends), unit(today),
                        None if spends is None else unit(spends), why))  # fmt: skip
    most = max(2 * sum(wishes.today.values()), wishes.total)
    return Board(wishes, rows, answer, unit(wishes.total), unit(most), sorted(body.get("held", {}).items()),
                 list(body["objectives"]))  # fmt: skip


def solved(body: Mapping[str, Any], wishes: Wishes) -> Any:
    """The exact optimum under the wishes."""
    from regulars.decide.what_if import resolve

    return resolve(body, **wishes.asked())


def answered(body: Mapping[str, Any], wishes: Wishes, decision: Any, proposed: Mapping[str, int]) -> Answer:
    """Figures of the new optimum; gains are contribution whatever it is best for, so that they can be compared."""
    spends = {r.channel: r.proposed for r in decision.rows}
    beside = {n: proposed.get(n, t) for n, t in wishes.today.items()}
    codes = [str(c) for c in decision.binding]
    return Answer(
        gain=gained(body, spends, wishes.today), beside=gained(body, spends, beside), total=sum(spends.values()),
        unspent=left(decision.unspent, spends), extra=decision.extra, extra_earns=round(decision.extra_earns),
        binding=[{"text": sentence(c), "code": c,
                  "more": more_of({"more": decision.shadow_prices[c].more}, decision.objective)} for c in codes],
        objective=decision.objective, reached=None if decision.reached is None else asdict(decision.reached),
        same=all(abs(spends[n] - beside[n]) < 100 for n in spends),
    )  # fmt: skip


def gained(body: Mapping[str, Any], new: Mapping[str, int], old: Mapping[str, int]) -> dict[str, int]:
    """What one split earns over another, spend paid: the mean over the draws and its 90 % interval."""
    import numpy as np

    from regulars.decide.budget_input import BudgetInput

    curves = BudgetInput.read(body).curves
    a, b = (np.array([float(s.get(n, 0)) for n in curves.channels]) for s in (old, new))
    gain = np.atleast_2d(curves.values(b) - curves.values(a)).sum(axis=1) - (b - a).sum()
    low, high = np.quantile(gain, ENDS)
    return {"value": round(float(gain.mean())), "low": round(float(low)), "high": round(float(high))}


def left(amount: int, spends: Mapping[str, int]) -> int:
    """What is better kept than spent; what rounding leaves, a minor unit a channel, is nothing to tell."""
    return amount if amount > len(spends) else 0


def more_of(price: Mapping[str, Any] | None, objective: str | None) -> float | None:
    """What one more unit of a limit earns in money; what it brings of anything else is no money."""
    return (price or {}).get("more") if objective in (None, "contribution") else None


def clash_words(wish: Any, wishes: Wishes, currency: str) -> str:
    """One wish of a conflict in the owner's words, with its amount."""
    head, _colon, name = wish.code.partition(":")
    amount = money_text(wish.amount or 0, currency or settings.COMPANY.currency)
    told = {"channel": label("channel", name), "amount": amount}
    held = name in wishes.channels and wishes.channels[name].held
    if head == "total":
        return _("spend %(amount)s a week in all") % told
    if head == "frozen" or held:
        return _("hold %(channel)s at %(amount)s") % told
    if head == "at_least":
        return _("spend at least %(amount)s on %(channel)s") % told
    if head == "at_most":
        return _("spend at most %(amount)s on %(channel)s") % told
    return sentence(wish.code)
