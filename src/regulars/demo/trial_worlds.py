"""The kinds of company the trial is run in: what is true of each, week by week."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from regulars.demo import company
from regulars.demo.world import World

SPENDS: Final = 0.42
"""The trial's companies spend this share of what the demo company does: money is short, so its split matters."""


@dataclass(frozen=True)
class Kind:
    """One kind of company; ``after`` replaces its world from week ``turns_at`` of the trial on.

    ``untried`` are the channels without any spend in the past, which the owner is ready to try.
    """

    key: str
    world: World
    after: World | None = None
    turns_at: int = 0
    untried: tuple[str, ...] = ()

    def at(self, week: int) -> World:
        """The world of a week of the trial, counted from 0."""
        return self.after if self.after is not None and week >= self.turns_at else self.world


def channels(**change: dict[str, float]) -> tuple[company.Channel, ...]:
    """The demo company's channels with less money, and some of their numbers multiplied.

    >>> [c.ceiling for c in channels(search={"ceiling": 2.0}) if c.key == "search"]
    [52.0]
    """
    out = []
    for c in company.CHANNELS:
        times = {"spend": SPENDS, **change.get("every", {}), **change.get(c.key, {})}
        out.append(replace(c, **{name: getattr(c, name) * by for name, by in times.items()}))
    return tuple(out)


# One channel that could bring half of everybody, and gets as little as the others.
_DOMINANT: Final = channels(
    every={"ceiling": 0.65}, search={"ceiling": 3.2, "half": 2.4, "spend": 0.5 * SPENDS},
    events={"ceiling": 0.4}, agents={"ceiling": 0.5},
)  # fmt: skip
# Every channel far along its curve: a good part of the money buys next to nobody.
_SATURATED: Final = channels(every={"half": 0.3, "ceiling": 0.6})
# In week 13 the two best-known channels lose most of their power and another one doubles its own.
_SHOCKED: Final = channels(
    search={"ceiling": 0.35}, wechat={"ceiling": 0.45}, douyin={"ceiling": 2.2}, marketplace={"ceiling": 1.5}
)

KINDS: Final = (
    Kind("seasonal", World(channels(), swing=0.45)),
    Kind("dominant", World(_DOMINANT)),
    Kind("saturated", World(_SATURATED)),
    Kind("new_channel", World(channels(events={"spend": 0.0, "burst": 0.0})), untried=("events",)),
    Kind("shock", World(channels()), after=World(_SHOCKED), turns_at=13),
)
