"""One small company (what a visitor sees) and one large enough to recover its truth."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from regulars.demo import Company, simulate

UNTIL = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.fixture(scope="session")
def until() -> datetime:
    return UNTIL


@pytest.fixture(scope="session")
def shop() -> Company:
    return simulate(until=UNTIL)


@pytest.fixture(scope="session")
def large() -> Company:
    return simulate(people=40_000, seed=3, until=UNTIL)
