"""Who is in which arm: drawn by a hash, so the same person is always in the same arm and nothing needs to be stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings

from regulars.web.experiments.models import Experiment
from regulars.web.people.queries import known_by


def arm_of(experiment: Experiment, person: str) -> str:
    """The arm of one person: a fair number of (person, experiment) falls into one of the planned shares.

    Whoever learns of an arm later is not moved; people known after the draw are in no arm (``people``).
    """
    from regulars.act.holdout import draw

    u, edge = draw(person, f"experiment:{experiment.uid}", experiment.uid), 0.0
    total = sum(experiment.arms.values())
    for name, share in experiment.arms.items():
        edge += share / total
        if u < edge:
            return str(name)
    return str(list(experiment.arms)[-1])


def people(experiment: Experiment) -> Any:
    """Everybody in the experiment: known when it was drawn and not erased since."""
    return known_by(experiment.drawn_at)


def assigned(experiment: Experiment) -> Iterator[tuple[str, str]]:
    """Every person with their arm."""
    for key in people(experiment).values_list("key", flat=True).iterator(20_000):
        yield key, arm_of(experiment, key)


def window(experiment: Experiment) -> tuple[int, int]:
    """First and last second outcomes count, the same for all arms; never from before the draw."""
    zone = settings.HOME.settings.tz
    start = datetime.combine(experiment.start, time(), zone)
    begin = max(start, experiment.drawn_at)
    end = datetime.combine(experiment.ended, time(), zone) if experiment.ended else start + timedelta(
        days=experiment.days)  # fmt: skip
    return int(begin.timestamp()), max(int(end.timestamp()), int(begin.timestamp()))
