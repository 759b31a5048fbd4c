"""The strategy map: the owner's own rules of what to do with whom; what is not here is as the program proposes."""

from __future__ import annotations

from django.db import models


class Strategy(models.Model):
    kind = models.CharField(max_length=10, help_text="activity or segment")
    key = models.CharField(max_length=40, help_text="activity state or segment of the rules")
    goal = models.CharField(max_length=20, help_text="one of understand.strategy.GOALS")
    advice = models.TextField(blank=True, help_text="the owner's words; empty is the program's")
    by_hand_from = models.BigIntegerField(null=True, help_text="customer value in minor units; null is never")
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="strategy_once")]
