"""What the pages of resources show: the newest finding, and beside it what the owner wrote since, solved anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from regulars.tables import currency_digits
from regulars.web.findings.queries import finding
from regulars.web.resources import queries
from regulars.web.resources.services import USUAL
from regulars.web.words.labels import label


@dataclass(frozen=True)
class Board:
    """``fresh`` is the plan under what is written now; ``stored`` whether it is the one of the last turn."""

    body: Mapping[str, Any]
    made_at: datetime | None
    resources: list[dict[str, Any]]
    cells: list[Any]
    answer: Mapping[str, Any]
    stored: bool
    levels: Mapping[str, Any] = field(default_factory=dict)
    written: frozenset[str] = field(default_factory=frozenset)

    @property
    def units(self) -> Mapping[str, float]:
        return self.body.get("units", {})


def board() -> Board:
    """The newest plan; where the owner wrote something since, solved anew in this request."""
    from regulars.decide.resources_body import cell_body, cell_of, solve
    from regulars.decide.resources_facts import Resource, corrected, written_levels

    found = finding("resources")
    body: dict[str, Any] = found.body if found else {}
    rows = queries.resource_rows()
    known = {r["code"] for r in rows}
    meters = {r["meter"] for r in rows if r["meter"]}
    assumed = [r for r in body.get("resources", []) if r["assumed"] and r["code"] not in known
               and r["meter"] not in meters]  # fmt: skip
    resources = [*({**r, "assumed": False} for r in rows), *assumed]
    cells = corrected([cell_of(c) for c in body.get("facts", [])], queries.cell_rows())
    offered = queries.level_rows()
    levels = written_levels(offered)
    amounts = {r["code"]: r["amount"] for r in resources}
    before = {r["code"]: r["amount"] for r in body.get("resources", [])}
    stored = (
        bool(body)
        and amounts == before
        and offered == body.get("levels", [])
        and [cell_body(c) for c in cells] == _cells(body)
    )
    if stored:
        answer = {k: body[k] for k in ("plan", "conflict", "problem")}
    else:
        answer = solve(cells, [Resource(**r) for r in resources], levels)
    return Board(
        body, found.made_at if found else None, resources, list(cells), answer, stored, levels, frozenset(known)
    )


def _cells(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{**c, "segments": tuple(c["segments"]), "effects": tuple(c["effects"])} for c in body.get("cells", [])]


def solved(page: Board, changes: Mapping[str, float]) -> Mapping[str, Any]:
    """The plan with other amounts."""
    from regulars.decide.resources_body import solve
    from regulars.decide.resources_facts import Resource

    resources = [Resource(**{**r, "amount": changes.get(r["code"], r["amount"])}) for r in page.resources]
    return solve(page.cells, resources, page.levels)


def resource_word(row: Mapping[str, Any]) -> str:
    """The owner's name of a resource, or the word of its code."""
    if row.get("name"):
        return str(row["name"])
    code = str(row["code"])
    return str(label("resource", code)) if code in USUAL else str(label("meter", code))


def resource_lines(page: Board, plan: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """One line a resource: what there is, what is used, what one more is worth and how far."""
    by = {r["code"]: r for r in plan["resources"]} if plan else {}
    lines = []
    for row in page.resources:
        found = by.get(row["code"], {})
        amount, used = row["amount"], found.get("used", 0.0)
        now = float(typed(row))
        step, worth = handy(found.get("more"))
        most = round(2 * now) if now >= 5 else 2 * now or 10
        lines.append({
            **row, **found, "amount": amount, "word": resource_word(row), "used": used, "cash": row["code"] == "cash",
            "share": min(1.0, used / amount) if amount else float(used > 0), "typed": typed(row),
            "most": most, "step": most / 100 if most <= 10 else max(1, round(most / 200)),
            "per_more": step, "worth": worth, "in_use": bool(found) and used > 0,
        })  # fmt: skip
    return lines


def handy(money: float | None) -> tuple[int, float]:
    """How many units are worth speaking of, and their money: one, or as many as make a whole unit of money."""
    step, amount = 1, abs(money or 0.0)
    while 0 < amount * step < 10 ** currency_digits(settings.COMPANY.currency) and step < 10**9:
        step *= 10
    return step, (money or 0.0) * step


def typed(row: Mapping[str, Any]) -> str:
    """The amount as the owner would type it."""
    value = row["amount"]
    if row["code"] == "cash":
        value /= 10 ** currency_digits(settings.COMPANY.currency)
    return f"{value:.10g}" if value < 10 else f"{round(value)}"


def cell_lines(page: Board, plan: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """One line a cell: what it serves today and under the plan, and the money of it, the largest first."""
    served = {s["code"]: s for s in plan["served"]} if plan else {}
    lines = []
    for c in page.cells:
        row = served.get(c.code, {})
        today = page.units.get(c.code)
        units = row.get("units", 0.0)
        lines.append({
            "code": c.code, "market": c.market, "mode": c.mode, "partner": "" if c.partner == "self" else c.partner,
            "today": today, "units": units, "level": row.get("level", ""), "contribution": row.get("contribution", 0.0),
            "moves": None if today is None else units - today,
        })  # fmt: skip
    return sorted(lines, key=lambda r: (-r["contribution"], r["code"]))


def wish_lines(conflict: list[dict[str, Any]], page: Board) -> list[dict[str, Any]]:
    """A conflict in the owner's words; what only the facts know cannot be given up here."""
    words = {r["code"]: resource_word(r) for r in page.resources}
    kinds = {
        "at_least": _("at least %(amount)s a week from %(who)s"),
        "at_most": _("at most %(amount)s a week from %(who)s"),
        "frozen": _("%(who)s held at %(amount)s a week"), "signed": _("%(who)s is signed"),
        "minimum": _("the minimum of %(who)s"), "capacity": _("the capacity of %(who)s"),
        "one_reseller": _("one reseller in %(who)s"),
    }  # fmt: skip
    lines = []
    for wish in conflict:
        kind, _sep, rest = wish["code"].partition(":")
        amount = "" if wish["amount"] is None else f"{wish['amount']:,.6g}"
        if not rest:
            text = _("%(what)s: only %(amount)s a week") % {"what": words.get(kind, kind), "amount": amount}
        else:
            text = kinds.get(kind, "%(who)s") % {"who": cell_word(rest), "amount": amount}
        lines.append({"code": wish["code"], "text": text, "gives": kind != "one_reseller"
                      and (bool(rest) or wish["code"] in page.written)})  # fmt: skip
    return lines


def cell_word(code: str) -> str:
    """A cell as the owner says it: market · mode · partner."""
    parts = code.split("/")
    if len(parts) != 3:
        return code
    market, mode, partner = parts
    words = [str(label("market", market)), str(label("channel_mode", mode)), "" if partner == "self" else partner]
    return " · ".join(w for w in words if w)
