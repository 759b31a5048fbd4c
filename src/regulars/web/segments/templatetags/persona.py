from django import template

from regulars.web.segments.personas import persona_card

register = template.Library()


@register.inclusion_tag("segments/persona.html")
def persona(method, key):
    """``{% persona method key %}``: the segment as a person."""
    return {"persona": persona_card(method, key)}
