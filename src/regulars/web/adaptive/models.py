"""What is tried out, and what came of every exposure."""

from __future__ import annotations

from django.db import models


class Tryout(models.Model):
    """A try-out of several creatives, offers or bids, as ``tables.TRYOUTS``."""

    KINDS = ("creative", "offer", "bid")
    REWARDS = ("yes_no", "money")
    STATES = ("running", "paused", "finished")

    uid = models.CharField(primary_key=True, max_length=12)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=[(k, k) for k in KINDS])
    reward = models.CharField(max_length=10, choices=[(r, r) for r in REWARDS])
    window_hours = models.PositiveIntegerField(default=168)
    floor = models.FloatField(default=0.05)
    keep = models.FloatField(default=1.0)
    rule = models.CharField(max_length=10, default="thompson")
    weeks = models.PositiveIntegerField(default=4)
    state = models.CharField(max_length=10, choices=[(s, s) for s in STATES], default="running")
    winner = models.CharField(max_length=60, blank=True)
    made_by = models.CharField(max_length=150)
    started = models.DateTimeField()
    ended = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started", "uid"]


class Exposure(models.Model):
    """Exposures of one arm at one moment, as ``tables.EXPOSURES``; the first row of an arm is of none."""

    tryout = models.ForeignKey(Tryout, on_delete=models.CASCADE, related_name="exposures")
    arm = models.CharField(max_length=60)
    key = models.CharField(max_length=64, blank=True, help_text="the caller's own name of it, so it counts once")
    at = models.DateTimeField()
    shown = models.PositiveIntegerField(default=0)
    won = models.PositiveIntegerField(default=0)
    total = models.FloatField(default=0.0, help_text="minor units")
    square = models.FloatField(default=0.0)
    rewarded_at = models.DateTimeField(null=True)
    chance = models.FloatField(null=True, help_text="share with which the arm was chosen")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tryout", "key"], condition=~models.Q(key=""), name="exposure_once"),
        ]
