"""What the owner said of alarms; the incidents themselves are found anew by every turn."""

from __future__ import annotations

from django.db import models

VERDICTS = ("useful", "not_useful", "muted", "snoozed")


class Verdict(models.Model):
    """One word on one incident; muting is about its figure and channel, now and later."""

    incident = models.CharField(max_length=12)
    figure = models.CharField(max_length=40)
    channel = models.CharField(max_length=100, blank=True)
    verdict = models.CharField(max_length=12)
    at = models.DateTimeField()
    until = models.DateTimeField(null=True, help_text="end of a snooze")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "verdict"], name="verdict_once")]
        ordering = ["-at", "-id"]
