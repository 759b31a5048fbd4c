"""What next: what is bought together, what follows, what to offer each segment, and how well it was foretold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.tables import SCORES
from regulars.understand.affinity import AND, BasketRules
from regulars.understand.affinity_offers import Offers, SegmentOffer, offers
from regulars.understand.affinity_quality import HeldOut, held_out
from regulars.understand.cards import ModelCard
from regulars.understand.days import day_number
from regulars.understand.ease import EASE
from regulars.understand.itemsets import incidence
from regulars.understand.next_orders import Follows, follows, renewing
from regulars.understand.ownership import Ownership
from regulars.understand.popularity import ContentNeighbours
from regulars.understand.purchase_lines import Purchases, purchases
from regulars.understand.view import View

# The most products the weights are learnt for inside a turn: the time grows with the cube.
WEIGHED, MATRIX = 500, 10
SHOWN_RULES, SHOWN_PRODUCTS, NEAREST = 60, 400, 12
LEAST_ORDERS, LEAST_TOGETHER = 20, 10
# An order of more products than this is a delivery to a shop, not a choice of what goes together.
LARGEST_ORDER = 100


@dataclass(frozen=True)
class Rule:
    """A rule fit to be shown."""

    product: str
    then: str
    baskets: int
    support: float
    confidence: float
    low: float
    lift: float
    leverage: float
    conviction: float | None
    q_value: float


@dataclass(frozen=True)
class Sold:
    """A product: orders with it, people who have it, share of them who bought it again, renews by itself."""

    product: str
    orders: int
    people: int
    renews: bool


@dataclass(frozen=True)
class Pair:
    """Of the orders with ``product``, the share that holds ``then`` too."""

    product: str
    then: str
    orders: int
    share: float


@dataclass(frozen=True)
class AffinityBoard:
    """The page "what next".

    ``unit`` says what a rule counts: ``orders``, or ``people`` where hardly any
    order holds two products. ``near`` gives for every product shown what goes with it: (product,
    weight), the weights add up over a basket. ``unproven`` counts rules that may be luck.
    """

    unit: str
    orders: int
    people: int
    together: float
    rules: tuple[Rule, ...]
    unproven: int
    matrix: tuple[Pair, ...]
    products: tuple[Sold, ...]
    more_products: int
    near: dict[str, tuple[tuple[str, float], ...]]
    follows: tuple[Follows, ...]
    follow_days: int
    segments: tuple[SegmentOffer, ...]
    horizon_days: int
    left_out: dict[str, int]
    nothing_left: int
    held_out: HeldOut | None
    limits: tuple[str, ...]
    cards: tuple[ModelCard, ...]
    scores: pa.Table | None


def affinity_board(view: View) -> AffinityBoard | None:
    """Everything of the page from one reading of the order lines; None without lines that name a product."""
    today = day_number(view.now, view.settings.zone)
    bought = purchases(view.facts["order_lines"], zone=view.settings.zone, until=today)
    bought = _for_sale(bought, view.products)
    if len(bought.what) == 0:
        return None
    renews = renewing(bought)
    unit, rules, unproven, limits = _rules(bought, renews)
    owned = Ownership(bought.people, bought.products, bought.owned(), np.zeros(len(bought.products), dtype=np.int64))
    held = held_out(bought, today)
    # One search for the penalty is enough for both models.
    model = EASE(lam=held.lam if held else None, max_items=WEIGHED, folds=1).fit_owned(owned)
    made = offers(view, bought, renews, today)
    orders, people = (_each(bought, bought.order), np.bincount(owned.table.indices, minlength=len(bought.products)))
    top = np.argsort(-orders, kind="stable")[:SHOWN_PRODUCTS]
    products = tuple(
        Sold(bought.products[i], int(orders[i]), int(people[i]), bool(renews[i])) for i in top if orders[i]
    )
    days = 90
    return AffinityBoard(
        unit=unit, orders=bought.orders, people=len(bought.people), together=_together(bought), rules=rules,
        unproven=unproven,
        matrix=_matrix(bought, unit, top[:MATRIX]), products=products,
        more_products=int((orders > 0).sum()) - len(products),
        near=_near(model, [p.product for p in products], view.products),
        follows=follows(bought, until=today, days=days, skip=renews), follow_days=days,
        segments=made.segments, horizon_days=made.horizon_days, left_out=made.left_out, nothing_left=made.nothing_left,
        held_out=held, limits=tuple(dict.fromkeys((*limits, *model.limits_, *made.limits))),
        cards=_cards(made, model, held, bought), scores=_scores(made, view),
    )  # fmt: skip


def _for_sale(bought: Purchases, products: pa.Table) -> Purchases:
    """Without what the catalogue says is no product: postage, fees, adjustments."""
    known = dict(zip(products["sku"].to_pylist(), products["goods"].to_pylist(), strict=True))
    goods = np.array([known.get(p) is not False for p in bought.products], dtype=np.bool_)
    return bought if goods.all() else bought.some(goods[bought.what])


def _each(bought: Purchases, of: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.bincount(bought.what, minlength=len(bought.products)).astype(np.int64) if len(of) else of


def _together(bought: Purchases) -> float:
    """The share of orders with two products or more."""
    size = np.bincount(np.unique(bought.order, return_inverse=True)[1])
    return float((size > 1).mean()) if len(size) else 0.0


def _rules(bought: Purchases, renews: NDArray[np.bool_]) -> tuple[str, tuple[Rule, ...], int, tuple[str, ...]]:
    """Rules over orders; over people where orders hold one product each."""
    unit, size = "orders", np.bincount(bought.order, minlength=bought.orders)
    large = size > LARGEST_ORDER
    lines = bought.some(~large[bought.order]).lines()
    limits = [f"large_orders_left_out={int(large.sum())}"] if large.any() else []
    if _together(bought) * bought.orders < LEAST_TOGETHER or _together(bought) < 0.02:
        known, limits = bought.known(), []
        unit, lines = "people", pa.table({"basket": known.who, "product": known.lines()["product"]})
    wide = len(bought.products) > 200
    model = BasketRules(min_support=0.002, min_confidence=0.05, max_size=2 if wide else 3).fit(lines)
    limits += model.limits_
    if model.n_baskets_ < LEAST_ORDERS:
        limits.append("too_few_orders")
    kept = model.kept_.filter(pa.array(model.kept_["baskets"].to_numpy() >= 5))
    # A contract and its bill come together by themselves: true, and no news.
    contracts = {bought.products[i] for i in np.flatnonzero(renews)}
    news = [not (contracts.issuperset(a.split(AND)) and b in contracts) for a, b in _sides(kept)]
    chosen = _one_way(kept.filter(pa.array(news, pa.bool_()))).slice(0, SHOWN_RULES)
    names = ("product", "then", "baskets", "support", "confidence", "low", "lift", "leverage", "conviction", "q_value")
    rules = tuple(Rule(**row) for row in chosen.select(list(names)).to_pylist())
    lifted = int((model.rules_["lift"].to_numpy() > 1).sum())
    return unit, rules, max(lifted - model.kept_.num_rows, 0), tuple(limits)


def _one_way(rules: pa.Table) -> pa.Table:
    """Each set of products once, by its surest rule; those first that bring most orders beyond chance."""
    seen: set[frozenset[str]] = set()
    keep = []
    for a, b in _sides(rules):
        keep.append((group := frozenset((*a.split(AND), b))) not in seen)
        seen.add(group)
    return rules.filter(pa.array(keep, pa.bool_())).sort_by([("leverage", "descending"), ("product", "ascending")])


def _sides(rules: pa.Table) -> list[tuple[str, str]]:
    return list(zip(rules["product"].to_pylist(), rules["then"].to_pylist(), strict=True))


def _matrix(bought: Purchases, unit: str, some: NDArray[np.int64]) -> tuple[Pair, ...]:
    """The best sellers against each other; ``orders`` are people where rules count people."""
    rows = bought.known() if unit == "people" else bought
    basket = rows.who if unit == "people" else rows.order
    table = incidence(basket, rows.what, int(basket.max(initial=-1)) + 1, len(bought.products))[:, some]
    both = np.asarray((table.T @ table).toarray())
    each, names = both.diagonal(), [bought.products[i] for i in some]
    return tuple(
        Pair(names[i], names[j], int(both[i, j]), float(both[i, j] / each[i]))
        for i in range(len(some))
        for j in range(len(some))
        if i != j and each[i]
    )


def _near(model: EASE, shown: list[str], products: pa.Table) -> dict[str, tuple[tuple[str, float], ...]]:
    """What goes with each product; for one too rare to have weights, those of the products it resembles by name."""
    place = {key: i for i, key in enumerate(model.items_)}
    names = np.array(model.items_, dtype=object)
    like: ContentNeighbours | None = None
    out = {}
    for product in shown:
        if product in place:
            row = model.coef_[place[product]]
        else:
            like = like or ContentNeighbours().fit(_titles(products, {*model.items_, *shown}))
            row = like.column(product, model.items_, np.asarray(model.coef_.T))
        top = np.argsort(-row, kind="stable")[:NEAREST]
        out[product] = tuple((str(names[i]), round(float(row[i]), 5)) for i in top if row[i] > 0)
    return out


def _titles(products: pa.Table, some: set[str]) -> pa.Table:
    keep = pa.array([sku in some for sku in products["sku"].to_pylist()], pa.bool_())
    return pa.table({"product": products["sku"], "title": products["title"]}).filter(keep)


def _cards(made: Offers, model: EASE, held: HeldOut | None, bought: Purchases) -> tuple[ModelCard, ...]:
    metrics: tuple[tuple[str, float, float | None, float | None], ...] = ()
    if held is not None:
        metrics = tuple((name, value, low, high) for name, value, low, high in held.metrics)
    day = np.array([bought.day.min(), bought.day.max()]).astype("datetime64[D]")
    ease = ModelCard(
        model="ease", version="ease/1", trained_from=str(day[0]), trained_to=str(day[1]), n=model.n_people_,
        features=("owned_products",), parameters=(("lam", model.lam_, None),), holdout=None,
        limits=model.limits_ if held else (*model.limits_, "history_too_short_to_test"), metrics=metrics,
        data="order_lines",
    )  # fmt: skip
    return (ease,) if made.card is None else (ease, made.card)


def _scores(made: Offers, view: View) -> pa.Table | None:
    if made.table.num_rows == 0:
        return None
    t = made.table
    fixed: dict[str, Any] = {
        "customer": t["customer"], "name": "next_product", "value": t["chance"], "low": t["low"], "high": t["high"],
        "label": t["product"], "made_by": t["made_by"], "made_at": view.now, "lake_version": view.lake_version,
        "why": t["why"],
    }  # fmt: skip
    return SCORES.fill(fixed, t.num_rows)
