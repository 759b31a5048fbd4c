"""The audit log shows it when somebody changes, removes or slips in an entry."""

from __future__ import annotations

import pytest

from regulars.web.audit.models import Entry
from regulars.web.audit.queries import first_broken
from regulars.web.audit.services import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain():
    return [record("owner", "plan_approve", f"plan{n}", rows=n) for n in range(5)]


def test_an_untouched_chain_holds(chain):
    assert first_broken() is None


def test_a_changed_entry_is_found(chain):
    Entry.objects.filter(id=chain[2].id).update(detail={"rows": 99})
    assert first_broken() == chain[2].id


def test_a_removed_entry_is_found(chain):
    chain[1].delete()
    assert first_broken() == chain[2].id


def test_a_swap_is_found(chain):
    Entry.objects.filter(id=chain[3].id).update(actor="somebody")
    assert first_broken() == chain[3].id
