"""What only the owner knows of a market: how many could buy, how crowded it is, and what counts how much."""

from __future__ import annotations

from django.db import models


class MarketNote(models.Model):
    market = models.CharField(primary_key=True, max_length=100)
    size = models.BigIntegerField(null=True, help_text="people or companies that could buy; null: only those we know")
    competition = models.FloatField(null=True, help_text="0 nobody else is there .. 1 no room; null: 0.5")


class FactorWeight(models.Model):
    factor = models.CharField(primary_key=True, max_length=20)
    weight = models.FloatField()
