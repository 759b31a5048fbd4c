"""Jobs a person can watch: one row each, with progress, safe to run twice."""

from __future__ import annotations

from django.db import models


class Job(models.Model):
    STATES = [(s, s) for s in ("ready", "running", "done", "failed", "cancelled")]

    uid = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=40)
    argument = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=STATES, default="ready")
    stage = models.CharField(max_length=60, blank=True)
    progress = models.FloatField(default=0.0)
    result = models.JSONField(null=True)
    problem = models.CharField(max_length=500, blank=True)
    attempts = models.IntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "created_at"], name="job_due")]
