"""What next in figures: how the best sellers go together, what follows what, and how well it was foretold."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.affinity.queries import Titles


def matrix_chart(body: dict[str, Any], titles: Titles) -> charts.Chart | None:
    """A heat map: of the orders with the product on the left, how many per cent hold the one below."""
    keys = list(dict.fromkeys(p["product"] for p in body["matrix"]))
    if len(keys) < 2:
        return None
    share = {(p["product"], p["then"]): p["share"] for p in body["matrix"]}
    names = distinct([titles.short(k) for k in keys])
    cells = [[names[x], y, share[a, b]] for y, a in enumerate(keys) for x, b in enumerate(keys) if (a, b) in share]
    rows = [[titles(a), *(share.get((a, b)) for b in keys)] for a in keys]
    option = {
        "xAxis": {"type": "category", "data": names, "axisLabel": {"rotate": 40, "interval": 0}},
        "yAxis": {"type": "category", "data": names, "inverse": True},
        "visualMap": {"min": 0, "max": max(share.values()) or 1, "show": False, "kind": "percent"},
        "series": [{"type": "heatmap", "role": "heatmap", "data": cells}],
    }
    columns = [charts.Axis(_("Product"), "text"), *(charts.Axis(titles(k), "percent") for k in keys)]
    note = (
        _("Of the customers who have the product on the left, how many per cent have the one below too.")
        if body["unit"] == "people"
        else _("Of the orders with the product on the left, how many per cent hold the one below too.")
    )
    return charts.Chart("matrix", _("How the best sellers go together"), option, columns, charts.cleaned(rows),
                        note=note, kind="item")  # fmt: skip


def distinct(names: list[str]) -> list[str]:
    """Names an axis can tell apart: a second one gets a number."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return out


def follow_chart(body: dict[str, Any], titles: Titles, most: int = 10) -> charts.Chart | None:
    """What the next order holds after an order with X, with the range of each share."""
    rows = [
        (f"{titles.short(f['product'], 22)} → {titles.short(f['then'], 22)}", f["share"], f["low"], f["high"])
        for f in body["follows"][:most]
    ]
    if not rows:
        return None
    chart = charts.bar(
        "follows", _("What the next order holds"), rows, charts.Axis(_("After → then"), "text"),
        [charts.Axis(_("Share of next orders"), "percent")], across=True, intervals=True,
        note=_("Only pairs that are more than luck."),
    )  # fmt: skip
    chart.option["xAxis"]["name"] = ""
    return chart


def test_rows(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The held-out test as rows: our figure beside popularity."""
    held = body["held_out"]
    if not held:
        return []
    found = {name: (value, low, high) for name, value, low, high in held["metrics"]}
    words = (
        ("recall", _("New purchases found among %(k)s suggestions") % {"k": held["k"]}),
        ("ndcg", _("Quality of the order of the list (nDCG)")),
        ("coverage", _("Products suggested to anybody")),
        ("diversity", _("Chance that two people see different products")),
    )
    return [
        {"word": word, "ours": found[name], "plain": found[f"{name}_popularity"]}
        for name, word in words
        if name in found
    ]
