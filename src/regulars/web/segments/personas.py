"""A segment as a person, in words: who they are, where they come from, what they buy and say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from regulars.web.findings.queries import finding
from regulars.web.lifecycle.queries import Advice, strategy_of
from regulars.web.people.queries import people
from regulars.web.words.amounts import number_text, percent_text
from regulars.web.words.labels import label
from regulars.web.words.reasons import sentences


@dataclass(frozen=True)
class PersonaCard:
    """What the page shows of one persona; every list holds words that are ready to read."""

    lifts: list[str]
    channels: list[tuple[str, float]]
    states: list[tuple[str, float]]
    products: list[dict[str, Any]]
    voice: list[dict[str, Any]]
    typical: Any
    advice: Advice | None
    limits: list[str]
    made_by: str
    made_at: Any
    why: dict[str, Any] = field(default_factory=dict)


def persona_card(method: str, key: str) -> PersonaCard | None:
    """The card of one segment; None until the wheel has made it."""
    found = finding("personas")
    rows = found.body["personas"].get(method, []) if found else []
    one = next((p for p in rows if p["key"] == key), None)
    if one is None:
        return None
    titles = found.body["titles"]
    states = one["states"]
    return PersonaCard(
        lifts=[lift_words(x) for x in one["lifts"][:5]],
        channels=[(label("channel", name), share) for name, share in one["channels"]],
        states=[(label("activity", name), share) for name, share in states],
        products=[{**p, "title": titles.get(p["product"], p["product"])} for p in one["products"]],
        voice=[{**v, "title": label("mark", v["kind"])} for v in one["voice"]],
        typical=people().filter(key=one["typical"]).first(),
        # Groups found by behaviour have no rule of their own: they take that of the state most of them are in.
        advice=strategy_of("activity", states[0][0]) if method != "rules" and states else None,
        limits=sentences(one["limits"]),
        made_by=found.body["made_by"],
        made_at=found.made_at,
        why={"compared_with_all": None, "differences_by_chance": "0.05"},
    )


def lift_words(lift: dict[str, Any]) -> str:
    """One attribute as an owner would say it."""
    name, value = lift["attribute"], lift["value"]
    word = label(name, value) if name in ("channel", "stage", "language", "market") else value
    told = {"own": percent_text(lift["share"]), "everybody": percent_text(lift["everybody"]),
            "times": number_text(lift["lift"], 1), "value": word}  # fmt: skip
    more = lift["lift"] > 1
    texts = {
        "channel": _("came by %(value)s more often: %(own)s (all %(everybody)s)") if more
        else _("came by %(value)s less often: %(own)s (all %(everybody)s)"),
        "market": _("more in the market %(value)s: %(own)s (all %(everybody)s)") if more
        else _("fewer in the market %(value)s: %(own)s (all %(everybody)s)"),
        "language": _("more speak %(value)s: %(own)s (all %(everybody)s)") if more
        else _("fewer speak %(value)s: %(own)s (all %(everybody)s)"),
        "stage": _("more are “%(value)s”: %(own)s (all %(everybody)s)") if more
        else _("fewer are “%(value)s”: %(own)s (all %(everybody)s)"),
    }  # fmt: skip
    return texts.get(name, _("%(value)s: %(own)s (all %(everybody)s)")) % told
