"""The sun and the moon by the day: Chinese lunar dates and solar terms, computed from the sky."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# Beijing keeps UTC+8 the whole year; the calendar is reckoned there.
BEIJING: Final = 8.0
_EPOCH: Final = 2451544.5  # 2000-01-01 00:00 UTC as a Julian day
_MONTH: Final = 29.530588861
_YEAR: Final = 365.2422
# New moon: amplitude in days, power of the earth's eccentricity, multiples of (M, M', F).
_MOON: Final = np.array([
    (-0.40720, 0, 0, 1, 0), (0.17241, 1, 1, 0, 0), (0.01608, 0, 0, 2, 0), (0.01039, 0, 0, 0, 2),
    (0.00739, 1, -1, 1, 0), (-0.00514, 1, 1, 1, 0), (0.00208, 2, 2, 0, 0), (-0.00111, 0, 0, 1, -2),
    (-0.00057, 0, 0, 1, 2), (0.00056, 1, 1, 2, 0), (-0.00042, 0, 0, 3, 0), (0.00042, 1, 1, 0, 2),
    (0.00038, 1, 1, 0, -2), (-0.00024, 1, -1, 2, 0), (-0.00007, 0, 2, 1, 0), (0.00004, 0, 0, 2, -2),
    (0.00004, 0, 3, 0, 0), (0.00003, 0, 1, 1, -2), (0.00003, 0, 0, 2, 2), (-0.00003, 0, 1, 1, 2),
    (0.00003, 0, -1, 1, 2), (-0.00002, 0, -1, 1, -2), (-0.00002, 0, 1, 3, 0), (0.00002, 0, 0, 4, 0),
])  # fmt: skip
# What the planets pull: start and pace in degrees, amplitude in days.
_PLANETS: Final = np.array([
    (299.77, 0.107408, 325e-6), (251.88, 0.016321, 165e-6), (251.83, 26.651886, 164e-6),
    (349.42, 36.412478, 126e-6), (84.66, 18.206239, 110e-6),
])  # fmt: skip


def new_moon(k: NDArray[np.int64]) -> Array:
    """Days since 2000-01-01 00:00 UTC of new moons; number 0 is that of 6 January 2000.

    Source: Meeus, "Astronomical Algorithms" (2nd ed.), chapter 49; within a minute or two for 1990 to 2060.

    >>> float(np.round(new_moon(np.array([0]))[0], 2))
    5.76
    """
    n = k.astype(float)
    t = n / 1236.85
    earth = 1 - 0.002516 * t
    angles = np.stack([
        2.5534 + 29.10535670 * n, 201.5643 + 385.81693528 * n + 0.0107582 * t**2,
        160.7108 + 390.67050284 * n - 0.0016118 * t**2,
    ])  # fmt: skip
    node = 124.7746 - 1.56375588 * n
    shift = (_MOON[:, :1] * earth ** _MOON[:, 1:2] * np.sin(np.radians(_MOON[:, 2:] @ angles))).sum(axis=0)
    pull = (_PLANETS[:, 2:] * np.sin(np.radians(_PLANETS[:, :1] + _PLANETS[:, 1:2] * n))).sum(axis=0)
    terrestrial = 2451550.09766 + _MONTH * n + 0.00015437 * t**2 + shift + pull - 0.00017 * np.sin(np.radians(node))
    return np.asarray(terrestrial - _EPOCH - _slowing(t), dtype=float)


def sun_longitude(days: Array) -> Array:
    """Apparent longitude of the sun in degrees at days since 2000-01-01 00:00 UTC, to a hundredth of a degree.

    Source: Meeus, chapter 25.
    """
    t = (days - 0.5) / 36525
    t = t + _slowing(t) / 36525
    anomaly = np.radians(357.52911 + 35999.05029 * t - 0.0001537 * t**2)
    centre = (
        (1.914602 - 0.004817 * t) * np.sin(anomaly)
        + (0.019993 - 0.000101 * t) * np.sin(2 * anomaly)
        + 0.000289 * np.sin(3 * anomaly)
    )
    seen = 280.46646 + 36000.76983 * t + 0.0003032 * t**2 + centre
    return np.asarray((seen - 0.00569 - 0.00478 * np.sin(np.radians(125.04 - 1934.136 * t))) % 360, dtype=float)


def _slowing(t: Array) -> Array:
    """Terrestrial time less UTC in days: about 64 seconds in 2000, half a second more each year."""
    return np.asarray((64 + 45 * t) / 86400, dtype=float)


@lru_cache(maxsize=512)
def solar_day(year: int, longitude: float, zone: float = BEIJING) -> date:
    """The day of a year on which the sun reaches a longitude: 0 is the March equinox, 15 Qingming.

    >>> solar_day(2026, 15).isoformat(), solar_day(2026, 180, zone=9).isoformat()
    ('2026-04-05', '2026-09-23')
    """
    start = (date(year, 1, 1) - date(2000, 1, 1)).days
    moment = np.array([start + ((longitude - 280.0) % 360) / 360 * _YEAR])
    for _ in range(4):
        gap = (longitude - sun_longitude(moment) + 180) % 360 - 180
        moment = moment + gap * _YEAR / 360
    return _day(float(moment[0]), zone)


def _day(moment: float, zone: float) -> date:
    return date(2000, 1, 1) + timedelta(days=int(np.floor(moment + zone / 24)))


@lru_cache(maxsize=128)
def lunar_months(year: int) -> dict[tuple[int, bool], date]:
    """First day of every month of the Chinese year that begins in ``year``, by (number, is a leap month).

    The eleventh month holds the winter solstice; where thirteen months lie between two of them, the first in which
    the sun enters no new sign repeats the number before.

    Source: the rules of the national standard GB/T 33661-2017.
    """
    months: dict[tuple[int, bool], date] = {}
    # The year runs from month 1, found after the solstice before it, to month 12 after the one in it.
    for first in (year - 1, year):
        for key, day in _from_solstice(first):
            late = key[0] >= 11
            if late == (first == year):
                months[key] = day
    return months


def _from_solstice(year: int) -> list[tuple[tuple[int, bool], date]]:
    """Months from the eleventh, which holds the solstice of ``year``, to the tenth of the next year."""
    solstice, following = solar_day(year, 270), solar_day(year + 1, 270)
    about = round((solstice - date(2000, 1, 6)).days / _MONTH)
    starts = [_day(float(m), BEIJING) for m in new_moon(np.arange(about - 2, about + 16))]
    begin = max(i for i, s in enumerate(starts) if s <= solstice)
    end = max(i for i, s in enumerate(starts) if s <= following)
    leap_year = end - begin == 13
    signs = [solar_day(year if k == 0 else year + 1, (270 + 30 * k) % 360) for k in range(13)]
    found: list[tuple[tuple[int, bool], date]] = []
    number, leapt = 10, False
    for i in range(begin, end):
        enters = any(starts[i] <= s < starts[i + 1] for s in signs)
        leap = leap_year and not leapt and not enters
        leapt |= leap
        number += 0 if leap else 1
        found.append((((number - 1) % 12 + 1, leap), starts[i]))
    return found


def lunar_date(year: int, month: int, day: int) -> date:
    """The day of a lunar date: (2026, 1, 1) is the Spring Festival of 2026.

    >>> lunar_date(2026, 1, 1).isoformat(), lunar_date(2026, 8, 15).isoformat()
    ('2026-02-17', '2026-09-25')
    """
    return lunar_months(year)[month, False] + timedelta(days=day - 1)
