"""What next? What is bought together, what follows, what to offer each segment, and live for any basket."""

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _

from regulars.tables import why_codes
from regulars.web.affinity import figures, queries
from regulars.web.affinity.live import suggest
from regulars.web.affinity.queries import Titles
from regulars.web.lists import Empty
from regulars.web.words.reasons import sentence, sentences

PICKED, SHOWN = 12, 15


def affinity(request):
    found = queries.board()
    if found is None:
        empty = Empty(_("Once orders say which products they hold and the wheel has turned, this page shows what is "
                        "bought together and what to offer."), _("Import a file"), "/collect/imports/")  # fmt: skip
        return render(request, "affinity/affinity.html", {"empty": empty})
    body = found.body
    titles = Titles(queries.codes_in(body))
    everything = "all" in request.GET
    rules = [
        {**r, "left": titles(r["product"]), "right": titles(r["then"]), "extra": r["baskets"] * (1 - 1 / r["lift"])}
        for r in body["rules"]
    ]
    context = {
        "body": body,
        "made_at": found.made_at,
        "rules": rules if everything else rules[:SHOWN],
        "more_rules": 0 if everything else max(len(rules) - SHOWN, 0),
        "matrix": figures.matrix_chart(body, titles),
        "follows": [{**f, "left": titles(f["product"]), "right": titles(f["then"])} for f in body["follows"][:10]],
        "segments": [
            {**s, "offers": [{"title": titles(p), "people": n, "chance": c, "times": t} for p, n, c, t in s["offers"]]}
            for s in body["segments"]
        ],
        "left_out": [(sentence(code), n) for code, n in body["left_out"].items()],
        "limits": sentences(body["limits"]),
        "test": figures.test_figures(body),
        **picker(request, body, titles),
    }
    return render(request, "affinity/affinity.html", context)


def basket(request):
    """The picker with its suggestions, as htmx asks for it at every change."""
    found = queries.board()
    if found is None:
        raise Http404
    titles = Titles(queries.codes_in(found.body))
    return render(request, "affinity/basket.html", picker(request, found.body, titles))


def picker(request, body, titles):
    """The basket a request describes, and what goes with it; without one, the best seller is in it."""
    known = [p["product"] for p in body["products"]]
    have = [p for p in request.GET.getlist("have") if p in body["near"]]
    typed = request.GET.get("more", "").strip()
    code = typed if typed in body["near"] else titles.codes().get(typed, "")
    missing = bool(typed) and code not in body["near"]
    if code in body["near"]:
        have.append(code)
    if not have and "have" not in request.GET and not typed and "asked" not in request.GET:
        renews = {p["product"] for p in body["products"] if p["renews"]}
        have = [p for p in known if p not in renews][:1]
    have = list(dict.fromkeys(have))
    chips = list(dict.fromkeys([*have, *known[:PICKED]]))
    hide = [p["product"] for p in body["products"] if p["renews"]]
    found = [
        {"title": titles(s.product), "strength": s.strength,
         "because": [(titles(o), share) for o, share in s.because[:2]]}
        for s in suggest(body["near"], have, hide=hide)
    ]  # fmt: skip
    popular = [titles(p) for p in known if p not in have and p not in hide][:3]
    return {
        "chips": [(p, titles(p), p in have) for p in chips],
        "have": have,
        "others": [titles(p) for p in known if p not in chips],
        "suggestions": found,
        "popular": popular,
        "missing": typed if missing else "",
    }


def person(request, key):
    """The card of one person: their next product with its chance, and what else goes with what they have."""
    score = queries.next_product(key)
    if score is None:
        return render(request, "affinity/person_card.html", {})
    row, why, kept = score
    found = queries.board()
    have = queries.bought_by(key)
    near = found.body["near"] if found else {}
    hide = [p["product"] for p in found.body["products"] if p["renews"]] if found else []
    others = suggest(near, have, 3, [*hide, row["label"]])
    titles = Titles({row["label"], *have, *(s.product for s in others), *why_codes(why).values()} - {None})
    codes = {k: titles(v) if k == "because_bought" and v else v for k, v in why_codes(why).items()}
    context = {
        "row": row, "title": titles(row["label"]), "codes": codes, "made_by": kept.made_by, "made_at": kept.made_at,
        "again": row["label"] in have, "days": codes.get("within_days"),
        "others": [(titles(s.product), titles(s.because[0][0])) for s in others],
    }  # fmt: skip
    return render(request, "affinity/person_card.html", context)
