"""Words of credit: the methods that share an order among channels, and what to keep in mind about them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

METHODS = {
    "first": _("First contact"), "position": _("Ends first"), "linear": _("Shared equally"),
    "time_decay": _("Newer counts more"), "last_non_direct": _("Last, not direct"), "last": _("Last contact"),
    "markov": _("Lost without it"), "shapley": _("Fair share"), "logistic": _("Chance without it"),
}  # fmt: skip
TERMS = {
    f"credit_{method}": (METHODS[method], text)
    for method, text in {
        "first": _("All credit to the first contact on the way: who opened the door."),
        "position": _("40 % each to the first and the last contact, 20 % to all between (position-based)."),
        "linear": _("Every contact on the way gets the same share (linear)."),
        "time_decay": _("A contact counts half for every 7 days it lies before the order (time decay)."),
        "last_non_direct": _("All credit to the last contact that was not direct."),
        "last": _("All credit to the last contact before the order: who closed the sale."),
        "markov": _("Which share of orders would be missing from the flow of journeys if the channel were deleted "
                    "(removal effect of a Markov chain)."),
        "shapley": _("Each order is shared equally by the different channels on its way, however often each was met "
                     "(Shapley value)."),
        "logistic": _("How much the chance of an order falls when the channel is taken off the way (logistic model)."),
    }.items()
}  # fmt: skip
WORDS: dict[str, tuple[object, ...]] = {
    "no_nulls": (_("No journey that ended without an order is known, so what makes journeys fail cannot be seen."),),
    "few_conversions": (_("Fewer than 100 orders: the methods differ by luck as much as by what happened."),),
    "one_channel": (_("Only one channel is known, so every method credits it."),),
    "few_contacts_known": (
        _("For most orders no contact is known before them; there, the order's own channel has all the credit."),
    ),
    "negative_credit": (_("A channel has negative credit: journeys with it end in an order more rarely."),),
    "path_model_no_better_than_luck": (
        _("Contacts hardly tell who will buy, so the method that learns from that is left out."),
    ),
    "orderings_drawn": (_("Too many channels for an exact answer: the credit is drawn, with its error in the range."),),
    "credit_of_paths": (_("The way to an order are its customer's contacts in the 90 days before it."),),
    "credit_lost_journeys": (
        _("A journey counts as lost when 90 days pass after its last contact without an order."),
    ),
    "credit_drawn_again": (
        _("The range is where the credit lies nine times out of ten when the same journeys are drawn again."),
    ),
}  # fmt: skip
