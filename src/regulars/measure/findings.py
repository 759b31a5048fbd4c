"""What a turn measured that is more than one figure: one board a topic, kept for the page of that topic."""

from __future__ import annotations

from typing import Final

# Topic and the file of its board, in the order they are made; the function has the file's name.
TOPICS: Final = {
    name: f"{name}_board"
    for name in (
        "key_figures", "cohorts", "funnel", "attribution", "experiments", "field_tests", "mix", "forecast", "alerts",
        "market_watch",
    )
}  # fmt: skip
