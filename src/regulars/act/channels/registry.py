"""Which channels there are: every folder here that holds a ``transport.py`` with a ``CHANNEL``."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from regulars.act import channels
from regulars.act.channels.base import Channel


@cache
def all_channels() -> dict[str, Channel]:
    """Every channel by its key.

    >>> sorted(all_channels())
    ['email', 'sandbox']
    """
    found = {}
    for module in sorted(pkgutil.iter_modules(channels.__path__), key=lambda m: m.name):
        if module.ispkg:
            channel: Channel = importlib.import_module(f"{channels.__name__}.{module.name}.transport").CHANNEL
            found[channel.key] = channel
    return found


def channel(key: str) -> Channel:
    """The channel of that key; raises ``KeyError`` naming those there are."""
    known = all_channels()
    if key not in known:
        raise KeyError(f"there is no channel {key!r}; there are {', '.join(known)}")
    return known[key]
