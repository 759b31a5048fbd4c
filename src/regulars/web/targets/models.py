"""Targets: what a key figure should reach in every period of a grain, in all or for one channel or market."""

from __future__ import annotations

from django.db import models


class Target(models.Model):
    kpi = models.CharField(max_length=40, help_text="key figure, as in measure.kpis")
    grain = models.CharField(max_length=5, help_text="week or month")
    channel = models.CharField(max_length=100, blank=True, help_text="empty: all channels")
    market = models.CharField(max_length=100, blank=True, help_text="empty: all markets")
    value = models.FloatField(help_text="in the unit of the figure; money in minor units")
    currency = models.CharField(max_length=3, blank=True, help_text="of money, else empty")
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kpi", "grain", "channel", "market"], name="target_once")]
