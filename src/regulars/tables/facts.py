"""The tables of facts, which only accumulate."""

from __future__ import annotations

from regulars.tables.shape import DAY, FLAG, INT, REAL, SMALL, TEXT, TIME, Column, Table


def _fact(*own: Column, by: str) -> tuple[Column, ...]:
    """The columns every fact carries, in front of its own."""
    return (
        Column("source", TEXT, "name", "where the row came from", by, "measure.kpis", True),
        Column("id", TEXT, "id", "the row's natural id within its source", by, "lake", True),
        Column("revision", SMALL, "count", "0 at first, +1 at each correction", by, "lake", True),
        Column("recorded_at", TIME, "UTC", "when we stored it", by, "lake", True),
        *own,
    )


def _customer(by: str, to: str, required: bool = False) -> Column:
    return Column("customer", TEXT, "key", "surrogate key of the person", by, to, required)


def _when(by: str, to: str) -> tuple[Column, Column]:
    return (
        Column("at", TIME, "UTC", "when it happened", by, to, True),
        Column("day", DAY, "company day", "the day in the company's zone", by, to, True),
    )


def _where(by: str) -> tuple[Column, Column]:
    return (
        Column("channel", TEXT, "name", "channel it came through", by, "measure.channels"),
        Column("market", TEXT, "name", "slice of demand: country, region or industry", by, "measure.kpis"),
    )


def _money(by: str, to: str, meaning: str) -> tuple[Column, Column]:
    return (
        Column("amount", INT, "minor units", meaning, by, to, True),
        Column("currency", TEXT, "ISO 4217", "currency of the amount", by, to, True),
    )


ORDERS = Table(
    "orders",
    "One row per order, refund or correction; the signed amounts add up to money received.",
    ("source", "id", "revision", "kind"),
    _fact(
        _customer("collect", "understand.rfm"),
        *_when("collect", "understand.rfm"),
        Column(
            "kind",
            TEXT,
            "sale|refund|void",
            "a refund is money going back; a void cancels a row of ours",
            "collect",
            "measure.kpis",
            True,
        ),
        Column(
            "status", TEXT, "paid|unpaid|cancelled", "only paid sales count as orders", "collect", "measure.kpis", True
        ),
        *_money("collect", "understand.clv", "money received: sales > 0, refunds < 0, unpaid 0"),
        Column(
            "ordered", INT, "minor units", "what the customer ordered, paid or not", "collect", "measure.kpis", True
        ),
        *_where("collect"),
        by="collect",
    ),
    True,
)

ORDER_LINES = Table(
    "order_lines",
    "One row per product on an order.",
    ("source", "id", "revision", "kind"),
    _fact(
        Column("order_id", TEXT, "id", "id of the order within its source", "collect", "understand.affinity", True),
        _customer("collect", "understand.affinity"),
        *_when("collect", "understand.affinity"),
        Column("kind", TEXT, "sale|refund|void", "as in orders", "collect", "measure.kpis", True),
        Column("product", TEXT, "sku", "product code", "collect", "understand.affinity", True),
        Column(
            "goods",
            FLAG,
            "true|false",
            "false for postage, fees, bank charges, adjustments",
            "collect",
            "understand.affinity",
            True,
        ),
        Column("quantity", REAL, "units", "signed: negative on refunds", "collect", "understand.affinity", True),
        *_money("collect", "measure.kpis", "signed line amount"),
        by="collect",
    ),
    True,
)

SUBSCRIPTIONS = Table(
    "subscriptions",
    "One row per change of a contract: start, renewal, upgrade, downgrade, cancel.",
    ("source", "id", "revision", "kind"),
    _fact(
        Column("contract", TEXT, "id", "id of the contract", "collect", "understand.churn", True),
        _customer("collect", "understand.churn"),
        *_when("collect", "understand.churn"),
        Column(
            "kind",
            TEXT,
            "start|renewal|upgrade|downgrade|cancel|void",
            "what changed",
            "collect",
            "understand.churn",
            True,
        ),
        Column("plan", TEXT, "name", "the plan after the change", "collect", "understand.churn"),
        Column("months", SMALL, "months", "length of one period", "collect", "understand.churn"),
        *_money("collect", "understand.clv", "price of one period after the change"),
        *_where("collect"),
        by="collect",
    ),
    True,
)

EVENTS = Table(
    "events",
    "What people did: sign-up, login, page, feature used.",
    ("source", "id", "revision"),
    _fact(
        _customer("collect", "measure.kpis"),
        *_when("collect", "measure.kpis"),
        Column("name", TEXT, "name", "what happened, e.g. signed_up", "collect", "measure.kpis", True),
        Column("value", REAL, "as named", "a number that goes with it", "collect", "measure.kpis"),
        *_where("collect"),
        by="collect",
    ),
    True,
)

TOUCHES = Table(
    "touches",
    "Any contact on the way to an order.",
    ("source", "id", "revision"),
    _fact(
        _customer("collect", "measure.attribution"),
        *_when("collect", "measure.attribution"),
        Column(
            "kind",
            TEXT,
            "visit|click|impression|message|call|event|referral",
            "kind of contact",
            "collect",
            "measure.attribution",
            True,
        ),
        Column("campaign", TEXT, "name", "campaign it belongs to", "collect", "measure.attribution"),
        Column("referrer", TEXT, "key", "customer who brought this one", "collect", "understand.network"),
        *_where("collect"),
        by="collect",
    ),
    True,
)

SPEND = Table(
    "spend",
    "Marketing money per channel and day (a weekly figure rests on its first day).",
    ("source", "id", "revision"),
    _fact(
        *_when("collect", "measure.mix_weeks"),
        Column(
            "days", SMALL, "days", "how many days the figure covers: 1, 7, 28-31", "collect", "measure.mix_weeks", True
        ),
        Column("campaign", TEXT, "name", "campaign", "collect", "measure.channels"),
        *_money("collect", "measure.mix_weeks", "money spent"),
        Column("impressions", REAL, "count", "times shown", "collect", "measure.mix_weeks"),
        Column("clicks", REAL, "count", "times clicked", "collect", "measure.mix_weeks"),
        *_where("collect"),
        by="collect",
    ),
    True,
)

USAGE = Table(
    "usage",
    "What a customer consumed, per day and meter.",
    ("source", "id", "revision"),
    _fact(
        _customer("collect", "understand.churn"),
        *_when("collect", "understand.churn"),
        Column("meter", TEXT, "name", "e.g. gpu_seconds, api_calls", "collect", "decide.resources", True),
        Column("quantity", REAL, "of the meter", "how much", "collect", "decide.resources", True),
        by="collect",
    ),
    True,
)

MESSAGES = Table(
    "messages",
    "One row per change of state of a message we sent, held back or were denied.",
    ("source", "id", "revision"),
    _fact(
        Column("message", TEXT, "id", "id of the message in the book", "act", "measure.experiments", True),
        _customer("act", "measure.experiments", True),
        *_when("act", "measure.experiments"),
        Column(
            "state",
            TEXT,
            "sent|holdout|denied|failed|unknown|sandboxed|bounced|unsubscribed",
            "what became of it",
            "act",
            "measure.experiments",
            True,
        ),
        Column("reason", TEXT, "code", "why the gate denied it or it failed", "act", "web"),
        Column("plan", TEXT, "id", "plan it belongs to", "act", "measure.experiments"),
        Column("action", TEXT, "code", "what we offered, e.g. win_back", "act", "measure.experiments"),
        *_where("act"),
        by="act",
    ),
    True,
)

FEEDBACK = Table(
    "feedback",
    "Scores customers gave and how fast we answered; the text stays in the book.",
    ("source", "id", "revision"),
    _fact(
        _customer("collect", "measure.kpis"),
        *_when("collect", "measure.kpis"),
        Column("kind", TEXT, "csat|nps|review|ticket", "what was asked", "collect", "measure.kpis", True),
        Column("score", REAL, "csat 1-5, nps 0-10, review 1-5", "the answer", "collect", "measure.kpis"),
        Column("first_response_s", REAL, "seconds", "until the first answer", "collect", "measure.kpis"),
        Column("resolution_s", REAL, "seconds", "until solved", "collect", "measure.kpis"),
        *_where("collect"),
        by="collect",
    ),
    True,
)
