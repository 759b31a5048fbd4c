"""Segments as last computed: who they are in numbers; the words are made on the page."""

from __future__ import annotations

from django.db import models


class Segment(models.Model):
    key = models.CharField(max_length=40)
    method = models.CharField(max_length=20, help_text="rules or clusters")
    label = models.CharField(max_length=100, blank=True, help_text="the owner's own name for it")
    size = models.IntegerField()
    share = models.FloatField()
    worth = models.BigIntegerField(help_text="sum of CLV, minor units")
    spent = models.BigIntegerField(default=0)
    profile = models.JSONField(default=dict, help_text="features that set it apart, with differences")
    made_by = models.CharField(max_length=100)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["method", "key"], name="segment_once")]
        ordering = ["method", "-worth"]
