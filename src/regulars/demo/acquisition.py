"""How money becomes leads: weekly spend with deliberate variation and known concave responses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from regulars.demo import company
from regulars.demo.clock import Clock, Ints, Reals
from regulars.demo.facts import fact_rows
from regulars.demo.world import PLAIN, World


@dataclass(frozen=True)
class Media:
    """Spend (CNY) and new people per week and channel, and how many days of each week were simulated."""

    spend: Reals
    leads: Ints
    start: int
    length: Ints


def response(spend: Reals, scale: float, channels: tuple[company.Channel, ...] = company.CHANNELS) -> Reals:
    """Expected new people a week for weekly spend (CNY) per channel: baseline + ceiling * x / (x + half).

    >>> import numpy as np
    >>> response(np.array([[9_000.0, 0, 0, 0, 0, 0, 0]]), scale=1.0)[0, 0]
    np.float64(14.0)
    """
    ceiling, half, baseline = (
        np.array([getattr(c, name) for c in channels]) for name in ("ceiling", "half", "baseline")
    )
    x = spend / scale
    return np.asarray(scale * (baseline + ceiling * x / (x + half)), dtype=np.float64)


def spend_plan(
    rng: np.random.Generator, clock: Clock, days: int, channels: tuple[company.Channel, ...] = company.CHANNELS
) -> Reals:
    """CNY a week and channel for a company of reference size: growth, season, pulses and dark weeks."""
    weeks = -(-days // 7)
    growth = 0.55 + 0.95 * np.arange(weeks) / max(weeks - 1, 1)
    quiet = np.ones(weeks)
    season = clock.season(weeks * 7).reshape(weeks, 7).mean(axis=1)
    quiet[season < 0.6] = 0.45
    out = np.zeros((weeks, len(channels)))
    for j, c in enumerate(channels):
        # Levels held for two to four weeks, as an owner who tests budgets would: far apart, hence telling.
        level = np.repeat(rng.choice([0.35, 0.7, 1.0, 1.5, 2.1], size=weeks), rng.integers(2, 5, size=weeks))[:weeks]
        on = rng.random(weeks) < c.burst
        noise = rng.lognormal(-0.02, 0.2, size=weeks)
        out[:, j] = np.round(c.spend * growth * quiet * level * noise * np.where(on, 1.0, 0.0), 2)
    return out


def week_lengths(days: int) -> Ints:
    """Days of each week that lie inside the window; only the last may be shorter than 7."""
    weeks = -(-days // 7)
    return np.minimum(7, days - 7 * np.arange(weeks)).astype(np.int64)


def acquire(
    rng: np.random.Generator, spend: Reals, scale: float, start: int, days: int, clock: Clock, world: World = PLAIN
) -> Media:
    """Draw the new people of each week and channel; ``spend`` is CNY per full week."""
    length = week_lengths(days)
    share = (length / 7.0)[:, None]
    tide = world.tide(clock.origin, start, len(length))[:, None]
    leads = rng.poisson(response(spend, scale, world.channels) * share * tide)
    return Media(np.round(spend * share, 2), leads, start, length)


def arrivals(rng: np.random.Generator, media: Media) -> tuple[Reals, Ints]:
    """When each new person turned up and through which channel, in random order of persons."""
    weeks, channels = media.leads.shape
    week = np.repeat(np.repeat(np.arange(weeks), channels), media.leads.ravel())
    channel = np.repeat(np.tile(np.arange(channels), weeks), media.leads.ravel())
    at = media.start + 7 * week + rng.random(len(week)) * media.length[week]
    order = rng.permutation(len(at))
    return at[order], channel[order].astype(np.int64)


def spend_facts(media: Media, clock: Clock, label: str) -> pa.Table:
    """The spend table: a row a day for ad platforms, a row a week elsewhere; the money adds up exactly."""
    at: list[float] = []
    days: list[int] = []
    fen: list[int] = []
    clicks: list[float] = []
    names: list[str] = []
    for j, c in enumerate(company.CHANNELS):
        for w in range(len(media.length)):
            total = round(float(media.spend[w, j]) * 100)
            n = int(media.length[w])
            parts = n if c.daily else 1
            cuts = [total * k // parts for k in range(parts + 1)]
            for k in range(parts):
                money = cuts[k + 1] - cuts[k]
                at.append(media.start + 7 * w + k + 0.01)
                days.append(1 if c.daily else n)
                fen.append(money)
                clicks.append(round(money / 100 / c.cost_per_click))
                names.append(c.key)
    clicked = np.array(clicks, dtype=np.float64)
    return fact_rows(
        "spend", f"m{label}", clock, np.array(at, dtype=np.float64),
        days=np.array(days, dtype=np.int32), amount=np.array(fen, dtype=np.int64), currency=company.CURRENCY,
        campaign=pa.array([f"{n}-always-on" for n in names]), impressions=clicked * 40, clicks=clicked,
        channel=pa.array(names),
    )  # fmt: skip
