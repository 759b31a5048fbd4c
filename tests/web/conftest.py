"""A logged-in owner, and the company of ``company_rows.py`` in the test database."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


def rows_module():
    spec = importlib.util.spec_from_file_location("company_rows", Path(__file__).with_name("company_rows.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def company(db, home):
    """Three hundred people, their scores, a plan that waits, and facts of one person in the lake."""
    return rows_module().fill(home, people=120)


@pytest.fixture
def owner(client, db):
    """The browser of the logged-in owner."""
    from regulars.web.accounts.services import owner_ensure

    client.force_login(owner_ensure(), backend="django.contrib.auth.backends.ModelBackend")
    return client
