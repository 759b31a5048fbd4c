"""Reads of what the owner knows of the ways to sell."""

from __future__ import annotations

from typing import Any

from regulars.web.modes.models import ModeFigure, ModeJudgement


def figure_rows() -> list[dict[str, Any]]:
    """Rows of ``tables.DECIDING["mode_figures"]``."""
    rows = ModeFigure.objects.order_by("market", "mode", "criterion").values("market", "mode", "criterion", "value")
    return [{**r, "market": r["market"] or None} for r in rows]


def judgement_rows() -> list[dict[str, Any]]:
    """Rows of ``tables.DECIDING["mode_judgements"]``."""
    return list(ModeJudgement.objects.order_by("pk").values("one", "other", "times"))


def judgements() -> dict[tuple[str, str], float]:
    return {(r["one"], r["other"]): r["times"] for r in judgement_rows()}
