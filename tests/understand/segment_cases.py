"""Random rules, people and facts, and what a rule means, spelled out row by row: the truth the engines are held to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
from hypothesis import strategies as st

from regulars import tables
from regulars.understand.segment_facts import FACTS
from regulars.understand.segment_parser import parse
from regulars.understand.segment_rules import All, AnyOf, Measured, Not, Person, Score

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = NOW.date()
WHO = ("ann", "bob", "cai", "dee", "eve")
CURRENCY = "CNY"

# --- rules ----------------------------------------------------------------------------

numbers = st.sampled_from([0, 1, 2, 3, 5, 100, 250, 2.5, -1])
whole = st.sampled_from([0, 1, 2, 100, 300, -100])
OPS = ("at_least", "at_most", "more_than", "less_than", "is", "is_not", "between")
windows = st.one_of(
    st.just({}),
    st.builds(lambda d: {"window": {"days": d}}, st.integers(1, 12)),
    st.builds(lambda d, a: {"window": {"days": d, "ago": a}}, st.integers(1, 8), st.integers(0, 6)),
    st.builds(lambda a: {"window": {"ago": a}}, st.integers(1, 6)),
    st.builds(lambda a, n: {"window": {"since": str(TODAY - timedelta(a + n)), "until": str(TODAY - timedelta(a))}},
              st.integers(-3, 6), st.integers(0, 6)),
)  # fmt: skip
WHERE = {
    "orders": {"channel": ["web", "shop"]}, "products": {"product": ["tea", "cup"]}, "units": {"product": ["tea"]},
    "events": {"name": ["login", "open"]}, "touches": {"kind": ["visit", "click"]},
    "messages": {"state": ["sent", "failed"]}, "feedback": {"kind": ["csat", "nps"]},
    "contracts": {"plan": ["pro", "free"]}, "contract_changes": {"kind": ["start", "cancel"]},
    "usage": {"meter": ["gpu"]},
}  # fmt: skip


@st.composite
def compared(draw, values=numbers, ops=OPS):
    op = draw(st.sampled_from(ops))
    value = sorted((draw(values), draw(values))) if op == "between" else draw(values)
    return {"op": op, "value": value}


@st.composite
def measured(draw, facts=tuple(FACTS)):
    name = draw(st.sampled_from(facts))
    fact = FACTS[name]
    measure = draw(st.sampled_from(fact.measures))
    where = {}
    for column, words in WHERE.get(name, {}).items():
        if column in fact.needs or draw(st.booleans()):
            where[column] = draw(st.sampled_from(words))
    window = {} if measure == "running" else draw(windows)
    values = whole if fact.kind(measure) == "money" else numbers
    return {"fact": name, "measure": measure, **draw(compared(values)), **window, **({"where": where} if where else {})}


@st.composite
def traits(draw):
    which = draw(st.sampled_from(["text", "own", "tags", "flag", "created", "score", "class"]))
    texts = st.sampled_from(["Berlin", "上海", "Ber", "in"])
    if which == "text":
        op = draw(st.sampled_from(["is", "is_not", "one_of", "none_of", "contains", "starts_with", "known", "unknown"]))
        value = {"value": draw(st.lists(texts, min_size=1, max_size=3)) if op.endswith("of") else draw(texts)}
        return {"person": "city", "op": op, **({} if op in ("known", "unknown") else value)}
    if which == "own":
        return {"person": "fields.size", **draw(compared())}
    if which == "tags":
        op = draw(st.sampled_from(["has", "has_not", "known", "unknown"]))
        return {"person": "tags", "op": op, **({} if "known" in op else {"value": draw(st.sampled_from(["vip", "b"]))})}
    if which == "flag":
        return {"person": "email_ok", "op": "is", "value": draw(st.booleans())}
    if which == "created":
        return {"person": "created", **draw(compared())}
    if which == "class":
        return {"score": "activity", "op": draw(st.sampled_from(["is", "is_not"])), "value": "dormant"}
    return {"score": "clv", **draw(compared(whole))}


def groups(leaves):
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(lambda r: {"all": r}, st.lists(inner, min_size=1, max_size=3)),
            st.builds(lambda r: {"any": r}, st.lists(inner, min_size=1, max_size=3)),
            st.builds(lambda r: {"not": r}, inner),
        ),
        max_leaves=5,
    )


rules = groups(st.one_of(measured(), measured(), traits()))

# --- people and facts -----------------------------------------------------------------


@st.composite
def people(draw, who=WHO):
    return [
        {
            "customer": key, "city": draw(st.sampled_from(["Berlin", "上海", "", None])),
            "fields.size": draw(st.sampled_from(["1", " 2.5 ", "big", "", None, "1e2"])),
            "tags": draw(st.sampled_from([None, [], ["vip"], ["a", "b"]])),
            "email_ok": draw(st.sampled_from([True, False, None])),
            "created_at": draw(st.sampled_from([None, *(NOW - timedelta(days=d) for d in (0, 1, 2, 5))])),
            "score.activity": draw(st.sampled_from([None, "", "dormant", "active"])),
            "score.clv": draw(st.sampled_from([None, 0, 100, 300])),
        }
        for key in who
    ]  # fmt: skip


PEOPLE = pa.schema([
    ("customer", pa.string()), ("city", pa.string()), ("fields.size", pa.string()), ("tags", pa.list_(pa.string())),
    ("email_ok", pa.bool_()), ("created_at", pa.timestamp("us", tz="UTC")), ("score.activity", pa.string()),
    ("score.clv", pa.int64()),
])  # fmt: skip


def people_table(rows):
    return pa.Table.from_pylist(rows, schema=PEOPLE)


@st.composite
def fact(draw, table, number, who=WHO, latest=3):
    day = TODAY - timedelta(days=draw(st.integers(-latest, 14)))
    at = datetime(day.year, day.month, day.day, draw(st.integers(0, 2)), tzinfo=UTC)
    row = {"source": "s", "id": f"{number:04d}", "revision": 0, "recorded_at": at, "at": at, "day": day,
           "customer": draw(st.sampled_from([*who, None]))}  # fmt: skip
    pick = lambda *options: draw(st.sampled_from(options))  # noqa: E731
    money = {"amount": pick(100, 200, 300), "currency": pick(CURRENCY, CURRENCY, "USD")}
    own = {
        "orders": lambda: _order(pick, money),
        "order_lines": lambda: {"order_id": "o", "kind": "sale", "product": pick("tea", "cup"), "quantity": 1.5,
                                "goods": pick(True, True, False), **money},
        "subscriptions": lambda: {"contract": pick("c1", "c2"), "kind": pick("start", "renewal", "cancel"),
                                  "plan": pick("pro", "free", None), **money},
        "events": lambda: {"name": pick("login", "open"), "value": pick(None, 1.0, 2.5)},
        "touches": lambda: {"kind": pick("visit", "click")},
        "usage": lambda: {"meter": pick("gpu", "cpu"), "quantity": pick(0.5, 2.0)},
        "messages": lambda: {"message": "m", "state": pick("sent", "failed"), "customer": row["customer"] or "ann"},
        "feedback": lambda: {"kind": pick("csat", "nps"), "score": pick(None, 1.0, 2.0, 5.0)},
    }  # fmt: skip
    return row | own[table]()


def _order(pick, money):
    kind, status, sign = pick(("sale", "paid", 1), ("sale", "paid", 1), ("refund", "paid", -1), ("sale", "unpaid", 0))
    return {"kind": kind, "status": status, "amount": sign * money["amount"], "currency": money["currency"],
            "ordered": money["amount"], "channel": pick("web", "shop", None)}  # fmt: skip


NAMES = ("orders", "order_lines", "subscriptions", "events", "touches", "usage", "messages", "feedback")


@st.composite
def facts(draw, most=6):
    found = {}
    for table in NAMES:
        found[table] = [draw(fact(table, n)) for n in range(draw(st.integers(0, most)))]
    return found


def fact_tables(rows):
    return {name: pa.Table.from_pylist(some, schema=tables.TABLES[name].schema) for name, some in rows.items()}


# --- what a rule means ------------------------------------------------------------------


def holds(rule, person, facts, today: date = TODAY) -> bool:
    """One rule for one person, read straight from the documentation."""
    if isinstance(rule, All):
        return all(holds(r, person, facts, today) for r in rule.rules)
    if isinstance(rule, AnyOf):
        return any(holds(r, person, facts, today) for r in rule.rules)
    if isinstance(rule, Not):
        return not holds(rule.rule, person, facts, today)
    if isinstance(rule, Measured):
        return fits(rule.op, measure(rule, person["customer"], facts, today), rule.value)
    return fits(rule.op, *about(rule, person, today))


def about(leaf, person, today):
    if isinstance(leaf, Score):
        return person[f"score.{leaf.name}"], leaf.value
    assert isinstance(leaf, Person)
    if leaf.name == "created":
        return (person["created_at"] and (today - person["created_at"].date()).days), leaf.value
    value = person[leaf.name]
    if leaf.name == "fields.size" and not isinstance(leaf.value, str):
        try:
            value = float(value or "")
        except ValueError:
            value = None
    return value, leaf.value


def fits(op, value, wanted) -> bool:
    if op in ("is_not", "none_of", "has_not", "unknown"):
        return not fits({"is_not": "is", "none_of": "one_of", "has_not": "has", "unknown": "known"}[op], value, wanted)
    if op == "known":
        return bool(value)
    if value is None:
        return False
    return {
        "at_least": lambda: value >= wanted, "at_most": lambda: value <= wanted, "more_than": lambda: value > wanted,
        "less_than": lambda: value < wanted, "is": lambda: value == wanted,
        "between": lambda: wanted[0] <= value <= wanted[1], "one_of": lambda: value in wanted,
        "contains": lambda: wanted in value, "starts_with": lambda: value.startswith(wanted),
        "has": lambda: wanted in value,
    }[op]()  # fmt: skip


def measure(leaf, customer, facts, today):
    """A measure of one customer."""
    first, last = date.min, today - timedelta(days=leaf.window.ago)
    if leaf.window.days is not None:
        first = last - timedelta(days=leaf.window.days - 1)
    first = max(first, leaf.window.since or date.min)
    last = min(last, leaf.window.until or date.max)
    rows = [r for r in facts[FACTS[leaf.fact].table] if r["customer"] == customer and first <= r["day"] <= last]
    if leaf.measure == "running":
        contracts = {}
        for r in sorted(rows, key=lambda r: (r["at"], r["kind"] == "cancel", on(r, leaf))):
            contracts[r["contract"]] = on(r, leaf)
        return sum(contracts.values())
    rows = [r for r in rows if all(r.get(c) == v for c, v in leaf.where) and counts(leaf, r)]
    if leaf.measure in ("count", "days"):
        return len(rows) if leaf.measure == "count" else len({r["day"] for r in rows})
    if leaf.measure in ("last", "first"):
        days = [(today - r["day"]).days for r in rows]
        return (min(days) if leaf.measure == "last" else max(days)) if days else None
    column = {"orders": "amount", "refunds": "amount", "products": "amount", "units": "quantity", "events": "value",
              "feedback": "score", "usage": "quantity"}[leaf.fact]  # fmt: skip
    rows = [r for r in rows if r[column] is not None and (column != "amount" or r["currency"] == CURRENCY)]
    values = [r[column] for r in rows]
    if leaf.measure == "sum":
        return sum(values) * (-1 if leaf.fact == "refunds" else 1)
    if not values:
        return None
    if leaf.measure == "latest":
        return min((r for r in rows if r["at"] == max(x["at"] for x in rows)), key=lambda r: r[column])[column]
    return {"average": sum(values) / len(values), "lowest": min(values), "highest": max(values)}[leaf.measure]


def on(row, leaf):
    return row["kind"] != "cancel" and all(row["plan"] == v for _c, v in leaf.where)


def counts(leaf, row):
    """Whether a row is what the fact speaks of."""
    paid = row.get("kind") == "sale" and row.get("status") == "paid"
    return {
        "orders": lambda: paid or (leaf.measure == "sum" and row["kind"] == "refund"),
        "refunds": lambda: row["kind"] == "refund",
        "unpaid": lambda: row["kind"] == "sale" and row["status"] == "unpaid",
        "products": lambda: row["goods"], "units": lambda: row["goods"],
    }.get(leaf.fact, lambda: True)()  # fmt: skip


def truth(rule, rows, facts, today=TODAY):
    """The members of a segment by the definition alone."""
    return sorted(p["customer"] for p in rows if holds(rule, p, facts, today))


def read(given):
    return parse(given)
