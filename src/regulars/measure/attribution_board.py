"""Who gets the credit: the methods side by side, what they disagree on, and the test that would settle most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.measure.attribution import FEW_CONVERSIONS, Attribution
from regulars.measure.credit_tests import Proof, proofs
from regulars.measure.journeys import Journeys, journeys
from regulars.measure.path_builder import PathBuilder
from regulars.measure.resample import Buckets, buckets
from regulars.measure.sales import DIRECT, LOOKBACK_DAYS, fact
from regulars.measure.view import View

MADE_BY: Final = "attribution/1"
DAYS: Final = 365
HALF_LIFE: Final = 7.0
DRAWS: Final = 200
TOP_PATHS: Final = 12
# Touches shown one by one; longer paths are one group.
LONGEST: Final = 6
WAITS: Final = ((0, 1), (1, 3), (3, 7), (7, 14), (14, 30), (30, 60), (60, LOOKBACK_DAYS + 1))
# Rules are shown by the contact they favour, then the methods that learn from the data.
METHODS: Final = (
    "first", "position", "linear", "time_decay", "last_non_direct", "last", "markov", "shapley", "logistic",
)  # fmt: skip
UNKNOWN: Final = 0.5
WORTH_SAYING: Final = 1.1


@dataclass(frozen=True)
class Credit:
    """What one method credits to a channel: orders, money (minor units) with its interval, and share of the money."""

    method: str
    orders: float
    money: int
    low: int
    high: int
    share: float
    removal_effect: float | None = None


@dataclass(frozen=True)
class ChannelCredit:
    """One channel: what it cost, what each method credits to it, and how far they are apart.

    ``least`` and ``most`` are the methods at the ends; ``clear`` says that their intervals do not overlap and that
    the most generous gives at least a tenth more; ``pays`` is how many methods find that its margin covers the spend,
    None without spend.
    """

    channel: str
    spend: int
    credits: tuple[Credit, ...]
    least: str
    most: str
    spread: float
    clear: bool
    pays: int | None


@dataclass(frozen=True)
class CreditTest:
    """The channel whose test would settle most: its spend a week, and profit per 1 spent by two methods."""

    channel: str
    spend_week: int
    least: str
    most: str
    roas_low: float
    roas_high: float
    flips: bool


@dataclass(frozen=True)
class TopPath:
    """A path with its orders, money, and journeys lost."""

    path: tuple[str, ...]
    orders: int
    money: int
    lost: int


@dataclass(frozen=True)
class Group:
    """Orders and money of paths of one length, or of one time from the first contact; ``high`` None is open."""

    low: int
    high: int | None
    orders: int
    money: int


@dataclass(frozen=True)
class AttributionBoard:
    """``rows`` by money of the Markov chain; ``contacts`` is the mean number on the way to an order."""

    days: int
    lookback_days: int
    half_life_days: float
    orders: int
    money: int
    lost: int
    unknown: int
    contacts: float
    methods: tuple[str, ...]
    rows: tuple[ChannelCredit, ...]
    test: CreditTest | None
    proofs: tuple[Proof, ...]
    paths: tuple[TopPath, ...]
    lengths: tuple[Group, ...]
    waits: tuple[Group, ...]
    auc: float | None
    limits: tuple[str, ...]
    made_by: str


class Told(NamedTuple):
    """Journeys with their ages, and the same with equal paths as one."""

    aged: Journeys
    merged: Journeys
    known: NDArray[np.bool_]
    wait: NDArray[np.float64]
    length: NDArray[np.int64]


def attribution_board(view: View) -> AttributionBoard | None:
    """The board of this turn; None while no order is paid in the company's currency."""
    paths = _paths(view)
    won = paths.filter(pc.equal(paths["conversions"], 1))
    if not won.num_rows:
        return None
    told = _told(paths)
    fitted = _fitted(told)
    spend = _costs(view).groupby("channel")["amount"].sum()
    margin = float(view.settings.margin)
    rows = _rows(fitted, spend, margin)
    orders, unknown = won.num_rows, int((~told.known & (told.aged.won > 0)).sum())
    limits = [code for method in fitted.values() for code in method.limits_]
    limits += ["few_contacts_known"] if unknown > UNKNOWN * orders else []
    money = told.aged.money
    credited = {r.channel: {c.method: margin * c.money / r.spend for c in r.credits} for r in rows if r.spend > 0}
    proved = proofs(view.book.get("experiments"), credited, _costs(view), order_value=float(money.sum()) / orders,
                    margin=margin, currency=view.settings.currency, today=view.today)  # fmt: skip
    return AttributionBoard(
        days=DAYS, lookback_days=LOOKBACK_DAYS, half_life_days=HALF_LIFE, orders=orders, money=int(money.sum()),
        lost=int(told.aged.lost.sum()), unknown=unknown, contacts=float(told.length[told.aged.won > 0].mean()),
        methods=tuple(fitted), rows=rows, test=_test(rows, margin, {p.channel for p in proved}), proofs=proved,
        paths=_top(told.merged), lengths=_lengths(told), waits=_waits(told),
        auc=fitted["logistic"].auc_ if "logistic" in fitted else None, limits=tuple(dict.fromkeys(limits)),
        made_by=MADE_BY,
    )  # fmt: skip


def _paths(view: View) -> pa.Table:
    """Journeys settled in the last year, in the company's currency; the same paths as the key figures of credit."""
    since = view.today - timedelta(days=DAYS + 2 * LOOKBACK_DAYS)
    orders, touches = (fact(view.facts, name, view.today) for name in ("orders", "touches"))
    builder = PathBuilder(LOOKBACK_DAYS, dedupe_minutes=0, split_at_conversion=False)
    paths = builder.build_arrow(touches.filter(touches.day >= since), orders.filter(orders.day >= since), now=view.now)
    recent = pc.greater(paths["at"], pa.scalar(view.now - timedelta(days=DAYS), paths["at"].type))
    own = pc.fill_null(pc.equal(paths["currency"], view.settings.currency), True)
    return paths.filter(pc.and_(recent, own))


def _told(paths: pa.Table) -> Told:
    aged = journeys(paths)
    merged = journeys(paths.drop(["ages"]))
    assert aged.ages is not None  # the table has them
    oldest = np.maximum.reduceat(aged.ages, aged.start[:-1])[aged.path]
    length = aged.length[aged.path]
    # An order without a contact has its own channel as its only one, at its very moment.
    return Told(aged, merged, (length > 1) | (oldest > 0), oldest, length)


def _fitted(told: Told) -> dict[str, Attribution]:
    """Every method that has something of its own to say, on the same draws of the same journeys."""
    drawn: dict[bool, Buckets] = {}
    found: dict[str, Attribution] = {}
    for method in METHODS:
        if method == "last_non_direct" and DIRECT not in told.merged.names:
            continue
        if method == "logistic" and not (told.merged.lost.any() and told.merged.won.sum() >= FEW_CONVERSIONS):
            continue
        aged = method == "time_decay"
        own = told.aged if aged else told.merged
        drawn[aged] = drawn.get(aged) or buckets(own, DRAWS, 0)
        found[method] = Attribution(method=method, half_life_days=HALF_LIFE).fit_journeys(own, drawn[aged])
    if "path_model_no_better_than_luck" in getattr(found.get("logistic"), "limits_", ()):
        del found["logistic"]
    return found


def _costs(view: View) -> pd.DataFrame:
    """Daily spend of the year in the company's currency."""
    cost = view.cube.spend
    since = pd.Timestamp(view.today) - pd.Timedelta(days=DAYS)
    own: pd.DataFrame = cost[(cost["currency"] == view.settings.currency) & (cost["day"] > since)]
    return own


def _rows(fitted: dict[str, Attribution], spend: pd.Series, margin: float) -> tuple[ChannelCredit, ...]:
    by: dict[str, list[Credit]] = {}
    for method, model in fitted.items():
        table = model.credits_.to_pydict()
        ends = model.intervals_.to_pydict()
        effects = (model.removal_effects_ or pa.table({"conversions": pa.nulls(len(table["channel"]))}))["conversions"]
        total = sum(table["value"]) or 1
        for i, channel in enumerate(table["channel"]):
            by.setdefault(channel, []).append(Credit(
                method, table["conversions"][i], int(table["value"][i]), round(ends["value_low"][i]),
                round(ends["value_high"][i]), table["value"][i] / total, effects[i].as_py(),
            ))  # fmt: skip
    rows = [_row(channel, credits, int(spend.get(channel, 0)), margin) for channel, credits in by.items()]
    chain = {r.channel: next(c.money for c in r.credits if c.method == "markov") for r in rows}
    return tuple(sorted(rows, key=lambda r: (-chain[r.channel], r.channel)))


def _row(channel: str, credits: list[Credit], spend: int, margin: float) -> ChannelCredit:
    least, most = min(credits, key=lambda c: c.money), max(credits, key=lambda c: c.money)
    pays = sum(margin * c.money > spend for c in credits) if spend > 0 else None
    return ChannelCredit(channel, spend, tuple(credits), least.method, most.method, most.share - least.share,
                         least.high < most.low and most.money >= WORTH_SAYING * least.money, pays)  # fmt: skip


def _test(rows: tuple[ChannelCredit, ...], margin: float, tested: set[str]) -> CreditTest | None:
    """The channel with the most spend resting on the choice of method; first those whose verdict flips with it.

    Channels a test of the last year has measured are out: there the test is the answer.
    """

    def ends(row: ChannelCredit) -> tuple[int, int]:
        return min(c.money for c in row.credits), max(c.money for c in row.credits)

    def stake(row: ChannelCredit) -> tuple[bool, float]:
        low, high = ends(row)
        return row.pays not in (0, len(row.credits)), row.spend * (high - low) / max(high + low, 1)

    paid = [r for r in rows if r.spend > 0 and r.least != r.most and r.channel not in tested]
    if not paid:
        return None
    row = max(paid, key=stake)
    low, high = ends(row)
    return CreditTest(row.channel, round(row.spend * 7 / DAYS), row.least, row.most, margin * low / row.spend,
                      margin * high / row.spend, stake(row)[0])  # fmt: skip


def _top(told: Journeys) -> tuple[TopPath, ...]:
    won, money, lost = (told.total(part) for part in (told.won, told.money, told.lost))
    best = np.lexsort((-money, -won))[:TOP_PATHS]
    names = np.array(told.names, dtype=object)
    return tuple(
        TopPath(tuple(names[told.channel[told.start[d] : told.start[d + 1]]]), round(won[d]), round(money[d]),
                round(lost[d]))
        for d in best if won[d]
    )  # fmt: skip


def _lengths(told: Told) -> tuple[Group, ...]:
    size = np.minimum(told.length, LONGEST)
    orders, money = (np.bincount(size, part, LONGEST + 1) for part in (told.aged.won, told.aged.money))
    return tuple(Group(n, n if n < LONGEST else None, round(orders[n]), round(money[n]))
                 for n in range(1, LONGEST + 1))  # fmt: skip


def _waits(told: Told) -> tuple[Group, ...]:
    """Orders by days from their first known contact."""
    some = told.known & (told.aged.won > 0)
    at = np.searchsorted([low for low, _ in WAITS], told.wait[some], side="right") - 1
    orders, money = (np.bincount(at, part[some], len(WAITS)) for part in (told.aged.won, told.aged.money))
    return tuple(Group(low, high, round(orders[i]), round(money[i])) for i, (low, high) in enumerate(WAITS))
