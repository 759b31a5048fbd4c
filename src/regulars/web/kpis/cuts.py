"""Where sales come from: the last ninety days by channel, market, segment, product or partner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from regulars.web import charts
from regulars.web.catalog.queries import titles_of
from regulars.web.findings.queries import finding
from regulars.web.partners.queries import partner_names
from regulars.web.spreadsheet import csv_line, plain
from regulars.web.words.amounts import major, percent_text
from regulars.web.words.labels import label
from regulars.web.words.reasons import sentences

CUTS = {
    "channel": gettext_lazy("Channel"), "market": gettext_lazy("Market"),
    "segment": pgettext_lazy("of people", "Segment"), "product": gettext_lazy("Product"),
    "partner": gettext_lazy("Partner"),
}  # fmt: skip
# Why a cut may be missing, as the board says it.
MISSING = {"segment": "no_segment_yet", "product": "no_order_lines", "partner": "no_partner_in_orders"}


@dataclass(frozen=True)
class CutRow:
    """One value of a cut with its words; money in minor units."""

    key: str
    title: str
    revenue: int
    orders: int
    share: float | None
    moved: str
    moved_in_a_year: str
    before: int | None
    year_before: int | None
    spark: str
    buyers: int | None = None
    again: float | None = None
    new: float | None = None
    refunded: float | None = None

    @property
    def aov(self) -> float | None:
        return self.revenue / self.orders if self.orders else None


@dataclass(frozen=True)
class Cut:
    """One cut as the page shows it; ``limit`` says why there is nothing."""

    name: str
    title: str
    rows: tuple[CutRow, ...]
    days: int
    others: int
    limit: str
    currency: str

    @property
    def people(self) -> bool:
        """Whether who bought is known; not of partners, nor of a finding of an older version."""
        return any(r.buyers is not None for r in self.rows)


def cut(name: str) -> Cut | None:
    """The rows of one cut; None before the first turn that made them."""
    found = finding("key_figures")
    if found is None:
        return None
    body = found.body
    given = body["cuts"].get(name, [])
    titles = titles_of(r["key"] for r in given) if name == "product" else {}
    titles |= partner_names() if name == "partner" else {}
    limits = [MISSING[name]] if MISSING.get(name) in body["limits"] else []
    return Cut(
        name, str(CUTS[name]), tuple(_row(name, r, titles) for r in given), body["days"], body["others"].get(name, 0),
        " ".join(str(s) for s in sentences(limits)), body["currency"],
    )  # fmt: skip


def _row(name: str, r: dict[str, Any], titles: dict[str, str]) -> CutRow:
    title = titles.get(r["key"], r["key"])
    if name in ("channel", "segment"):
        title = str(_("Nobody known") if r["key"] == "unknown" else label(name, r["key"]))
    # The running month would end every course in a fall.
    course = [m[1] for m in r["months"]][:-1][-13:]
    return CutRow(
        r["key"], title, r["revenue"], r["orders"], r["share"], _moved(r["revenue"], r["revenue_before"]),
        _moved(r["revenue"], r["revenue_year_before"]), r["revenue_before"], r["revenue_year_before"],
        charts.spark(course), *(r.get(k) for k in ("buyers", "again", "new", "refunded")),
    )  # fmt: skip


def _moved(now: int, before: int | None) -> str:
    if before is None:
        return ""
    if before <= 0:
        return _("new") if now > 0 else ""
    return percent_text(now / before - 1, sign=True)


def cut_lines(found: Cut) -> Iterator[str]:
    """A cut for a spreadsheet."""
    yield "\ufeff"
    yield csv_line((
        found.title, _("Key"), _("Revenue"), _("Orders"), _("Share"), _("Ninety days before"), _("A year ago"),
        _("Currency"), _("Buyers"), _("Order value"), _("Came again"), _("From new customers"), _("Refunded"),
    ))  # fmt: skip
    for r in found.rows:
        money = [major(v, found.currency) if v is not None else "" for v in (r.revenue, r.before, r.year_before)]
        share = "" if r.share is None else round(r.share, 4)
        each = "" if r.aov is None else major(r.aov, found.currency)
        shares = ["" if v is None else round(v, 4) for v in (r.again, r.new, r.refunded)]
        yield csv_line([plain(r.title), plain(r.key), money[0], r.orders, share, *money[1:], found.currency,
                        "" if r.buyers is None else r.buyers, each, *shares])  # fmt: skip
