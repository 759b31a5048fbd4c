"""The words for the product codes in the lake."""

from __future__ import annotations

import pyarrow as pa

from regulars.tables import PRODUCTS
from regulars.web.catalog.models import Product


def products_table() -> pa.Table:
    """One row a product of a source, in the shape of ``PRODUCTS``."""
    found = Product.objects.order_by("source", "sku").values_list("source", "sku", "title", "goods")
    columns = [list(c) for c in zip(*found.iterator(20_000), strict=True)] or [[] for _ in PRODUCTS]
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, PRODUCTS, strict=True)], schema=PRODUCTS)
