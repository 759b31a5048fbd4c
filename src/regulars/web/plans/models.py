"""Plans: what the program proposes, what the owner approved, what it earned."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from regulars import tables

KINDS = ("budget", "resource", "mode", "partner", "next_best", "schedule", "arm", "test")


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
    promised = models.BigIntegerField(null=True, help_text="what the measured parts had promised")
    promised_low = models.BigIntegerField(null=True)
    promised_high = models.BigIntegerField(null=True)
    parts = models.JSONField(default=list, help_text="promised and earned of each measured part")
    version = models.IntegerField(default=1, help_text="the newest version")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-made_at"]


class PlanRow(models.Model):
    """One decision of a plan: money for a channel, the next best action for one person, or any other kind.

    ``path`` are the states it has had, each with the version that brought it: ``3a;5d`` is approved by version 3
    and declined by version 5. Rolling back reads it; it goes with the row when a person is erased.
    """

    STATES = [(s, s) for s in ("proposed", "approved", "declined", "done", "denied")]

    id = models.CharField(primary_key=True, max_length=80, help_text="id in the lake's decisions")
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="rows")
    kind = models.CharField(max_length=10, choices=[(k, k) for k in KINDS])
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
    path = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["plan", "kind", "-value"], name="planrow_best"),
            models.Index(fields=["person", "-plan"], name="planrow_person"),
        ]


class PlanVersion(models.Model):
    """One change of a plan: who made it, when, and how the plan stood after it."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    what = models.CharField(max_length=30, help_text="made, approve, split, replan, rollback ...")
    detail = models.JSONField(default=dict)
    body = models.JSONField(default=dict, help_text="state, budget, memo, and every row that is about no person")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="planversion_once")]


class Quota(models.Model):
    """What an approved plan allows from ``since`` to ``until``: contacts, or money of a channel (minor units)."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="quotas")
    unit = models.CharField(max_length=10, choices=[("contacts", "contacts"), ("money", "money")])
    channel = models.CharField(max_length=100)
    action = models.CharField(max_length=100, blank=True)
    amount = models.BigIntegerField()
    kept = models.BooleanField(default=False, help_text="the owner set the amount; it no longer follows the plan")
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "unit", "channel", "action"], name="quota_once")]
        indexes = [models.Index(fields=["unit", "until"], name="quota_in_force")]


class Limit(models.Model):
    """What the owner asks of one channel in every plan: at least, at most (minor units a week), or frozen.

    With ``unit`` contacts ``high`` is the most people written to on that channel in any seven days.
    """

    unit = models.CharField(max_length=10, choices=[("money", "money"), ("contacts", "contacts")], default="money")
    channel = models.CharField(max_length=100)
    low = models.BigIntegerField(null=True)
    high = models.BigIntegerField(null=True)
    frozen = models.BooleanField(default=False)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "channel"], name="limit_once")]


class Aim(models.Model):
    """What every plan of money is the best for, one row: kept from one plan to the next."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    objective = models.CharField(max_length=20, default="contribution")
    cautious = models.BooleanField(default=False, help_text="the mean of the worst fifth of what is plausible counts")
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150)


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
