"""Experiments of the owner's own: what is tried, on whom, and what came out; one record feeds the models."""

from __future__ import annotations

from django.db import models


class Apart(models.Model):
    """A time in which a share of all people was left out of all writing; ``until`` is empty while it goes on."""

    share = models.FloatField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-since"]


class Experiment(models.Model):
    """``state``: running, stopped, concluded; ``arms`` holds the planned share of each arm, the control first."""

    uid = models.CharField(primary_key=True, max_length=12)
    name = models.CharField(max_length=120)
    question = models.CharField(max_length=500, blank=True)
    metric = models.CharField(max_length=20, help_text="buyers, orders, revenue or money_per_order")
    unit = models.CharField(max_length=10, help_text="person, geo or time")
    channel = models.CharField(max_length=100, blank=True)
    market = models.CharField(max_length=100, blank=True)
    start = models.DateField()
    days = models.PositiveIntegerField(help_text="planned length, and window of the outcome")
    arms = models.JSONField(default=dict, help_text="planned share by name, the control first")
    wanted = models.FloatField(null=True, help_text="relative change worth seeing")
    spend = models.BigIntegerField(null=True, help_text="spend tested in the window, minor units")
    state = models.CharField(max_length=10, default="running")
    outside = models.BooleanField(default=False, help_text="run elsewhere, its result typed in")
    delta = models.FloatField(null=True, help_text="change over the whole window, in units of the metric")
    se = models.FloatField(null=True)
    result = models.JSONField(default=dict, help_text="what was known when it was concluded")
    ended = models.DateField(null=True)
    lesson = models.TextField(blank=True)
    made_by = models.CharField(max_length=150)
    drawn_at = models.DateTimeField(help_text="people known by then are in it")
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-start", "uid"]
