from django import template

from regulars.web.words import labels

register = template.Library()


@register.filter
def label(key, kind):
    """``{{ person.stage|label:"stage" }}``: the word for a key; an unknown key is shown as it is."""
    return labels.label(kind, key)


@register.filter
def tone(key, kind):
    """The colour class of a key: red only for money lost or broken, green only for a proven gain."""
    return labels.tone(kind, key)
