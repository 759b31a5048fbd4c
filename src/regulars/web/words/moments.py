"""Words of time and of what is tried out: hours of response, calls, the desk, variants."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

MODELS = {"hour_response": _("Hours in which people respond")}
FEATURES = {"hour_of_week": _("hour of the week"), "own_hours": _("the person's own hours")}
METRICS = {
    "log_gain_everybody": _("How much better than by lot the hour was foretold (log), by everybody's hours"),
    "log_gain_own": _("How much better than by lot the hour was foretold (log), by each one's own hours"),
}
AUDIT = {
    "calendar_save": _("Changed the calendar"), "call_done": _("Noted a call"), "call_undo": _("Took a call back"),
    "tryout_create": _("Began a try-out"), "tryout_record": _("Recorded exposures"),
    "tryout_import": _("Brought in exposures"), "tryout_pause": _("Paused a try-out"),
    "tryout_resume": _("Went on with a try-out"), "tryout_finish": _("Finished a try-out"),
    "tryout_reopen": _("Opened a try-out again"),
}  # fmt: skip
WORDS: dict[str, tuple[object, ...]] = {
    "calls": (_("Calls worth making: %(value)s, the best first."), "number"),
    "hours_shrunk": (_("Few events of one person say little, so each is drawn towards people of the same kind, and "
                       "those towards everybody, as far as the data ask for it."),),
    "hours_of_moments": (_("Visits, clicks, orders and other events of the last year, on the clock of whoever it was; "
                           "several within one hour count once."),),
    "arm_share": (_("The share of each variant is the chance that it is the best, and at least the least share you "
                    "set; it is written down with every choice."),),
    "arm_ripe": (_("An exposure counts as far as its success could have come by now, so that young ones do not look "
                   "like failures."),),
    "little_activity": (_("There is little activity so far: the hours are mostly those of everybody."),),
}  # fmt: skip
TERMS = {
    "erlang_c": (
        _("Erlang C"),
        _("Reckoned by the Erlang C formula: how likely somebody waits when so many write at random and so many "
          "answer."),
    ),
    "thompson": (
        _("Thompson sampling"),
        _("Draw one plausible success rate for each variant from what is known, and show the one that comes out best; "
          "what is unsure is still tried."),
    ),
}  # fmt: skip
