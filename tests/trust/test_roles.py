from __future__ import annotations

from itertools import pairwise

import pytest

from regulars.trust.roles import ALL, PERMISSIONS, ROLES, may, role_for


def test_each_role_may_all_that_the_next_one_may_and_more() -> None:
    for above, below in pairwise(ROLES):
        assert PERMISSIONS[below] < PERMISSIONS[above]


def test_what_spends_money_or_cannot_be_undone_is_the_owners() -> None:
    for permission in ("plans_approve", "autopilot_set", "people_erase", "users_edit", "keys_rotate"):
        assert role_for(permission) == "owner"
    assert not any(may("viewer", p) for p in ALL if not p.endswith("_view"))
    assert not may("viewer", "people_contact_view")


def test_nobody_in_particular_may_nothing_and_a_typing_error_is_no_answer() -> None:
    assert not any(may(role, p) for role in (None, "", "root") for p in ALL)
    with pytest.raises(KeyError, match="people_vew"):
        may("owner", "people_vew")
