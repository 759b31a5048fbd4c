"""Model cards in words: what a model learnt from, how it did on what it had not seen, its limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.words.ahead import PURPOSES as AHEAD
from regulars.web.words.amounts import number_text, percent_text
from regulars.web.words.influence import PURPOSES as INFLUENCE
from regulars.web.words.labels import label
from regulars.web.words.leaving import PURPOSES
from regulars.web.words.mix import PURPOSES as MIX
from regulars.web.words.reasons import sentences
from regulars.web.words.voice import PURPOSES as VOICE
from regulars.web.words.what_next import PURPOSES as WHAT_NEXT
from regulars.web.words.worth import PURPOSES as WORTH


@dataclass(frozen=True)
class Shown:
    """One card as the page shows it."""

    title: str
    purpose: str
    card: Any
    features: list[str]
    parameters: list[tuple[str, str, str]]
    verdict: list[str]
    chart: charts.Chart | None
    limits: list[str]
    metrics: list[tuple[str, str, str]]
    told: charts.Chart | None
    groups: list[dict[str, Any]]
    data: list[str]


def shown(card: Any) -> Shown:
    """A stored card in the reader's language."""
    body = card.body
    purposes = {
        "clv": _("Foretells how often each customer will still order and what that is worth."),
        "kmeans": _("Groups customers who bought alike, without rules made beforehand."),
        **PURPOSES,
        **WHAT_NEXT,
        **INFLUENCE,
        **VOICE,
        **WORTH,
        **MIX,
        **AHEAD,
    }
    return Shown(
        label("model", card.model), str(purposes.get(card.model, "")), card,
        [label("feature", f) for f in body.get("features", ())],
        [(name, figure(value), figure(error)) for name, value, error in body["parameters"]],
        verdict(body.get("holdout")), calibration(card.model, body.get("holdout")),
        sentences(body.get("limits") or []), metrics(body.get("metrics") or ()),
        chances(card.model, body.get("calibration") or ()), groups(body.get("groups") or ()), data(body.get("data")),
    )  # fmt: skip


def metrics(rows: Any) -> list[tuple[str, str, str]]:
    """Each measure of the held-out part with its range."""
    found = []
    for name, value, low, high in rows:
        if value is not None and value == value:
            known = low is not None and high is not None and low == low
            found.append((label("metric", name), figure(value), f"{figure(low)}–{figure(high)}" if known else ""))
    return found


def chances(model: str, bins: Any) -> charts.Chart | None:
    """Tenths by the chance told: foretold beside what came, as shares."""
    rows = [(str(i), round(b["forecast"], 4), round(b["actual"], 4)) for i, b in enumerate(bins, start=1)]
    if not rows or max(max(r[1:]) for r in rows) > 1.0:
        return None
    chart = charts.bar(
        f"chances-{model}", _("Foretold and real, by tenth of the customers"), rows,
        charts.Axis(_("Tenth, the highest chance first"), "text"),
        [charts.Axis(_("Foretold"), "percent"), charts.Axis(_("Real"), "percent")],
    )  # fmt: skip
    chart.option["yAxis"]["name"] = ""
    return chart


def groups(rows: Any) -> list[dict[str, Any]]:
    """How each group was treated; ``off`` where chance alone does not explain the gap."""
    found = []
    for g in rows:
        name = label("channel", g["group"]) if g["by"] == "channel" else g["group"]
        by = label("feature", g["by"]) if g["by"] != "channel" else _("Channel")
        found.append({**g, "by": by, "name": name or _("unknown"), "off": g["low"] > 0 or g["high"] < 0})
    return found


def data(said: str | None) -> list[str]:
    """The tables a model learnt from."""
    return [part.strip() for part in (said or "").split(",") if part.strip()]


def figure(value: float | None) -> str:
    """Four significant digits, as a table of parameters needs them."""
    if value is None or value != value:
        return ""
    return f"{value:,.4g}".replace("-", "−") if abs(value) < 1e4 else number_text(value)


def verdict(test: dict[str, Any] | None) -> list[str]:
    """The test on held-back days in sentences."""
    if not test:
        return []
    said = [
        _("The last %(days)s days were hidden from the model: for %(n)s customers it foretold %(told)s orders, "
          "%(came)s came.")
        % {"days": test["days"], "n": number_text(test["customers"]), "told": number_text(test["forecast"]),
           "came": number_text(test["actual"])}
    ]  # fmt: skip
    bias = test["bias"]
    if bias is not None and bias == bias:
        said.append(
            (_("Altogether it was %(share)s too high.") if bias > 0 else _("Altogether it was %(share)s too low."))
            % {"share": percent_text(abs(bias))}
        )
    better = test["mae"] < test["naive_mae"]
    values = {"mae": number_text(test["mae"], 2), "naive": number_text(test["naive_mae"], 2)}
    if better:
        text = _("For one customer it was off by %(mae)s orders on average; going on as before is off by %(naive)s.")
        said.append(text % values)
    else:
        said.append(_("For one customer it was off by %(mae)s orders on average; going on as before, by %(naive)s, "
                      "was no worse: take single forecasts with care.") % values)  # fmt: skip
    return said


def calibration(model: str, test: dict[str, Any] | None) -> charts.Chart | None:
    """Tenths of the customers by forecast: what was foretold beside what came."""
    if not test or not test.get("deciles"):
        return None
    rows = [(str(i), round(d["forecast"], 2), round(d["actual"], 2)) for i, d in enumerate(test["deciles"], start=1)]
    chart = charts.bar(
        f"calibration-{model}", _("Foretold and real, by tenth of the customers"), rows,
        charts.Axis(_("Tenth of the customers, the best foretold first"), "text"),
        [charts.Axis(_("Foretold orders each")), charts.Axis(_("Real orders each"))],
    )  # fmt: skip
    chart.option["yAxis"]["name"] = ""
    return chart
