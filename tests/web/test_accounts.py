"""A log-in link works once, for an hour, and is not kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from regulars.web.accounts.models import LoginLink
from regulars.web.accounts.services import login_link_make, login_link_use, login_link_valid, owner_ensure

pytestmark = pytest.mark.django_db


def test_a_link_logs_in_once():
    owner = owner_ensure()
    token = login_link_make(owner)
    assert login_link_valid(token)
    assert login_link_valid(token)  # asking does not spend it
    assert login_link_use(token) == owner
    assert not login_link_valid(token)
    assert login_link_use(token) is None


def test_a_link_grows_old():
    token = login_link_make(owner_ensure(), minutes=60)
    assert login_link_use(token, now=timezone.now() + timedelta(minutes=61)) is None


def test_the_token_itself_is_nowhere():
    token = login_link_make(owner_ensure())
    assert token not in str(list(LoginLink.objects.values()))


def test_the_owner_is_made_once_and_has_no_password():
    assert owner_ensure().pk == owner_ensure().pk
    assert not owner_ensure().has_usable_password()
