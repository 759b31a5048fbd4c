"""The weeks and months a report is kept for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

EVERY = ("month", "week")


@dataclass(frozen=True)
class Period:
    """A whole week or month: its first day, and the first day after it."""

    grain: str
    start: date
    end: date

    @property
    def key(self) -> str:
        """What its files are called: 2026-10, or 2026-W43."""
        year, week, _day = self.start.isocalendar()
        return f"{self.start:%Y-%m}" if self.grain == "month" else f"{year}-W{week:02d}"

    @property
    def title(self) -> str:
        """The period in words."""
        if self.grain == "month":
            return _("Report for %(month)s") % {"month": f"{self.start:%Y-%m}"}
        return _("Report for the week from %(day)s") % {"day": self.start.isoformat()}

    @property
    def before(self) -> date:
        """First day of the period before."""
        return period_ended(self.start, self.grain).start

    @property
    def year_before(self) -> date:
        """First day of the same month, or of the week 52 weeks, before."""
        return (
            self.start.replace(year=self.start.year - 1) if self.grain == "month" else self.start - timedelta(weeks=52)
        )


def period_ended(today: date, grain: str) -> Period:
    """The newest week or month that was over before ``today``.

    >>> period_ended(date(2026, 3, 1), "month").key, period_ended(date(2026, 1, 5), "week").key
    ('2026-02', '2026-W01')
    """
    if grain == "month":
        end = today.replace(day=1)
        return Period(grain, (end - timedelta(days=1)).replace(day=1), end)
    end = today - timedelta(days=today.weekday())
    return Period(grain, end - timedelta(days=7), end)
