"""Writes of figures and judgements of the ways to sell."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from regulars.web.audit.services import record
from regulars.web.modes.models import ModeFigure, ModeJudgement
from regulars.web.words.partners import CRITERIA, MODES

# The most a figure of each criterion can be.
HIGHEST = {"margin": 100, "reach": 100, "control": 10, "speed": 3650, "data": 10, "cost": 1000}
# "Matters as much" to "matters absolutely more", as the scale of judgements goes.
STEPS = (9, 7, 5, 3, 2, 1, -2, -3, -5, -7, -9)


class ModeProblem(ValueError):
    """What cannot be kept as asked: says why in the owner's words."""


def figures_save(market: str, said: Mapping[str, str], by: str) -> int:
    """Keep the figures typed for a market; one that is left empty is again what is measured or assumed."""
    typed: dict[tuple[str, str], float | None] = {}
    for mode in MODES:
        for criterion in CRITERIA:
            name = f"{mode}-{criterion}"
            if name not in said:
                continue
            text = said[name].strip().replace(",", "").rstrip("%")
            try:
                value = float(text) if text else None
            except ValueError:
                value = -1.0
            if value is not None and not 0 <= value <= HIGHEST[criterion]:
                raise ModeProblem(
                    _("%(mode)s, %(criterion)s: “%(text)s” is not a number from 0 to %(most)s.")
                    % {"mode": MODES[mode], "criterion": CRITERIA[criterion], "text": text, "most": HIGHEST[criterion]}
                )
            typed[mode, criterion] = value
    with transaction.atomic():
        for (mode, criterion), value in typed.items():
            rows = ModeFigure.objects.filter(market=market, mode=mode, criterion=criterion)
            if value is None:
                rows.delete()
            elif not rows.update(value=value):
                ModeFigure.objects.create(market=market, mode=mode, criterion=criterion, value=value)
        record(by, "mode_figures_save", market or "all", figures=len(typed))
    return len(typed)


def judgements_save(said: Mapping[str, str], by: str) -> int:
    """Keep the comparisons; a pair left open follows from the others.

    Raises ``ModeProblem`` where so many are open that two criteria are not compared at all.
    """
    from regulars.decide.modes import ModeChoice, pairs

    typed: dict[tuple[str, str], float] = {}
    for one, other in pairs():
        text = said.get(f"{one}-{other}", "")
        if text.lstrip("-").isdigit() and int(text) in STEPS:
            typed[one, other] = float(text) if int(text) > 0 else 1 / -float(text)
    named = {c for pair in typed for c in pair}
    missing = [str(word) for c, word in CRITERIA.items() if c not in named]
    if typed and missing:
        raise ModeProblem(_("Nothing compares %(names)s with the others.") % {"names": ", ".join(missing)})
    if typed:
        try:
            ModeChoice(judgements=typed).weighed()
        except ValueError as told:
            raise ModeProblem(_("Some criteria are never compared with the others; compare one more pair.")) from told
    with transaction.atomic():
        ModeJudgement.objects.all().delete()
        ModeJudgement.objects.bulk_create(ModeJudgement(one=a, other=b, times=t) for (a, b), t in typed.items())
        record(by, "mode_judgements_save", str(len(typed)))
    return len(typed)
