"""Words of experiments: what the codes of a reading say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, tuple[object, ...]] = {
    "any_look": (_("The interval stays right however often you look; it is about 1.6 times as wide for that."),),
    "any_look_exact": (_("Few people so far: the interval counts every case exactly and is wide."),),
    "too_few_people": (_("Fewer than 50 people in an arm: no interval yet."),),
    "money_capped": (_("Money of one person counts up to %(value)s, so that a single big order does not decide."),
                     "money"),
    "money_adjusted": (_("What each brought in the half-year before is taken out: %(value)s less noise (CUPED)."),
                       "percent"),
    "chance_better": (_("Better than the control with a chance of %(value)s, if nothing was known before."), "percent"),
    "flows_weighed": (_("Each action has its own people held back; actions count by the people they reached."),),
    "holdout_everywhere": (_("Never written to on purpose, to measure what all writing together earns."),),
    "never_written_to": (_("A lot drawn once holds these people out of every flow, so the difference is what all "
                           "writing does together, wear and tear included."),),
    "tail_too_heavy": (_("A few very big orders make the mean unsure at this number of people."),),
    "bayes_not_for_peeking": (_("These chances are for one look at the end, not for every day."),),
}  # fmt: skip
AUDIT = {
    "experiment_create": _("Experiment started"), "experiment_type": _("Result of an experiment typed in"),
    "experiment_stop": _("Experiment stopped"), "experiment_conclude": _("Experiment concluded"),
    "experiment_reopen": _("Experiment taken up again"), "experiment_delete": _("Experiment deleted"),
    "experiment_restore": _("Experiment brought back"), "experiment_people": _("List of an experiment downloaded"),
}  # fmt: skip
