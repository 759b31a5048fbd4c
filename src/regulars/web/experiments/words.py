"""The words of experiments: what is measured, on whom, and what may be said."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

METRICS = {
    "buyers": _("Share who buy"), "orders": _("Orders per head"), "revenue": _("Revenue per head"),
    "money_per_order": _("Money per order"),
}  # fmt: skip
UNITS = {
    "person": _("People: some get it, some do not"), "geo": _("Places: some markets get it, some do not"),
    "time": _("Weeks: switched on and off in turn"),
}  # fmt: skip
FIGURES = {
    "buy": METRICS["buyers"], "orders": METRICS["orders"], "money": METRICS["revenue"],
    "money_per_order": METRICS["money_per_order"],
}  # fmt: skip
KINDS = {"buy": "share", "orders": "number", "money": "money", "money_per_order": "money"}
CODES = {
    "better": _("It works"), "worse": _("It does harm"), "cannot_tell": _("Cannot be told from luck yet"),
    "too_few": _("Too few people so far"), "unfair": _("The draw is off: do not trust it"),
    "waiting": _("Read at the next turn of the wheel"), "typed": _("Result typed in"),
    "outside": _("Result to be typed in"),
}  # fmt: skip
TONES = {"better": "green", "worse": "orange", "unfair": "orange"}
STATES = {"running": _("Running"), "stopped": _("Stopped"), "concluded": _("Concluded")}
CUTS = {"orders_before": _("Orders before"), "silence_before": _("Last order before")}
GROUPS = {
    "none": _("none yet"), "one": _("one order"), "several": _("two or more orders"), "never": _("never bought"),
    "quarter": _("within 90 days"), "year": _("90 days to a year"), "longer": _("more than a year"),
}  # fmt: skip
ARMS = {
    "held": pgettext_lazy("arm", "Held back"), "treated": pgettext_lazy("arm", "Written to"), "control": _("Control"),
}  # fmt: skip
DIFFERENT = {
    "differs": _("The effect is not the same in all groups."),
    "cannot_tell": _("Whether the effect differs between these groups cannot be told; that is not the same as equal."),
    "too_few": _("Too few people in these groups to compare them."),
}  # fmt: skip
