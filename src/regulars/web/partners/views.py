"""Who sells for us, how well, for how much, and who should?"""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.tables import currency_digits
from regulars.web.findings.queries import finding
from regulars.web.partners import board, figures, queries, services, statements
from regulars.web.partners.models import Agreement
from regulars.web.words.amounts import major, money_text, number_text
from regulars.web.words.partners import FIELDS as WORDS
from regulars.web.words.partners import LINES, MODES, ROUNDINGS, RULES, STATES, TIER_PERIODS

LINES_SHOWN = 40


def partners(request, problem=None, said=None, form="", status=200):
    found = finding("partners")
    body = found.body if found else None
    rows = queries.partners()
    names, states = {p.code: p.name for p in rows}, {p.code: p.state for p in rows}
    context = {
        "body": body, "made_at": found.made_at if found else None, "problem": problem, "said": said or {},
        "form": form or request.GET.get("form", ""), "rows": rows, "modes": _modes(), "states": STATES.items(),
        "names": names, "currency": settings.COMPANY.currency, "budget_word": _("Budget for contracts a year"),
        "share_word": _("No partner above, % of revenue"), "most_word": _("At most so many partners"),
        "rules_said": said if form == "rules" else _rules_said(names), "words": WORDS,
        "partner_said": said if form == "partner" else {"mode": "agent", "state": "candidate"},
    }  # fmt: skip
    if body and body["choice"]["offers"]:
        context |= _choice(request, body, names, states)
    if body:
        context["cards"] = [{**c, "name": names[c["partner"]]} for c in body["scorecards"] if c["partner"] in names]
    return render(request, "partners/partners.html", context, status=status)


def _choice(request, body, names, states):
    """The set of partners at the budget of the slider."""
    asked = request.GET.get("budget", "")
    at = board.answer_at(body, int(asked) if asked.isdigit() and len(asked) < 16 else None)
    currency = body["currency"]
    answer = at["answer"]
    offers = board.chosen(at, names, states, body["choice"]["offers"])
    # Signing and ending is decided on in the plan, which asks for it once the owner has set a budget.
    asked_for = at["budget"] == body["choice"]["budget"] and queries.rules().budget is not None
    return {
        "at": at, "answer": answer, "offers": offers,
        "changes": asked_for and any(o["chosen"] != o["signed"] for o in offers),
        "wishes": [board.wish(w["code"], w["amount"], names, currency) for w in at["conflict"]],
        "limits": [{"text": board.wish(code, None, names, currency), "gain": gain, "money": code == "budget"}
                   for code, gain in (answer["relief"] if answer else {}).items()],
        "at_most": max((answer or {}).get("relief_most", {}).values(), default=None),
        "dearest": max(int(sum(o["cost"] for o in body["choice"]["offers"])), int(at["budget"])),
        "frontier": figures.frontier_chart(body["frontier"], currency),
        "uncovered": [m for m, who in (answer["served"] if answer else {}).items() if not who],
    }  # fmt: skip


def typed(amount):
    """Money as it is typed."""
    return "" if not amount and amount != 0 else f"{major(amount):f}".removesuffix(".00")


def _modes():
    return [(m, MODES[m]) for m in services.MODES]


def _rules_said(names):
    r = queries.rules()
    return {
        "budget": typed(r.budget), "most": r.most or "",
        "concentration": "" if r.concentration is None else f"{r.concentration * 100:g}",
        "conflicts": "\n".join(", ".join(names.get(c, c) for c in pair) for pair in r.conflicts),
        "regions": "\n".join(f"{region}: {n}" for region, n in r.regions.items()),
    }  # fmt: skip


def _partner(code):
    row = queries.partner_of(code)
    if row is None:
        raise Http404
    return row


def partner(request, code, problem=None, said=None, form="", status=200):
    row = _partner(code)
    found = finding("partners")
    card = next((c for c in found.body["scorecards"] if c["partner"] == code), None) if found else None
    agreements = sorted(row.agreements.all(), key=lambda a: a.start, reverse=True)
    today = timezone.localdate()
    edited = next((a for a in agreements if a.uid == request.GET.get("agreement")), None)
    context = {
        "row": row, "card": card, "made_at": found.made_at if found else None, "problem": problem, "form": form,
        "body": found.body if found else None,
        "said": said or (_said(edited) if edited else {"start": f"{today.year}-01-01", "payment_days": 30}),
        "edited": edited, "agreements": [{"row": a, "tiers": _tier_words(a)} for a in agreements],
        "rules": RULES.items(), "periods": TIER_PERIODS.items(), "roundings": ROUNDINGS.items(), "modes": _modes(),
        "states": STATES.items(), "payments": sorted(row.payments.all(), key=lambda p: p.due, reverse=True)[:20],
        "months": figures.months_chart(card["months"], found.body["currency"]) if card else None,
        "partner_said": said if form == "partner" else _partner_said(row), "words": WORDS,
        "tiles": _tiles(card, found.body["currency"]) if card else [],
        **_statement(request, agreements, today),
    }  # fmt: skip
    return render(request, "partners/partner.html", context, status=status)


def _partner_said(row):
    return {
        "name": row.name, "region": row.region, "mode": row.mode, "state": row.state, "cost": typed(row.cost),
        "capacity": typed(row.capacity), "expected": "\n".join(f"{m}: {typed(v)}" for m, v in row.expected.items()),
    }  # fmt: skip


def _tiles(card, currency):
    return [
        (_("Revenue of the last year"), money_text(card["revenue"], currency)),
        (_("Orders"), number_text(card["deals"])), (_("Commission"), money_text(card["commission"], currency)),
        (_("Margin after it"), money_text(card["margin"], currency)),
    ]  # fmt: skip


def _statement(request, agreements, today):
    """All months of the agreement asked for, and one of them with its lines."""
    current = next((a for a in agreements if a.uid == request.GET.get("of")), agreements[0] if agreements else None)
    if current is None:
        return {}
    done = statements.statements_of(current, today)
    asked = request.GET.get("month", "")
    one = next((s for s in done if f"{s.year}-{s.month:02d}" == asked), done[-1] if done else None)
    if one is None:
        return {"current": current}
    lines = [
        {"line": x, "word": LINES[x.reason], "rates": statements.rates(x), "base": exact(x.base, one.currency),
         "amount": exact(x.amount, one.currency),
         "exact": f"{x.exact / 1e6 / 10 ** currency_digits(one.currency):,.4f}"}
        for x in one.lines[:LINES_SHOWN]
    ]  # fmt: skip
    sums = {k: exact(getattr(one, k), one.currency) for k in ("commission", "payable", "carried")}
    return {"current": current, "statements": done[::-1][:24], "one": one, "lines": lines, "exact": sums,
            "more_lines": max(len(one.lines) - LINES_SHOWN, 0)}  # fmt: skip


def exact(amount, currency):
    """Money to the cent, never shortened."""
    return f"{major(amount, currency):,}"


def _tier_words(agreement):
    return "; ".join(f"{typed(start)}+: {rate / 10_000:g}%" for start, rate in agreement.terms["tiers"])


def _said(agreement):
    t = agreement.terms
    return {
        **t, "uid": agreement.uid, "start": agreement.start.isoformat(), "channels": ", ".join(t["channels"]),
        "end": agreement.end.isoformat() if agreement.end else "", "markets": ", ".join(t["markets"]),
        "tiers": "\n".join(f"{typed(start)}: {rate / 10_000:g}%" for start, rate in t["tiers"]),
        **{k: typed(t[k]) for k in ("guarantee", "cap", "commitment")},
    }  # fmt: skip


def statement(request, code, uid):
    """One month as CSV."""
    row = Agreement.objects.filter(uid=uid, partner_id=code).first()
    if row is None:
        raise Http404
    month = request.GET.get("month", "")
    one = next(
        (s for s in statements.statements_of(row, timezone.localdate()) if f"{s.year}-{s.month:02d}" == month), None
    )
    if one is None:
        raise Http404
    answer = StreamingHttpResponse(statements.statement_lines(one), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="commission-{one.year}-{one.month:02d}.csv"'
    return answer


@require_POST
def save(request):
    code = request.POST.get("partner", "")
    try:
        row = services.partner_save(code, request.POST.dict(), request.user.get_username())
    except services.PartnerProblem as told:
        if code and queries.partner_of(code):
            return partner(request, code, told, request.POST.dict(), "partner", 422)
        return partners(request, told, request.POST.dict(), "partner", 422)
    messages.success(request, _("Kept. It counts from the next turn."))
    return redirect("partners:partner", row.code)


@require_POST
def remove(request, code):
    services.partner_remove(code, request.user.get_username())
    return redirect("partners:partners")


@require_POST
def agreement_save(request, code):
    row = _partner(code)
    try:
        services.agreement_save(row, request.POST.get("uid", ""), request.POST.dict(), request.user.get_username())
    except services.PartnerProblem as told:
        return partner(request, code, told, request.POST.dict(), "agreement", 422)
    messages.success(request, _("Kept. It counts from the next turn."))
    return redirect("partners:partner", code)


@require_POST
def agreement_remove(request, code, uid):
    services.agreement_remove(uid, request.user.get_username())
    return redirect("partners:partner", code)


@require_POST
def payment_save(request, code):
    try:
        services.payment_save(_partner(code), request.POST.dict(), request.user.get_username())
    except services.PartnerProblem as told:
        return partner(request, code, told, request.POST.dict(), "payment", 422)
    return redirect("partners:partner", code)


@require_POST
def rules_save(request):
    try:
        services.rules_save(request.POST.dict(), request.user.get_username())
    except services.PartnerProblem as told:
        return partners(request, told, request.POST.dict(), "rules", 422)
    messages.success(request, _("Kept. It counts from the next turn."))
    return redirect("partners:partners")
