"""Partners, agreements and ways to sell in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

MODES = {
    "direct": _("Direct sales"), "agent": pgettext_lazy("way to sell", "Agent"), "reseller": _("Reseller"),
    "marketplace": _("Marketplace"), "platform": pgettext_lazy("way to sell", "Platform"), "own_site": _("Own site"),
}  # fmt: skip
STATES = {"candidate": _("Candidate"), "signed": _("Signed"), "ended": pgettext_lazy("partner", "Ended")}
FIELDS = {
    "name": pgettext_lazy("partner", "Name"), "region": _("Region"), "cost": _("Contract a year"),
    "capacity": _("Most revenue it can handle a year"), "channels": _("Channels whose orders are its"),
    "markets": _("Territory (empty: everywhere)"), "start": _("From"), "end": _("Until (empty: open)"),
    "currency": _("Currency"), "guarantee": _("Guaranteed commission a month"), "cap": _("At most a month"),
    "commitment": _("Revenue promised a month"), "payment_days": _("Days until we pay"), "due": _("Due on"),
    "paid": _("Paid on"), "amount": _("Amount"),
}  # fmt: skip
RULES = {"marginal": _("Each part of the revenue at its own rate"), "whole": _("All revenue at the rate reached")}
TIER_PERIODS = {"month": _("a month"), "quarter": _("a quarter"), "year": _("a year")}
ROUNDINGS = {"half_up": _("Half a cent up"), "half_even": _("Half a cent to even"), "down": _("Down")}
LINES = {
    "sale": _("Sale"), "refund": _("Refund, off the top"), "clawback": _("Refund of an earlier period: taken back"),
    "tier_reached": _("Higher rate reached: earlier orders rise"), "guarantee": _("Guaranteed least"),
    "cap": _("Above the most"), "carried": _("Carried from the month before"),
}  # fmt: skip
CRITERIA = {
    "margin": _("Margin"), "reach": _("Reach"), "control": pgettext_lazy("criterion", "Control"),
    "speed": _("Speed"), "data": _("Data"),
    "cost": pgettext_lazy("criterion", "Cost"),
}  # fmt: skip
UNITS = {
    "margin": _("share of the price that stays, %"), "reach": _("share of the market's buyers, %"),
    "control": _("0–10: price, brand and service in your hand"), "speed": _("days until it sells"),
    "data": _("0–10: what you learn of the buyers"), "cost": _("money spent per 100 sold"),
}  # fmt: skip
METHODS = {
    "weighted_sum": _("Weighted sum"), "topsis": "TOPSIS", "promethee": "PROMETHEE II",
}  # fmt: skip
NORMS = {"vector": _("by vector length"), "minmax": _("from least to most"), "max": _("by the largest"),
         "sum": _("by the sum")}  # fmt: skip
SOURCES = {"yours": _("yours"), "measured": _("measured"), "assumed": _("assumed")}


def ruling(key: str) -> str:
    """A ranking in words: its method and how figures were made comparable."""
    method, _colon, norm = key.partition(":")
    return f"{METHODS[method]}, {NORMS[norm]}" if norm else str(METHODS[method])


# How the scale of judgements is said; a negative step is the other way round.
STEPS = {
    9: _("absolutely more"), 7: _("very much more"), 5: _("much more"), 3: _("somewhat more"), 2: _("a little more"),
    1: _("as much"), -2: _("a little less"), -3: _("somewhat less"), -5: _("much less"), -7: _("very much less"),
    -9: _("absolutely less"),
}  # fmt: skip

WORDS = {
    "no_partner_in_orders": (
        _("No agreement names the channels whose orders are a partner's, so there is no cut by partner yet."),
    ),
    "mode_best": (_("Of all ways to sell, this is first: %(value)s."), "text"),
    "mode_today": (_("Today most is sold this way: %(value)s."), "text"),
    "mode_share": (_("With weights like yours it is first in %(value)s of all draws."), "percent"),
    "mode_every_rule": (_("Every ranking agrees."),),
    "mode_robust": (_("Rankings that agree with it: %(value)s of the nine compared."),),
    "partners": (_("%(value)s partners are in the best set."),),
    "covered": (_("They win %(value)s of what there is to win."), "percent"),
    "limit": (_("A limit holds it back: %(value)s."), "text"),
    "partner_sign": (_("It is in the best set and not signed yet."),),
    "partner_end": (_("The best set within the budget does without it."),),
    "judgements_incomplete": (_("Some criteria are not compared, so the usual weights are used."),),
    "judgements_disagree": (_("The comparisons contradict each other: consistency ratio %(value)s."), "decimal"),
    "ruling": (_("The ranking is made by %(value)s."), "text"),
    "norm_left_out": (_("One way to make figures comparable cannot take figures below nothing: %(value)s."), "text"),
}

AUDIT = {
    "partner_save": _("Partner saved"), "partner_remove": _("Partner removed"),
    "agreement_save": _("Agreement saved"), "agreement_remove": _("Agreement removed"),
    "partner_payment_save": _("Payment of a partner noted"), "partner_rules_save": _("Limits of partners changed"),
    "mode_figures_save": _("Figures of ways to sell changed"), "mode_judgements_save": _("Comparisons changed"),
}  # fmt: skip
TERMS = {
    "weighted_sum": (_("Weighted sum"), _("Each figure put between nothing and one, times its weight, added up.")),
    "topsis": ("TOPSIS", _("How near a way comes to the best of every criterion and how far it keeps from the worst.")),
    "promethee": (
        "PROMETHEE",
        _("Every way against every other: how much it is preferred to them, less how much they are to it."),
    ),
    "electre": ("ELECTRE", _("Outranked: most weight speaks for another way and no criterion much against it.")),
    "acceptability": (_("Share of weights"), _("Of all ways to weigh the criteria, how many put it first (SMAA).")),
    "consistency_ratio": (
        _("Consistency ratio"),
        _("How much the comparisons contradict each other next to random ones; above 0.1 judge again (Saaty)."),
    ),
    "partner_quality": (
        _("Quality"),
        _("How much of the expected revenue to believe: promise kept, orders kept, payments, satisfied customers."),
    ),
}
