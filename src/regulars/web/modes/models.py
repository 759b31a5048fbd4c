"""What the owner knows of the ways to sell, and what matters how much."""

from __future__ import annotations

from django.db import models


class ModeFigure(models.Model):
    market = models.CharField(max_length=100, blank=True, help_text="empty: every market")
    mode = models.CharField(max_length=20)
    criterion = models.CharField(max_length=20)
    value = models.FloatField(help_text="in the unit of the criterion, as in decide.modes")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["market", "mode", "criterion"], name="mode_figure_once")]


class ModeJudgement(models.Model):
    """How many times ``one`` matters as much as ``other``; a pair nobody judged has no row."""

    one = models.CharField(max_length=20)
    other = models.CharField(max_length=20)
    times = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["one", "other"], name="mode_judgement_once")]
