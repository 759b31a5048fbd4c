"""Which market next? Markets by potential, on a map, with their people."""

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from regulars.web.findings.queries import finding
from regulars.web.lists import Empty
from regulars.web.markets import figures, queries, services
from regulars.web.segments.words import apart
from regulars.web.words.labels import label
from regulars.web.words.reasons import sentences

# Sure enough to say so: the first comes first in four of five shaken orders.
SURE = 0.8


def markets(request):
    found = finding("markets")
    if found is None:
        empty = Empty(
            _("Markets appear here once people of at least two markets have bought and the wheel has turned."),
            _("Import a file"),
            "/collect/imports/",
        )
        return render(request, "markets/markets.html", {"empty": empty})
    problem = said = None
    if request.method == "POST":
        problem = keep(request, [row["market"] for row in found.body["markets"]])
        said = request.POST
        if problem is None:
            return redirect("markets:markets")
    return render(request, "markets/markets.html", shown(found, problem, said), status=422 if problem else 200)


def keep(request, names):
    """Keep what was typed; returns the problem in words, if there is one."""
    by = request.user.get_username()
    if request.POST.get("verb") == "reset":
        services.markets_reset(by)
        return None
    words = figures.factor_words()
    try:
        weights = {
            k: services.number(request.POST.get(f"weight-{k}", ""), words[k], 0, 100) or 0.0 for k in queries.FACTORS
        }
        sizes = {
            m: services.number(request.POST.get(f"size-{i}", ""), _("Size"), 1, services.MOST)
            for i, m in enumerate(names)
        }
        crowded = {
            m: services.number(request.POST.get(f"competition-{i}", ""), _("Competition"), 0, 100)
            for i, m in enumerate(names)
        }
        services.markets_weigh(weights, sizes, crowded, by)
    except services.MarketProblem as found:
        return str(found)
    return None


def shown(found, problem, said):
    body, notes, weights = found.body, queries.notes(), queries.weights()
    names = {row["market"]: label("market", row["market"]) for row in body["markets"]}
    place = {row["market"]: (i, row) for i, row in enumerate(body["markets"])}
    ranked = figures.potentials(body["markets"], notes, weights)
    personas = {p["key"]: p for p in body["personas"]}
    groups = {p["market"]: p["group"] for p in body["places"]}
    rows = []
    for one in ranked:
        i, row = place[one.market]
        note = notes.get(one.market)
        size = note.size if note else None
        rows.append({
            **row, "number": i, "name": names[one.market], "potential": one, "parts": figures.parts_of(one),
            "size": size, "competition": round(note.competition * 100) if note and note.competition is not None else "",
            "demand": figures.demand(row, size), "group": groups[one.market] + 1, "grew": row["growth"] - 1,
            "apart": apart({"profile": personas.get(one.market, {})}), "rank_low": one.best_rank,
            "rank_high": one.worst_rank,
        })  # fmt: skip
    return {
        "rows": rows,
        "weights": [(k, figures.factor_words()[k], weights[k]) for k in queries.FACTORS],
        "first": rows[0],
        "sure": rows[0]["potential"].first >= SURE,
        "map": figures.map_chart(body, names),
        "chart": figures.potential_chart(ranked, names),
        "grouped": len(set(groups.values())) > 1,
        "limits": sentences(body["limits"]),
        "stress": body["stress"],
        "made_by": body["made_by"],
        "made_at": found.made_at,
        "problem": problem,
        "said": said,
    }
