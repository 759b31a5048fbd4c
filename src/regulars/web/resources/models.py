"""What the owner has of every resource, and the owner's word on how markets are served."""

from __future__ import annotations

from django.db import models

FAIRNESS = ("worth", "balanced", "equal")


class Resource(models.Model):
    code = models.SlugField(max_length=40, primary_key=True)
    name = models.CharField(max_length=60, blank=True, help_text="empty: the word of the code")
    unit = models.CharField(max_length=20, blank=True)
    amount = models.FloatField(help_text="a week; cash in minor units")
    meter = models.CharField(max_length=60, blank=True, help_text="the meter of usage that counts it")
    per = models.FloatField(default=1.0, help_text="units of the meter in one unit of the resource")
    guarantee = models.FloatField(default=0.0, help_text="share of demand promised to everybody")
    fairness = models.CharField(max_length=10, choices=[(f, f) for f in FAIRNESS], default="balanced")
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()


class ServingCell(models.Model):
    """One way to serve one market; a null keeps what the facts say. Money in minor units, amounts a week."""

    market = models.CharField(max_length=100)
    mode = models.CharField(max_length=20, default="direct")
    partner = models.CharField(max_length=60, default="self")
    demand = models.FloatField(null=True)
    price = models.FloatField(null=True)
    unit_cost = models.FloatField(null=True)
    churn = models.FloatField(null=True)
    kappa = models.FloatField(null=True)
    fixed_cost = models.FloatField(null=True)
    capacity = models.FloatField(null=True)
    minimum = models.FloatField(null=True)
    signed = models.BooleanField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    frozen = models.FloatField(null=True)
    uses = models.JSONField(default=dict)
    closed = models.BooleanField(default=False)
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["market", "mode", "partner"], name="serving_cell_once")]

    @property
    def code(self) -> str:
        return f"{self.market}/{self.mode}/{self.partner}"


class ServiceLevel(models.Model):
    """A choice of service beside that of today: factors on price, churn and use, costs in minor units on top."""

    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=40)
    price = models.FloatField(default=1.0)
    churn = models.FloatField(default=1.0)
    unit_cost = models.FloatField(default=0.0)
    fixed_cost = models.FloatField(default=0.0)
    times = models.JSONField(default=dict)
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="service_level_once")]
