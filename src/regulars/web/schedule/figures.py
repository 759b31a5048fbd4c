"""The week of responses, the planned messages and the desk, drawn."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.web import charts
from regulars.web.words.labels import label

WEEKDAYS = (
    gettext_lazy("Monday"), gettext_lazy("Tuesday"), gettext_lazy("Wednesday"), gettext_lazy("Thursday"),
    gettext_lazy("Friday"), gettext_lazy("Saturday"), gettext_lazy("Sunday"),
)  # fmt: skip


def hour_words(bin_: int) -> str:
    return f"{WEEKDAYS[bin_ // 24]} {bin_ % 24}:00"


def like_words(like: dict[str, Any]) -> dict[str, Any]:
    """One kind of customer with its name and its best hours in words."""
    word = _("Not yet customers") if like["key"] == "prospect" else label("activity", like["key"])
    return {**like, "words": [hour_words(b) for b in like["best"]], "word": word}


def week(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Seven rows of 24 cells: how often an average hour, its interval, and how dark to draw it."""
    most = max((c["lift"] for c in body["cells"]), default=1.0) or 1.0
    rows = []
    for d in range(7):
        cells = [
            {"hour": c["bin"] % 24, "text": f"{c['lift']:.1f}", "dark": round(0.85 * c["lift"] / most, 2),
             "said": f"{hour_words(c['bin'])}: {c['lift']:.2f} [{c['low']:.2f}-{c['high']:.2f}]"}
            for c in body["cells"][d * 24 : d * 24 + 24]
        ]  # fmt: skip
        rows.append({"day": WEEKDAYS[d], "cells": cells})
    return rows


def volume_chart(body: dict[str, Any], tz: ZoneInfo) -> charts.Chart | None:
    rows = [(datetime.fromisoformat(v["at"]).astimezone(tz).strftime("%H:%M"), v["planned"]) for v in body["volume"]]
    if not any(r[1] for r in rows):
        return None
    chart = charts.bar(
        "send-volume", _("Messages planned by hour"), rows, charts.Axis(_("Hour of the company's clock"), "text"),
        [charts.Axis(_("Planned"))],
        note=_("Each message goes in the hour in which its person responds most, as far as there is room."),
    )  # fmt: skip
    room = max(v["room"] for v in body["volume"])
    chart.option["series"][0]["markLine"] = {"data": [{"name": _("Room"), "yAxis": room}]}
    return chart


def desk_chart(body: dict[str, Any]) -> charts.Chart | None:
    desk = body["desk"]
    if not desk:
        return None
    rows = [(f"{h}:00", sum(desk["by_hour"][d * 24 + h] for d in range(7)) / 7) for h in range(24)]
    return charts.bar("tickets", _("When customers write"), rows, charts.Axis(_("Hour of the company's clock"), "text"),
                      [charts.Axis(_("Tickets an hour, mean of a day"))])  # fmt: skip


def desk_days(desk: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """The hours to be at the desk, by day, joined where they follow each other."""
    days = []
    for d in range(7):
        hours = sorted(h % 24 for h in desk["hours"] if h // 24 == d)
        spans: list[list[int]] = []
        for h in hours:
            if spans and spans[-1][1] == h:
                spans[-1][1] = h + 1
            else:
                spans.append([h, h + 1])
        if spans:
            days.append((str(WEEKDAYS[d]), [f"{a}:00–{b}:00" for a, b in spans]))
    return days


def ics(rows: list[dict[str, Any]], title: str, now: datetime) -> str:
    """The calls as a calendar file (RFC 5545): one event an hour, no name in it that the owner did not ask for."""

    def stamp(at: datetime) -> str:
        return at.strftime("%Y%m%dT%H%M%SZ")

    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Regulars//calls//EN", "CALSCALE:GREGORIAN"]
    for row in rows:
        said = title % {"name": row["person"].name or row["person"].key}
        said = said.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", " ").replace("\r", " ")
        lines += ["BEGIN:VEVENT", f"UID:{row['customer']}-{stamp(row['at'])}@regulars", f"DTSTAMP:{stamp(now)}",
                  f"DTSTART:{stamp(row['at'])}", f"DTEND:{stamp(row['at'] + timedelta(minutes=15))}",
                  f"SUMMARY:{said}", "END:VEVENT"]  # fmt: skip
    return "".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _folded(line: str) -> str:
    """Lines of at most 75 bytes, the next ones begun with a blank; a letter is never cut in two."""
    out, size = "", 0
    for letter in line:
        wide = len(letter.encode())
        if size + wide > 74:
            out, size = out + "\r\n ", 1
        out, size = out + letter, size + wide
    return out + "\r\n"
