"""Reason codes of the models in words; a code without words fails ``tests/web/words/test_reasons.py``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from regulars.tables import why_codes
from regulars.web.words import (
    ahead,
    alarms,
    capacity,
    cohorts,
    contacts,
    credit,
    influence,
    market_watch,
    mix,
    moments,
    partners,
    planning,
    trying,
    voice,
    worth,
)
from regulars.web.words.amounts import money_text, number_text, percent_text
from regulars.web.words.labels import label
from regulars.web.words.leaving import WORDS as LEAVING
from regulars.web.words.times import exact_text


class Words(NamedTuple):
    """What a code says; ``kind`` is how its value is written, ``bare`` what it says without one."""

    text: object
    kind: str = "number"
    bare: object = ""


WORDS: dict[str, Words] = {
    # measure: where sales come from
    "no_segment_yet": Words(_("No customer has a segment yet.")),
    "no_order_lines": Words(_("Orders come without their products; import files with one line a product.")),
    # understand: who somebody is
    "days_since_last": Words(_("Last bought %(value)s days ago.")),
    "orders": Words(_("%(value)s orders so far.")),
    "days_as_customer": Words(_("A customer for %(value)s days.")),
    "usual_gap": Words(_("Customers of this company usually buy again after %(value)s days.")),
    "own_gap": Words(_("This customer usually buys every %(value)s days.")),
    "one_order_only": Words(_("Only one order so far, so the estimate is wide.")),
    "orders_few": Words(_("Few orders so far, so the estimate is wide.")),
    "recency_score": Words(_("Bought recently: %(value)s of 5.")),
    "frequency_score": Words(_("Buys often: %(value)s of 5.")),
    "money_score": Words(_("Spends much: %(value)s of 5.")),
    "value_per_order": Words(_("An order brings %(value)s on average."), "money"),
    "p_alive": Words(_("Still a customer with a chance of %(value)s."), "percent"),
    "expected_orders": Words(_("About %(value)s more orders expected."), "decimal"),
    "too_few_customers": Words(_("Few customers so far, so the model is unsure.")),
    "weak_fit": Words(_("The model fits the past only roughly.")),
    "weak_spend_fit": Words(_("What an order brings is hard to foretell from the past.")),
    "spend_grows_with_frequency": Words(
        _("Those who buy more often also spend more each time; the model leaves that out.")
    ),
    "no_money": Words(_("No order carries an amount, so there is no value.")),
    "groups_not_stable": Words(_("These groups change with the sample; do not build on them.")),
    "too_few_markets": Words(_("Fewer than four markets: the map says little more than the table.")),
    "map_hides_much": Words(_("The markets differ in too many ways for a flat map; trust the table more.")),
    "no_groups": Words(_("The markets do not fall into clear groups.")),
    "history_too_short_to_test": Words(_("The history is too short to test the forecast.")),
    "no_better_than_the_past_pace": Words(_("In the test, the forecast was no better than going on as before.")),
    "chance_left": Words(
        _("The chance to order again is %(value)s of what it was right after the last order."), "percent"
    ),
    "outlasted": Words(_("The silence has lasted longer than %(value)s of this customer's usual pauses."), "percent"),
    "own_rhythm": Words(_("Expected rhythm of this customer: every %(value)s days.")),
    "states_by_model": Words(
        _(
            "States follow from the chance to order again beside what it was right after the last order, and from each "
            "customer's own rhythm."
        )
    ),
    "states_by_rule": Words(_("States follow from days since the last order; there is too little for a model.")),
    "next_by_logit": Words(_("The next state comes from each customer's own figures.")),
    "next_by_matrix": Words(_("The next state comes from how often customers in the same state moved.")),
    "tested_months": Words(_("Tested on the last %(value)s months, which the model had not seen.")),
    "log_loss": Words(_("Surprise by what came (log-loss): %(value)s."), "decimal"),
    "log_loss_matrix": Words(_("Surprise of the plain table of moves: %(value)s; less is better."), "decimal"),
    "calibration_error": Words(_("Chances were off by %(value)s on average."), "points"),
    "one_group": Words(_("These customers do not fall into groups: the lines between them are drawn, not found.")),
    "group_not_stable": Words(_("This group changes with the sample; do not build on it.")),
    "market_not_known": Words(_("No orders are known of this market: write it as the page of markets does.")),
    "too_few_placements": Words(_("Too few markets to compare with, so no range is given.")),
    "poor_fit_before": Words(_("The other markets moved otherwise before the test: a poor comparison.")),
    "too_few_pairs": Words(_("Fewer than six pairs of on and off, so the range is wide.")),
    "too_few_labels": Words(_("Too few customers carry a label to test the result.")),
    "no_better_than_guessing": Words(_("In the test, the labels were found no better than by guessing.")),
    "few_people": Words(_("Few people: the words about them may change with every new one.")),
    "compared_with_all": Words(_("Each share is laid beside that of all customers.")),
    "differences_by_chance": Words(
        _("About %(value)s of the differences named may be chance; the others are not named."), "percent"
    ),
    "history_too_short": Words(_("Fewer than three month ends so far: moves cannot be foretold yet.")),
    # decide: the budget
    "raise": Words(_("Spend more: one more unit of money earns more here than elsewhere.")),
    "cut": Words(_("Spend less: the last unit of money earns more elsewhere.")),
    "keep": Words(_("Leave as it is.")),
    "next_unit": Words(_("The next 1 spent earns %(value)s."), "decimal"),
    "next_unit_below_cost": Words(_("The next 1 spent earns less than it costs; a smaller budget would earn more.")),
    "same_total": Words(_("The total stays what is spent today.")),
    "total": Words(_("The weekly budget is %(value)s."), "money", _("The weekly budget binds.")),
    "unspent": Words(_("%(value)s is better kept than spent."), "money"),
    "explore": Words(
        _("Moved by %(value)s on purpose, at a small and bounded cost, to learn more."),
        "percent",
        _("The best amount may lie beyond what was ever tried: worth a test."),
    ),
    "explored_money": Words(_("Doubtful channels are varied a little on purpose, so that the next plan knows more.")),
    "answers_changed": Words(_("This channel no longer answers as it did: the last weeks count for more.")),
    "never_tried": Words(_("Never tried, so nothing is known about it.")),
    "draws": Words(_("Averaged over %(value)s plausible worlds.")),
    "at_least": Words(_("Your lower limit binds."), "channel"),
    "at_most": Words(_("Your upper limit binds."), "channel"),
    "frozen": Words(_("You froze it."), "channel"),
    "beyond_seen": Words(_("Held at the largest amount ever tried; beyond it nothing is known."), "channel"),
    "change": Words(_("It may not move further from today than you allow."), "channel"),
    "at_minimum": Words(_("The least it needs to be worth starting binds."), "channel"),
    "not_worth_its_minimum": Words(_("Even the least it needs would earn more elsewhere.")),
    "risk": Words(_("Best for the worst %(value)s of plausible worlds."), "percent"),
    "carried_over": Words(_("Effects that go over into later weeks are counted.")),
    "quota": Words(_("The limit on messages binds; one more would earn %(value)s."), "money"),
    "people": Words(_("An action for %(value)s people.")),
    "gain": Words(_("The new split should earn %(value)s more a week."), "money"),
    "left_alone_judged": Words(
        _("What messages add is also told from people left alone; %(value)s held back check it.")
    ),
    "market_answer": Words(_("This market answers %(value)s times as much as all."), "decimal"),
    "uplifts_assumed": Words(_("What messages change is still assumed; the holdout of this plan will measure it.")),
    "no_curves": Words(_("There is spend, but not yet enough history to say what it earns.")),
    "no_spend_no_curves": Words(_("No spend is known yet, so there is nothing to split.")),
    "no_curve": Words(_("Nothing is known about %(value)s; its money stays where it is."), "channel"),
    "budget_below_channels_without_curve": Words(
        _("The budget is smaller than what channels without a curve already take.")
    ),
    "data_did_not_decide": Words(
        _("The data did not decide about %(value)s: run a test there."),
        "channel",
        _("The data did not decide: run a test."),
    ),
    "conflict": Words(_("This wish cannot hold together with the others: %(value)s."), "wish"),
    # measure
    "counted": Words(_("Counted: %(value)s."), "counted"),
    "weeks": Words(_("Learnt from %(value)s weeks.")),
    "carry_over": Words(_("%(value)s of the effect carries over into the next week."), "percent"),
    "dispersion": Words(_("Weeks vary %(value)s times as much as chance alone would."), "decimal"),
    "total_revenue_model": Words(_("Explained from total revenue, because orders cannot be credited to channels.")),
    "spend_hardly_varied": Words(_("Spend hardly varied, so its effect can hardly be seen.")),
    "chains_disagree": Words(_("The computation did not settle; do not build on it.")),
    "value": Words(_("A conversion is worth %(value)s."), "worth"),
    "customers": Words(_("From %(value)s customers.")),
    "by_first_contact": Words(_("Counted at the first contact, times the share who then buy.")),
    "share_who_buy": Words(_("%(value)s of the people met for the first time buy later."), "percent"),
    "error_over_naive": Words(_("In the test, its error was %(value)s times that of repeating last year."), "decimal"),
    "method": Words(_("Method: %(value)s."), "text"),
    "window_days": Words(_("Counted over %(value)s days after the message.")),
    "window_open": Words(_("Still counting.")),
    "few_held": Words(_("Only %(value)s people were held back, so the range is wide.")),
    "sample_ratio_off": Words(_("The draw was not fair; do not trust the comparison.")),
    "detectable": Words(_("Differences from %(value)s on could be seen."), "points"),
    "sum_of_treated": Words(_("The sum over the people who got it.")),
    "before_after": Words(_("Weeks after compared with weeks before; other things changed too.")),
    "followed": Words(_("Spend went %(value)s of the way to the proposal."), "percent"),
    "weekly": Words(_("As the plan promised, a week.")),
    "period_running": Words(_("This period has not ended.")),
    # act: the gate
    "no_address": Words(_("No address for this channel.")),
    "suppressed": Words(_("The address must never be written to again.")),
    "consent_missing": Words(_("No consent for this channel.")),
    "consent_pending": Words(_("The consent has not been confirmed.")),
    "consent_withdrawn": Words(_("The consent was withdrawn.")),
    "duplicate": Words(_("The same message went out already.")),
    "holdout": Words(_("Held back on purpose, to measure what happens without it.")),
    "quota_used": Words(_("The plan's number of messages is used up.")),
    "frequency_cap": Words(_("Enough messages in these days already.")),
    "quiet_hours": Words(_("It is night where this person lives.")),
    "permitted": Words(_("Everything allows it.")),
    "transport_temporary": Words(_("The mail server asked to try later.")),
    "transport_permanent": Words(_("The mail server refused it for good.")),
    "transport_unknown": Words(_("The line broke while sending; whether it arrived is not known.")),
    "worker_lost": Words(_("The program stopped while sending; whether it arrived is not known.")),
    "gave_up": Words(_("Tried several times without success.")),
    "owner": Words(_("You decided so.")),
    # understand: what next
    "because_bought": Words(_("Because they bought %(value)s."), "text"),
    "within_days": Words(_("Within the next %(value)s days.")),
    "usual_rhythm": Words(_("From how often and how lately they buy.")),
    "popular_in": Words(_("What first customers from %(value)s buy most."), "channel"),
    "popular": Words(_("What first customers buy most.")),
    "not_for_sale": Words(_("Nothing one can offer: it comes by itself.")),
    "category_excluded": Words(_("You excluded the category.")),
    "out_of_stock": Words(_("Out of stock.")),
    "already_owned": Words(_("They have it, and one does not buy it twice.")),
    "no_consent": Words(_("No consent to be written to.")),
    "rare_products_left_out": Words(_("%(value)s rare products are not weighed; names that resemble them are used.")),
    "products_learnt_by_category": Words(_("Too many products for one model: learnt by category.")),
    "too_few_to_choose_penalty": Words(_("Too few purchases to tune the model; it is kept cautious.")),
    "large_orders_left_out": Words(
        _("%(value)s orders of more than a hundred products are left out of what is bought together.")
    ),
    "rules_cut_at_size": Words(_("Only rules of up to %(value)s products were looked for.")),
    "too_few_orders": Words(_("Few orders so far, so hardly anything can be told from luck.")),
    "too_short_for_next_product": Words(_("The history is too short to foretell what each customer buys next.")),
    # act: the assistant
    "answered": Words(_("Answered.")),
    "empty": Words(_("There was no question.")),
    "asked_for_person": Words(_("They asked for a person.")),
    "not_sure": Words(_("No answer fits well enough.")),
}

_MORE: dict[str, tuple[object, ...]] = {}
for _words in (
    LEAVING, alarms.WORDS, ahead.WORDS, trying.WORDS, credit.WORDS, cohorts.WORDS, market_watch.WORDS,
    influence.WORDS, mix.WORDS, capacity.WORDS, moments.WORDS, planning.WORDS, partners.WORDS, contacts.WORDS,
    voice.WORDS, worth.WORDS,
):  # fmt: skip
    _MORE |= _words
WORDS |= {code: Words(*said) for code, said in _MORE.items()}

PLAIN = ahead.METHODS | partners.MODES | {
    "new_customers": _("new customers"), "orders": _("orders"), "revenue": _("revenue"), "none": _("nothing"),
    "clv_and_first_order": _("the profit of the first order and of what follows"),
    "order_margin": _("the profit of an order"), "margin": _("the margin"),
}  # fmt: skip


def sentences(codes: str | Mapping[str, object] | Iterable[str] | None) -> list[str]:
    """What the codes say, one sentence each, in the language of the page."""
    if codes is None or isinstance(codes, str):
        pairs = list(why_codes(codes).items())
    elif isinstance(codes, Mapping):
        pairs = [(k, None if v is None else str(v)) for k, v in codes.items()]
    else:
        pairs = [pair for text in codes for pair in why_codes(str(text)).items()]
    return [sentence(code, value) for code, value in pairs]


def sentence(code: str, value: str | None = None) -> str:
    """One code in words; ``at_least:search`` names the channel it is about before the words."""
    head, _colon, subject = code.partition(":")
    words = WORDS.get(head)
    if words is None:
        return code.replace("_", " ") + (f": {value}" if value else "")
    text = str(words.text)
    if "%(value)s" in text:
        text = str(words.bare) if value is None and words.bare else text % {"value": written(value, words.kind)}
    if head == "week" and subject:
        return str(words.text) % {"value": subject}
    if subject and subject != "total":
        return f"{label('channel', subject)}: {text}"
    return text


def written(value: str | None, kind: str) -> str:
    """A value as its kind is read: the codes carry plain numbers, keys and names."""
    if value is None:
        return "–"
    if kind in ("channel", "activity", "objective"):
        return label(kind, value)
    if kind == "option":
        code, _at, channel = value.partition("@")
        return f"{label('action', code)} · {label('channel', channel)}" if channel else label("action", code)
    if kind == "wish":
        head, _colon, subject = value.partition(":")
        return sentence(value) if subject else str(WORDS[head].bare) if head in WORDS and WORDS[head].bare else value
    if kind in ("counted", "worth", "text"):
        return str(PLAIN.get(value, value.replace("_", " ")))
    try:
        if kind == "moment":
            return exact_text(datetime.fromisoformat(value))
        number = float(value)
    except ValueError:
        return value
    if kind == "money":
        return money_text(number)
    if kind == "percent":
        return percent_text(number)
    if kind == "share":
        return percent_text(number, 5)
    if kind == "points":
        return percent_text(number, 2)
    return number_text(number, 0 if kind == "number" else 2 if abs(number) < 10 else 1)
