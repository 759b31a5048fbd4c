"""Reports that were kept: one a period, language and form, written by the first turn after the period."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from regulars.web.report.periods import period_ended
from regulars.web.report.write import FORMATS, report_write

if TYPE_CHECKING:
    from regulars.home import Home

LANGUAGES = ("zh-hans", "en")
NAME = re.compile(r"(\d{4}-(?:\d{2}|W\d{2}))\.(zh-hans|en)\.(html|pdf)")


@dataclass(frozen=True)
class Kept:
    """The files of one period, by (language, form)."""

    key: str
    files: tuple[tuple[str, str], ...]


def reports_due(home: Home, now: datetime) -> list[Path]:
    """Write the reports of the period that ended last, where they are wanted and not there yet."""
    every = home.settings.report_every
    if not every:
        return []
    period = period_ended(now.astimezone(home.settings.tz).date(), every)
    wanted = [home.reports_path / f"{period.key}.{language}.{form}" for language in LANGUAGES for form in FORMATS]
    missing = [path for path in wanted if not path.is_file()]
    if missing:
        home.reports_path.mkdir(parents=True, exist_ok=True)
    return [report_write(home, path, language=path.name.split(".")[1], period=period) for path in missing]


def reports_kept(home: Home) -> list[Kept]:
    """Every period with a report, the newest first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in home.reports_path.glob("*.*.*"):
        named = NAME.fullmatch(path.name)
        if named:
            found.setdefault(named[1], []).append((named[2], named[3]))
    return [Kept(key, tuple(sorted(found[key]))) for key in sorted(found, reverse=True)]


def report_kept(home: Home, name: str) -> Path | None:
    """The file of that name, if it is one of ours; no other name leads anywhere."""
    path = home.reports_path / name
    return path if NAME.fullmatch(name) and path.is_file() else None
