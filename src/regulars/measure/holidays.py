"""Holidays and shopping days by country, computed for any year, and what share of each day or week they fill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from regulars.measure.lunar import lunar_date, solar_day

Rule = Callable[[int], date]
MONDAY, WEDNESDAY, THURSDAY, SUNDAY = 0, 2, 3, 6
# In whose calendar people live who pay in a currency, where the time zone does not say.
BY_CURRENCY: Final = {"CNY": "CN", "USD": "US", "GBP": "GB", "JPY": "JP", "HKD": "HK", "TWD": "TW"}
BY_ZONE: Final = {
    "Asia/Shanghai": "CN", "Asia/Chongqing": "CN", "Asia/Urumqi": "CN", "Asia/Harbin": "CN", "PRC": "CN",
    "Asia/Hong_Kong": "HK", "Asia/Taipei": "TW", "Asia/Tokyo": "JP", "Japan": "JP", "Europe/London": "GB",
    "Europe/Belfast": "GB", "Europe/Berlin": "DE", "Europe/Paris": "FR", "America/New_York": "US",
    "America/Chicago": "US", "America/Denver": "US", "America/Los_Angeles": "US", "America/Phoenix": "US",
    "America/Anchorage": "US", "Pacific/Honolulu": "US", "America/Detroit": "US",
}  # fmt: skip


@dataclass(frozen=True)
class Occasion:
    """A holiday or shopping day: its rule, the days before and after on which people buy otherwise than usual.

    ``off`` says whether the day itself is a public holiday; ``since`` and ``until`` in which years it is kept.
    """

    name: str
    rule: Rule
    before: int = 0
    after: int = 0
    off: bool = True
    since: int = 0
    until: int = 9999


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar.

    Source: the anonymous algorithm in Meeus, "Astronomical Algorithms" (2nd ed.), chapter 8.

    >>> easter(2026).isoformat(), easter(1818).isoformat()
    ('2026-04-05', '1818-03-22')
    """
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    n = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * n) // 451
    month, day = divmod(h + n - 7 * m + 114, 31)
    return date(year, month, day + 1)


def nth(year: int, month: int, weekday: int, n: int) -> date:
    """The n-th weekday (Monday is 0) of a month; n = -1 is the last.

    >>> nth(2026, 11, 3, 4).isoformat(), nth(2026, 5, 0, -1).isoformat()
    ('2026-11-26', '2026-05-25')
    """
    if n > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def _on(month: int, day: int) -> Rule:
    return lambda year: date(year, month, day)


def _nth(month: int, weekday: int, n: int, plus: int = 0) -> Rule:
    return lambda year: nth(year, month, weekday, n) + timedelta(days=plus)


def _easter(plus: int) -> Rule:
    return lambda year: easter(year) + timedelta(days=plus)


def _lunar(month: int, day: int, plus: int = 0) -> Rule:
    return lambda year: lunar_date(year, month, day) + timedelta(days=plus)


def _sun(longitude: float, zone: float) -> Rule:
    return lambda year: solar_day(year, longitude, zone)


def _sales(month: int, n: int, latest: int) -> Rule:
    """French sales begin on a Wednesday, a week earlier where that would be after the day named."""

    def rule(year: int) -> date:
        start = nth(year, month, WEDNESDAY, n)
        return start - timedelta(days=7) if start.day > latest else start

    return rule


def _french_mothers(year: int) -> date:
    last = nth(year, 5, SUNDAY, -1)
    return last + timedelta(days=7) if last == easter(year) + timedelta(days=49) else last


_NEW_YEAR: Final = Occasion("new_year", _on(1, 1), before=1)
_BLACK: Final = (
    Occasion("black_friday", _nth(11, THURSDAY, 4, 1), before=4, after=2, off=False),
    Occasion("cyber_monday", _nth(11, THURSDAY, 4, 4), after=1, off=False),
)
_VALENTINE: Final = Occasion("valentines_day", _on(2, 14), before=7, off=False)
_HALLOWEEN: Final = Occasion("halloween", _on(10, 31), before=7, off=False)
_CHRISTMAS: Final = Occasion("christmas", _on(12, 25), after=1)
_SHOPPING: Final = Occasion("christmas_shopping", _on(12, 24), before=18, off=False)
_GOOD_FRIDAY, _EASTER_MONDAY = Occasion("good_friday", _easter(-2), before=3), Occasion("easter_monday", _easter(1))
_LABOUR: Final = Occasion("labour_day", _on(5, 1))
_MOTHERS: Final = Occasion("mothers_day", _nth(5, SUNDAY, 2), before=7, off=False)
_CHINESE: Final = (
    Occasion("dragon_boat", _lunar(5, 5), before=2, since=2008),
    Occasion("qixi", _lunar(7, 7), before=4, off=False),
    Occasion("mid_autumn", _lunar(8, 15), before=5, since=2008),
)
_SPRING: Final = (
    Occasion("spring_festival_shopping", _lunar(1, 1, -3), before=17, off=False),
    Occasion("spring_festival", _lunar(1, 1), before=2, after=6),
)
CALENDARS: Final[dict[str, tuple[Occasion, ...]]] = {
    "CN": (
        _NEW_YEAR, *_SPRING, Occasion("lantern_festival", _lunar(1, 15), off=False),
        Occasion("womens_day", _on(3, 8), before=4, off=False, since=2012), _VALENTINE,
        Occasion("qingming", _sun(15, 8), after=2, since=2008), Occasion("labour_day", _on(5, 1), after=4),
        Occasion("may_20", _on(5, 20), before=3, off=False, since=2012), *_CHINESE,
        Occasion("618", _on(6, 18), before=17, after=2, off=False, since=2010),
        Occasion("national_day", _on(10, 1), after=6),
        Occasion("double_11", _on(11, 11), before=10, after=1, off=False, since=2009),
        Occasion("double_12", _on(12, 12), before=2, off=False, since=2012),
    ),
    "HK": (
        _NEW_YEAR, *_SPRING, _VALENTINE, Occasion("qingming", _sun(15, 8)), _GOOD_FRIDAY, _EASTER_MONDAY, _LABOUR,
        *_CHINESE, Occasion("sar_day", _on(7, 1)), Occasion("national_day", _on(10, 1)),
        Occasion("double_11", _on(11, 11), before=3, off=False, since=2012), *_BLACK, _SHOPPING, _CHRISTMAS,
    ),
    "TW": (
        _NEW_YEAR, *_SPRING, _VALENTINE, Occasion("peace_day", _on(2, 28)), Occasion("qingming", _sun(15, 8)),
        _MOTHERS, *_CHINESE, Occasion("double_10", _on(10, 10)),
        Occasion("double_11", _on(11, 11), before=3, off=False, since=2012),
    ),
    "US": (
        _NEW_YEAR, Occasion("martin_luther_king_day", _nth(1, MONDAY, 3), since=1986), _VALENTINE,
        Occasion("presidents_day", _nth(2, MONDAY, 3)), Occasion("easter", _easter(0), before=7, off=False), _MOTHERS,
        Occasion("memorial_day", _nth(5, MONDAY, -1), before=3), Occasion("juneteenth", _on(6, 19), since=2021),
        Occasion("fathers_day", _nth(6, SUNDAY, 3), before=7, off=False),
        Occasion("independence_day", _on(7, 4), before=2), Occasion("labor_day", _nth(9, MONDAY, 1), before=3),
        Occasion("columbus_day", _nth(10, MONDAY, 2)), _HALLOWEEN, Occasion("veterans_day", _on(11, 11)),
        Occasion("thanksgiving", _nth(11, THURSDAY, 4), before=1), *_BLACK, _SHOPPING, _CHRISTMAS,
    ),
    "GB": (
        _NEW_YEAR, _VALENTINE, Occasion("mothering_sunday", _easter(-21), before=7, off=False), _GOOD_FRIDAY,
        _EASTER_MONDAY, Occasion("early_may", lambda y: date(2020, 5, 8) if y == 2020 else nth(y, 5, MONDAY, 1)),
        Occasion("spring_bank_holiday", lambda y: {2002: date(2002, 6, 4), 2012: date(2012, 6, 4),
                                                   2022: date(2022, 6, 2)}.get(y, nth(y, 5, MONDAY, -1))),
        Occasion("summer_bank_holiday", _nth(8, MONDAY, -1)), _HALLOWEEN, *_BLACK, _SHOPPING, _CHRISTMAS,
        Occasion("boxing_day", _on(12, 26), after=1),
    ),
    "DE": (
        _NEW_YEAR, _VALENTINE, _GOOD_FRIDAY, _EASTER_MONDAY, _LABOUR, _MOTHERS,
        Occasion("ascension", _easter(39)), Occasion("whit_monday", _easter(50)),
        Occasion("german_unity_day", _on(10, 3)), _HALLOWEEN, *_BLACK,
        Occasion("st_nicholas", _on(12, 6), before=5, off=False), _SHOPPING, _CHRISTMAS,
        Occasion("boxing_day", _on(12, 26)),
    ),
    "FR": (
        _NEW_YEAR, Occasion("winter_sales", _sales(1, 2, 12), after=27, off=False), _VALENTINE, _EASTER_MONDAY,
        _LABOUR, Occasion("victory_day", _on(5, 8)), Occasion("ascension", _easter(39)),
        Occasion("whit_monday", _easter(50)), Occasion("mothers_day", _french_mothers, before=7, off=False),
        Occasion("summer_sales", _sales(6, -1, 28), after=27, off=False), Occasion("bastille_day", _on(7, 14)),
        Occasion("assumption", _on(8, 15)), Occasion("all_saints", _on(11, 1)), Occasion("armistice", _on(11, 11)),
        *_BLACK, _SHOPPING, _CHRISTMAS,
    ),
    "JP": (
        Occasion("new_year", _on(1, 1), before=2, after=3), Occasion("coming_of_age", _nth(1, MONDAY, 2), since=2000),
        Occasion("foundation_day", _on(2, 11)), Occasion("valentines_day", _on(2, 14), before=10, off=False),
        Occasion("emperors_birthday", _on(2, 23), since=2020), Occasion("white_day", _on(3, 14), before=5, off=False),
        Occasion("vernal_equinox", _sun(0, 9)), Occasion("golden_week", _on(4, 29), after=6), _MOTHERS,
        Occasion("marine_day", lambda y: {2020: date(2020, 7, 23), 2021: date(2021, 7, 22)}
                 .get(y, nth(y, 7, MONDAY, 3)), since=2003),
        Occasion("mountain_day", lambda y: {2020: date(2020, 8, 10), 2021: date(2021, 8, 8)}
                 .get(y, date(y, 8, 11)), since=2016),
        Occasion("obon", _on(8, 13), after=3, off=False),
        Occasion("respect_for_the_aged", _nth(9, MONDAY, 3), since=2003), Occasion("autumnal_equinox", _sun(180, 9)),
        Occasion("culture_day", _on(11, 3)), Occasion("labour_thanksgiving", _on(11, 23)), *_BLACK, _SHOPPING,
        Occasion("christmas_day", _on(12, 25), off=False),
    ),
    "WORLD": (
        _NEW_YEAR, _VALENTINE, Occasion("easter", _easter(0), before=7, off=False), _MOTHERS, _HALLOWEEN, *_BLACK,
        _SHOPPING, _CHRISTMAS,
    ),
}  # fmt: skip


def country_of(settings: Any) -> str:
    """Whose calendar a company's customers live by: its time zone says, else its currency, else the world's.

    >>> from regulars.home import Settings
    >>> country_of(Settings()), country_of(Settings(zone="Europe/Berlin", currency="EUR"))
    ('CN', 'DE')
    """
    return BY_ZONE.get(settings.zone) or BY_CURRENCY.get(settings.currency, "WORLD")


def holidays(first: date, last: date, country: str) -> pd.DataFrame:
    """Every day of an occasion between two dates: ``day, holiday, eve, off``.

    ``eve`` is how far the day is from the occasion itself (negative before); ``off`` says
    whether the occasion is a public holiday. A day in two occasions has two rows.

    Raises ``ValueError`` for a country without a calendar.

    >>> days = holidays(date(2026, 2, 1), date(2026, 2, 28), "CN")
    >>> days.loc[(days["holiday"] == "spring_festival") & (days["eve"] == 0), "day"].dt.date.tolist()
    [datetime.date(2026, 2, 17)]
    """
    if country not in CALENDARS:
        raise ValueError(f"there is no calendar for {country!r}; choose one of {', '.join(sorted(CALENDARS))}")
    found = []
    for occasion in CALENDARS[country]:
        # What is kept before new year begins in the year before.
        for year in range(max(first.year - 1, occasion.since), min(last.year + 1, occasion.until) + 1):
            centre = occasion.rule(year)
            for eve in range(-occasion.before, occasion.after + 1):
                day = centre + timedelta(days=eve)
                if first <= day <= last:
                    found.append((day, occasion.name, eve, occasion.off))
    table = pd.DataFrame(found, columns=["day", "holiday", "eve", "off"])
    table["day"] = pd.to_datetime(table["day"])
    return table.sort_values(["day", "holiday"], ignore_index=True)


def holiday_effects(days: Sequence[Any] | pd.Series | pd.Index, country: str, *, each: int | None = None
                    ) -> pd.DataFrame:  # fmt: skip
    """The share of every period that each occasion fills, 0 to 1: a regressor for each, named by its holiday.

    Args:
        days: first days of the periods, days or weeks, in order.
        country: a key of ``CALENDARS``.
        each: days a period lasts; None takes the smallest step between periods (1 where there is only one).

    Raises ``ValueError`` for a country without a calendar or periods out of order.

    >>> weeks = pd.date_range("2026-02-09", periods=3, freq="7D")
    >>> holiday_effects(weeks, "CN")["spring_festival"].round(2).tolist()
    [0.14, 1.0, 0.14]
    """
    starts = pd.DatetimeIndex(pd.to_datetime(list(days)))
    if not len(starts):
        return pd.DataFrame(index=starts)
    steps = np.diff(starts.to_numpy()).astype("timedelta64[D]").astype(int)
    if (steps <= 0).any():
        raise ValueError("periods must be in order and differ: sort the days and drop doubles")
    length = each or (int(steps.min()) if len(steps) else 1)
    known = holidays(starts[0].date(), (starts[-1] + pd.Timedelta(days=length - 1)).date(), country)
    where = starts.searchsorted(known["day"], side="right") - 1
    inside = (known["day"].to_numpy() - starts.to_numpy()[where]) < np.timedelta64(length, "D")
    known = known.assign(period=where)[inside]
    count = known.groupby(["period", "holiday"]).size().unstack(fill_value=0)
    shares = count.reindex(range(len(starts)), fill_value=0).astype(float) / length
    shares.index, shares.columns.name = starts, None
    return shares
