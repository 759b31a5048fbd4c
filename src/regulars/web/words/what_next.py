"""Words of what next: its models, what they look at, how they are tested, and the terms of the page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

MODELS = {"ease": _("What goes with what people own"), "cross_sell": _("What they buy next")}
PURPOSES = {
    "ease": _("Suggests products whose owners own what a customer owns."),
    "cross_sell": _("Foretells for each customer how likely each product is to be bought soon."),
}
FEATURES = {
    "owned_products": _("products they have"), "fresh_products": _("how lately they bought each"),
    "order_days": _("how often they bought"), "days_as_customer": _("time as a customer"),
    "products": _("how many different products"),
}  # fmt: skip
METRICS = {
    "brier_base_rate": _("The same, if everybody were as likely as in the stretch before"),
    "forecast": _("Purchases foretold"), "actual": _("Purchases that came"),
    "recall": _("New purchases found"), "recall_popularity": _("New purchases found by best sellers"),
    "recall_gain": _("Found beyond best sellers"), "ndcg": _("Quality of the order of the list (nDCG)"),
    "ndcg_popularity": _("nDCG of best sellers"), "coverage": _("Products suggested to anybody"),
    "coverage_popularity": _("Products among the best sellers"),
    "diversity": _("Chance that two people see different products"),
    "diversity_popularity": _("The same for best sellers"),
}  # fmt: skip
TERMS = {
    "confidence": (
        _("How often"),
        _("Of those who bought the first, this share bought the second too (confidence)."),
    ),
    "lift": (
        _("Times chance"),
        _("How many times as often as if people chose the two without regard to each other (lift); 1 is chance."),
    ),
}
