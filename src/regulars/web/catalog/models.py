"""Products: the words for the codes in the lake."""

from __future__ import annotations

from django.db import models


class Product(models.Model):
    source = models.CharField(max_length=100)
    sku = models.CharField(max_length=100)
    title = models.CharField(max_length=300, blank=True)
    goods = models.BooleanField(default=True, help_text="false for postage, fees and adjustments")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "sku"], name="product_once")]
