"""The words of segment rules: what an owner can ask about, how to compare it, and which values there are."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from regulars import tables
from regulars.tables import currency_digits
from regulars.understand.segment_facts import ATTRIBUTES, FACTS, OWN_FIELDS, SCORES, words_of
from regulars.understand.segment_rules import COMPARE, OPERATORS
from regulars.web.words.labels import LABELS, label

ABOUT = {
    "stage": gettext_lazy("Stage"), "channel": gettext_lazy("Channel"), "market": gettext_lazy("Market"),
    "country": gettext_lazy("Country"), "region": gettext_lazy("Region"), "city": gettext_lazy("City"),
    "language": gettext_lazy("Language"), "zone": gettext_lazy("Time zone"), "source": gettext_lazy("Source"),
    "company": gettext_lazy("Company"), "email_ok": gettext_lazy("Allows e-mail"), "tags": gettext_lazy("Tags"),
    "created": gettext_lazy("Days since first known"),
}  # fmt: skip
SCORED = {
    "clv": gettext_lazy("Customer value"), "clv_historic": gettext_lazy("Value so far"),
    "spent": gettext_lazy("Spent so far"), "orders": gettext_lazy("Orders so far"),
    "recency_days": gettext_lazy("Days since the last order, at the last turn"),
    "expected_orders": gettext_lazy("Expected orders"), "weighted_score": gettext_lazy("Weighted score"),
    "p_alive": gettext_lazy("Chance of still being a customer"), "churn": gettext_lazy("Risk of leaving"),
    "segment": gettext_lazy("Segment"), "cluster": gettext_lazy("Group by behaviour"),
    "activity": gettext_lazy("Activity"), "rfm": gettext_lazy("RFM scores"),
}  # fmt: skip
# What is counted, one of it, and the word for its value.
COUNTED = {
    "orders": (
        pgettext_lazy("counted", "orders"),
        pgettext_lazy("counted", "order"),
        pgettext_lazy("counted", "money from orders"),
    ),
    "refunds": (
        pgettext_lazy("counted", "refunds"),
        pgettext_lazy("counted", "refund"),
        pgettext_lazy("counted", "money given back"),
    ),
    "unpaid": (pgettext_lazy("counted", "unpaid orders"), pgettext_lazy("counted", "unpaid order"), ""),
    "products": (
        pgettext_lazy("counted", "purchases of a product"),
        pgettext_lazy("counted", "purchase of a product"),
        pgettext_lazy("counted", "money from products"),
    ),
    "units": ("", "", pgettext_lazy("counted", "units bought")),
    "events": (
        pgettext_lazy("counted", "events"),
        pgettext_lazy("counted", "event"),
        pgettext_lazy("counted", "value of events"),
    ),
    "touches": (pgettext_lazy("counted", "visits and contacts"), pgettext_lazy("counted", "visit or contact"), ""),
    "messages": (pgettext_lazy("counted", "messages from us"), pgettext_lazy("counted", "message from us"), ""),
    "feedback": (
        pgettext_lazy("counted", "answers"),
        pgettext_lazy("counted", "answer"),
        pgettext_lazy("counted", "score given"),
    ),
    "contracts": ("", "", ""),
    "contract_changes": (
        pgettext_lazy("counted", "subscription changes"),
        pgettext_lazy("counted", "subscription change"),
        "",
    ),
    "usage": (
        pgettext_lazy("counted", "usage records"),
        pgettext_lazy("counted", "use"),
        pgettext_lazy("counted", "usage"),
    ),
}
COLUMNS = {
    "channel": gettext_lazy("Channel"), "market": gettext_lazy("Market"), "source": gettext_lazy("Source"),
    "product": gettext_lazy("Product"), "name": gettext_lazy("Event"), "kind": gettext_lazy("Kind"),
    "campaign": gettext_lazy("Campaign"), "state": gettext_lazy("State"), "action": gettext_lazy("Action"),
    "plan": gettext_lazy("Plan"), "meter": gettext_lazy("Meter"),
}  # fmt: skip
WORDS = {"kind": "fact", "channel": "channel", "state": "message", "action": "action", "name": "fact",
         "stage": "stage", "activity": "activity", "segment": "segment", "language": "language"}  # fmt: skip
CHOICES = {"person.stage": tables.LIFECYCLE_STAGES, "score.activity": tables.ACTIVITY_STATES,
           "score.segment": tuple(LABELS["segment"])}  # fmt: skip


def title(field: str) -> str:
    """What a field is called.

    A field is ``person.<attribute>``, ``score.<score>`` or ``<fact>.<measure>``.
    """
    room, _dot, name = field.partition(".")
    if room == "person":
        return name.removeprefix(OWN_FIELDS) if name.startswith(OWN_FIELDS) else str(ABOUT[name])
    return str(SCORED[name]) if room == "score" else measured(room, name)


def measured(fact: str, measure: str) -> str:
    """A measure of a fact in words."""
    many, one, value = COUNTED[fact]
    texts = {
        "count": _("Number of %(many)s"), "running": _("Number of running subscriptions"),
        "days": _("Days with %(many)s"),
        "last": _("Days since the last %(one)s"), "first": _("Days since the first %(one)s"),
        "sum": _("Total: %(value)s"), "average": _("Average: %(value)s"), "lowest": _("Lowest: %(value)s"),
        "highest": _("Highest: %(value)s"), "latest": _("Latest: %(value)s"),
    }  # fmt: skip
    return texts[measure] % {"many": many, "one": one, "value": value}


def operator(op: str, kind: str = "number") -> str:
    """A comparison in words."""
    return {
        "at_least": _("is at least"), "at_most": _("is at most"), "more_than": _("is more than"),
        "less_than": _("is less than"), "is": pgettext("rule", "is"), "is_not": pgettext("rule", "is not"),
        "between": _("is between"), "one_of": _("is one of"), "none_of": _("is none of"),
        "contains": _("contains"), "starts_with": _("starts with"), "known": _("is known"),
        "unknown": _("is not known"), "has": _("include"), "has_not": _("do not include"),
    }[op]  # fmt: skip


def word(column: str, value: str) -> str:
    """A value in the owner's words."""
    return label(WORDS[column], value) if column in WORDS else value


def operators(field: str, kind: str) -> tuple[str, ...]:
    """The comparisons that fit a field."""
    if field.startswith(f"person.{OWN_FIELDS}"):
        return (*OPERATORS["text"], *(op for op in COMPARE if op not in OPERATORS["text"]))
    return OPERATORS.get(kind, COMPARE)


def vocabulary(own_fields: list[str]) -> dict[str, Any]:
    """All of it, as the page's script needs it."""
    fields = [_field(f"person.{name}", _("The person"), kind) for name, kind in ATTRIBUTES.items()]
    fields += [_field(f"person.{OWN_FIELDS}{name}", _("From your files"), "text") for name in own_fields]
    fields += [_field(f"score.{name}", _("What we believe"), kind) for name, kind in SCORES.items()]
    for name, fact in FACTS.items():
        where = [
            {"key": c, "title": str(COLUMNS[c]), "needed": c in fact.needs,
             "choices": [[v, word(c, v)] for v in words_of(fact, c)]}
            for c in fact.where if c not in ("market", "source")
        ]  # fmt: skip
        fields += [
            _field(f"{name}.{measure}", _("What they did"), fact.kind(measure), where, measure != "running")
            for measure in fact.measures
        ]
    return {"fields": fields, "digits": currency_digits(settings.COMPANY.currency), "words": _words()}


def _field(field: str, group: str, kind: str, where: list[Any] | None = None, window: bool = False) -> dict[str, Any]:
    choices = [[v, word(field.partition(".")[2], v)] for v in CHOICES.get(field, ())]
    own = field.startswith(f"person.{OWN_FIELDS}")
    return {
        "id": field, "title": title(field), "group": group, "kind": "any" if own else kind, "choices": choices,
        "ops": [[op, operator(op)] for op in operators(field, kind)], "where": where or [], "window": window,
    }  # fmt: skip


def _words() -> dict[str, str]:
    """The words of the form."""
    currency = settings.COMPANY.currency
    return {
        "all": _("All of these hold"),
        "any": _("Any of these holds"),
        "none": _("None of these holds"),
        "add": _("Add a condition"),
        "group": _("Add a group"),
        "remove": _("Remove this condition"),
        "removeGroup": _("Remove this group"),
        "what": _("What about"),
        "how": pgettext("rule", "Comparison"),
        "value": pgettext("rule", "Value"),
        "to": pgettext("rule", "to"),
        "anything": pgettext("rule", "any"),
        "ever": pgettext("rule", "ever"),
        "last": _("in the last … days"),
        "earlier": _("… to … days ago"),
        "dates": _("between two dates"),
        "days": pgettext("rule", "days"),
        "when": pgettext("rule", "When"),
        "yes": pgettext("rule", "yes"),
        "no": pgettext("rule", "no"),
        "several": _("several, with commas between"),
        "money": currency,
        "percent": "%",
        "from": pgettext("rule", "from"),
        "until": pgettext("rule", "until"),
        "kept": _("This part was written by hand and stays as it is."),
    }
