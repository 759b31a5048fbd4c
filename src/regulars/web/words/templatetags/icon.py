from django import template
from django.templatetags.static import static
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
def icon(name, classes=""):
    """``{% icon "home" %}``: one icon of the sprite; ``regulars.web.vendor`` gathers the names."""
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>', classes,
                       static("vendor/icons.svg"), name)  # fmt: skip
