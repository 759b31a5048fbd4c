from django import template

from regulars.web.words.amounts import number_text, percent_text, shortened

register = template.Library()


@register.filter
def number(value, digits=0):
    """``{{ value|number }}``: with thousands separators."""
    return number_text(value, int(digits))


@register.filter
def big(value):
    """With 万 or M where digits would be too many."""
    return "–" if value is None else shortened(value)[0]


@register.filter
def percent(value, digits=None):
    """``{{ share|percent }}``: 0.18 as 18%."""
    return percent_text(value, digits)


@register.filter
def percent_signed(value, digits=None):
    return percent_text(value, digits, sign=True)
