"""Words of the resources: what there is, how markets are served, how a meter is shared."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LABELS = {
    "resource": {
        "cash": _("Cash"), "gpu_hours": _("GPU hours"), "tokens": _("Tokens"), "storage": _("Storage"),
        "support_hours": _("Support hours"), "data": _("Data"), "co2": "CO₂",
    },
    "meter": {
        "gpu_seconds": _("GPU seconds"), "api_calls": _("API calls"), "gpu_hours": _("GPU hours"),
        "tokens": _("Tokens"), "storage_gb": _("Storage"),
    },
    "channel_mode": {
        "direct": pgettext_lazy("mode", "direct"), "agent": _("through agents"), "reseller": _("through a reseller"),
        "marketplace": _("on a marketplace"), "platform": _("on a platform"),
    },
    "service": {"latency": _("Speed of the answer"), "support": _("Support")},
    "fairness": {
        "worth": _("the most valuable first"), "balanced": _("in proportion to value"),
        "equal": _("the same share for everybody"),
    },
    "contract_plan": {"starter": _("Starter"), "pro": _("Pro"), "enterprise": _("Enterprise")},
}  # fmt: skip
AUDIT = {
    "resource_save": _("Resource changed"), "resource_remove": _("Resource removed"),
    "cell_save": _("Way to serve a market changed"), "cell_forget": _("Way to serve a market as the facts say"),
    "wish_relax": _("Wish given up"), "level_save": _("Choice of service offered"),
    "level_remove": _("Choice of service no longer offered"),
}  # fmt: skip
WORDS: dict[str, tuple[object, ...]] = {
    "choices_held": (_("What one more is worth holds while the same markets stay open through the same partners."),),
    "not_worth_serving": (_("What it earns is less than what it takes of the scarce resources."),),
    "relaxation": (_("Without whole choices a calculation would promise %(value)s: no plan earns that."), "money"),
}
TERMS = {
    "worth_of_one": (
        _("Worth of one more"),
        _("What one unit more of this a week would add to what is left, with the same markets open."),
    ),
    "price_range": (
        _("Holds for"),
        _("Between these amounts one unit more or less changes the result by the same sum."),
    ),
}
