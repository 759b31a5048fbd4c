"""Files that were brought in: how they were read, what they changed, what was set aside."""

from __future__ import annotations

from django.db import models


class ImportRun(models.Model):
    STATES = [(s, s) for s in ("uploaded", "ready", "queued", "running", "done", "failed", "undone")]

    uid = models.CharField(max_length=32, unique=True)
    file_name = models.CharField(max_length=255)
    path = models.CharField(max_length=500, blank=True, help_text="inside the home; empty once the file is gone")
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=20, blank=True)
    source = models.CharField(max_length=100)
    mapping = models.JSONField(default=dict, help_text="column -> field, with reason and samples")
    dry_run = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=STATES, default="uploaded")
    progress = models.FloatField(default=0.0, help_text="0..1")
    stage = models.CharField(max_length=40, blank=True, help_text="what it is doing now")
    counts = models.JSONField(default=dict, help_text="rows read, created, updated, unchanged, set aside; money")
    rejects_path = models.CharField(max_length=500, blank=True)
    problem = models.JSONField(null=True, help_text="what, where, remedy")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]
