"""What next in figures: how the best sellers go together, and how well it was foretold."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.affinity.queries import Titles


def matrix_chart(body: dict[str, Any], titles: Titles) -> charts.Chart | None:
    """A heat map: of the orders with the product on the left, how many per cent hold the one with the number below."""
    keys = list(dict.fromkeys(p["product"] for p in body["matrix"]))
    if len(keys) < 2:
        return None
    share = {(p["product"], p["then"]): p["share"] for p in body["matrix"]}
    # Long names do not fit under narrow cells: the columns carry the numbers of the rows.
    names = [f"{n} · {titles.short(k)}" for n, k in enumerate(keys, start=1)]
    cells = [[str(x + 1), y, share[a, b]] for y, a in enumerate(keys) for x, b in enumerate(keys) if (a, b) in share]
    rows = [[titles(a), *(share.get((a, b)) for b in keys)] for a in keys]
    option = {
        "xAxis": {"type": "category", "data": [str(n) for n in range(1, len(keys) + 1)]},
        "yAxis": {"type": "category", "data": names, "inverse": True},
        "visualMap": {"min": 0, "max": max(share.values()) or 1, "show": False, "kind": "percent"},
        "series": [{"type": "heatmap", "role": "heatmap", "data": cells}],
    }
    columns = [charts.Axis(_("Product"), "text"), *(charts.Axis(titles(k), "percent") for k in keys)]
    note = (
        _("Of the customers with the product on the left, how many per cent have the one with the number below.")
        if body["unit"] == "people"
        else _("Of the orders with the product on the left, how many per cent hold the one with the number below.")
    )
    return charts.Chart("matrix", _("How the best sellers go together"), option, columns, charts.cleaned(rows),
                        note=note, kind="item")  # fmt: skip


def test_figures(body: dict[str, Any]) -> list[dict[str, Any]]:
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
