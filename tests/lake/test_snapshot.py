"""Versions of the lake as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.lake.snapshot import version_text, versions_of
from regulars.tables import TABLES


@given(st.dictionaries(st.sampled_from(sorted(TABLES)), st.integers(0, 10**9)))
def test_round_trip(versions: dict[str, int]):
    text = version_text(versions)
    assert versions_of(text) == versions
    assert text.split(";") == sorted(text.split(";"))


@pytest.mark.parametrize("text", ["orders", "orders=", "orders=-1", "nothing=1", "orders=1;x"])
def test_what_is_no_version_is_refused(text: str):
    with pytest.raises(ValueError, match="not of the form"):
        versions_of(text)
