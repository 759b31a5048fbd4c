from django import template

register = template.Library()


@register.inclusion_tag("parts/chart.html")
def chart(chart, height="medium"):
    """``{% chart revenue %}``: a chart of ``regulars.web.charts`` with its table, CSV and picture."""
    return {"chart": chart, "height": height}
