"""The doctor names what the last turn could not compute."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from regulars.web.bridge.doctor import examine
from regulars.web.plans.models import Turn

pytestmark = pytest.mark.django_db


def wheel(home):
    return next(f for f in examine(home) if f.key == "wheel")


@pytest.mark.parametrize(("failed", "colour"), [([], "green"), (["voice", "churn"], "amber")])
def test_a_board_that_broke_is_named(home, failed, colour):
    now = datetime.now(UTC)
    Turn.objects.create(now=now, ended_at=now, counts={"failed": failed}, seconds=1.0)
    found = wheel(home)
    assert found.colour == colour
    assert all(name in found.finding for name in failed)
