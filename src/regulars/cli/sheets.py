"""A plan and a person as tables for the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from regulars.web.words.amounts import money_text, percent_text
from regulars.web.words.labels import label
from regulars.web.words.reasons import sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regulars.home import Home


@dataclass(frozen=True)
class Sheet:
    """One table: title, columns, rows, which columns hold numbers."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    right: Sequence[int] = ()


def _range(row: dict[str, Any], currency: str) -> str:
    if row["low"] is None or row["high"] is None:
        return ""
    return f"{money_text(row['low'], currency)} – {money_text(row['high'], currency)}"


def plan_sheets(plan: dict[str, Any], home: Home) -> list[Sheet]:
    """The plan in four tables: in short, money, actions, people."""
    currency = plan["currency"]
    head = [
        [_("state"), label("plan", plan["state"])],
        [_("expected gain"), money_text(plan["predicted"], currency, sign=True)],
        ["", f"{money_text(plan['predicted_low'], currency)} – {money_text(plan['predicted_high'], currency)}"],
    ]
    if plan["realised"] is not None:
        head.append([_("realised gain"), money_text(plan["realised"], currency, sign=True)])
    head += [["", s] for s in sentences(plan["memo"])]
    sheets = [Sheet(_("Plan %s") % plan["plan"], ["", ""], head)]
    if plan["budget_rows"]:
        sheets.append(
            Sheet(
                _("Budget per week"),
                [_("channel"), _("today"), _("proposed"), _("expected gain"), _("why")],
                [
                    [label("channel", r["subject"]), money_text(r["today"], currency),
                     money_text(r["proposed"], currency), money_text(r["value"], currency, sign=True),
                     " ".join(sentences(r["why"]))]
                    for r in plan["budget_rows"]
                ],
                (1, 2, 3),
            )
        )  # fmt: skip
    if plan["actions"]:
        sheets.append(
            Sheet(
                _("Actions"),
                [_("action"), _("channel"), _("people"), _("expected gain"), _("between")],
                [
                    [label("action", r["subject"]), label("channel", r["channel"]), r["people"],
                     money_text(r["value"], currency, sign=True), _range(r, currency)]
                    for r in plan["actions"]
                ],
                (2, 3),
            )
        )  # fmt: skip
    if plan["people"]:
        sheets.append(
            Sheet(
                _("The best ones"),
                ["", _("name"), _("action"), _("expected gain"), _("between")],
                [
                    [r["person_id"], r["person__name"], label("action", r["subject"]),
                     money_text(r["value"], currency, sign=True), _range(r, currency)]
                    for r in plan["people"]
                ],
                (3,),
            )
        )  # fmt: skip
    return sheets


def person_sheets(person: dict[str, Any], home: Home) -> list[Sheet]:
    """A person in three tables: who, what we believe, what happened."""
    currency = home.settings.currency
    plain = ("name", "company", "email", "phone", "city", "country", "channel", "market")
    titles = {
        "name": _("name"), "company": _("company"), "email": _("e-mail"), "phone": _("phone"), "city": _("city"),
        "country": _("country"), "channel": _("channel"), "market": _("market"),
    }  # fmt: skip
    head = [[titles[f], person[f]] for f in plain if person[f]]
    head.append([_("stage"), label("stage", person["stage"])])
    sheets = [Sheet(person["key"], ["", ""], head)]
    scores = person["scores"]
    if scores:
        why = person["why"]
        rows = [
            [_("worth"), money_text(scores["clv"], currency),
             _range({"low": scores["clv_low"], "high": scores["clv_high"]}, currency),
             " ".join(sentences(why.get("clv")))],
            [_("risk of leaving"), percent_text(scores["churn"]), "", " ".join(sentences(why.get("churn")))],
            [_("segment"), label("segment", scores["segment"]), "", " ".join(sentences(why.get("segment")))],
            [_("activity"), label("activity", scores["activity"]), "", ""],
            [_("orders"), scores["orders"], "", ""],
            [_("spent"), money_text(scores["spent"], currency), "", ""],
        ]  # fmt: skip
        sheets.append(Sheet(_("What we believe"), ["", "", _("between"), _("why")], rows, (1,)))
    sheets.append(
        Sheet(
            _("What happened"),
            [_("when"), _("what"), _("amount"), _("channel"), _("source")],
            [
                [f"{e['at'].astimezone(home.settings.tz):%Y-%m-%d %H:%M}",
                 " ".join(str(v) for v in [label("fact", e["kind"]), *e["detail"].values()]),
                 money_text(e["amount"], e["currency"]) if e["amount"] is not None else "", e["channel"], e["source"]]
                for e in person["timeline"]
            ],
            (2,),
        )
    )  # fmt: skip
    return sheets
