"""People and companies, the identities that point to them, and what we last computed about them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from regulars import tables

STAGES = [(key, key) for key in tables.LIFECYCLE_STAGES]


class Company(models.Model):
    key = models.CharField(primary_key=True, max_length=12)
    name = models.CharField(_("company"), max_length=200)
    folded = models.CharField(max_length=200, unique=True, help_text="name as compared: NFKC, lower case, no spaces")
    industry = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()


class Person(models.Model):
    """A customer, contact or lead; ``key`` is the only thing about them that the lake knows."""

    key = models.CharField(primary_key=True, max_length=12)
    name = models.CharField(_("name"), max_length=200, blank=True)
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="people")
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=60, blank=True)
    language = models.CharField(max_length=10, blank=True)
    zone = models.CharField(max_length=50, blank=True)
    stage = models.CharField(max_length=30, choices=STAGES, default="lead")
    channel = models.CharField(_("channel"), max_length=100, blank=True, help_text="first touch")
    market = models.CharField(_("market"), max_length=100, blank=True)
    tags = models.JSONField(default=list, blank=True)
    fields = models.JSONField(default=dict, blank=True, help_text="columns of imported files we have no field for")
    note = models.TextField(blank=True)
    source = models.CharField(max_length=100)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "key"], name="person_newest"),
            models.Index(fields=["stage", "-created_at"], name="person_stage"),
            models.Index(fields=["channel"], name="person_channel"),
        ]

    def __str__(self) -> str:
        return self.key


class Identity(models.Model):
    """A value that points to a person: e-mail, phone, external id of one source, device, WeChat unionid."""

    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=254, help_text="normalised; an external id is '<source>:<id>'")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="identities")
    source = models.CharField(max_length=100)
    verified = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="identity_once")]


class PersonScore(models.Model):
    """The newest scores of a person, served by key; the lake keeps every version."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="score")
    recency_days = models.FloatField(null=True)
    orders = models.IntegerField(null=True)
    spent = models.BigIntegerField(null=True)
    rfm = models.CharField(max_length=10, blank=True)
    segment = models.CharField(max_length=40, blank=True)
    cluster = models.CharField(max_length=10, blank=True)
    weighted_score = models.FloatField(null=True)
    activity = models.CharField(max_length=20, blank=True)
    p_alive = models.FloatField(null=True)
    expected_orders = models.FloatField(null=True)
    clv = models.BigIntegerField(null=True)
    clv_low = models.BigIntegerField(null=True)
    clv_high = models.BigIntegerField(null=True)
    clv_historic = models.BigIntegerField(null=True)
    churn = models.FloatField(null=True)
    churn_low = models.FloatField(null=True)
    churn_high = models.FloatField(null=True)
    more = models.JSONField(default=dict, help_text="score name -> value, low, high, label of scores without a column")
    why = models.JSONField(default=dict, help_text="score name -> reason codes")
    made_by = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["-clv"], name="score_clv"),
            models.Index(fields=["-churn"], name="score_churn"),
            models.Index(fields=["segment", "-clv"], name="score_segment"),
            models.Index(fields=["activity", "-clv"], name="score_activity"),
            models.Index(fields=["activity", "-churn"], name="score_activity_churn"),
            models.Index(fields=["segment", "-churn"], name="score_segment_churn"),
            models.Index(fields=["-spent"], name="score_spent"),
        ]
