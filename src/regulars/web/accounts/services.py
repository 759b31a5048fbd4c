"""Writes of accounts: the owner, and links that log in once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from regulars.web.accounts.models import LoginLink


def owner_ensure(name: str = "owner") -> AbstractBaseUser:
    """The owner's account, made without a password at first use."""
    user, made = get_user_model().objects.get_or_create(
        username=name, defaults={"is_superuser": True, "is_staff": True}
    )
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def login_link_make(user: AbstractBaseUser, *, minutes: int = 60, now: datetime | None = None) -> str:
    """Make a token that logs the user in once; it is never stored, only its hash."""
    now = now or timezone.now()
    token = secrets.token_urlsafe(24)
    LoginLink.objects.filter(expires_at__lt=now - timedelta(days=30)).delete()
    LoginLink.objects.create(
        digest=_digest(token), user=user, created_at=now, expires_at=now + timedelta(minutes=minutes)
    )
    return token


def login_link_valid(token: str, *, now: datetime | None = None) -> bool:
    """Whether the link can still be used; asking does not spend it."""
    now = now or timezone.now()
    return LoginLink.objects.filter(digest=_digest(token), used_at=None, expires_at__gt=now).exists()


def login_link_use(token: str, *, now: datetime | None = None) -> AbstractBaseUser | None:
    """Spend a link and return its user, or None when it is unknown, used or too old."""
    now = now or timezone.now()
    links = LoginLink.objects.filter(digest=_digest(token), used_at=None, expires_at__gt=now)
    with transaction.atomic():
        if links.update(used_at=now) != 1:
            return None
    return LoginLink.objects.select_related("user").get(digest=_digest(token)).user


class PasswordProblem(ValueError):
    """A password that is too easy: says why."""


def password_set(user: AbstractBaseUser, password: str) -> None:
    """Set a password; raises ``PasswordProblem`` when it is too easy to guess."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PasswordProblem(" ".join(error.messages)) from error
    user.set_password(password)
    user.save(update_fields=["password"])
