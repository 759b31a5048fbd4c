"""Words of the mix model."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

MODELS = {"mix": _("What spend brings")}
PURPOSES = {"mix": _("Splits weekly revenue into what came without spend and what each channel's spend brought.")}
METRICS = {
    "wmape": _("Error on weeks it had not seen"), "wmape_seasonal_naive": _("Error of last year's same weeks"),
    "coverage": _("Weeks inside the range told"),
}  # fmt: skip
FEATURES = {"spend": _("spend"), "season": _("season"), "holidays": _("holidays"), "trend": _("trend")}
TERMS = {
    "mix_model": (
        _("Mix model"),
        _("Compares weeks with much and with little spend, season and holidays taken out, to see what spend brings."),
    ),
    "demand_capture": (
        _("Demand capture"),
        _("A channel that meets people who were coming anyway, like a search for your own name."),
    ),
    "value_of_test": (
        _("Value of a test"),
        _("How much more profit a better split of the money would bring once the result is known, on average over "
          "everything the result may be."),
    ),
}  # fmt: skip
WORDS: dict[str, tuple[object, ...]] = {
    "mix_weeks": (_("Learnt from %(value)s weeks of revenue and spend."),),
    "mix_now_only": (_("Counts revenue that comes within about two months of the spend."),),
    "mix_profit": (
        _("One unit of that revenue stands for %(value)s of profit: the margin, and what new customers still buy "
          "later."), "decimal",
    ),
    "mix_experiments": (_("%(value)s experiments of yours are part of the evidence."),),
    "mix_markets": (_("Read from %(value)s markets side by side."),),
    "mix_not_proof": (_("Weeks that go together prove no cause; a test does."),),
    "mix_prior_low": (_("Before the data, the return was taken to lie between %(value)s"), "decimal"),
    "mix_prior_high": (_("and %(value)s."), "decimal"),
    "mix_overlap": (
        _("%(value)s of that belief is left unchanged by the data; the less, the more they told."),
        "percent",
    ),
    "mix_proven": (_("An experiment of yours shows that it brings something."),),
    "demand_capture": (
        _("By its name this channel meets people who were coming anyway; only a test with it switched off tells."),
    ),
    "mix_holdout_weeks": (_("The last %(value)s weeks were hidden from the model and foretold."),),
    "mix_error": (_("It was off by %(value)s of revenue."), "percent"),
    "mix_naive": (_("Last year's same weeks would have been off by %(value)s."), "percent"),
    "mix_beats_naive": (_("So the model is the better guess."),),
    "mix_no_better_than_naive": (_("So the model is no better than last year's weeks; trust it little."),),
    "mix_coverage": (_("%(value)s of those weeks lay in the range told; nine in ten should."), "percent"),
    "mix_settled": (_("The computation settled: independent runs agree."),),
    "mix_not_settled": (_("The computation did not settle: independent runs disagree, so trust no figure."),),
    "mix_r_hat": (_("Agreement of the runs (R-hat) %(value)s; 1 is perfect, over 1.05 is bad."), "decimal"),
    "mix_ess": (_("Worth %(value)s independent draws (ESS)."),),
    "mix_divergences": (_("%(value)s steps went astray (divergences)."),),
    "calibrated_by_experiment": (_("An experiment is part of this curve."),),
    "too_few_weeks": (_("Fewer than 30 weeks of spend and revenue."),),
    "newcomers_only": (_("Counted is what new customers bring in their first eight weeks: those who stay longer would "
                         "have bought anyway, and what they bring later is in what a customer is worth."),),
    "spend_credits_ignored": (_("Some weeks had negative spend (credit notes); they count as no spend."),),
    "small_channels_joined": (_("The smallest channels are counted together as “other”."),),
    "sampler_not_settled": (_("The computation did not settle; take the figures as a first idea only."),),
    "no_channel_identified": (
        _("For no channel did the weeks decide: the figures still lean on what was believed before. Run a test."),
    ),
}  # fmt: skip
