"""Trust: the pure rules everybody asks before touching a person."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regulars.trust.caps import Cap, Caps
    from regulars.trust.consent import Consent, ConsentEvent, consent_of
    from regulars.trust.crypto import Keys
    from regulars.trust.quiet_hours import QuietHours
    from regulars.trust.suppression import Suppression

_WHERE = {
    "Cap": "caps", "Caps": "caps", "Consent": "consent", "ConsentEvent": "consent", "Keys": "crypto",
    "QuietHours": "quiet_hours", "Suppression": "suppression", "consent_of": "consent",
}  # fmt: skip

__all__ = ["Cap", "Caps", "Consent", "ConsentEvent", "Keys", "QuietHours", "Suppression", "consent_of"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
