"""Experiments as their pages show them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.experiments import words
from regulars.web.words.amounts import money_text, number_text, percent_text


def said(name: str, value: float | None, *, sign: bool = False) -> str:
    """A figure in its unit; a difference of shares (``sign``) in points, which no one takes for a relative change."""
    if value is None:
        return "–"
    kind = words.KINDS[name]
    if kind == "share" and sign:
        mark = "+" if value > 0 else "−" if value < 0 else ""
        return _("%(n)s points") % {"n": mark + number_text(abs(value) * 100, 1)}
    if kind == "money":
        return money_text(value, sign=sign)
    if kind == "share":
        return percent_text(value, 1)
    plus = "+" if sign and value > 0 else ""
    return plus + number_text(value, 3)


def figure_row(f: dict[str, Any]) -> dict[str, Any]:
    """One line of the table of arms, in words."""
    name = f["name"]
    return {
        **f, "title": words.FIGURES[name], "arm_word": arm_word(f["arm"]), "mean_text": said(name, f["mean"]),
        "control_text": said(name, f["mean_control"]), "delta_text": said(name, f["delta"], sign=True),
        "low_text": end(name, f["low"]), "high_text": end(name, f["high"]),
        "good": f["decided"] and f["delta"] > 0, "bad": f["decided"] and f["delta"] < 0, "why": why(f),
    }  # fmt: skip


def end(name: str, value: float | None) -> str:
    """One end of an interval: in points without the word, which stands beside the difference."""
    if value is None:
        return "?"
    if words.KINDS[name] == "share":
        return ("+" if value > 0 else "−" if value < 0 else "") + number_text(abs(value) * 100, 1)
    return said(name, value, sign=True)


def arm_word(arm: str) -> str:
    return str(words.ARMS.get(arm, arm))


def why(f: dict[str, Any]) -> list[str]:
    """What one figure rests on, as reason codes."""
    codes = {"normal_mixture": ["any_look"], "exact_sequence": ["any_look_exact"], "none": ["too_few_people"]}
    found = list(codes.get(f["method"], []))
    if f["cap"] is not None:
        found.append(f"money_capped={f['cap']}")
    if f["less_variance"] and f["less_variance"] > 0.01:
        found.append(f"money_adjusted={f['less_variance']}")
    if f["chance_better"] is not None:
        found.append(f"chance_better={f['chance_better']}")
    return found


def course_chart(trial: dict[str, Any]) -> charts.Chart | None:
    """What could be said at the end of each day; the band may be looked at every day."""
    rows = [(p["day"], p["delta"], p["low"], p["high"]) for p in trial["course"]]
    known = [r for r in rows if r[2] is not None]
    if len(known) < 2:
        return None
    chart = charts.line(
        "course", _("What could be said at the end of each day"), rows, charts.Axis(_("Day"), "text"),
        charts.Axis(_("More buyers than in the control"), "percent"), band=True, targets=[(_("no difference"), 0.0)],
        note=_("The grey band may be looked at every day and still errs at most once in twenty experiments. Once it "
               "leaves out zero, the answer is in."),
    )  # fmt: skip
    # The title says it already, and a long name is cut at the edge of a phone.
    chart.option["yAxis"]["name"] = ""
    return chart


def groups(trial: dict[str, Any]) -> list[dict[str, Any]]:
    """The cuts by what was known before, in words."""
    out = []
    for cut in trial["groups"]:
        slices = [{**s, "word": words.GROUPS.get(s["group"], s["group"])}
                  | {"delta_text": said("buy", s["delta"], sign=True), "low_text": end("buy", s["low"]),
                     "high_text": end("buy", s["high"])}
                  for s in cut["slices"]]  # fmt: skip
        out.append({**cut, "word": words.CUTS.get(cut["by"], cut["by"]), "said": words.DIFFERENT[cut["code"]],
                    "slices": slices})  # fmt: skip
    return out


def shown(trial: dict[str, Any]) -> dict[str, Any]:
    """One experiment of the board with everything its page draws."""
    ratio = trial["ratio"]
    counts = [{"arm": arm_word(k), "people": n, "planned": ratio["planned"][i] if i < len(ratio["planned"]) else None}
              for i, (k, n) in enumerate(ratio["counts"])]  # fmt: skip
    return {
        **trial, "word": words.CODES[trial["code"]], "tone": words.TONES.get(trial["code"], "secondary"),
        "rows": [figure_row(f) for f in trial["figures"]], "main": figure_row(trial["buy"]),
        "money_row": figure_row(trial["money"]), "counts": counts, "chart": course_chart(trial),
        "cuts": groups(trial), "knows": day(trial["knows_on"]), "until": day(trial["ends"]),
        "since": day(trial["began"]),
        "wanted_text": said("buy", trial["wanted"], sign=True),
        "detectable_text": said("buy", trial["detectable"], sign=True),
        "guarded": [figure_row(f) for f in trial["figures"] if f["decided"] and f["delta"] < 0],
    }  # fmt: skip


def apart(trial: dict[str, Any]) -> dict[str, Any]:
    """Everybody against those never written to, with the money it makes in all."""
    money = trial["money"]
    total = [None if money[e] is None else money_text(money[e] * trial["treated"], sign=True)
             for e in ("delta", "low", "high")]  # fmt: skip
    return {**shown(trial), "total": total[0], "total_low": total[1], "total_high": total[2]}


def day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
