"""What a person allowed us, channel by channel, and addresses we may never write to again."""

from __future__ import annotations

from django.db import models


class Consent(models.Model):
    """One change of consent; the newest row of a person and channel counts."""

    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="consents")
    channel = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=[("granted", "granted"), ("denied", "denied")])
    basis = models.CharField(max_length=40, help_text="opt_in, customer, import, unsubscribe, owner")
    source = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "channel", "-at"], name="consent_newest")]


class Suppression(models.Model):
    """A keyed hash of an address that must not be written to; outlives the person's erasure."""

    digest = models.CharField(max_length=64, primary_key=True)
    reason = models.CharField(max_length=40)
    at = models.DateTimeField()
