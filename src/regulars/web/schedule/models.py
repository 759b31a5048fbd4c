"""The owner's calendar, and whom they called."""

from __future__ import annotations

from django.db import models


class Calendar(models.Model):
    """When calls are made and messages answered, as ``tables.CALENDAR``; there is at most one row, the first."""

    calls_a_day = models.PositiveIntegerField(default=8)
    calls_an_hour = models.PositiveIntegerField(default=4)
    from_hour = models.PositiveSmallIntegerField(default=9)
    until_hour = models.PositiveSmallIntegerField(default=18)
    weekdays = models.CharField(max_length=7, default="01234", help_text="digits, 0 is Monday")
    days_off = models.TextField(blank=True, help_text="ISO days with blanks between")
    answers_an_hour = models.FloatField(default=6.0)
    within_hours = models.PositiveIntegerField(default=24)
    share = models.FloatField(default=0.9)
    messages_an_hour = models.PositiveIntegerField(default=500)
    hold = models.BooleanField(default=False, help_text="messages wait for their planned hour")
    changed_at = models.DateTimeField()


class CallDone(models.Model):
    """A call that was made, or that the owner did not want to make."""

    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="calls")
    verdict = models.CharField(max_length=10, choices=[(v, v) for v in ("done", "skipped")])
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-at"], name="calldone_newest")]
