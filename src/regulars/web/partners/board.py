"""The choice of partners as the page shows it, solved again at the budget the owner slides to."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from regulars.web.words.amounts import money_text, percent_text


def answer_at(body: dict[str, Any], budget: int | None) -> dict[str, Any]:
    """The stored answer, or a new one at another budget: ``answer``, ``conflict`` and the budget it is for."""
    choice = body["choice"]
    if budget is None or budget == choice["budget"]:
        return {"answer": body["answer"], "conflict": body["conflict"], "budget": choice["budget"]}
    from regulars.decide.partners_board import solved

    answer, conflict, _frontier = solved(choice, float(budget), steps=0)
    return {"answer": None if answer is None else asdict(answer), "conflict": conflict, "budget": budget}


def wish(code: str, amount: float | None, names: dict[str, str], currency: str) -> str:
    """One wish of a conflict, or one limit, in the owner's words."""
    kind, _colon, about = code.partition(":")
    if kind == "budget":
        return (
            _("The budget of %(money)s") % {"money": money_text(amount, currency)}
            if amount is not None
            else _("The budget")
        )
    if kind == "conflict":
        one, _bar, other = about.partition("|")
        return _("%(one)s and %(other)s not together") % {"one": names.get(one, one), "other": names.get(other, other)}
    if kind == "region":
        return _("At least %(n)s partners in %(region)s") % {
            "n": f"{amount:g}" if amount is not None else "",
            "region": about,
        }
    if kind == "most":
        return _("At most %(n)s partners") % {"n": f"{amount:g}" if amount is not None else ""}
    if code == "concentration" and amount is not None:
        return _("No partner above %(share)s of the revenue") % {"share": percent_text(amount)}
    return _("No partner above its share of the revenue")


def chosen(
    found: dict[str, Any], names: dict[str, str], states: dict[str, str], offers: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Every offer: chosen or not, what it brings, what it costs."""
    answer = found["answer"]
    total = sum(answer["revenue"].values()) if answer else 0.0
    rows = []
    for o in offers:
        revenue = answer["revenue"].get(o["name"]) if answer else None
        served = [m for m, who in (answer["served"] if answer else {}).items() if o["name"] in who]
        rows.append({
            "code": o["name"], "name": names.get(o["name"], o["name"]), "chosen": revenue is not None,
            "revenue": revenue,
            "share": revenue / total if revenue and total else None, "cost": o["cost"], "quality": o["quality"],
            "markets": served, "signed": states.get(o["name"]) == "signed",
        })  # fmt: skip
    return sorted(rows, key=lambda r: (not r["chosen"], -(r["revenue"] or 0), r["name"]))
