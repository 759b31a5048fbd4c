"""Model cards in words: what a model learnt from, how it did on what it had not seen, its limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.words.amounts import number_text, percent_text
from regulars.web.words.labels import label
from regulars.web.words.reasons import sentences


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


def shown(card: Any) -> Shown:
    """A stored card in the reader's language."""
    body = card.body
    purposes = {
        "clv": _("Foretells how often each customer will still order and what that is worth."),
        "kmeans": _("Groups customers who bought alike, without rules made beforehand."),
    }
    return Shown(
        label("model", card.model), purposes.get(card.model, ""), card,
        [label("feature", f) for f in body.get("features", ())],
        [(name, figure(value), figure(error)) for name, value, error in body["parameters"]],
        verdict(body.get("holdout")), calibration(card.model, body.get("holdout")),
        sentences(body.get("limits") or []),
    )  # fmt: skip


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
