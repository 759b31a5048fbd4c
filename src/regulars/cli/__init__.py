"""`regulars ...`: the program from the command line."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from regulars.cli.program import run

    run()


__all__ = ["main"]
