"""Firms that sell for the owner or might: what was agreed, what they paid, and the rules of the choice."""

from __future__ import annotations

from django.db import models

STATES = ("candidate", "signed", "ended")


class Partner(models.Model):
    """Money in minor units a year; ``expected`` is market to revenue."""

    code = models.SlugField(max_length=40, primary_key=True, allow_unicode=True)
    name = models.CharField(max_length=100)
    region = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=[(s, s) for s in STATES], default="candidate")
    mode = models.CharField(max_length=20, default="agent")
    cost = models.BigIntegerField(default=0)
    capacity = models.BigIntegerField(null=True)
    expected = models.JSONField(default=dict)
    changed_at = models.DateTimeField()


class Agreement(models.Model):
    """``decide.agreements.Agreement``: ``terms`` are its parameters but for partner and days, rates in millionths."""

    uid = models.CharField(max_length=16, primary_key=True)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="agreements")
    start = models.DateField()
    end = models.DateField(null=True)
    terms = models.JSONField()
    changed_at = models.DateTimeField()


class Payment(models.Model):
    """What a partner owed us; no ``paid`` is still open."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="payments")
    due = models.DateField()
    paid = models.DateField(null=True)
    amount = models.BigIntegerField()


class Rules(models.Model):
    """The limits of the choice: one row."""

    budget = models.BigIntegerField(null=True)
    concentration = models.FloatField(null=True, help_text="0..1")
    most = models.PositiveSmallIntegerField(null=True)
    conflicts = models.JSONField(default=list)
    regions = models.JSONField(default=dict)
