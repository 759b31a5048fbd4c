"""Words of the trade, each in one sentence an owner would use."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from regulars.web.words import ahead, capacity, credit, influence, mix, moments, partners, what_next

TERMS = {
    **what_next.TERMS,
    **influence.TERMS,
    **credit.TERMS,
    **mix.TERMS,
    **ahead.TERMS,
    **capacity.TERMS,
    **moments.TERMS,
    **partners.TERMS,
    "auc": (
        _("Ranking"),
        _("How often a model ranks somebody who did it above somebody who did not: 0.5 is by lot, 1 is perfect (AUC)."),
    ),
    "log_loss": (
        _("Log loss"),
        _("How surprised a model was by what came; smaller is better."),
    ),
    "calibration_error": (
        _("Calibration error"),
        _("By how much the chances told differ from what really came, on average over tenths of the people."),
    ),
    "log_score": (
        _("Score"),
        _("Mean log probability a model gave to what came; nearer to zero is better."),
    ),
    "clv": (
        _("Customer value"),
        _("What this customer is expected to bring in profit from now on (CLV), in today's money."),
    ),
    "churn": (
        _("Risk of leaving"),
        _("How likely it is that this customer has already stopped buying from you (churn)."),
    ),
    "slip": (
        _("Chance to slip"),
        _("How likely it is that this customer stands lower at the next month end: at risk, dormant or lost."),
    ),
    "stay": (
        _("Typical stay"),
        _("Half of those who come into this state have left it after so many months; who is still there is counted."),
    ),
    "to_lost": (
        _("Until lost"),
        _("Months on average until a customer in this state is lost for the first time, if all goes on as before."),
    ),
    "interval": (
        _("Range"),
        _("Nine times out of ten the true figure lies in this range."),
    ),
    "rfm": (
        _("RFM"),
        _("How recently, how often and for how much somebody bought, each from 1 to 5."),
    ),
    "uplift": (
        _("Uplift"),
        _("The extra orders a message causes, compared with people who did not get it."),
    ),
    "holdout": (
        _("Holdout"),
        _("A few people left out on purpose, so that you see what would have happened anyway."),
    ),
    "adstock": (
        _("Carry-over"),
        _("How long an advertisement goes on working after you paid for it (adstock)."),
    ),
    "saturation": (
        _("Saturation"),
        _("Each further sum in the same channel brings a little less than the one before."),
    ),
    "attribution": (
        _("Attribution"),
        _("Which channel gets the credit for an order when several took part."),
    ),
    "shadow_price": (
        _("Worth of one more"),
        _("What one more unit of this limit would earn (shadow price)."),
    ),
    "aov": (
        _("Average order"),
        _("Revenue divided by the number of orders (AOV)."),
    ),
    "cac": (
        _("Cost per new customer"),
        _("Money spent on winning customers divided by the customers won (CAC)."),
    ),
    "roi": (
        _("Return"),
        _("What came back beyond the money spent, divided by the money spent (ROI)."),
    ),
    "roas": (
        _("Revenue per ad money"),
        _("Revenue divided by what the advertisements cost (ROAS)."),
    ),
    "csat": (
        _("Satisfaction"),
        _("Average of the marks from 1 to 5 that customers gave (CSAT)."),
    ),
    "nps": (
        _("Recommendation"),
        _("Share who would recommend you minus share who would not (NPS)."),
    ),
    "repeat_rate": (
        _("Repeat rate"),
        _("Share of customers who bought at least twice."),
    ),
    "cohort": (
        _("Cohort"),
        _("People who first bought in the same month, followed over time."),
    ),
    "segment": (
        _("Segment"),
        _("A group of customers who behave alike."),
    ),
    "consent": (
        _("Consent"),
        _("The permission somebody gave you to write to them on a channel."),
    ),
    "gate": (
        _("The gate"),
        _("The last check before anything is sent: consent, quiet hours, limits, holdout."),
    ),
    "lifecycle": (
        _("Stage"),
        _("How far somebody has come from stranger to regular."),
    ),
    "calibration": (
        _("Calibration"),
        _("Of those given a risk of 20 %, about 20 in 100 should really leave."),
    ),
    "loyalty_index": (
        _("Loyalty index"),
        _("Share of all purchases that are repeat purchases."),
    ),
}
