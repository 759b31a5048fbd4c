"""Words of worth: the models behind it, their figures, and what their reason codes say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

MODELS = {"contracts": _("Worth of contracts"), "regression_ltv": _("Worth from the first months")}
PURPOSES = {
    "contracts": _("Foretells how long each contract is renewed and what it will still bring."),
    "regression_ltv": _("Foretells from a customer's first months what the months after will bring; a check."),
}
METRICS = {
    "total_bias": _("Total foretold against what came"),
    "total_bias_uncorrected": _("The same without the correction"),
    "mae_expected": _("Orders missed per customer by the expected number"),
    "mae_likely": _("Orders missed per customer by the likely number"),
    "correction": _("Factor that takes off the bias"),
}
FEATURES = {
    "renewals": _("number of renewals"), "ended": _("whether the contract has ended"),
    "months": _("length of a period"),
    "purchases": _("purchases in the first months"), "money": _("money in the first months"),
    "first_purchase": _("value of the first purchase"),
    "last_purchase_day": _("day of the last purchase in the first months"),
    "purchases_late": _("purchases late in the first months"),
}  # fmt: skip
WORDS: dict[str, tuple[object, ...]] = {
    "worth_horizon": (_("Counts the profit of the next %(value)s days."),),
    "worth_margin": (_("Of every sale %(value)s stays as profit."), "percent"),
    "worth_rate": (_("A year of waiting costs %(value)s."), "percent"),
    "worth_future_only": (_("What was earned before today is not in it."),),
    "worth_by_mbg_nbd": (_("Orders are foretold by MBG/NBD: anybody may leave after any order."),),
    "worth_by_bg_nbd": (_("Orders are foretold by BG/NBD: people may leave after every repeat order."),),
    "worth_by_pareto_nbd": (_("Orders are foretold by Pareto/NBD: people may leave at any time."),),
    "worth_tested": (_("In the test the total was off by %(value)s."), "percent"),
    "worth_corrected": (_("Orders foretold are corrected by %(value)s, learnt from past tests."), "percent"),
    "contracts": (_("%(value)s contracts."),),
    "p_renew": (_("Renewed next time with a chance of %(value)s."), "percent"),
    "contracts_by_sbg": (_("Renewals by sBG: everybody has an own chance to leave, and the restless leave first."),),
    "contracts_by_bdw": (_("Renewals by BdW: chances differ between people and change as a contract ages."),),
    "contracts_tested": (_("In the test the contracts still running were off by %(value)s."), "percent"),
    "too_few_contracts": (_("Few contracts or endings so far, so the curve leans on a typical service."),),
    "no_better_than_the_mean": (_("In the test it was no better than the average."),),
    "first_purchases_used_for_spend": (
        _("Few have bought twice, so the value of an order is learnt from first orders."),
    ),
}
