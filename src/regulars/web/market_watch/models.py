"""What the owner watches outside, and what was seen there."""

from __future__ import annotations

from django.db import models


class Watch(models.Model):
    """A feed or page that is read once a day; off until the owner turns it on."""

    KINDS = [(k, k) for k in ("feed", "page")]

    uid = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=100, help_text="who is watched")
    ours = models.BooleanField(default=False, help_text="it is about ourselves")
    kind = models.CharField(max_length=10, choices=KINDS)
    address = models.CharField(max_length=1000)
    product = models.CharField(max_length=100, blank=True, help_text="our product it competes with")
    market = models.CharField(max_length=100, blank=True)
    on = models.BooleanField(default=False)
    etag = models.CharField(max_length=200, blank=True)
    modified = models.CharField(max_length=100, blank=True)
    fetched_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=20, blank=True, help_text="code of what went wrong the last time")
    seen = models.IntegerField(default=0, help_text="signals so far")
    created_at = models.DateTimeField()


class Signal(models.Model):
    """One thing seen outside: a price in minor units, a rank, stock 1 or 0, a mention, an index of demand."""

    uid = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=10)
    watched = models.CharField(max_length=100, blank=True, help_text="empty is ourselves")
    product = models.CharField(max_length=100, blank=True)
    market = models.CharField(max_length=100, blank=True)
    value = models.FloatField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    title = models.CharField(max_length=500, blank=True)
    link = models.CharField(max_length=1000, blank=True)
    source = models.CharField(max_length=100)

    class Meta:
        indexes = [models.Index(fields=["at"], name="signal_at")]
