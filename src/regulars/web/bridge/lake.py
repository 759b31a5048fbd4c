"""The one lake of this process."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from regulars.lake import Lake


@cache
def lake() -> Lake:
    """Open the lake of this home once; it sees what other processes append."""
    from regulars.lake import Lake

    return Lake(settings.HOME.lake_path)
