"""The settings that deciding reads."""

from __future__ import annotations

from typing import Protocol


class Wants(Protocol):
    """The settings that decide reads."""

    @property
    def margin(self) -> float:
        """Share of an order that stays."""
        ...

    @property
    def horizon_days(self) -> int:
        """Days that clv and expected orders look ahead."""
        ...

    @property
    def message_cost(self) -> int:
        """Minor units one message costs."""
        ...

    @property
    def weekly_budget(self) -> int:
        """Minor units a week over all channels; 0: the same as today."""
        ...
