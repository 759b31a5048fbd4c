from django import template
from django.conf import settings

from regulars.web.lifecycle.queries import strategy_of
from regulars.web.words.labels import LABELS

register = template.Library()


@register.inclusion_tag("lifecycle/strategy.html")
def strategy(kind, key, csrf_token=None):
    """``{% strategy "segment" key csrf_token %}``: what to do, and a form to change it."""
    return {"advice": strategy_of(kind, key), "goals": LABELS["goal"], "csrf_token": csrf_token,
            "company": settings.COMPANY}  # fmt: skip


@register.inclusion_tag("lifecycle/person.html")
def strategy_for(score):
    """``{% strategy_for score %}``: what to do with one customer, and the chance to slip next month."""
    advice = strategy_of("activity", score.activity) if score is not None and score.activity else None
    more = (score.more or {}) if score is not None else {}
    return {"advice": advice, "slip": more.get("slip"), "next": more.get("next_state"), "score": score,
            "by_hand": advice.by_hand(score.clv) if advice else False}  # fmt: skip
