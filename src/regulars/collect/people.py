"""The distinct people of a file, told apart by their strongest identity."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from regulars.collect.canonical import PEOPLE
from regulars.collect.countries import country_of
from regulars.collect.emails import clean_email
from regulars.collect.identity import is_blocked
from regulars.collect.names import clean_name, digits_lost, full_name, is_masked
from regulars.collect.phones import clean_phone, region_of
from regulars.collect.sheet import Cells
from regulars.collect.words import words

if TYPE_CHECKING:
    from regulars.collect.columns import Columns


@dataclass(frozen=True)
class People:
    """The people table, and for each row of the file its person (-1: nobody is named)."""

    table: pa.Table
    person: np.ndarray


def is_yes(text: str) -> bool | None:
    """Read a consent cell; ``None`` when it says neither yes nor no.

    >>> is_yes("subscribed"), is_yes("否"), is_yes("pending")
    (True, False, None)
    """
    t = text.strip().casefold()
    return True if t in words("yes") else False if t in words("no") else None


def tidy_id(text: str) -> str | None:
    """An id as text, without the ".0" a spreadsheet adds; ``None`` when it stands for nobody.

    >>> tidy_id("17850.0"), tidy_id("0000"), tidy_id("A-1")
    ('17850', None, 'A-1')
    """
    t = text.strip()
    if t.endswith(".0") and t[:-2].isdigit():
        t = t[:-2]
    return None if is_blocked("external_id", t) or "*" in t or is_masked(t) or digits_lost(t) else t


def read_people(columns: Columns, *, names_are_people: bool = False, keep_fields: bool = True) -> People:
    """Find the people of a file.

    One person per external id; a row without one joins the person its WeChat id,
    e-mail or phone belongs to when that is exactly one; names never join. With
    ``names_are_people`` a row that has nothing but a name is a person of its own.
    """
    region = region_of(columns.company.zone, columns.company.language)
    external = columns.cells("customer_id").each(tidy_id)
    wechat = columns.cells("wechat_id").each(lambda t: None if is_blocked("wechat_id", t) or "*" in t else t.strip())
    emails = [c.each(clean_email) for c in columns.each("email")]
    phones = [_phones(c, columns.cells("country"), region) for c in columns.each("phone")]
    _note_unreadable(columns, "email", columns.each("email"), emails)
    _note_unreadable(columns, "phone", columns.each("phone"), phones)
    email, phone = _first(emails, columns.rows), _first(phones, columns.rows)
    usable_email = email.each(lambda t: None if is_blocked("email", t) else t)
    usable_phone = phone.each(lambda t: None if is_blocked("phone", t) else t)
    key = _keys([external.codes, wechat.codes, usable_email.codes, usable_phone.codes])
    if names_are_people:
        named = np.zeros(columns.rows, bool)
        for part in ("name", "first_name", "last_name"):
            named |= columns.cells(part).each(clean_name).codes >= 0
        alone = (key < 0) & named
        key[alone] = key.max(initial=-1) + 1 + np.arange(alone.sum())
    person, first_row = _numbered(key)
    count = len(first_row)
    pick = _Picker(person, count)
    parts = {
        p: pick.text(columns.cells(p))
        for p in ("name", "first_name", "middle_name", "last_name", "name_prefix", "name_suffix")
    }
    names = [
        full_name(f, la, m, pre, suf) or (clean_name(n) if n else None)
        for n, f, m, la, pre, suf in zip(*(parts[p] for p in
            ("name", "first_name", "middle_name", "last_name", "name_prefix", "name_suffix")), strict=True)
    ]  # fmt: skip
    created = columns.dates("created_at") if columns.has("created_at") else None
    agreed = columns.dates("consent_at") if columns.has("consent_at") else None
    agreed_at: list[int | None] = pick.earliest(agreed.at, agreed.valid) if agreed else [None] * count
    data = {
        "external_id": pick.text(external), "email": pick.text(email), "phone": pick.text(phone),
        "wechat_id": pick.text(wechat), "name": names, "consent_email": _consent(columns, pick, agreed_at),
        "created_at": pick.earliest(created.at, created.valid) if created else [None] * count,
        "consent_at": agreed_at,
        "other_emails": pick.others(emails, email), "other_phones": pick.others(phones, phone),
        "row": columns.sheet.rows[first_row],
        "fields": _fields(columns, pick) if keep_fields else [None] * count,
        **{f: pick.text(columns.cells(f)) for f in
           ("company", "city", "region", "country", "language", "zone", "channel", "market", "tags", "stage")},
    }  # fmt: skip
    arrays = [_array(data[f.name], f.type) for f in PEOPLE]
    return People(pa.table(arrays, schema=PEOPLE), person)


def read_contacts(columns: Columns) -> People:
    """The people of a list of people; rows that name nobody are set aside, unless they name a company.

    A row with nothing but a name gets an external id made of its cells, so that
    importing the file again finds the same person.
    """
    people = read_people(columns, names_are_people=True)
    columns.reject((people.person < 0) & columns.cells("company").blank, "no_identity")
    bare = pc.and_(pc.and_(pc.is_null(people.table["external_id"]), pc.is_null(people.table["email"])),
                   pc.and_(pc.is_null(people.table["phone"]), pc.is_null(people.table["wechat_id"])))  # fmt: skip
    if not pc.any(bare).as_py():
        return people
    first = {int(p): i for i, p in reversed(list(enumerate(people.person))) if p >= 0}
    seen: dict[str, int] = {}
    ids = people.table["external_id"].to_pylist()
    for p in np.flatnonzero(bare.to_numpy()):
        cells = columns.sheet.table.slice(first[int(p)], 1).to_pylist()[0]
        made = hashlib.sha256("|".join(v or "" for v in cells.values()).encode()).hexdigest()[:16]
        seen[made] = seen.get(made, 0) + 1
        ids[int(p)] = f"row:{made}" + (f"#{seen[made]}" if seen[made] > 1 else "")
    return People(people.table.set_column(0, PEOPLE.field(0), pa.array(ids, pa.string())), people.person)


def _array(values: object, kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(kind):
        return pa.array(values, pa.int64()).cast(kind)
    return pa.array(values, kind)


def _phones(cells: Cells, country: Cells, region: str) -> Cells:
    """Numbers in E.164; a row's own country goes before the company's."""
    regions = country.each(lambda t: (country_of(t) or ("",))[0] or None)
    if not len(regions.values):
        return cells.each(lambda t: clean_phone(t, region))
    both = np.where(cells.codes < 0, -1, cells.codes.astype(np.int64) * (len(regions.values) + 1) + regions.codes + 1)
    pairs, inverse = np.unique(both, return_inverse=True)
    texts, places = cells.values.to_pylist(), [*regions.values.to_pylist(), region]
    numbers = [
        None if p < 0 else clean_phone(texts[p // (len(places))], places[p % len(places) - 1]) for p in pairs.tolist()
    ]
    each = pa.array(numbers, pa.string()).dictionary_encode()
    codes = pc.fill_null(each.indices, -1).to_numpy(zero_copy_only=False)
    return Cells(codes[inverse].astype(np.int32), each.dictionary)


def _note_unreadable(columns: Columns, name: str, before: list[Cells], after: list[Cells]) -> None:
    lost = sum(int(((b.codes >= 0) & (a.codes < 0)).sum()) for b, a in zip(before, after, strict=True))
    if lost:
        columns.notes[f"unreadable_cells:{name}"] = str(lost)


def _first(columns: list[Cells], rows: int) -> Cells:
    out = Cells.nothing(rows)
    for column in columns:
        out = column if (out.codes < 0).all() else out.or_else(column)
    return out


def _keys(identities: list[np.ndarray]) -> np.ndarray:
    """A number per person: the strongest identity of a row, carried over by weaker ones that belong to one person only."""  # noqa: E501
    key: np.ndarray = np.full(len(identities[0]), -1, np.int64)
    start = 0
    for codes in identities:
        size = int(codes.max(initial=-1)) + 1
        if not size:
            continue
        both = (codes >= 0) & (key >= 0)
        owner = np.full(size, -1, np.int64)
        if both.any():
            pairs = pd.DataFrame({"v": codes[both], "k": key[both]}).drop_duplicates()
            single = pairs[~pairs["v"].duplicated(keep=False)]
            owner[single["v"].to_numpy()] = single["k"].to_numpy()
        fresh = (codes >= 0) & (key < 0)
        known = owner[codes[fresh]]
        key[fresh] = np.where(known >= 0, known, codes[fresh].astype(np.int64) + _OFFSET * (1 + start))
        start += 1
    return key


_OFFSET: Final = 1 << 40


def _numbered(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """People numbered in order of appearance, and the first row of each."""
    person: np.ndarray = np.full(len(key), -1, np.int64)
    some = np.flatnonzero(key >= 0)
    codes, _ = pd.factorize(key[some])
    person[some] = codes
    _, first = np.unique(codes, return_index=True)
    return person, some[first]


class _Picker:
    """Takes one value per person from the rows of the file: the first that is not blank."""

    def __init__(self, person: np.ndarray, count: int) -> None:
        self.person, self.count = person, count

    def position(self, filled: np.ndarray) -> np.ndarray:
        out: np.ndarray = np.full(self.count, -1, np.int64)
        at = np.flatnonzero(filled & (self.person >= 0))
        who, first = np.unique(self.person[at], return_index=True)
        out[who] = at[first]
        return out

    def text(self, cells: Cells) -> list[str | None]:
        if not len(cells.values):
            return [None] * self.count
        at = self.position(cells.codes >= 0)
        codes = np.where(at < 0, -1, cells.codes[np.maximum(at, 0)] if len(cells.codes) else -1)
        texts: list[str | None] = cells.values.take(pa.array(codes, mask=codes < 0)).to_pylist()
        return texts

    def earliest(self, at: np.ndarray, valid: np.ndarray) -> list[int | None]:
        some = valid & (self.person >= 0)
        lowest: np.ndarray = np.full(self.count, np.iinfo(np.int64).max)
        np.minimum.at(lowest, self.person[some], at[some])
        return [None if v == np.iinfo(np.int64).max else int(v) for v in lowest]

    def others(self, columns: list[Cells], taken: Cells) -> list[list[str] | None]:
        main = self.text(taken)
        out: list[list[str] | None] = [None] * self.count
        for cells in columns:
            some = (cells.codes >= 0) & (self.person >= 0)
            pairs = pd.DataFrame({"p": self.person[some], "c": cells.codes[some]}).drop_duplicates()
            values = cells.values.to_pylist()
            for p, c in zip(pairs["p"].tolist(), pairs["c"].tolist(), strict=True):
                if values[c] != main[p]:
                    mine = out[p] = out[p] or []
                    if values[c] not in mine:
                        mine.append(values[c])
        return out


def _consent(columns: Columns, pick: _Picker, agreed: list[int | None]) -> list[bool | None]:
    """Consent to e-mail: what the file says, a refusal first; a time of consent counts as yes."""
    said = [None if t is None else is_yes(t) for t in pick.text(columns.cells("consent_email"))]
    refused = [None if t is None else is_yes(t) for t in pick.text(columns.cells("consent_no"))]
    return [
        False if no else yes if yes is not None else True if when is not None else None
        for yes, no, when in zip(said, refused, agreed, strict=True)
    ]


def _fields(columns: Columns, pick: _Picker) -> list[str | None]:
    """What no column of the people table holds, as JSON by header."""
    kept = {
        "address",
        "postal_code",
        "district",
        "birthday",
        "gender",
        "job_title",
        "website",
        "owner",
        "notes",
        "company_revenue",
        "company_size",
    }
    rest = [c.column for c in columns.mapping.choices if c.field in kept or c.field in (None, "ignore")]
    out: list[dict[str, str]] = [{} for _ in range(pick.count)]
    region = region_of(columns.company.zone, columns.company.language)
    for name in ("email", "phone"):
        for column in columns.mapping.columns(name):
            lost = columns.sheet.cells(columns.position(column)).each(lambda t: _unread(t, name, region))  # noqa: B023
            for mine, value in zip(out, pick.text(lost), strict=True):
                if value is not None:
                    mine[column] = value
    for column in rest:
        for mine, value in zip(out, pick.text(columns.sheet.cells(columns.position(column))), strict=True):
            if value is not None:
                mine[column] = value
    return [json.dumps(m, ensure_ascii=False) if m else None for m in out]


def _unread(text: str, name: str, region: str) -> str | None:
    """A cell that is no address or number after all, so that it is kept as it is."""
    return None if (clean_email(text) if name == "email" else clean_phone(text, region)) else text
