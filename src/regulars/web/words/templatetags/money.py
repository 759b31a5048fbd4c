from django import template
from django.utils.html import format_html

from regulars.web.words.amounts import money_text

register = template.Library()


@register.filter
def money(amount, currency=None):
    """``{{ amount|money }}``: minor units with their currency; the exact amount on hover."""
    return shown(amount, currency or None)


@register.filter
def money_bare(amount, currency=None):
    """For a column that names its currency once in its head."""
    return shown(amount, currency or None, bare=True)


@register.filter
def money_signed(amount, currency=None):
    return shown(amount, currency or None, sign=True)


def shown(amount, currency, **how):
    if amount is None:
        return "–"
    short, exact = money_text(amount, currency, **how), money_text(amount, currency, short=False)
    return format_html('<span class="figure" title="{}">{}</span>', exact, short)
