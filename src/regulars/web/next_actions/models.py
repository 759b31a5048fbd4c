"""What the owner sets for contacts: how many, of what, for how much, and how much is tried out."""

from __future__ import annotations

from django.db import models

KINDS = ("total", "money", "action", "stock", "cost", "explore", "least")


class ContactRule(models.Model):
    """One rule; ``name`` is the action of a limit, the channel of a cost, or ``action:``, ``channel:`` or ``segment:``
    something for a minimum; money is in minor units."""

    kind = models.CharField(max_length=10, choices=[(k, k) for k in KINDS])
    name = models.CharField(max_length=40, blank=True)
    amount = models.FloatField(help_text="people, units, minor units, or a share from 0 to 1")
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="contact_rule_once")]
