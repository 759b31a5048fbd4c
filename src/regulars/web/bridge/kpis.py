"""Key figures of the newest turn, as pages and commands ask for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from regulars import tables
from regulars.web.bridge.lake import lake

COLUMNS = [
    "name", "day", "grain", "channel", "market", "value", "low", "high", "currency", "why", "made_by", "made_at",
]  # fmt: skip
ANY = object()
RESPONSE = frozenset(f"response_{part}" for part in ("ceiling", "half", "baseline", "value"))
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


def _fresh() -> pa.Table:
    """Every row of the newest turn; kept until the lake moves on."""
    store = lake()
    mark = store.watermark("kpis", "loop")
    if mark is None:
        # Here, not above: the first array Arrow makes imports pandas, a second of the program's start.
        return tables.KPIS.empty().select(COLUMNS)
    return _table(str(store.path), mark)


@lru_cache(maxsize=2)
def _table(path: str, mark: int) -> pa.Table:
    from regulars.web.bridge.scores import latest as newest

    return newest(lake(), "kpis").select(*COLUMNS).to_pyarrow()


def _select(**wanted: Any) -> list[dict[str, Any]]:
    """The rows whose columns have these values; None means empty, ANY not empty, a set means any of them.

    Forty thousand figures stay Arrow: only those asked for become Python.
    """
    table = _fresh()
    chosen: Any = None
    for column, value in wanted.items():
        if value is ANY:
            test = pc.is_valid(table[column])
        elif value is None:
            test = pc.is_null(table[column])
        elif isinstance(value, set | frozenset):
            test = pc.is_in(table[column], value_set=pa.array(sorted(value), pa.string()))
        else:
            test = pc.equal(table[column], value)
        chosen = test if chosen is None else pc.and_kleene(chosen, test)
    return table.filter(chosen).to_pylist()


def kpi_rows(
    *, grain: str = "all", channel: str | None = None, market: str | None = None, names: Iterable[str] | None = None
) -> list[dict[str, Any]]:
    """Figures of one grain, for all channels and markets together or for one of them, oldest first."""
    wanted: dict[str, Any] = {"grain": grain, "channel": channel, "market": market}
    if names is not None:
        wanted["name"] = frozenset(names)
    return sorted(_select(**wanted), key=lambda r: (r["name"], r["day"], r["currency"] or ""))


def kpi_slices() -> tuple[list[str], list[str]]:
    """The channels and the markets that figures are kept for."""
    table = _fresh()
    channels, markets = (pc.unique(table[c]).drop_null().to_pylist() for c in ("channel", "market"))
    return sorted(channels), sorted(markets)


def kpi_channels(grain: str, names: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """Figures of one grain kept per channel, all markets together."""
    wanted: dict[str, Any] = {"grain": grain, "market": None, "channel": ANY}
    return _select(**wanted if names is None else wanted | {"name": frozenset(names)})


def latest(names: Iterable[str], *, grain: str = "week", now: date | None = None) -> dict[str, Latest]:
    """The newest whole period of each figure beside the one before it.

    The period ``now`` falls in has not ended, so it is in the series but never the value.
    """
    from django.conf import settings

    from regulars.web.plans.queries import last_turn

    company = settings.HOME.settings
    turned = None if now else last_turn()
    today = now or (turned.astimezone(company.tz).date() if turned else None)
    names = tuple(names)
    out = {}
    found = [r for r in kpi_rows(grain=grain, names=names) if r["currency"] in (None, company.currency)]
    for name in names:
        rows = [r for r in found if r["name"] == name]
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
    for r in kpi_channels(grain):
        if r["currency"] not in (None, currency):
            continue
        row = by_channel.setdefault(r["channel"], {"channel": r["channel"], **dict.fromkeys(CHANNEL_FIGURES)})
        row[r["name"]] = r["value"]
    if not any(row["roas"] for row in by_channel.values()):
        # No order can be credited to any channel: nought would read as "earned nothing".
        for row in by_channel.values():
            row["roas"] = None
    return sorted(by_channel.values(), key=lambda r: -(r["revenue"] or 0))


def _origin(r: dict[str, Any]) -> dict[str, Any]:
    return {"channel": r["channel"], "why": r["why"], "made_by": r["made_by"], "made_at": r["made_at"]}


def response_rows() -> list[dict[str, Any]]:
    """The response curve of each channel: ceiling, half, baseline, value, with intervals."""
    curves: dict[str, dict[str, Any]] = {}
    for r in _select(name=RESPONSE, channel=ANY):
        curve = curves.setdefault(r["channel"], _origin(r))
        part = r["name"].removeprefix("response_")
        curve[part], curve[f"{part}_low"], curve[f"{part}_high"] = r["value"], r["low"], r["high"]
    return sorted(curves.values(), key=lambda c: c["channel"])
