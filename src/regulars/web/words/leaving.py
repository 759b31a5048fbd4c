"""Words of leaving and behaviour: the features models look at, and what their reason codes say."""

from __future__ import annotations

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

LEARNERS = {
    "logistic": _("Logistic regression"), "boosting": _("Boosted trees"), "forest": _("Random forest"),
    "neural": _("Small neural network"), "blend": _("Regression and trees together"), "average": _("The average"),
}  # fmt: skip
AIMS = {"purchase": _("Will buy"), "upgrade": _("Will move to a bigger plan"), "usage_drop": _("Will use half or less")}
MODELS = {
    "churn_hazard": _("Contracts that end"), "behaviour_purchase": _("Buying within 30 days"),
    "behaviour_upgrade": _("Upgrading within 30 days"), "behaviour_usage_drop": _("Using less within 30 days"),
    "behaviour_spend": _("Spending within 30 days"),
}  # fmt: skip
PURPOSES = {
    "churn_hazard": _("Foretells for each contract how likely it ends in its next period, and why."),
    "behaviour_purchase": _("Foretells who buys within the next 30 days."),
    "behaviour_upgrade": _("Foretells who moves to a bigger plan within the next 30 days."),
    "behaviour_usage_drop": _("Foretells who will use less than half of before."),
    "behaviour_spend": _("Foretells how much each customer spends."),
}
METRICS = {
    "auc": _("Ranking (AUC)"), "brier": _("Mean squared error of the chance (Brier)"),
    "calibration_error": _("Calibration error"),
    "calibration_noise": _("Calibration error of the truth itself, by luck"),
    "lift_10": _("Buyers in the best tenth, against by lot"),
}  # fmt: skip
# Of contracts: value kinds as in ``reasons.written``.
CONTRACT = {
    "tenure": (_("how long the contract has run"), "number"),
    "plan": (_("the plan"), "text"),
    "price": (_("the price"), "money"),
    "upgrades": (_("upgrades so far"), "number"),
    "downgrades": (_("downgrades so far"), "number"),
    "usage_28": (_("use in the last four weeks"), "number"),
    "usage_share": (_("share of the last eight weeks' use that fell into the last four"), "percent"),
    "tickets_90": (_("calls for help in three months"), "number"),
    "unhappy_180": (_("unhappy marks in half a year"), "number"),
    "channel": (_("the channel they came through"), "channel"),
    "market": (_("the market"), "text"),
    "language": (_("the language"), "text"),
}
CUSTOMER = {
    "recency": _("days since the last order"), "newness": _("how new they are"),
    "few_purchases": _("how few purchases so far"),
    "own_gap": _("own rhythm"), "overdue": _("silence against the own rhythm"),
    "value_per_order": _("value of an order"), "last_value": _("value of the last order"),
    "orders_30": _("orders in the last 30 days"), "orders_90": _("orders in the last 90 days"),
    "orders_365": _("orders in the last year"), "spent_30": _("money spent in the last 30 days"),
    "spent_90": _("money spent in the last 90 days"), "spent_365": _("money spent in the last year"),
}  # fmt: skip
FEATURES = {name: word for name, (word, _kind) in CONTRACT.items()} | CUSTOMER

WORDS: dict[str, tuple[object, ...]] = {
    "stake_is_quarter": (_("Money counts the profit of the next 90 days, times the chance to lose it."),),
    "lost_left_out": (_("Customers counted as lost already are left out: that loss lies behind you."),),
    "risk_from_contracts": (_("The risk is the chance that a contract ends within 90 days."),),
    "risk_from_silence": (_("The risk is the chance that somebody has gone already, read from their silence."),),
    "risk_from_both": (
        _("With a contract, the risk is the chance that it ends within 90 days; without one, the chance that somebody "
          "has gone already, read from their silence."),
    ),
    "few_leavers": (_("Too few have left so far to tell one from another: everybody gets the average."),),
    "few_cases": (_("Too few cases so far to tell one from another: everybody gets the average."),),
    "no_lightgbm": (_("LightGBM is not installed; boosting of scikit-learn is used in its place."),),
    "split_in_time": (_("Tested on the last 30 days, by models that knew only the time before them."),),
    "same_folds": (_("All models were asked about the same customers, whom none had learnt from."),),
    "plainer_within_error": (_("A plainer model is used when it is not clearly worse than the best."),),
    "silent_beyond_own_gap": (_("Silent for more than twice their own rhythm"),),
    "usage_halved": (_("Use fell by half within four weeks"),),
    "asked_for_help": (_("Asked for help in the last three months"),),
    "unhappy_mark": (_("Gave an unhappy mark in half a year"),),
}  # fmt: skip
for _name, (_word, _kind) in CONTRACT.items():
    WORDS[f"up_{_name}"] = (format_lazy("{}{}{}", _("Raises the risk: "), _word, " (%(value)s)"), _kind)
    WORDS[f"down_{_name}"] = (format_lazy("{}{}{}", _("Lowers the risk: "), _word, " (%(value)s)"), _kind)
    WORDS[f"drives_{_name}"] = (format_lazy("{}{}", _("Drives the risk: "), _word),)
for _name, _word in FEATURES.items():
    WORDS[f"more_{_name}"] = (format_lazy("{}{}", _("Makes it likelier: "), _word),)
    WORDS[f"less_{_name}"] = (format_lazy("{}{}", _("Makes it less likely: "), _word),)
