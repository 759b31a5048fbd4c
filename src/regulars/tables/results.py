"""The tables the loop writes: scores, decisions, outcomes, kpis; each row says who made it, when, from what and why."""

from __future__ import annotations

from regulars.tables.shape import DAY, INT, REAL, TEXT, TIME, Column, Table

_MADE = (
    Column("made_by", TEXT, "model/version", "what computed the row", "loop", "web", True),
    Column("made_at", TIME, "UTC", "the turn's now", "loop", "web", True),
    Column("lake_version", TEXT, "version", "the lake it was computed from", "loop", "web", True),
    Column("why", TEXT, "reason codes", "codes, joined by ';', each code or code=value", "loop", "web"),
)


SCORES = Table(
    "scores",
    "What we believe about one customer, with an interval and reasons.",
    ("customer", "name", "made_at"),
    (
        Column("customer", TEXT, "key", "surrogate key of the person", "understand", "decide.next_best", True),
        Column(
            "name",
            TEXT,
            "name",
            "which score, e.g. clv, churn, activity, segment",
            "understand",
            "decide.next_best",
            True,
        ),
        Column("value", REAL, "as named", "the estimate", "understand", "decide.next_best"),
        Column("low", REAL, "as named", "lower end of the 90 % interval", "understand", "web"),
        Column("high", REAL, "as named", "upper end of the 90 % interval", "understand", "web"),
        Column("label", TEXT, "key", "the word, where the score is a class", "understand", "decide.next_best"),
        *_MADE,
    ),
    False,
)

DECISIONS = Table(
    "decisions",
    "What a plan proposes: money per channel, the next best action per customer.",
    ("id",),
    (
        Column("id", TEXT, "id", "plan id and row", "decide", "web", True),
        Column("plan", TEXT, "id", "plan", "decide", "measure.experiments", True),
        Column(
            "kind",
            TEXT,
            "budget|next_best|resource|mode|partner|schedule|arm|test",
            "kind of decision",
            "decide",
            "act",
            True,
        ),
        Column("customer", TEXT, "key", "surrogate key of the person", "decide", "act"),
        Column("subject", TEXT, "name", "channel for a budget, action code for a person", "decide", "act", True),
        Column("channel", TEXT, "name", "channel to act through", "decide", "act"),
        Column("today", REAL, "minor units a week", "what is spent now", "decide", "web"),
        Column("proposed", REAL, "minor units a week", "what the plan spends", "decide", "web"),
        Column("value", REAL, "minor units", "expected gain of doing it, cost paid", "decide", "measure.experiments"),
        Column("low", REAL, "minor units", "lower end of the 90 % interval", "decide", "web"),
        Column("high", REAL, "minor units", "upper end of the 90 % interval", "decide", "web"),
        *_MADE,
    ),
    False,
)

OUTCOMES = Table(
    "outcomes",
    "What a plan earned: predicted beside realised, held against the holdout.",
    ("plan", "subject", "name", "made_at"),
    (
        Column("plan", TEXT, "id", "plan", "measure.experiments", "web", True),
        Column("subject", TEXT, "name", "action or channel", "measure.experiments", "decide.next_best", True),
        Column(
            "name",
            TEXT,
            "name",
            "lift_orders, lift_revenue, predicted, realised",
            "measure.experiments",
            "decide.next_best",
            True,
        ),
        Column("value", REAL, "as named", "the estimate", "measure.experiments", "decide.next_best"),
        Column("low", REAL, "as named", "lower end of the 95 % interval", "measure.experiments", "web"),
        Column("high", REAL, "as named", "upper end of the 95 % interval", "measure.experiments", "web"),
        Column("treated", INT, "people", "people who got it", "measure.experiments", "web"),
        Column("held", INT, "people", "people held back", "measure.experiments", "web"),
        *_MADE,
    ),
    False,
)

KPIS = Table(
    "kpis",
    "Key figures by period, channel and market; null channel or market means all.",
    ("name", "day", "grain", "channel", "market", "made_at"),
    (
        Column(
            "name", TEXT, "name", "which figure, as registered in measure.kpis", "measure.kpis", "decide.budget", True
        ),
        Column("day", DAY, "company day", "first day of the period", "measure.kpis", "web", True),
        Column("grain", TEXT, "day|week|month|all", "length of the period", "measure.kpis", "web", True),
        Column("channel", TEXT, "name", "channel, null for all", "measure.kpis", "decide.budget"),
        Column("market", TEXT, "name", "market, null for all", "measure.kpis", "web"),
        Column("value", REAL, "as named (money: minor units)", "the figure", "measure.kpis", "decide.budget"),
        Column("low", REAL, "as named", "lower end of the 90 % interval", "measure.responses", "decide.budget"),
        Column("high", REAL, "as named", "upper end of the 90 % interval", "measure.responses", "decide.budget"),
        Column("currency", TEXT, "ISO 4217", "currency, for money", "measure.kpis", "web"),
        *_MADE,
    ),
    False,
)
