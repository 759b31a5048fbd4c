"""Which kind of table a sheet is, and the field of each of its columns."""

from __future__ import annotations

import re
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
_TRADE: Final = {
    "order_id": 3.0, "amount": 2.5, "total": 2.5, "line_amount": 1.5, "paid_at": 2.0, "ordered_at": 1.5, "refund": 1.5,
    "status": 0.8, "payment_method": 1.0, "direction": 2.0, "sku": 1.5, "product_title": 1.0, "quantity": 1.5,
    "unit_price": 2.0, "shipping_fee": 1.0, "tax": 0.7, "discount": 0.7, "refund_status": 1.0, "line_id": 1.0,
    "customer_id": 0.5, "currency": 0.5, "expense": 1.0, "subtotal": 0.7, "fee": 0.5,
}  # fmt: skip
_WEIGHTS: Final[dict[str, dict[str, float]]] = {
    "orders": _TRADE,
    "people": {
        "email": 2.0, "phone": 2.0, "name": 1.5, "first_name": 1.5, "last_name": 1.5, "customer_id": 1.5,
        "wechat_id": 2.0, "company": 1.0, "market": 0.5, "website": 0.4, "birthday": 1.0, "consent_email": 1.0, "consent_no": 1.0, "tags": 0.7,
        "created_at": 1.0, "channel": 0.7, "stage": 1.0, "job_title": 0.7, "city": 0.4, "country": 0.4, "gender": 0.7,
        "address": 0.4, "postal_code": 0.3, "region": 0.3, "language": 0.5, "consent_at": 0.7, "name_prefix": 0.5,
        "middle_name": 0.5,
    },
    "spend": {"at": 1.5, "spend": 3.0, "impressions": 2.5, "clicks": 2.0, "campaign": 1.5, "channel": 1.0,
              "conversions": 0.7, "revenue": 0.3, "until": 0.7},
    "events": {"at": 1.5, "event": 3.5, "session": 1.5, "event_id": 1.5, "value": 0.5, "customer_id": 1.0, "page": 1.0,
               "email": 0.5},
    "feedback": {"score": 3.0, "text": 2.0, "at": 1.0, "subject": 1.5, "feedback_id": 1.5, "first_answered_at": 2.0,
                 "first_response_s": 2.0, "solved_at": 2.0, "resolution_s": 2.0, "kind": 1.0, "status": 0.5},
    "subscriptions": {"contract": 2.5, "plan": 2.5, "months": 1.5, "started_at": 1.5, "ended_at": 1.5,
                      "cancelled_at": 1.5, "amount": 1.0, "kind": 0.7, "status": 0.7, "tenure": 2.0, "customer_id": 0.7},
    "deals": {"deal_id": 2.0, "deal_title": 1.5, "stage": 2.5, "amount": 1.5, "opened_at": 1.0, "closed_at": 2.0,
              "probability": 2.0, "expected_at": 2.0, "lost_reason": 2.0, "pipeline": 2.0, "owner": 1.2, "company": 0.5,
              "deal_type": 0.7, "lost_at": 1.0},
}  # fmt: skip
# What a kind cannot do without: one of each group.
_NEEDS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "orders": (
        ("paid_at", "ordered_at", "finished_at"),
        ("amount", "total", "line_amount", "unit_price", "subtotal", "expense"),
    ),
    "people": (("email", "phone", "name", "first_name", "last_name", "customer_id", "wechat_id", "company"),),
    "spend": (("at",), ("spend",)),
    "events": (("at",), ("event",)),
    "feedback": (("score", "text", "solved_at", "resolution_s"), ("at", "customer_id", "email", "feedback_id")),
    "subscriptions": (("contract", "plan"), ("started_at", "cancelled_at", "ended_at", "at", "tenure")),
    "deals": (
        ("stage", "closed_at", "lost_at", "probability"),
        ("deal_id", "deal_title", "amount", "opened_at", "expected_at"),
    ),
}


# Fields that together leave no doubt.
_PROOFS: Final[dict[str, tuple[tuple[tuple[str, ...], float], ...]]] = {
    "orders": ((("order_id", "amount"), 6.0), (("order_id", "total"), 6.0), (("order_id", "unit_price", "quantity"), 6.0),
               (("direction", "ordered_at"), 6.0), (("order_id", "line_id"), 3.0)),
    "deals": ((("stage", "closed_at"), 4.0), (("deal_id", "stage"), 4.0), (("deal_title", "stage"), 4.0)),
    "spend": ((("at", "spend", "clicks"), 4.0), (("at", "spend", "impressions"), 4.0), (("at", "spend", "campaign"), 4.0)),
    "subscriptions": ((("contract", "started_at"), 4.0), (("plan", "started_at", "ended_at"), 4.0)),
    "feedback": ((("score", "text"), 4.0), (("feedback_id", "status", "at"), 4.0)),
    "events": ((("event", "at", "customer_id"), 4.0), (("event", "at", "email"), 4.0)),
}  # fmt: skip


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
    weights = _WEIGHTS[kind]
    best = {c.field: c.confidence for c in sorted(choices, key=lambda c: c.confidence) if c.field}
    total = sum(weights.get(f, 0.0) * s for f, s in best.items())
    missing = sum(not any(f in best for f in group) for group in _NEEDS[kind])
    total *= 0.35**missing
    for proof, worth in _PROOFS.get(kind, ()):
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
            field, sure = "email", p.email
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
        raise ImportProblem("kind_unknown", what=f"There is no kind {wanted!r}", where=sheet.name,
                            remedy="Use one of: " + ", ".join(KINDS), kind=wanted)  # fmt: skip
    family = "orders" if wanted == "order_lines" else wanted
    kind, score, choices, platform = next((r for r in ranking if r[0] == family), ranking[0])
    if family is None and score < 1.5 and not wishes.columns:
        raise ImportProblem(
            "kind_unclear", what="The kind of this table cannot be told from its columns: " + ", ".join(sheet.header[:12]),
            where=sheet.name, remedy="Say what it is (--as orders, people, spend, ...) or map the columns by hand.",
        )  # fmt: skip
    if kind == "spend":
        choices = _widened(sheet, choices)
    name = wanted or ("order_lines" if kind == "orders" and has_lines(choices) else kind)
    mapping = Mapping(name, choices, {}, platform.name if platform else "", tuple((k, s) for k, s, _, _ in ranking))
    wishes = _tidied(wishes, sheet)
    lost = [c for c in wishes.columns if c not in sheet.header]
    if lost:
        raise ImportProblem("column_missing", what="The file has no column " + ", ".join(repr(c) for c in lost),
                            where=sheet.name, remedy="Columns are: " + ", ".join(sheet.header))  # fmt: skip
    return mapping.changed(wishes.columns, wishes.constants)
