"""Why a column was taken for a field, and what the fields are called."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from regulars.collect.mapping import Choice

HEADER = {
    "exact": gettext_lazy("The header says so."),
    "numbered": gettext_lazy("The header says so, with a number behind it."),
    "unit": gettext_lazy("The header says so, with a unit."),
    "filler": gettext_lazy("The header says so, apart from a filler word."),
    "part": gettext_lazy("A part of the header says so."),
    "alike": gettext_lazy("The header is spelt almost so."),
    "no_match": gettext_lazy("Nothing known fits this header."),
    "chosen_by_owner": gettext_lazy("You chose it."),
    "platform_": gettext_lazy("The columns of this export are known."),
    "also": gettext_lazy("Another column fits this field better: %(field)s."),
    "channel": gettext_lazy("The header names the channel %(channel)s."),
}
VALUES = {
    "email": gettext_lazy("e-mail addresses"), "phone": gettext_lazy("phone numbers"), "date": gettext_lazy("dates"),
    "money": gettext_lazy("amounts"), "number": gettext_lazy("numbers"), "id": gettext_lazy("numbers or codes"),
    "name": gettext_lazy("names"), "flag": gettext_lazy("yes or no"), "text": gettext_lazy("words"),
    "provinces": gettext_lazy("provinces"),
}  # fmt: skip
SEEN = {
    "mixed": gettext_lazy("Its values fit only in part."),
    "flags": gettext_lazy("Its values are only yes or no."),
    "numbers": gettext_lazy("Its values are only numbers."),
    "many": gettext_lazy("Its values repeat or differ more than expected."),
    "long": gettext_lazy("Its values are longer than expected."),
}
# Words of a field where the first word an export uses would mislead.
FIELDS = {
    "ignore": gettext_lazy("Leave this column out"), "amount": gettext_lazy("Amount paid"),
    "direction": gettext_lazy("Income or expense"), "product_title": gettext_lazy("Product"),
    "name_suffix": gettext_lazy("Name suffix"), "line_amount": gettext_lazy("Amount of the line"),
    "quantity": gettext_lazy("Quantity"), "sku": gettext_lazy("Article number"), "total": gettext_lazy("Order total"),
    "consent_email": gettext_lazy("Agreed to e-mail"), "consent_no": gettext_lazy("Refused e-mail"),
    "zone": gettext_lazy("Time zone"), "revenue_each": gettext_lazy("Revenue per conversion"),
    "region": gettext_lazy("Province or region"), "at": gettext_lazy("Date or time"),
    "first_response_s": gettext_lazy("Time to the first answer"), "resolution_s": gettext_lazy("Time to solve"),
    "until": gettext_lazy("Last day"), "months": gettext_lazy("Length in months"), "page": gettext_lazy("Web page"),
    "subtotal": gettext_lazy("Subtotal"), "line_discount": gettext_lazy("Discount of the line"),
}  # fmt: skip


def mapping_reason(choice: Choice) -> str:
    """The codes of one choice as sentences."""
    return " ".join(text for text in (one(code) for code in choice.why.split(";")) if text)


def one(code: str) -> str:
    """One code in words.

    >>> one("unheard_of")
    ''
    """
    from regulars.web.words.labels import label

    head, _eq, value = code.partition("=")
    if head.startswith("platform_"):
        return str(HEADER["platform_"])
    if head.startswith("values_not_"):
        return _("Its values do not look like %(what)s.") % {"what": values(head.removeprefix("values_not_"))}
    if head.startswith("values_"):
        kind = head.removeprefix("values_")
        return str(SEEN[kind]) if kind in SEEN else _("Its values look like %(what)s.") % {"what": values(kind)}
    said = str(HEADER.get(head, ""))
    if head == "also":
        return said % {"field": field_word(value)}
    return said % {"channel": label("channel", value)} if head == "channel" else said


def values(kind: str) -> str:
    return str(VALUES.get(kind, kind))


def field_word(name: str) -> str:
    """What a field is called: its own word, or in Chinese the first word exports use for it."""
    if name in FIELDS:
        return str(FIELDS[name])
    plain = name.replace("_", " ")
    plain = re.sub(r"\b(.+) at$", r"\1", plain) if name.endswith("_at") else plain
    if not (get_language() or "").startswith("zh"):
        return plain[:1].upper() + plain[1:]
    return chinese().get(name, plain)


def fields_in_words(kind: str) -> list[tuple[str, str]]:
    """Every field of a kind of table with its word, as a menu shows them; leaving out comes last."""
    from regulars.collect.fields import fields_of

    names = [n for n in fields_of(kind) if n != "ignore"]
    return [(n, field_word(n)) for n in [*names, "ignore"]]


@lru_cache(maxsize=1)
def chinese() -> dict[str, str]:
    """The first Chinese word of each field."""
    from regulars.collect.fields import KINDS, fields_of

    found: dict[str, str] = {}
    for kind in KINDS:
        for name, field in fields_of(kind).items():
            word = next((w for w in field.words if re.search("[一-鿿]", w)), None)
            if word and name not in found:
                found[name] = word
    return found
