"""Writes of the rules of contacts."""

from __future__ import annotations

import math
from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.tables import ACTIVITY_STATES, currency_digits
from regulars.web.audit.services import record
from regulars.web.next_actions.lists import CHANNELS
from regulars.web.next_actions.models import KINDS, ContactRule
from regulars.web.plans.lists import ACTIONS

NAMED = ("action", "stock")
LEAST = "least"
MONEY = ("money", "cost")
CALLED = "phone"
MOST = 1e15


class RuleProblem(ValueError):
    """A rule that cannot be kept as asked: says why in the owner's words."""


def rule_save(said: Mapping[str, str], by: str) -> ContactRule:
    """Keep one rule; money is typed in whole units of the currency, the share to try out in per cent."""
    kind, name = said.get("kind", ""), said.get("name", "").strip()
    if kind not in KINDS:
        raise RuleProblem(_("Choose what to limit."))
    if kind in NAMED and name not in ACTIONS:
        raise RuleProblem(_("Choose the action."))
    if kind == LEAST:
        name = f"action:{name}" if name in ACTIONS else name
        if name not in subjects():
            raise RuleProblem(_("Choose the action, the channel or the group of people."))
    name = name if kind in (*NAMED, LEAST) else CALLED if kind == "cost" else ""
    try:
        amount = float(said.get("amount", "").replace(",", "").replace("%", "").strip())
    except ValueError as error:
        raise RuleProblem(_("Write a number.")) from error
    if not math.isfinite(amount) or not 0 <= amount <= MOST:
        raise RuleProblem(_("Write a number of 0 or more."))
    if kind == "explore":
        if amount > 50:
            raise RuleProblem(_("At most half of the people can be given an action by lot."))
        amount /= 100
    elif kind in MONEY:
        amount = float(round(amount * 10 ** currency_digits(settings.COMPANY.currency)))
    else:
        amount = float(int(amount))
    with transaction.atomic():
        row, _new = ContactRule.objects.update_or_create(
            kind=kind, name=name, defaults={"amount": amount, "changed_by": by[:150], "changed_at": timezone.now()}
        )
        record(by, "contact_rule_save", f"{kind}:{name}" if name else kind, amount=amount)
    return row


def subjects() -> tuple[str, ...]:
    """What a minimum may be set for."""
    return (*(f"action:{a}" for a in ACTIONS), *(f"channel:{c}" for c in CHANNELS),
            *(f"segment:{s}" for s in (*ACTIVITY_STATES, "prospect")))  # fmt: skip


def rule_drop(pk: int, by: str) -> bool:
    """Take a rule back; False when it is gone already."""
    with transaction.atomic():
        row = ContactRule.objects.filter(pk=pk).first()
        if row is None:
            return False
        record(by, "contact_rule_remove", f"{row.kind}:{row.name}" if row.name else row.kind, amount=row.amount)
        row.delete()
    return True
