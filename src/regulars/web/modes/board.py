"""A market's ways to sell as the page shows them, judged again with what the owner wrote since."""

from __future__ import annotations

from typing import Any

from regulars.web.modes import queries
from regulars.web.words.partners import CRITERIA, MODES, SOURCES, UNITS, ruling

# One colour a way to sell; the map of weights is drawn in them.
COLOURS = {"direct": "#4269d0", "agent": "#efb118", "reseller": "#ff725c", "marketplace": "#6cc5b0",
           "platform": "#a463f2", "own_site": "#97bbf5"}  # fmt: skip
CELL = 14


def weights_now(body: dict[str, Any]) -> dict[str, Any]:
    """Weights and doubts of the judgements as they are now, without waiting for a turn."""
    from regulars.decide.modes_board import choice_of

    rule, limit = choice_of(queries.judgements())
    weights, judged = rule.weighed()
    doubts = judged.doubts[:3] if judged else ()
    criteria = list(weights)
    return {
        "weights": [{"key": c, "word": CRITERIA[c], "unit": UNITS[c], "weight": weights[c]} for c in body["criteria"]],
        "ratio": judged.consistency_ratio if judged else 0.0, "consistent": judged.consistent if judged else True,
        "said": bool(queries.judgements()), "limit": limit,
        "doubts": [{"one": CRITERIA[criteria[d.row]], "other": CRITERIA[criteria[d.column]], "given": d.given,
                    "others": d.others, "ratio": d.consistency_ratio} for d in doubts],
    }  # fmt: skip


def market_now(body: dict[str, Any], name: str) -> dict[str, Any] | None:
    """One market of the board; solved again where the owner wrote something since."""
    found = next((m for m in body["markets"] if m["market"] == name), body["markets"][0] if body["markets"] else None)
    if found is None:
        return None
    figures = {mode: dict(row) for mode, row in found["figures"].items()}
    for r in sorted(queries.figure_rows(), key=lambda r: r["market"] is not None):
        if r["market"] in (None, found["market"]) and r["mode"] in figures and r["criterion"] in figures[r["mode"]]:
            figures[r["mode"]][r["criterion"]] = [r["value"], "yours"]
    from regulars.decide.modes_board import choice_of, ranked

    rule, _limit = choice_of(queries.judgements())
    figures_only = {mode: {c: v[0] for c, v in row.items()} for mode, row in figures.items()}
    return {**found, "figures": figures, **ranked(rule, figures_only)}


def table(market: dict[str, Any]) -> list[dict[str, Any]]:
    """The editable figures."""
    return [
        {"mode": mode, "word": MODES[mode], "today": market["share"].get(mode),
         "cells": [{"name": f"{mode}-{c}", "criterion": CRITERIA[c], "value": f"{market['figures'][mode][c][0]:g}",
                    "source": market["figures"][mode][c][1], "word": SOURCES[market["figures"][mode][c][1]]}
                   for c in CRITERIA]}
        for mode in market["order"]
    ]  # fmt: skip


def rankings(market: dict[str, Any]) -> list[dict[str, Any]]:
    """Four rankings side by side: place of each way to sell by each method, and whom nobody outranks."""
    keys = ["weighted_sum:minmax", "topsis:vector", "promethee"]
    places = {k: {m: 1 + sum(v > market["scores"][k][m] + 1e-12 for v in market["scores"][k].values()) for m in MODES}
              for k in keys if k in market["scores"]}  # fmt: skip
    return [
        {"word": MODES[mode], "mode": mode, "places": [places[k][mode] for k in places], 
         "kernel": mode in market["kernel"],
         "first": market["ranks"][mode][0], "near": market["near"].get(mode, 0.0), "colour": COLOURS[mode]}
        for mode in market["order"]
    ]  # fmt: skip


def turning(market: dict[str, Any]) -> list[dict[str, Any]]:
    """Which ranking names another winner, and the least that turns each."""
    rows = []
    for key, winner in market["winners"].items():
        flips = market["flips"].get(key, {})
        least = min(flips.items(), key=lambda f: abs(f[1][0]), default=None)
        trade = market["trades"].get(key)
        rows.append({
            "word": ruling(key), "winner": MODES[winner], "differs": winner != market["order"][0],
            "criterion": CRITERIA[least[0]] if least else None, "change": least[1][0] if least else None,
            "other": MODES[least[1][1]] if least else None,
            "trade": None if not trade else {
                "moved": trade["moved"], "given": [CRITERIA[c] for c in trade["given"]],
                "taken": CRITERIA[trade["taken"]], "winner": MODES[trade["winner"]], "exact": trade["exact"]},
        })  # fmt: skip
    return rows


def weight_map(market: dict[str, Any], weights: list[dict[str, Any]]) -> dict[str, Any]:
    """Squares for the drawing: who wins where two criteria have which weight, and where the weights are now."""
    modes = list(MODES)
    steps = len(market["grid"])
    x, y = market["axes"]
    at = {w["key"]: w["weight"] for w in weights}
    cells = [
        {"x": column * CELL, "y": (steps - 1 - row) * CELL, "colour": COLOURS[modes[k]], "mode": MODES[modes[k]]}
        for row, line in enumerate(market["grid"]) for column, k in enumerate(line) if k >= 0
    ]  # fmt: skip
    seen = {k for line in market["grid"] for k in line if k >= 0}
    return {
        "cells": cells, "size": steps * CELL, "x": CRITERIA[x], "y": CRITERIA[y], "cell": CELL,
        "here": {"x": at[x] * (steps - 1) * CELL + CELL / 2, "y": (1 - at[y]) * (steps - 1) * CELL + CELL / 2},
        "legend": [{"word": MODES[modes[k]], "colour": COLOURS[modes[k]]} for k in sorted(seen)],
    }  # fmt: skip
