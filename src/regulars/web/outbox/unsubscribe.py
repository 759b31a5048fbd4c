"""The link that ends our messages with one click (RFC 8058), opaque and unforgeable."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from regulars.trust.crypto import Keys

if TYPE_CHECKING:
    from regulars.home import Home

PURPOSE = "unsubscribe"


@cache
def keys(folder: str) -> Keys:
    """The keys of a home, opened once."""
    return Keys.open(folder)


def unsubscribe_url(home: Home, person: str, now: datetime) -> str:
    """A link that names this person and the channel e-mail; it never expires."""
    token = keys(str(home.keys_path)).sign(PURPOSE, f"{person}:email", now=now)
    return f"{home.settings.base_url}/u/{token}/"


def unsubscribe_person(home: Home, token: str, now: datetime) -> str:
    """The person a link names; raises ``trust.crypto.TokenError`` when it is not one of ours."""
    return keys(str(home.keys_path)).open_token(PURPOSE, token, now=now).partition(":")[0]
