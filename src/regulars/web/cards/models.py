"""Model cards: on what each model was trained, how well it did on data it had not seen, its limits."""

from __future__ import annotations

from django.db import models


class Card(models.Model):
    model = models.CharField(max_length=100)
    version = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    body = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "made_at"], name="card_once")]
        ordering = ["model", "-made_at"]
