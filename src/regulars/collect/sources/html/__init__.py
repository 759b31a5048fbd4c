"""HTML tables, which many shop back ends hand out under the name .xls."""

from regulars.collect.sources.html.read import read_html

__all__ = ["read_html"]
