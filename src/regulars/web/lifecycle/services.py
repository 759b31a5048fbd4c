"""Writes of the strategy map."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.web.audit.services import record
from regulars.web.lifecycle.models import Strategy
from regulars.web.lifecycle.words import GOALS, advice_of

LONGEST = 2000


class StrategyProblem(ValueError):
    """A rule that cannot be kept as asked: says why in the owner's words."""


def strategy_save(kind: str, key: str, goal: str, advice: str, by_hand_from: int | None, by: str) -> None:
    """Keep the owner's rule for one state or segment.

    The program's own words are not copied, so they follow the language of the page.
    """
    from regulars.understand.strategy import GOALS as KNOWN

    if key not in GOALS.get(kind, {}):
        raise StrategyProblem(_("There is no such state."))
    if goal not in KNOWN:
        raise StrategyProblem(_("Choose one of the goals."))
    text = advice.strip()
    if len(text) > LONGEST:
        raise StrategyProblem(_("At most %(n)s characters.") % {"n": LONGEST})
    if by_hand_from is not None and by_hand_from < 0:
        raise StrategyProblem(_("A value is not below zero."))
    if text == advice_of(kind, key):
        text = ""
    with transaction.atomic():
        Strategy.objects.update_or_create(
            kind=kind, key=key,
            defaults={"goal": goal, "advice": text, "by_hand_from": by_hand_from, "changed_by": by,
                      "changed_at": timezone.now()},
        )  # fmt: skip
        record(by, "strategy_save", f"{kind}:{key}", goal=goal)


def strategy_reset(kind: str, key: str, by: str) -> None:
    """Go back to what the program proposes."""
    with transaction.atomic():
        if Strategy.objects.filter(kind=kind, key=key).delete()[0]:
            record(by, "strategy_reset", f"{kind}:{key}")
