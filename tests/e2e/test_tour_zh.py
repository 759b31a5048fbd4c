"""The tour in Chinese; a file of its own, so that both languages run side by side."""

from __future__ import annotations

import pytest
from tests.e2e.tour import tour, turned_by_hand

__all__ = ["tour"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("tour", ["zh"], indirect=True)
def test_the_wheel_turns_by_hand(tour, sink, browser, tmp_path):
    turned_by_hand(tour, sink, browser, tmp_path)
