"""Ways to sell as deciding reads them."""

from __future__ import annotations

from regulars.web.modes.queries import figure_rows, judgement_rows

__all__ = ["figure_rows", "judgement_rows"]
