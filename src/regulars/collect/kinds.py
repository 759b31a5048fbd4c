"""Which kind of table a sheet is, and the field of each of its columns."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from regulars.collect import platforms
from regulars.collect.fields import KINDS, MANY, fields_of, value_of
from regulars.collect.headers import Match, matches, normal
from regulars.collect.mapping import Choice, Mapping, Wishes
from regulars.collect.problems import ImportProblem
from regulars.collect.profile import Profile, fits, profile
from regulars.collect.wide import wide_columns
from regulars.collect.words import words

if TYPE_CHECKING:
    from regulars.collect.sheet import Sheet

_SURE: Final = 0.5


@dataclass(frozen=True)
class Signs:
    """How a kind is told: weights of fields, groups of which one is needed, and proofs with their worth."""

    weights: dict[str, float]
    needs: tuple[tuple[str, ...], ...]
    proofs: tuple[tuple[tuple[str, ...], float], ...]


@lru_cache(maxsize=1)
def signs() -> dict[str, Signs]:
    """The signs of every kind, from ``kinds.toml``.

    >>> signs()["spend"].needs
    (('at',), ('spend',))
    """
    text = (files("regulars.collect") / "kinds.toml").read_text("utf-8")
    return {
        kind: Signs(
            {f: float(w) for w, names in body["weights"] for f in names.split()},
            tuple(tuple(group.split()) for group in body["needs"]),
            tuple((tuple(names.split()), float(worth)) for worth, names in body["proofs"]),
        )
        for kind, body in tomllib.loads(text).items()
    }


def assign(sheet: Sheet, kind: str, platform: platforms.Platform | None = None) -> tuple[tuple[Choice, ...], float]:
    """Give each column its field for one kind of table, and say how well the table fits the kind."""
    overrides = {normal(h).key: f for h, f in platform.fields.items()} if platform else {}
    profiles: dict[int, Profile] = {}
    offers: list[tuple[float, int, Match, str]] = []
    for i, header in enumerate(sheet.header):
        if normal(header).key in overrides:
            field = overrides[normal(header).key]
            offers.append((2.0, i, Match(field, 1.0, f"platform_{platform.name}" if platform else "", header), ""))
            continue
        for match in matches(header, kind):
            if i not in profiles:
                profiles[i] = profile(sheet, i)
            factor, seen = fits(value_of(match.field), profiles[i])
            offers.append((match.score * factor, i, match, seen))
    offers.sort(key=lambda o: -o[0])
    taken: dict[int, Choice] = {}
    used: set[str] = set()
    also: dict[int, str] = {}
    for score, i, match, seen in offers:
        if i in taken or score < _SURE:
            continue
        if match.field in used and (match.field not in MANY or match.why in ("part", "alike")):
            also.setdefault(i, match.field)
            continue
        used.add(match.field)
        why = match.why if not seen or seen in ("values_fit", "no_values") else f"{match.why};{seen}"
        taken[i] = Choice(sheet.header[i], match.field, why, round(min(1.0, score), 3), sheet.sample(i))
    _by_value(sheet, kind, taken, used, profiles)
    _province(sheet, taken, used)
    choices = tuple(
        taken.get(i) or Choice(h, None, f"also={also[i]}" if i in also else "no_match", 0.0, sheet.sample(i))
        for i, h in enumerate(sheet.header)
    )
    told = signs()[kind]
    best = {c.field: c.confidence for c in sorted(choices, key=lambda c: c.confidence) if c.field}
    total = sum(told.weights.get(f, 0.0) * s for f, s in best.items())
    missing = sum(not any(f in best for f in group) for group in told.needs)
    total *= 0.35**missing
    for proof, worth in told.proofs:
        total += worth * all(best.get(f, 0.0) >= 0.85 for f in proof)
    return choices, total


def _by_value(sheet: Sheet, kind: str, taken: dict[int, Choice], used: set[str], profiles: dict[int, Profile]) -> None:
    """Columns whose header says nothing but whose values can only be e-mail addresses or dates."""
    date_field = {
        "orders": "ordered_at",
        "deals": "opened_at",
        "people": "created_at",
        "subscriptions": "started_at",
    }.get(kind, "at")
    dates = {c.field for c in taken.values() if c.field and value_of(c.field) == "date" and c.field != "birthday"}
    for i, header in enumerate(sheet.header):
        if i in taken:
            continue
        p = profiles.get(i) or profile(sheet, i)
        if p.count and p.email >= 0.8 and "email" not in used and "email" in fields_of(kind):
            field, sure = "email", 1.3 * p.email
        elif (
            p.count
            and p.phone >= 0.95
            and 7 <= p.length <= 16
            and p.date < 0.5
            and not {"phone", "order_id"} & used
            and kind == "people"
        ):
            field, sure = "phone", p.phone
        elif p.count and p.date >= 0.95 and p.bare_number_dates < 0.2 and not dates and kind != "people":
            field, sure = date_field, p.date
            dates.add(field)
        else:
            continue
        used.add(field)
        taken[i] = Choice(header, field, f"values_{value_of(field)}", round(0.6 * sure, 3), sheet.sample(i))


def _province(sheet: Sheet, taken: dict[int, Choice], used: set[str]) -> None:
    """An address that is only ever a province is the region."""
    for i, choice in list(taken.items()):
        if choice.field == "address" and "region" not in used:
            values = [
                re.sub(r"(?:省|市|壮族|回族|维吾尔|自治区|特别行政区)+$", "", v)
                for v in sheet.cells(i).values.slice(0, 60).to_pylist()
            ]
            if values and sum(v in words("provinces") for v in values) >= 0.8 * len(values):
                taken[i] = Choice(choice.column, "region", "values_provinces", 0.9, choice.samples)
                used.add("region")


def rank(sheet: Sheet) -> list[tuple[str, float, tuple[Choice, ...], platforms.Platform | None]]:
    """Every kind with its score and choices, best first; ``order_lines`` shares the score of ``orders``."""
    platform = platforms.recognise(sheet.header)
    out = []
    for kind in KINDS:
        if kind == "order_lines":
            continue
        mine = platform if platform and platform.kind == kind else None
        choices, score = assign(sheet, kind, mine)
        wide = wide_columns(sheet) if kind == "spend" else {}
        if wide:
            score = max(score, 5.0 + len(wide))
        out.append((kind, round(score * (1.5 if mine else 1.0), 3), choices, mine))
    return sorted(out, key=lambda r: -r[1])


def _widened(sheet: Sheet, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """Give the columns of a wide table their measure; the reason names the channel."""
    of = {i: (channel, measure) for channel, measures in wide_columns(sheet).items() for measure, i in measures.items()}
    return tuple(
        Choice(c.column, of[i][1], f"channel={of[i][0]}", 0.9, c.samples) if i in of and c.field != "at" else c
        for i, c in enumerate(choices)
    )


def has_lines(choices: tuple[Choice, ...]) -> bool:
    """Whether rows are products of orders rather than whole orders."""
    fields = {c.field for c in choices}
    return (
        bool(fields & {"sku", "product_title"})
        and bool(fields & {"unit_price", "line_amount"})
        and "direction" not in fields
    )


def _tidied(wishes: Wishes, sheet: Sheet) -> Wishes:
    """Column names as the sheet has them: without blanks around."""
    by_name = {" ".join(h.split()): h for h in sheet.header}
    return Wishes(
        wishes.kind, {by_name.get(" ".join(c.split()), c): f for c, f in wishes.columns.items()}, wishes.constants
    )


def recognise(sheet: Sheet, wishes: Wishes, as_kind: str | None = None) -> Mapping:
    """Recognise the kind of table and map its columns; the owner's wishes go first.

    Raises ``ImportProblem`` when no kind fits.
    """
    ranking = rank(sheet)
    wanted = as_kind or wishes.kind
    if wanted is not None and wanted not in KINDS:
        raise ImportProblem(
            "kind_unknown",
            what=f"There is no kind {wanted!r}",
            where=sheet.name,
            remedy="Use one of: " + ", ".join(KINDS),
            kind=wanted,
        )
    family = "orders" if wanted == "order_lines" else wanted
    kind, score, choices, platform = next((r for r in ranking if r[0] == family), ranking[0])
    if family is None and score < 1.5 and not wishes.columns:
        raise ImportProblem(
            "kind_unclear",
            what="The kind of this table cannot be told from its columns: " + ", ".join(sheet.header[:12]),
            where=sheet.name,
            remedy="Say what it is (--as orders, people, spend, ...) or map the columns by hand.",
        )
    if kind == "spend":
        choices = _widened(sheet, choices)
    name = wanted or ("order_lines" if kind == "orders" and has_lines(choices) else kind)
    mapping = Mapping(name, choices, {}, platform.name if platform else "", tuple((k, s) for k, s, _, _ in ranking))
    wishes = _tidied(wishes, sheet)
    lost = [c for c in wishes.columns if c not in sheet.header]
    if lost:
        raise ImportProblem(
            "column_missing",
            what="The file has no column " + ", ".join(repr(c) for c in lost),
            where=sheet.name,
            remedy="Columns are: " + ", ".join(sheet.header),
        )
    return mapping.changed(wishes.columns, wishes.constants)
