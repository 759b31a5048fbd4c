"""Deals: what may become an order."""

from __future__ import annotations

from django.db import models


class Deal(models.Model):
    source = models.CharField(max_length=100)
    external_id = models.CharField(max_length=100)
    title = models.CharField(max_length=200, blank=True)
    person = models.ForeignKey("people.Person", null=True, on_delete=models.CASCADE, related_name="deals")
    company = models.ForeignKey("people.Company", null=True, on_delete=models.SET_NULL, related_name="deals")
    stage = models.CharField(max_length=100)
    type = models.CharField(max_length=5, choices=[(t, t) for t in ("open", "won", "lost")])
    amount = models.BigIntegerField(null=True, help_text="minor units")
    currency = models.CharField(max_length=3, blank=True)
    channel = models.CharField(max_length=100, blank=True)
    owner = models.CharField(max_length=100, blank=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    fields = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="deal_once")]
        indexes = [models.Index(fields=["type", "-opened_at"], name="deal_type")]
