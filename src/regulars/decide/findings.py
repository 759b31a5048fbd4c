"""What a turn decided that is more than one row of a plan: one board a topic, kept for the page of that topic."""

from __future__ import annotations

from typing import Final

# Topic and the file of its board, in the order they are made; the function has the file's name.
TOPICS: Final = {
    name: f"{name}_board"
    for name in ("split", "resources", "modes", "partners", "next_actions", "schedule", "adaptive", "market_tests")
}  # fmt: skip
