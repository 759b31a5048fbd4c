"""Plans: what the program proposes, what the owner approved, what it earned."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from regulars import tables


class Plan(models.Model):
    uid = models.CharField(max_length=20, primary_key=True)
    state = models.CharField(max_length=10, choices=[(s, s) for s in tables.PLAN_STATES], default="proposed")
    currency = models.CharField(max_length=3)
    made_at = models.DateTimeField()
    lake_version = models.CharField(max_length=300)
    memo = models.JSONField(default=list, help_text="reason codes of the memo")
    budget = models.JSONField(null=True, help_text="value, bound, gap, binding, shadow prices")
    predicted = models.BigIntegerField(default=0, help_text="expected gain, minor units")
    predicted_low = models.BigIntegerField(default=0)
    predicted_high = models.BigIntegerField(default=0)
    realised = models.BigIntegerField(null=True)
    realised_low = models.BigIntegerField(null=True)
    realised_high = models.BigIntegerField(null=True)
    measured_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-made_at"]


class PlanRow(models.Model):
    """One decision of a plan: money for a channel, or the next best action for one person."""

    STATES = [(s, s) for s in ("proposed", "approved", "declined", "done", "denied")]

    id = models.CharField(primary_key=True, max_length=80, help_text="id in the lake's decisions")
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="rows")
    kind = models.CharField(max_length=10, choices=[("budget", "budget"), ("next_best", "next_best")])
    person = models.ForeignKey("people.Person", null=True, on_delete=models.CASCADE, related_name="actions")
    subject = models.CharField(max_length=100)
    channel = models.CharField(max_length=100, blank=True)
    today = models.BigIntegerField(null=True)
    proposed = models.BigIntegerField(null=True)
    value = models.BigIntegerField(null=True)
    low = models.BigIntegerField(null=True)
    high = models.BigIntegerField(null=True)
    why = models.TextField(blank=True)
    made_by = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=STATES, default="proposed")

    class Meta:
        indexes = [
            models.Index(fields=["plan", "kind", "-value"], name="planrow_best"),
            models.Index(fields=["person", "-plan"], name="planrow_person"),
        ]


class Turn(models.Model):
    """One turn of the wheel, as the owner sees it in the top bar."""

    now = models.DateTimeField(unique=True)
    lake_version = models.CharField(max_length=300)
    plan = models.CharField(max_length=20, blank=True)
    counts = models.JSONField(default=dict, help_text="collected, scores, kpis, decisions, messages by state")
    seconds = models.FloatField()
    ended_at = models.DateTimeField()

    class Meta:
        ordering = ["-now"]
