"""Dates and times from any common Chinese or English form; dd/mm or mm/dd is decided over the column."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.collect.clock import to_utc
from regulars.collect.sheet import Cells, spread

_ISO: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?$"
_MONTHS: Final = {
    name: month
    for month, names in enumerate(
        (
            "jan january januar janvier enero janeiro gennaio janv ene gen",
            "feb february februar février fevrier febrero fevereiro febbraio fév févr",
            "mar march märz mars marzo março marco mär mrz",
            "apr april avril abril aprile avr abr",
            "may mai mayo maio maggio mag",
            "jun june juni juin junio junho giugno giu",
            "jul july juli juillet julio julho luglio juil lug",
            "aug august août aout agosto ago",
            "sep sept september septembre septiembre setembro settembre set",
            "oct october oktober octobre octubre outubro ottobre okt out ott",
            "nov november novembre noviembre novembro",
            "dec december dezember décembre decembre diciembre dezembro dicembre dez dic déc",
        ),
        1,
    )
    for name in names.split()
}
_TIME: Final = re.compile(
    r"(\d{1,2})\s*(?::|时|點|点|h)\s*(\d{1,2})?(?:\s*(?::|分)\s*(\d{1,2})(?:[.,](\d{1,9}))?)?\s*[秒分]?"
)
_ZONE: Final = re.compile(r"(?:\s*(?:utc|gmt)\s*|(?<=[\d.]))\s*([+-]\d{1,2}:?\d{2}|[+-]\d{1,2})$|(\s*z|\s*utc|\s*gmt)$")
_PM: Final = re.compile(r"下午|晚上|午後|午后|傍晚|\bp\.?\s?m\b\.?|(?<=\d)pm\b")
_AM: Final = re.compile(r"上午|凌晨|早上|清晨|午前|\ba\.?\s?m\b\.?|(?<=\d)am\b")
_NOON: Final = re.compile(r"中午|正午")
_WEEKDAYS: Final = re.compile(
    r"(?:星期|礼拜|周|週)[一二三四五六日天]|[（(][一二三四五六日月火水木金土][）)]|"
    r"\b(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?\b\.?,?"
)
_DATE: Final = re.compile(r"(\d+)\D+(\d+)(?:\D+(\d+))?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO: Final = 1_000_000


@dataclass(frozen=True)
class Dates:
    """Instants in UTC microseconds and days in the company's zone.

    ``order`` is how three numbers were read (ymd, dmy, mdy) and ``why`` says
    what decided it.
    """

    at: np.ndarray
    day: np.ndarray
    valid: np.ndarray
    order: str
    why: str
    times: bool

    def instants(self) -> pa.Array:
        """Arrow timestamps, null where the cell could not be read."""
        return pa.array(self.at, pa.int64(), mask=~self.valid).cast(pa.timestamp("us", tz="UTC"))

    def days(self) -> pa.Array:
        """Arrow days of the company's zone, null where the cell could not be read."""
        return pa.array(self.day.astype(np.int32), pa.int32(), mask=~self.valid).cast(pa.date32())


@dataclass(frozen=True)
class _Loose:
    """A date whose order of day and month is not decided yet."""

    parts: tuple[int, int, int]
    long_year: int | None  # position of a four-digit year
    seconds: float
    zone: timezone | None
    timed: bool


def _clock(text: str) -> tuple[float, str, bool]:
    """Seconds since midnight, the text without the clock, and whether there was one."""
    pm, am, noon = _PM.search(text), _AM.search(text), _NOON.search(text)
    found = _TIME.search(text)
    if not found:
        bare = re.search(r"\b(\d{1,2})\s*(?:pm|am)\b", text)
        if not bare:
            return 0.0, text, False
        hour, minute, second, fraction = int(bare.group(1)), 0, 0, 0.0
        span = bare.span()
    else:
        hour, minute = int(found.group(1)), int(found.group(2) or 0)
        second, fraction = int(found.group(3) or 0), float("0." + (found.group(4) or "0"))
        span = found.span()
    if (pm or (noon and hour < 11)) and hour < 12:
        hour += 12
    if am and hour == 12:
        hour = 0
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        raise ValueError(text)
    rest = text[: span[0]] + " " + text[span[1] :]
    for mark in (_PM, _AM, _NOON):
        rest = mark.sub(" ", rest)
    return hour * 3600 + minute * 60 + min(second, 59) + fraction, rest, True


def _loosen(text: str) -> _Loose | int | None:
    """Take a date apart, or give its instant when it says it outright."""
    t = unicodedata.normalize("NFKC", text).strip().lower().strip("'\"[]")
    if re.fullmatch(r"-?\d+(\.\d+)?", t):
        return _number(t)
    zone = None
    mark = _ZONE.search(t) if re.search(r"\d:\d\d|\d[zt]", t) else None
    if mark and mark.group(2):
        zone, t = UTC, t[: mark.start()]
    elif mark:
        sign, digits = mark.group(1)[0], mark.group(1)[1:].replace(":", "")
        hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
        if hours <= 14:
            zone = timezone((-1 if sign == "-" else 1) * timedelta(hours=hours, minutes=minutes))
            t = t[: mark.start()]
    t = _WEEKDAYS.sub(" ", t)
    t = re.sub(r"(\d)t(\d)", r"\1 \2", t)
    try:
        seconds, t, timed = _clock(t)
    except ValueError:
        return None
    compact = re.fullmatch(r"\s*(\d{4})(\d{2})(\d{2})\s*", t)
    if compact:
        y, m, d = (int(g) for g in compact.groups())
        return _Loose((y, m, d), 0, seconds, zone, timed)
    named = re.search(r"([a-zäçéûôà]{3,})\.?", t)
    month = _MONTHS.get(named.group(1)) if named else None
    if named and month:
        numbers = re.findall(r"\d+", t)
        if len(numbers) == 1 and len(numbers[0]) == 4:
            return _Loose((int(numbers[0]), month, 1), 0, seconds, zone, timed)
        if len(numbers) != 2:
            return None
        day, year = (1, 0) if len(numbers[0]) == 4 else (0, 1)
        full = int(numbers[year]) + (2000 if len(numbers[year]) <= 2 else 0)
        return _Loose((full, month, int(numbers[day])), 0, seconds, zone, timed)
    if re.search(r"[^\d\s./\-年月日号號年,，de]", t):
        return None
    found = _DATE.search(t)
    if not found:
        return None
    groups = [g for g in found.groups() if g is not None]
    if len(groups) == 2:
        if len(groups[0]) == 4:
            return _Loose((int(groups[0]), int(groups[1]), 1), 0, seconds, zone, timed)
        if len(groups[1]) == 4:
            return _Loose((int(groups[1]), int(groups[0]), 1), 0, seconds, zone, timed)
        return None
    if re.search(r"\d", t[found.end() :]):
        return None
    long_year = next((i for i, g in enumerate(groups) if len(g) == 4), None)
    if any(len(g) > 4 or len(g) == 3 for g in groups) or long_year == 1:
        return None
    a, b, c = (int(g) for g in groups)
    if "年" in t or "月" in t:
        return _Loose((a if a > 99 else 2000 + a, b, c), 0, seconds, zone, timed)
    return _Loose((a, b, c), long_year, seconds, zone, timed)


def _number(t: str) -> int | _Loose | None:
    """A bare number: compact date, Unix seconds, milliseconds or microseconds, Excel day."""
    whole, _, fraction = t.partition(".")
    if len(whole) == 14 and whole[:2] in ("19", "20"):
        y, m, d = int(whole[:4]), int(whole[4:6]), int(whole[6:8])
        h, mi, s = int(whole[8:10]), int(whole[10:12]), int(whole[12:14])
        return _Loose((y, m, d), 0, h * 3600 + mi * 60 + s, None, True) if h < 24 and mi < 60 and s < 60 else None
    if len(whole) == 8 and whole[:2] in ("19", "20"):
        return _Loose((int(whole[:4]), int(whole[4:6]), int(whole[6:8])), 0, 0.0, None, False)
    if len(whole) == 6 and whole[:2] in ("19", "20") and 1 <= int(whole[4:]) <= 12:
        return _Loose((int(whole[:4]), int(whole[4:]), 1), 0, 0.0, None, False)
    value = int(whole)
    if 9 <= len(whole) <= 10:
        return value * _MICRO + int((fraction + "000000")[:6])
    if 12 <= len(whole) <= 13:
        return value * 1000
    if 15 <= len(whole) <= 16:
        return value
    if len(whole) == 5 and 15_000 <= value <= 80_000:
        day = datetime(1899, 12, 30, tzinfo=UTC) + timedelta(days=value)
        seconds = round(float("0." + (fraction or "0")) * 86_400, 3)
        return _Loose((day.year, day.month, day.day), 0, min(seconds, 86_399.0), None, bool(fraction))
    return None


def _order(loose: list[_Loose], order: str, now: datetime, month_first: bool) -> tuple[str, str]:
    """Decide which of three numbers is the day, the month and the year."""
    open_ones = [x for x in loose if x.long_year != 0]
    if order or not open_ones:
        return order or "ymd", "stated" if order else "year_first"
    firsts, seconds = {x.parts[0] for x in open_ones}, {x.parts[1] for x in open_ones}
    thirds = {x.parts[2] for x in open_ones}
    short = [x for x in open_ones if x.long_year is None]
    if short and len(short) == len(open_ones):
        if max(firsts) > 31:
            return "ymd", "first_above_31"
        # years vary less than days: a first part with few values beside a third with many is the year
        if max(thirds) <= 31 and max(seconds) <= 12 and len(firsts) * 3 < len(thirds):
            return "ymd", "first_varies_least"
    day_first_only, month_first_only = max(firsts) > 12, max(seconds) > 12
    if day_first_only != month_first_only:
        return ("dmy", "first_above_12") if day_first_only else ("mdy", "second_above_12")
    if day_first_only:
        dmy = sum(x.parts[0] > 12 for x in open_ones)
        mdy = sum(x.parts[1] > 12 for x in open_ones)
        return ("dmy", "most_rows") if dmy >= mdy else ("mdy", "most_rows")
    best: dict[str, tuple[int, int]] = {}
    for name in ("dmy", "mdy"):
        days = [y * 372 + m * 31 + d for y, m, d in (_ymd(x, name) for x in open_ones)]
        late = sum(v > now.year * 372 + now.month * 31 + now.day for v in days)
        turns = sum((days[i + 1] - days[i]) * (days[i + 2] - days[i + 1]) < 0 for i in range(len(days) - 2))
        best[name] = (late, turns)
    if best["dmy"][0] != best["mdy"][0]:
        return min(best, key=lambda n: best[n][0]), "not_in_future"
    if len(open_ones) >= 6 and abs(best["dmy"][1] - best["mdy"][1]) >= 0.2 * len(open_ones):
        return min(best, key=lambda n: best[n][1]), "sorted"
    return ("mdy" if month_first else "dmy"), "usual_here"


def _ymd(x: _Loose, order: str) -> tuple[int, int, int]:
    a, b, c = x.parts
    if x.long_year == 0:
        return a, b, c
    y, m, d = {"ymd": (a, b, c), "dmy": (c, b, a), "mdy": (c, a, b)}["dmy" if order == "ymd" and x.long_year else order]
    if y < 100:
        y += 2000 if y < 70 else 1900
    return y, m, d


def read_dates(
    cells: Cells, zone: str, now: datetime, *, order: str = "", file_zone: str = "", month_first: bool = False
) -> Dates:
    """Read a column of dates; wall-clock times are in ``file_zone`` or else the company's ``zone``.

    A wall-clock time that a clock change skips moves forward; one that occurs
    twice is the earlier. ``now`` and ``month_first`` (the habit of the place)
    help only when the column itself leaves dd/mm against mm/dd open.

    >>> cells = Cells.of(pa.array(["2024年3月5日 下午3:04", "x"]))
    >>> got = read_dates(cells, "Asia/Shanghai", datetime(2025, 1, 1, tzinfo=UTC))
    >>> got.instants().to_pylist()[0].isoformat(), got.valid.tolist()
    ('2024-03-05T07:04:00+00:00', [True, False])
    """
    values = cells.values
    count = len(values)
    wall: np.ndarray = np.zeros(count, np.int64)
    sure: np.ndarray = np.zeros(count, bool)  # an instant already, no zone to apply
    valid: np.ndarray = np.zeros(count, bool)
    times = False
    iso = pc.match_substring_regex(values, _ISO).to_numpy(zero_copy_only=False) if count else np.zeros(0, bool)
    if iso.any():
        try:
            wall[iso] = pc.cast(pc.cast(values.filter(pa.array(iso)), pa.timestamp("us")), pa.int64()).to_numpy()
            valid |= iso
            times = bool((wall[iso] % (86_400 * _MICRO) != 0).any())
        except pa.ArrowInvalid:  # one impossible day, such as 30 February
            iso = np.zeros(count, bool)
    loose: dict[int, _Loose] = {}
    for i in np.flatnonzero(~iso).tolist():
        got = _loosen(values[i].as_py())
        if isinstance(got, int):
            wall[i], sure[i], valid[i], times = got, True, True, True
        elif got is not None:
            loose[i] = got
    chosen, why = _order(list(loose.values()), order, now, month_first)
    for i, x in loose.items():
        y, m, d = _ymd(x, chosen)
        try:
            at = datetime(y, m, d, tzinfo=x.zone or UTC) + timedelta(seconds=x.seconds)
            if not 1900 <= y <= 2200:
                continue
        except (ValueError, OverflowError):
            continue
        wall[i], sure[i], valid[i] = round((at - _EPOCH) / timedelta(microseconds=1)), x.zone is not None, True
        times |= x.timed
    at_utc, day = to_utc(wall, sure, file_zone or zone, zone)
    return Dates(
        spread(at_utc, cells.codes, 0),
        spread(day, cells.codes, 0),
        spread(valid, cells.codes, False),
        chosen,
        why,
        times,
    )
