"""What customers wrote: reviews, survey answers, tickets. Their scores are in the lake, the words stay here."""

from __future__ import annotations

from django.db import models


class Answer(models.Model):
    source = models.CharField(max_length=100)
    external_id = models.CharField(max_length=100)
    person = models.ForeignKey("people.Person", null=True, on_delete=models.CASCADE, related_name="answers")
    kind = models.CharField(max_length=10)
    score = models.FloatField(null=True)
    text = models.TextField()
    status = models.CharField(max_length=10, blank=True)
    channel = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()
    label = models.CharField(
        max_length=10, blank=True, db_default="", help_text="what the owner says it is: positive or negative"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="answer_once")]
        indexes = [models.Index(fields=["person", "-at"], name="answer_person")]
