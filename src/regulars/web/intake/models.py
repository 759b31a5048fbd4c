"""The durable inbox: facts born in the book wait here until they rest in the lake."""

from __future__ import annotations

from django.db import models


class InboxEvent(models.Model):
    """One fact, written in the same transaction as the row it speaks of."""

    id = models.BigAutoField(primary_key=True)
    table = models.CharField(max_length=30)
    source = models.CharField(max_length=100)
    key = models.CharField(max_length=120, help_text="idempotency key; the first write wins")
    body = models.JSONField()
    at = models.DateTimeField()
    customer = models.CharField(max_length=40, blank=True, db_index=True, help_text="whose it is, to find news fast")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table", "source", "key"], name="inbox_once")]
