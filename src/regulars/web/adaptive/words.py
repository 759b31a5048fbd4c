"""Words of the page of what is tried out."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

KINDS = {"creative": _("Creative or text"), "offer": _("Offer"), "bid": _("Bid")}
REWARDS = {"yes_no": _("Yes or no: a click, an order"), "money": _("Money: what each exposure brought")}
MEMORIES = {
    "always": _("Everything counts (nothing changes with time)"),
    "season": _("Slowly forget (a season)"),
    "month": _("Forget within weeks (fast-moving ads)"),
}
STATES = {"running": pgettext_lazy("try-out", "Running"), "paused": pgettext_lazy("try-out", "Paused"),
          "finished": pgettext_lazy("try-out", "Finished")}  # fmt: skip
ADVICE = {
    "start": _("Nothing has been shown yet. Show each variant in its share and record what comes."),
    "too_little": _(
        "Too little traffic to learn which is better: choose by judgement, or try fewer variants for longer."
    ),
    "go_on": _("Go on: no variant is clear yet."),
    "level": _("Settle on the best so far: hardly anything can be lost by it."),
    "finish": _("One is clearly ahead: finish and use it for everybody."),
}
