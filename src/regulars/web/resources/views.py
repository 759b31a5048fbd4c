"""What do we have, who should get it, and what is one more worth?"""

from django.conf import settings
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from regulars.web.people.queries import names_of
from regulars.web.resources import figures, queries, services
from regulars.web.resources.board import (
    board,
    cell_lines,
    cell_word,
    handy,
    resource_lines,
    resource_word,
    solved,
    typed,
    wish_lines,
)  # fmt: skip
from regulars.web.words.labels import label


def resources(request, problem="", said=None, status=200):
    page = board()
    plan = page.answer["plan"]
    lines = cell_lines(page, plan)
    metered = page.body.get("compute", [])
    names = names_of({r["customer"] for c in metered for r in c["first"]}) if metered else {}
    compute = [_compute(c, page, names) for c in metered]
    edited = next((r for r in page.resources if r["code"] == request.GET.get("edit")), None)
    context = {
        "page": page, "plan": plan, "currency": settings.COMPANY.currency, "made_at": page.made_at,
        "resources": resource_lines(page, plan), "lines": lines, "compute": compute,
        "chart": figures.plan_chart(lines), "wishes": wish_lines(page.answer["conflict"], page),
        "others": [_other(c) for c in plan["others"]] if plan else [], "problem": problem,
        "said": said or ({**edited, "kind": edited["code"], "amount": typed(edited),
                          "guarantee": round(edited["guarantee"] * 100)} if edited else {}),
        "usual": [(c, label("resource", c)) for c in services.USUAL],
        "own": [r for r in page.resources if r["code"] not in services.USUAL],
        "meters": [(c["meter"], label("meter", c["meter"])) for c in page.body.get("compute", [])],
        "fairness": [(f, label("fairness", f)) for f in ("worth", "balanced", "equal")],
        "open": bool(problem or edited or not page.resources),
    }  # fmt: skip
    return render(request, "resources/resources.html", context, status=status)


@require_GET
def what_if(request):
    """Other amounts, solved anew: the plan, and how every meter would be shared."""
    page = board()
    changes, problem = {}, ""
    for row in page.resources:
        asked = request.GET.get(row["code"], "").strip()
        if asked == typed(row):
            continue
        try:
            value = services.number(asked, resource_word(row))
        except services.ResourceProblem as found:
            problem = str(found)
            continue
        if value is not None:
            changes[row["code"]] = services.minor(value) if row["code"] == "cash" else value
    answer = solved(page, changes)
    plan, base = answer["plan"], page.answer["plan"]
    context = {
        "currency": settings.COMPANY.currency, "plan": plan, "problem": problem or answer["problem"],
        "wishes": wish_lines(answer["conflict"], page), "resources": resource_lines(page, plan) if plan else [],
        "gain": plan["value"] - base["value"] if plan and base else None,
        "moved": _moved(plan, base) if plan and base else [],
        "shares": [_shared(c, changes, page) for c in page.body.get("compute", [])],
    }  # fmt: skip
    return render(request, "resources/answer.html", context)


@require_POST
def save(request):
    try:
        services.resource_save(request.POST.dict(), request.user.get_username())
    except services.ResourceProblem as found:
        return resources(request, str(found), request.POST.dict(), 422)
    return redirect("resources:resources")


@require_POST
def remove(request):
    services.resource_remove(request.POST.get("code", ""), request.user.get_username())
    return redirect("resources:resources")


@require_POST
def relax(request):
    services.wish_relax(request.POST.get("wish", ""), request.user.get_username())
    return redirect("resources:resources")


def cells(request, problem="", said=None, status=200):
    page = board()
    codes = [r for r in page.resources if r["code"] != "cash"]
    edited = next((c for c in page.cells if c.code == request.GET.get("edit")), None)
    written = {f"{r['market']}/{r['mode']}/{r['partner']}": r for r in queries.cell_rows()}
    context = {
        "rows": [_cell(c, codes, c.code in written) for c in page.cells], "edited": edited,
        "codes": [resource_word(r) for r in codes], "levels": queries.level_rows(),
        "level_kinds": [(k, label("service", k)) for k in services.LEVEL_KINDS],
        "closed": [{"code": k, "word": cell_word(k)} for k, r in written.items() if r["closed"]], "problem": problem,
        "said": said or (_typed(edited, written.get(edited.code, {})) if edited else {}),
        "uses": [{"code": r["code"], "word": resource_word(r),
                  "value": (said or {}).get(f"use-{r['code']}", f"{edited.uses[r['code']]:.6g}"
                                            if edited and r["code"] in edited.uses else "")} for r in codes],
        "modes": [(m, label("channel_mode", m)) for m in services.MODES], "currency": settings.COMPANY.currency,
        "open": bool(problem or edited or "add" in request.GET or not page.cells),
    }  # fmt: skip
    return render(request, "resources/cells.html", context, status=status)


@require_POST
def cell_save(request):
    page = board()
    codes = tuple(r["code"] for r in page.resources)
    said = request.POST.dict()
    try:
        services.cell_save(_own_words(said, page.body.get("facts", [])), codes, request.user.get_username())
    except services.ResourceProblem as found:
        return cells(request, str(found), said, 422)
    return redirect("resources:cells")


@require_POST
def cell_forget(request):
    services.cell_forget(request.POST.get("code", ""), request.user.get_username())
    return redirect("resources:cells")


@require_POST
def level_save(request):
    codes = tuple(r["code"] for r in board().resources)
    try:
        services.level_save(request.POST.dict(), codes, request.user.get_username())
    except services.ResourceProblem as found:
        return cells(request, str(found), {}, 422)
    return redirect("resources:cells")


@require_POST
def level_remove(request):
    services.level_remove(request.POST.get("kind", ""), request.POST.get("name", ""), request.user.get_username())
    return redirect("resources:cells")


def _unit(row):
    return row["unit"] if row["unit"] and row["unit"] != "hours" else _("hours") if row["unit"] else ""


def _compute(found, page, names):
    row = next((r for r in page.resources if r["meter"] == found["meter"]), None)
    unit = _unit(row) if row else ""
    return {
        **found, "word": resource_word(row) if row else label("meter", found["meter"]), "unit": unit,
        "assumed": bool(row and row["assumed"]), "shares": figures.share_chart(found, found["share"], unit),
        "demand_chart": figures.demand_chart(found, unit), "changed": bool(row) and row["amount"] != found["amount"],
        "rows": [{**r, "word": figures.plan_name(r["plan"])} for r in found["share"]["plans"]],
        "short": max(0.0, found["demand"] - found["amount"]),
        "handy": handy(found["share"]["more"]),
        "first": [{**r, "name": names.get(r["customer"]) or r["customer"], "word": figures.plan_name(r["plan"])}
                  for r in found["first"][:8]],
    }  # fmt: skip


def _shared(found, changes, page):
    """One meter under the amount asked about."""
    from regulars.decide.resources_body import share_again
    from regulars.decide.result import InfeasibleError

    row = next((r for r in page.resources if r["meter"] == found["meter"]), None)
    if row is None:
        return None
    amount = changes.get(row["code"], row["amount"])
    try:
        same = amount == found["amount"] and row["fairness"] == found["fairness"]
        share = found["share"] if same else share_again(found, amount, row["fairness"])
    except InfeasibleError:
        return {"word": resource_word(row), "promised": True}
    return {"word": resource_word(row), "share": share, "handy": handy(share["more"]),
            "rows": [{**r, "word": figures.plan_name(r["plan"])} for r in share["plans"]]}  # fmt: skip


def _moved(plan, base):
    """Cells whose units change, the largest change of money first."""
    before = {s["code"]: s for s in base["served"]}
    after = {s["code"]: s for s in plan["served"]}
    rows = []
    for code in {**before, **after}:
        was, now = (d.get(code, {"units": 0.0, "contribution": 0.0}) for d in (before, after))
        if abs(now["units"] - was["units"]) > 1e-6 * max(1.0, was["units"]):
            rows.append({"word": cell_word(code), "was": was["units"], "now": now["units"],
                         "money": now["contribution"] - was["contribution"]})  # fmt: skip
    return sorted(rows, key=lambda r: -abs(r["money"]))[:10]


def _other(code):
    kind, _sep, rest = code.partition(":")
    words = {"at_most": _("%(who)s at its most"), "at_least": _("%(who)s at its least"),
             "frozen": _("%(who)s is frozen"), "capacity": _("the capacity of %(who)s"),
             "minimum": _("the minimum of %(who)s")}  # fmt: skip
    return words.get(kind, "%(who)s") % {"who": cell_word(rest or kind)}


def _cell(cell, codes, written):
    return {"cell": cell, "word": cell_word(cell.code), "written": written, "high": None if cell.high == float("inf")
            else cell.high, "uses": [cell.uses.get(r["code"]) for r in codes]}  # fmt: skip


def _own_words(said, facts):
    """What was typed without what the facts say anyway, so that a price that moves tomorrow still moves here."""
    from regulars.decide.resources_body import cell_of

    code = f"{said.get('market', '').strip()}/{said.get('mode', '')}/{said.get('partner', '').strip() or 'self'}"
    cell = next((c for c in map(cell_of, facts) if c.code == code), None)
    if cell is None:
        return said
    shown = _typed(cell, {}) | {f"use-{k}": f"{v:.6g}" for k, v in cell.uses.items()}
    fixed = ("market", "mode", "partner", "signed", "closed")
    return {k: "" if k not in fixed and v.strip() == shown.get(k) else v for k, v in said.items()}


def _typed(cell, written):
    """The form of a cell: what it is now; limits only where the owner set them."""
    from regulars.web.words.amounts import major

    found = {"market": cell.market, "mode": cell.mode, "partner": "" if cell.partner == "self" else cell.partner,
             "demand": f"{cell.demand:.6g}", "kappa": f"{cell.kappa:g}", "churn": f"{cell.churn * 100:.4g}",
             "signed": cell.signed, "minimum": f"{cell.minimum:g}" if cell.minimum else "",
             "capacity": "" if cell.capacity == float("inf") else f"{cell.capacity:g}"}  # fmt: skip
    found |= {n: str(major(getattr(cell, n))) for n in services.MONEY}
    return found | {n: "" if written.get(n) is None else f"{written[n]:g}" for n in ("low", "high", "frozen")}
