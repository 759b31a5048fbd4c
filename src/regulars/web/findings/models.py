"""Findings: what the last turn found out about everybody together, one body a topic."""

from __future__ import annotations

from django.db import models


class Finding(models.Model):
    topic = models.CharField(primary_key=True, max_length=30)
    body = models.JSONField(null=True, help_text="null: nothing to say yet")
    made_at = models.DateTimeField()
