"""Response curves of a plan as charts: today's and the proposed point on each, with the band of what is not known."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from regulars.tables import why_codes
from regulars.web import charts
from regulars.web.plans.models import Plan
from regulars.web.words.amounts import major
from regulars.web.words.labels import label

POINTS = 48
BAND = (0.05, 0.95)


def curve_charts(
    plan: Plan, responses: list[dict[str, Any]], split: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """A chart for each channel with a curve; with ``split`` (the finding) its draws give the band."""
    known = {r["channel"]: r for r in responses}
    bands = _bands(split) if split else {}
    found = []
    for place, row in enumerate((plan.budget or {}).get("rows") or ()):
        drawn = bands.get(row["channel"]) or _plain(row)
        if drawn is None:
            continue
        earns = drawn["at"]
        why = (known.get(row["channel"]) or {}).get("why") or ""
        found.append({
            "chart": curve(f"curve-{place}", label("channel", row["channel"]), plan.currency, drawn["rows"],
                           [(row[when], earns(row[when])) for when in ("today", "proposed")]),
            "why": why, "made_by": (known.get(row["channel"]) or {}).get("made_by") or "",
            "undecided": "data_did_not_decide" in why_codes(why), "half": round(row["half"]),
        })  # fmt: skip
    return found


def _plain(row: dict[str, Any]) -> dict[str, Any] | None:
    """The curve through the middle of what is known, from the plan's own row."""
    import numpy as np

    from regulars.decide.curves import Curves

    if not row.get("half") or row.get("worth") is None or row.get("form") == "points":
        return None
    form = row.get("form") or "hyperbolic"
    made = Curves.make([row["channel"]], ceiling=[row["worth"]], half=[row["half"]], form=form,
                       shape=row.get("shape") or 1.0)  # fmt: skip

    def at(spend: float) -> float:
        return float(np.ravel(made.value([float(spend)]))[0])

    most = max(row["today"], row["proposed"], row["half"]) * 1.6
    return {"at": at, "rows": [[float(s), at(s)] for s in np.linspace(0.0, most, POINTS)]}


def _bands(split: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By channel: rows (spend, mean, low, high) and a function for one point, from the draws of the finding."""
    import numpy as np

    from regulars.decide.budget_input import BudgetInput

    asked = BudgetInput.read(split)
    proposed = (split.get("answer") or {}).get("proposed") or {}
    curves, out = asked.curves, {}
    if curves.worth.ndim == 1:
        return {}
    most = np.array([max(t, proposed.get(n, 0), h) * 1.6
                     for n, t, h in zip(curves.channels, asked.today, curves.halves, strict=True)])  # fmt: skip
    grid = np.linspace(0.0, 1.0, POINTS)[:, None] * most
    values = np.stack([np.atleast_2d(curves.values(spend)) for spend in grid])  # points, draws, channels
    mean, low, high = values.mean(axis=1), *(np.quantile(values, q, axis=1) for q in BAND)
    for i, name in enumerate(curves.channels):

        def at(spend: float, i: int = i) -> float:
            x = np.zeros(len(curves.channels))
            x[i] = spend
            return float(np.atleast_2d(curves.values(x))[:, i].mean())

        out[name] = {"at": at, "rows": np.stack([grid[:, i], mean[:, i], low[:, i], high[:, i]], axis=1).tolist()}
    return out


def curve(id: str, title: str, currency: str, drawn: list[list[float]],
          points: list[tuple[float, float]]) -> charts.Chart:  # fmt: skip
    """One curve: spend a week across, what it brings a week up, two points, and the band where it is known."""

    def unit(amount: float) -> float:
        return round(float(major(amount, currency)), 2)

    rows = [[unit(v) for v in r] for r in drawn]
    spend, brings = charts.Axis(_("Spend a week"), "money"), charts.Axis(_("Brings a week"), "money")
    columns = [spend, brings]
    option = charts.axes(charts.Axis(spend.title, "money"), brings)
    option["xAxis"] |= {"min": 0, "splitNumber": 3}
    option["yAxis"] |= {"nameLocation": "middle", "nameGap": 50, "splitNumber": 3}
    option["grid"] = {"left": 28, "right": 18, "top": 30, "bottom": 32, "containLabel": True}
    option["series"] = [
        {"type": "line", "name": str(brings.title), "role": "line", "data": [r[:2] for r in rows]},
        {"type": "scatter", "name": _("Today"), "data": [[unit(v) for v in points[0]]], "symbol": "diamond",
         "symbolSize": 13, "itemStyle": {"color": "#8b93a7"}, "z": 6},
        {"type": "scatter", "name": _("As proposed"), "role": "scatter", "data": [[unit(v) for v in points[1]]],
         "symbolSize": 13, "z": 7},
    ]  # fmt: skip
    if rows and len(rows[0]) == 4:
        columns += [charts.Axis(_("Low"), "money"), charts.Axis(_("High"), "money")]
        option["series"] += [
            {"type": "line", "name": "low", "role": "band-low", "data": [[r[0], r[2]] for r in rows], "stack": "band"},
            {"type": "line", "name": "high", "role": "band", "data": [[r[0], r[3] - r[2]] for r in rows],
             "stack": "band"},
        ]  # fmt: skip
    return charts.Chart(id, title, option, columns, rows)
