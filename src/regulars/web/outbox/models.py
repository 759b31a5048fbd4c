"""The outbox: one row per message, person and step; claimed before it is sent, never sent twice."""

from __future__ import annotations

from django.db import models


class Message(models.Model):
    STATES = [
        (s, s)
        for s in (
            "queued", "claimed", "sent", "failed", "unknown", "denied", "holdout", "sandboxed", "bounced",
            "unsubscribed",
        )
    ]  # fmt: skip

    uid = models.CharField(max_length=32, unique=True)
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="messages")
    plan = models.ForeignKey("plans.Plan", null=True, on_delete=models.SET_NULL, related_name="messages")
    action = models.CharField(max_length=40)
    step = models.CharField(max_length=40, default="1")
    channel = models.CharField(max_length=30, default="email")
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=STATES, default="queued")
    reason = models.CharField(max_length=60, blank=True, help_text="code of the gate or the transport")
    detail = models.CharField(max_length=500, blank=True, help_text="the server's own words, masked")
    attempts = models.IntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, help_text="set just before the transport is called")
    sent_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "person", "action", "step"], name="message_once"),
        ]
        indexes = [
            models.Index(fields=["state", "not_before"], name="message_due"),
            models.Index(fields=["person", "-sent_at"], name="message_person"),
            models.Index(fields=["-created_at", "id"], name="message_newest"),
        ]
