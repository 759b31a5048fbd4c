"""The audit log: append-only, each entry sealed with the hash of the one before."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    at = models.DateTimeField()
    actor = models.CharField(max_length=150, help_text="user name, 'cli' or 'program'")
    action = models.CharField(max_length=60, help_text="noun_verb, e.g. plan_approve")
    subject = models.CharField(max_length=100, blank=True)
    detail = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    seal = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-id"]
