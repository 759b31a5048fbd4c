"""The mapped columns of a sheet, parsed once each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
import pyarrow as pa

from regulars.collect.countries import country_of
from regulars.collect.currencies import currency_code
from regulars.collect.dates import Dates, read_dates
from regulars.collect.headers import normal
from regulars.collect.mapping import Mapping
from regulars.collect.money import Amounts, read_amounts, scaled
from regulars.collect.sheet import Aside, Cells, Sheet

_UNITS: Final = {"万元": 4, "万": 4, "千元": 3, "亿元": 8, "k": 3, "thousand": 3, "million": 6, "百万": 6, "百万元": 6}
_ZONES: Final = re.compile(r"\b(utc|gmt)\b|北京时间|\b(pst|pdt|est|edt|cst|bst|cet|jst)\b")
_ZONE_NAMES: Final = {
    "utc": "UTC",
    "gmt": "UTC",
    "北京时间": "Asia/Shanghai",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "est": "America/New_York",
    "edt": "America/New_York",
    "bst": "Europe/London",
    "cet": "Europe/Paris",
    "jst": "Asia/Tokyo",
}


@dataclass(frozen=True)
class Company:
    """What the import needs to know of the company: its zone, currency, language and the present moment."""

    zone: str
    currency: str
    language: str
    now: datetime
    source: str


@dataclass
class Columns:
    """A sheet seen through its mapping; also gathers what is set aside and what is worth saying."""

    sheet: Sheet
    mapping: Mapping
    company: Company
    aside: list[Aside] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.used = np.ones(self.sheet.num_rows, bool)
        self.order_ids = np.empty(self.sheet.num_rows, object)
        self._cells: dict[str, Cells] = {}

    @property
    def rows(self) -> int:
        """How many records."""
        return self.sheet.num_rows

    def position(self, column: str) -> int:
        """The position of a column."""
        return self.sheet.header.index(column)

    def has(self, *names: str) -> bool:
        """Whether any of the fields was found or given."""
        return self.mapping.has(*names)

    def each(self, name: str) -> list[Cells]:
        """Every column that holds the field, surest first."""
        return [self.sheet.cells(self.position(c)) for c in self.mapping.columns(name)]

    def cells(self, name: str) -> Cells:
        """The field's cells: the first column that is not blank, else the constant, else blanks."""
        if name not in self._cells:
            out = Cells.nothing(self.rows)
            for column in self.each(name):
                out = column if (out.codes < 0).all() else out.or_else(column)
            if name in self.mapping.constants:
                constant = Cells(np.zeros(self.rows, np.int32), pa.array([self.mapping.constants[name]]))
                out = out.or_else(constant) if len(out.values) else constant
            self._cells[name] = out
        return self._cells[name]

    def amounts(self, name: str) -> Amounts:
        """A money or number field, in whole units even where the header says 万元."""
        out = read_amounts(self.cells(name))
        columns = self.mapping.columns(name)
        inside = normal(columns[0]).inside if columns else ""
        power = next((p for u, p in _UNITS.items() if inside.split("/")[0] == u), 0)
        if power:
            lift = min(power, out.scale)
            return Amounts(scaled(out.units, power - lift), out.scale - lift, out.valid, out.currency)
        return out

    def dates(self, name: str, order: str = "") -> Dates:
        """A date field as instants and company days."""
        columns = self.mapping.columns(name)
        header = " ".join(columns[:1]).casefold()
        stated = _ZONES.search(header)
        zone = _ZONE_NAMES.get(stated.group(0), "") if stated else ""
        if not zone and self.mapping.platform == "stripe":
            zone = "UTC"
        if zone:
            self.notes["zone_from_header"] = zone
        cells = self.cells(name)
        if self.has("clock") and name == "ordered_at":
            cells = _glued(cells, self.cells("clock"))
        got = read_dates(
            cells,
            self.company.zone,
            self.company.now,
            order=order,
            file_zone=zone,
            month_first=self.company.zone.startswith("America/") or self.company.currency == "USD",
        )
        if len(columns) and got.order in ("dmy", "mdy"):
            self.notes[f"date_order:{columns[0]}"] = f"{got.order}={got.why}"
        return got

    def currencies(self, *amounts: Amounts) -> Cells:
        """The currency of each row: its own column, else beside the number, in the header, of the country, the company's."""  # noqa: E501
        own = self.company.currency
        if self.has("currency"):
            return self.cells("currency").each(lambda t: currency_code(t, own)).or_else(self._everywhere(own))
        written = next((a.currency for a in amounts if (a.currency.codes >= 0).any()), None)
        fallback = self._header_currency() or self._country_currency() or own
        if written is not None:
            shown = written.each(lambda t: currency_code(t, own))
            counts = np.bincount(shown.codes[shown.codes >= 0], minlength=1)
            usual = shown.values[int(counts.argmax())].as_py() if len(shown.values) else fallback
            return shown.or_else(self._everywhere(usual))
        return self._everywhere(fallback)

    def _everywhere(self, code: str) -> Cells:
        return Cells(np.zeros(self.rows, np.int32), pa.array([code]))

    def _header_currency(self) -> str | None:
        for choice in self.mapping.choices:
            if choice.field in ("amount", "total", "line_amount", "unit_price", "spend", "refund"):
                n = normal(choice.column)
                for part in (*n.inside.replace("/", " ").split(), *n.tokens[-1:], *n.tokens[:1]):
                    code = (
                        currency_code(part.removeprefix("+").removeprefix("-"), self.company.currency)
                        if len(part) < 5
                        else None
                    )
                    if code:
                        return code
        return None

    def _country_currency(self) -> str | None:
        """When at least four rows in five are of one country, its currency."""
        if not self.has("country") or self.company.currency is None:
            self.notes.setdefault("currency_assumed", self.company.currency)
            return None
        cells = self.cells("country")
        known = cells.codes[cells.codes >= 0]
        if len(known):
            counts = np.bincount(known)
            top = int(counts.argmax())
            found = country_of(str(cells.values[top].as_py()))
            if found and counts[top] >= 0.8 * len(known):
                self.notes["currency_from_country"] = found[1]
                return found[1]
        self.notes.setdefault("currency_assumed", self.company.currency)
        return None

    def reject(self, wrong: np.ndarray, code: str, name: str = "") -> None:
        """Set rows aside; ``name`` is the field whose cell goes into the detail."""
        wrong = wrong & self.used
        if not wrong.any():
            return
        self.used &= ~wrong
        at = np.flatnonzero(wrong)
        details = self.cells(name).take(at).text().to_pylist() if name else [""] * len(at)
        rows = self.sheet.table.take(pa.array(at)).to_pylist()
        for i, row, detail in zip(at, rows, details, strict=True):
            self.aside.append(Aside(int(self.sheet.rows[i]), code, detail or "", tuple(v or "" for v in row.values())))


def _glued(days: Cells, clocks: Cells) -> Cells:
    texts = [
        f"{d} {c}" if d and c else d for d, c in zip(days.text().to_pylist(), clocks.text().to_pylist(), strict=True)
    ]
    return Cells.of(pa.array(texts, pa.string()))
