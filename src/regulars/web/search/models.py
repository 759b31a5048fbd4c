"""What the search box can find: one row a person or company, with the tokens of their words."""

from __future__ import annotations

from django.db import models


class Subject(models.Model):
    """A person or a company; it goes when they go, and on SQLite triggers keep the word index in step."""

    person = models.OneToOneField("people.Person", null=True, on_delete=models.CASCADE, related_name="+")
    company = models.OneToOneField("people.Company", null=True, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200, db_index=True, help_text="folded, for exact and first-letters matches")
    tokens = models.TextField(help_text="characters, pairs of characters and words, with spaces between")
