"""Act: messages, journeys, points and answers, all through one gate."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regulars.act.assistant import Assistant
    from regulars.act.gate import Gate, GateRules, Recipient, Send, Verdict
    from regulars.act.holdout import Holdout
    from regulars.act.journeys import Journey
    from regulars.act.loyalty import Ledger
    from regulars.act.mime import Email
    from regulars.act.render import Renderer
    from regulars.act.sender import send_batch
    from regulars.act.turn import act

_WHERE = {
    "Assistant": "assistant", "Email": "mime", "Gate": "gate", "GateRules": "gate", "Holdout": "holdout",
    "Journey": "journeys", "Ledger": "loyalty", "Recipient": "gate", "Renderer": "render", "Send": "gate",
    "Verdict": "gate", "act": "turn", "send_batch": "sender",
}  # fmt: skip

__all__ = [
    "Assistant", "Email", "Gate", "GateRules", "Holdout", "Journey", "Ledger", "Recipient", "Renderer", "Send",
    "Verdict", "act", "send_batch",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
