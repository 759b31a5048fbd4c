"""Reads of products."""

from __future__ import annotations

from collections.abc import Iterable

from regulars.web.catalog.models import Product

MANY = 900


def titles_of(skus: Iterable[str]) -> dict[str, str]:
    """The title of each code that has one; a code sold by several sources takes the first."""
    wanted, found = sorted(set(skus)), {}
    for start in range(0, len(wanted), MANY):
        rows = Product.objects.filter(sku__in=wanted[start : start + MANY]).exclude(title="").order_by("-source")
        found.update(rows.values_list("sku", "title"))
    return found
