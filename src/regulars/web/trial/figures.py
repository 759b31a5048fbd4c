"""The trial in words and charts: kinds of company, policies, their shares and how they come about."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.web import charts

TARGET = 0.85
ALL = "all"
KINDS = {
    "seasonal": gettext_lazy("Seasonal: demand swings by 45 % over the year"),
    "dominant": gettext_lazy("One channel could bring half of everybody"),
    "saturated": gettext_lazy("Saturated: every channel is far along its curve"),
    "new_channel": gettext_lazy("A new channel that never had money"),
    "shock": gettext_lazy("A shock in week 13: two channels lose their power"),
    ALL: gettext_lazy("All kinds together"),
}
POLICIES = {
    "loop": gettext_lazy("The whole loop, blind"),
    "oracle": gettext_lazy("An oracle that knows the truth"),
    "last_click_response": gettext_lazy("Money by last click, messages by response score"),
    "response": gettext_lazy("Last quarter's money, messages by response score"),
    "last_click": gettext_lazy("Money by last-click return, no messages"),
    "equal": gettext_lazy("Equal split, no messages"),
    "last_quarter": gettext_lazy("Last quarter's plan, no messages"),
}
DRAWN = ("loop", "last_click_response", "response", "equal")


def rows(scores: dict[str, Any]) -> list[dict[str, Any]]:
    """One line a policy, the loop first."""
    return [{"key": p, "word": word, **scores[p]} for p, word in POLICIES.items() if p in scores]


def kinds(found: dict[str, Any]) -> list[dict[str, Any]]:
    """One line a kind: what the loop and the best habit reached."""
    out = []
    for key, scores in [*found["kinds"].items(), (ALL, found["all"])]:
        habits = {p: s["late"]["value"] for p, s in scores.items() if p not in ("loop", "oracle")}
        best = max(habits, key=lambda p: habits[p])
        loop = scores["loop"]
        out.append({"key": key, "word": KINDS.get(key, key), "loop": loop, "habit": POLICIES[best],
                    "habit_late": habits[best], "reached": loop["late"]["value"] >= TARGET,
                    "ahead": loop["late"]["value"] > habits[best], "safe": loop["worst"] >= -0.02})  # fmt: skip
    return out


def weekly_chart(scores: dict[str, Any]) -> charts.Chart:
    """The share of the oracle's extra contribution, week by week."""
    drawn = [p for p in DRAWN if p in scores]
    count = len(scores[drawn[0]]["weekly"])
    data = [(str(w + 1), *(scores[p]["weekly"][w] for p in drawn)) for w in range(count)]
    first, *others = (charts.Axis(str(POLICIES[p]), "percent") for p in drawn)
    chart = charts.line(
        "weekly", _("Week by week, each with the three before it"), data, charts.Axis(_("Week"), "text"), first,
        more=others, targets=[(_("Target"), TARGET)],
    )  # fmt: skip
    chart.option["yAxis"] |= {"name": ""}
    return chart
