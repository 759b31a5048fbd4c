from django import template

from regulars.web.words.reasons import sentences

register = template.Library()


@register.inclusion_tag("parts/why.html")
def why(codes, made_by="", made_at=None, low=None, high=None):
    """``{% why row.why made_by=row.made_by %}``: the reasons behind a number a model made, in words."""
    return {"sentences": sentences(codes), "made_by": made_by, "made_at": made_at}
