"""Segments as last computed, and those of the owner's own: numbers and rules; the words are made on the page."""

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


class SegmentDefinition(models.Model):
    """A segment the owner put together; ``rule`` is in the language of ``understand.segment_rules``."""

    uid = models.CharField(primary_key=True, max_length=12)
    name = models.CharField(max_length=80)
    rule = models.JSONField()
    size = models.IntegerField(null=True)
    share = models.FloatField(null=True)
    worth = models.BigIntegerField(null=True, help_text="sum of CLV, minor units")
    members_at = models.DateTimeField(null=True, help_text="when its members were last found")
    problem = models.CharField(max_length=300, blank=True, help_text="why they could not be found")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "uid"]


class SegmentMember(models.Model):
    """A person in a segment of the owner's own."""

    definition = models.ForeignKey(SegmentDefinition, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="own_segments")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["definition", "person"], name="segment_member_once")]
