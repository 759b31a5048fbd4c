"""Resources and cells as the deciding step reads them."""

from __future__ import annotations

from regulars.web.resources.queries import cell_rows, level_rows, resource_rows

__all__ = ["cell_rows", "level_rows", "resource_rows"]
