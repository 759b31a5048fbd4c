from django import template
from django.utils.html import format_html

from regulars.web.words.glossary import TERMS

register = template.Library()


@register.simple_tag
def term(key):
    """``{% term "clv" %}``: a word of the trade, explained in one sentence on hover or focus."""
    word, meaning = TERMS[key]
    return format_html('<span class="term" tabindex="0" data-bs-toggle="tooltip" data-bs-title="{}">{}</span>',
                       meaning, word)  # fmt: skip
