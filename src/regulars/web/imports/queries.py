"""Reads of imports."""

from __future__ import annotations

from regulars.web.imports.models import ImportRun


def imports_waiting() -> list[ImportRun]:
    """Files that wait for the owner: to be checked, or to be looked at because they failed."""
    return list(ImportRun.objects.filter(state__in=("uploaded", "ready", "failed")).order_by("-created_at")[:5])
