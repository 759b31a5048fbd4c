"""Words of the market watch."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "reprice": _("Change the price"), "raise_bid": _("Put more into it"), "cut": _("Put less into it"),
    "test": _("Test it"), "add_channel": _("Try this market"),
}  # fmt: skip
PROBLEMS = {
    "address": _("The address cannot be used."), "private": _("The address is not on the open internet."),
    "robots": _("The site does not want programs to read this page."), "too_large": _("The page is too large."),
    "too_slow": _("The site was too slow."), "redirects": _("The site led in circles."),
    "status": _("The site said the page is not there."), "no_answer": _("The site did not answer."),
    "no_feed": _("This is not a feed."), "no_price": _("No price was found on the page."),
    "broken": _("It could not be read."),
}  # fmt: skip
COLUMNS = {"at": _("Date"), "kind": _("Kind"), "watched": _("Competitor")}
WORDS = {
    "price_gap": (_("Our price is %(value)s above theirs (below, where there is a minus)."), "percent"),
    "gap_days": (_("Both prices are known for %(value)s of the last 28 days."),),
    "elasticity": (_("When our price rises by 1 per cent and theirs stays, sales move by %(value)s per cent,"), "text"),
    "elasticity_low": (_("at least %(value)s,"), "text"),
    "elasticity_high": (_("at most %(value)s, nine times out of ten."), "text"),
    "not_a_proof": (_("This is read from your own past weeks, not proven: try it on some customers."),),
    "cannot_say_gain": (_("What it would earn cannot be said yet: nothing measured tells how sales respond."),),
    "competitor_out": (_("The competitor has been out of stock for %(value)s days."),),
    "stock_out_lift": (_("On earlier days they were out of stock we sold %(value)s more."), "percent"),
    "rank_moved": (_("The rank moved by %(value)s places beyond its usual wobble."), "text"),
    "demand_change": (_("Demand moved by %(value)s against the eight weeks before."), "percent"),
    "demand_worth": (_("By how our sales moved with demand before, that is worth %(value)s of profit a week."),
                     "money"),
    "bid_channel": (_("By its measured curve, more spend in %(value)s earns most of it,"), "channel"),
    "bid_extra": (_("with %(value)s more a week."), "money"),
    "market_watch": (_("What happens outside speaks for it."), "text"),
    "demand_low": (_("At least %(value)s,"), "percent"),
    "demand_high": (_("at most %(value)s, nine times out of ten."), "percent"),
}  # fmt: skip
