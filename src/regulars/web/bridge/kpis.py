"""Key figures of the newest turn, as pages and commands ask for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from regulars.web.bridge.lake import lake

CHANNEL_FIGURES = ("revenue", "orders", "new_customers", "spend", "roas", "cac", "conversion_rate")


@dataclass(frozen=True)
class Latest:
    """One figure: its newest whole period, the one before, and the series up to it."""

    value: float | None
    previous: float | None
    day: date | None
    series: tuple[tuple[date, float | None], ...]
    currency: str | None
    why: str


def _fresh() -> list[dict[str, Any]]:
    """Every row of the newest turn; kept until the lake moves on."""
    store = lake()
    mark = store.watermark("kpis", "loop")
    return [] if mark is None else _rows(mark)


@lru_cache(maxsize=2)
def _rows(mark: int) -> list[dict[str, Any]]:
    from regulars.web.bridge.scores import latest as newest

    table = newest(lake(), "kpis").select(
        "name", "day", "grain", "channel", "market", "value", "low", "high", "currency", "why", "made_by", "made_at"
    )
    return table.to_pyarrow().to_pylist()


def kpi_rows(
    *, grain: str = "all", channel: str | None = None, market: str | None = None, names: Iterable[str] | None = None
) -> list[dict[str, Any]]:
    """Figures of one grain, for all channels and markets together or for one of them, oldest first."""
    wanted = set(names) if names is not None else None
    rows = [
        r for r in _fresh()
        if r["grain"] == grain and r["channel"] == channel and r["market"] == market
        and (wanted is None or r["name"] in wanted)
    ]  # fmt: skip
    return sorted(rows, key=lambda r: (r["name"], r["day"], r["currency"] or ""))


def kpi_slices() -> tuple[list[str], list[str]]:
    """The channels and the markets that figures are kept for."""
    rows = _fresh()
    return sorted({r["channel"] for r in rows if r["channel"]}), sorted({r["market"] for r in rows if r["market"]})


def kpi_channels(grain: str) -> list[dict[str, Any]]:
    """Figures of one grain kept per channel, all markets together."""
    return [r for r in _fresh() if r["grain"] == grain and r["channel"] is not None and r["market"] is None]


def latest(names: Iterable[str], *, grain: str = "week", now: date | None = None) -> dict[str, Latest]:
    """The newest whole period of each figure beside the one before it.

    The period ``now`` falls in has not ended, so it is in the series but never the value.
    """
    from django.conf import settings

    from regulars.web.plans.queries import last_turn

    company = settings.HOME.settings
    turned = last_turn()
    today = now or (turned.astimezone(company.tz).date() if turned else None)
    out = {}
    for name in names:
        rows = [r for r in kpi_rows(grain=grain, names=(name,)) if r["currency"] in (None, company.currency)]
        series = tuple((r["day"], r["value"]) for r in rows)
        length = {"day": 1, "week": 7, "month": 28}.get(grain, 0)
        whole = [r for r in rows if today is None or (today - r["day"]).days >= length]
        if grain == "month" and today is not None:
            whole = [r for r in rows if (r["day"].year, r["day"].month) != (today.year, today.month)]
        last = whole[-1] if whole else None
        out[name] = Latest(
            last["value"] if last else None,
            whole[-2]["value"] if len(whole) > 1 else None,
            last["day"] if last else None,
            series,
            last["currency"] if last else None,
            (last["why"] or "") if last else "",
        )
    return out


def channel_rows(grain: str = "all") -> list[dict[str, Any]]:
    """One row a channel: what it cost and earned, by any figure that is kept per channel."""
    from django.conf import settings

    currency = settings.HOME.settings.currency
    by_channel: dict[str, dict[str, Any]] = {}
    for r in _fresh():
        if r["grain"] != grain or r["channel"] is None or r["market"] is not None:
            continue
        if r["currency"] not in (None, currency):
            continue
        row = by_channel.setdefault(r["channel"], {"channel": r["channel"], **dict.fromkeys(CHANNEL_FIGURES)})
        row[r["name"]] = r["value"]
    return sorted(by_channel.values(), key=lambda r: -(r["revenue"] or 0))


def _origin(r: dict[str, Any]) -> dict[str, Any]:
    return {"channel": r["channel"], "why": r["why"], "made_by": r["made_by"], "made_at": r["made_at"]}


def response_rows() -> list[dict[str, Any]]:
    """The response curve of each channel: ceiling, half, baseline, value, with intervals."""
    curves: dict[str, dict[str, Any]] = {}
    for r in _fresh():
        if r["name"].startswith("response_") and r["channel"] is not None:
            curve = curves.setdefault(r["channel"], _origin(r))
            part = r["name"].removeprefix("response_")
            curve[part], curve[f"{part}_low"], curve[f"{part}_high"] = r["value"], r["low"], r["high"]
    return sorted(curves.values(), key=lambda c: c["channel"])
