"""Words of alarms: how severe, what the owner said of them, and why they rang."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

LABELS = {
    "severity": {"severe": _("Severe"), "serious": _("Serious"), "slight": _("Slight")},
    "alarm_verdict": {
        "useful": _("Useful"), "not_useful": _("Not useful"), "muted": _("Muted"), "snoozed": _("Snoozed"),
    },
    "alarm_by": {
        "channel": _("By channel"), "market": _("By market"), "product": _("By product"),
        "kind": _("By kind of answer"),
    },
    "alarm_figure": {
        "orders": _("Orders"), "touches": _("Visits"), "spend": _("Spend"), "feedback": _("Answers"),
        "order_value": _("Value of an order"), "channel_mix": _("Channels of orders"),
        "market_mix": _("Markets of orders"), "revenue": _("Revenue"), "buy_30": _("Chance to buy within 30 days"),
    },
    "alarm_what": {
        "missing_days": _("days are missing"), "doubled": _("rows look imported twice"),
        "nameless": _("rows suddenly lack their channel, market or customer"), "late": _("nothing new has come in"),
        "no_result": _("money is spent and nearly nothing comes of it"),
        "drifted": _("customers now differ from those the models learnt from"),
        "less": _("fewer did it than the model told"), "more": _("more did it than the model told"),
        "concentrated": _("more than before hangs on one channel"),
    },
}  # fmt: skip
WORDS = {
    "alarm_day": (_("Each day is compared with the same weekday of the eight weeks before."), "text"),
    "alarm_week": (_("Each week is compared with the half year before it."), "text"),
    "alarm_shift": (_("No single day stands out, but all days since then lie beside the line of before."), "text"),
    "alarm_rare": (_("In a quiet company, all alarms together ring by chance about once in %(value)s weeks."), "text"),
    "alarm_quality": (_("The facts themselves look wrong: check the import before you believe the figures."), "text"),
    "alarm_idle_spend": (_("By what this channel brought before, so few orders would be a rare chance."), "text"),
    "alarm_drift": (_("The last four weeks are compared with the half year before, by how far shares moved."), "text"),
    "alarm_calibration": (
        _(
            "The chances of the newest turn whose time is over are held against what people did, and "
            "against how far off earlier ones were."
        ),
        "text",
    ),
    "alarm_slow_share": (
        _("The parts count tickets that took longer than usual; weeks with fewer than 10 answers do not count."),
        "text",
    ),
    "alarm_unhappy_share": (
        _("The parts count satisfied answers; weeks with fewer than 10 answers do not count."),
        "text",
    ),
    "alarm_bad_priced": (
        _(
            "Priced by how much less customers bought in the 90 days after such an answer than before it, "
            "beside the others; an estimate, no proof."
        ),
        "text",
    ),
    "alarm_bad_no_price": (
        _("Whether such answers cost sales cannot be seen in your data so far, so there is no price."),
        "text",
    ),
    "alarm_concentration": (_("The share of the largest channel is compared with the half year before."), "text"),
}
