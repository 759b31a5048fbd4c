"""What the book hands to the steps: people without names, texts, the words for product codes, the owner's notes."""

from __future__ import annotations

import pyarrow as pa

from regulars.tables.shape import DAY, FLAG, INT, REAL, TEXT, TIME

# One row a person.
PEOPLE = pa.schema(
    [
        ("customer", TEXT), ("stage", TEXT), ("language", TEXT), ("zone", TEXT),
        ("channel", TEXT), ("market", TEXT), ("email_ok", FLAG), ("created_at", TIME), ("phone_ok", FLAG),
    ]
)  # fmt: skip
# What customers wrote; ``label`` is what the owner said it is, positive or negative. Never goes into the lake.
TEXTS = pa.schema(
    [
        ("id", INT), ("customer", TEXT), ("at", TIME), ("kind", TEXT),
        ("score", REAL), ("text", TEXT), ("status", TEXT), ("channel", TEXT),
        ("label", TEXT),
    ]
)  # fmt: skip
PRODUCTS = pa.schema(
    [("source", TEXT), ("sku", TEXT), ("title", TEXT), ("goods", FLAG)]
)  # fmt: skip
# An experiment or test the owner ran or runs: what changed by how much, with its standard error.
# Empty ``delta`` is one still running. ``metric`` is a key figure; ``window_days`` what the effect covers.
EXPERIMENTS = pa.schema(
    [
        ("id", TEXT), ("name", TEXT), ("unit", TEXT), ("metric", TEXT), ("channel", TEXT),
        ("market", TEXT), ("start", DAY), ("end", DAY), ("window_days", INT), ("spend", REAL),
        ("delta", REAL), ("se", REAL), ("currency", TEXT), ("state", TEXT), ("body", TEXT),
    ]
)  # fmt: skip
# Who was drawn into which arm of an experiment the owner made, from ``start_s`` to ``until_s`` (seconds since 1970).
ASSIGNMENTS = pa.schema(
    [
        ("experiment", TEXT), ("arm", TEXT), ("customer", TEXT), ("start_s", INT), ("until_s", INT),
    ]
)  # fmt: skip
# What a key figure should reach in a period of a grain, in all or for one channel or market; money in minor units.
TARGETS = pa.schema(
    [
        ("kpi", TEXT), ("grain", TEXT), ("channel", TEXT), ("market", TEXT), ("value", REAL),
        ("currency", TEXT),
    ]
)  # fmt: skip
# What happens outside: competitors' prices, ranks, stock, mentions, demand.
SIGNALS = pa.schema(
    [
        ("id", TEXT), ("at", TIME), ("kind", TEXT), ("watched", TEXT), ("product", TEXT),
        ("market", TEXT), ("value", REAL), ("currency", TEXT), ("title", TEXT), ("link", TEXT),
        ("source", TEXT),
    ]
)  # fmt: skip
# What the owner said of alarms: ``useful``, ``not_useful``, ``muted`` or ``snoozed`` until a moment.
VERDICTS = pa.schema(
    [
        ("incident", TEXT), ("figure", TEXT), ("channel", TEXT), ("verdict", TEXT), ("at", TIME),
        ("until", TIME),
    ]
)  # fmt: skip
# Whose orders a partner's are: those of a channel in a market (null: all), from the first to the last day.
SELLERS = pa.schema(
    [("partner", TEXT), ("name", TEXT), ("channel", TEXT), ("market", TEXT), ("start", DAY), ("end", DAY)]
)
# What measuring asks of the book, by name.
MEASURING = {
    "experiments": EXPERIMENTS, "assignments": ASSIGNMENTS, "targets": TARGETS, "signals": SIGNALS,
    "verdicts": VERDICTS, "partners": SELLERS,
}  # fmt: skip
# What the owner sets for one channel of the budget: at least, at most (minor units a week), or frozen as it is.
LIMITS = pa.schema(
    [
        ("channel", TEXT), ("low", REAL), ("high", REAL), ("frozen", FLAG),
    ]
)  # fmt: skip
# What every plan of money is the best for, one row: an objective of ``decide.budget_input.OBJECTIVES``, and the share
# of worst draws whose mean counts (null: the mean over all).
AIMS = pa.schema([("objective", TEXT), ("risk", REAL)])
# The most people the owner wants written to on one channel in any seven days.
CONTACTS = pa.schema([("channel", TEXT), ("most", INT)])
# What the owner has of a resource a week. ``meter`` is what usage counts of it, ``per`` its units in one unit of the
# resource (3,600 seconds an hour); ``guarantee`` the share of demand promised to everybody, ``fairness`` worth,
# balanced or equal.
RESOURCES = pa.schema(
    [
        ("code", TEXT), ("name", TEXT), ("unit", TEXT), ("amount", REAL), ("meter", TEXT), ("per", REAL),
        ("guarantee", REAL), ("fairness", TEXT),
    ]
)  # fmt: skip
# What the owner says of one way to serve a market: a null keeps what the facts say. Money in minor units a unit,
# amounts in units a week; ``uses`` is JSON, resource code to what a unit takes.
CELLS = pa.schema(
    [
        ("market", TEXT), ("mode", TEXT), ("partner", TEXT), ("demand", REAL), ("price", REAL), ("unit_cost", REAL),
        ("churn", REAL), ("kappa", REAL), ("fixed_cost", REAL), ("capacity", REAL), ("minimum", REAL),
        ("signed", FLAG), ("low", REAL), ("high", REAL), ("frozen", REAL), ("uses", TEXT), ("closed", FLAG),
    ]
)  # fmt: skip
# What the owner sets for contacts besides the limits by channel: ``kind`` is ``total``, ``action`` or ``stock`` (with
# the action as ``name``), ``money`` (minor units a plan), ``cost`` (of one contact by the channel ``name``) or
# ``explore`` (share of the people who get another paying option by lot).
CONTACT_RULES = pa.schema(
    [
        ("kind", TEXT), ("name", TEXT), ("amount", REAL),
    ]
)  # fmt: skip
# The owner's strategy map: what to aim at in an activity state, and the worth from which a person calls.
STRATEGIES = pa.schema(
    [
        ("state", TEXT), ("goal", TEXT), ("by_hand_from", REAL),
    ]
)  # fmt: skip
# Firms that sell for the owner or might: ``candidate``, ``signed`` or ``ended``; ``expected`` is JSON, market to
# revenue a year (minor units) the owner expects of it; ``cost`` what a year of its contract costs beside commission.
PARTNERS = pa.schema(
    [
        ("partner", TEXT), ("name", TEXT), ("region", TEXT), ("state", TEXT), ("mode", TEXT), ("cost", INT),
        ("capacity", INT), ("expected", TEXT),
    ]
)  # fmt: skip
# What was agreed, as ``decide.agreements.Agreement``; ``channels``, ``markets`` and ``tiers`` are JSON, rates in
# millionths.
AGREEMENTS = pa.schema(
    [
        ("id", TEXT), ("partner", TEXT), ("mode", TEXT), ("channels", TEXT), ("markets", TEXT), ("start", DAY),
        ("end", DAY), ("currency", TEXT), ("tiers", TEXT), ("rule", TEXT), ("tier_period", TEXT), ("rounding", TEXT),
        ("guarantee", INT), ("cap", INT), ("commitment", INT), ("payment_days", INT), ("exclusive", FLAG),
        ("cost", INT),
    ]
)  # fmt: skip
# What a partner owed us: due and paid days; an empty ``paid`` is still open.
PARTNER_PAYMENTS = pa.schema([("partner", TEXT), ("due", DAY), ("paid", DAY), ("amount", INT)])
# What the choice of partners must keep to; ``conflicts`` and ``regions`` are JSON.
PARTNER_RULES = pa.schema(
    [
        ("budget", INT), ("concentration", REAL), ("most", INT), ("conflicts", TEXT), ("regions", TEXT),
    ]
)  # fmt: skip
# What the owner knows of a way to sell in a market (null: in all), by criterion; the units are in ``decide.modes``.
MODE_FIGURES = pa.schema([("market", TEXT), ("mode", TEXT), ("criterion", TEXT), ("value", REAL)])
# How many times one criterion matters as much as another.
MODE_JUDGEMENTS = pa.schema([("one", TEXT), ("other", TEXT), ("times", REAL)])
# The owner's calendar, one row: calls a day and an hour, working hours (whole, company zone), ``weekdays`` as digits
# (0 is Monday), ``days_off`` as ISO days with blanks between, answers an hour at the desk, the promise to those who
# write (hours, share), and how many messages may go out in an hour.
CALENDAR = pa.schema(
    [
        ("calls_a_day", INT), ("calls_an_hour", INT), ("from_hour", INT), ("until_hour", INT), ("weekdays", TEXT),
        ("days_off", TEXT), ("answers_an_hour", REAL), ("within_hours", INT), ("share", REAL),
        ("messages_an_hour", INT),
    ]
)  # fmt: skip
# Whom the owner called, or did not want to, in the last 30 days.
CALLED = pa.schema([("customer", TEXT), ("verdict", TEXT), ("at", TIME)])
# What is being tried out: ``reward`` is yes_no or money (minor units), ``window_hours`` until a reward no longer
# counts, ``keep`` the share of what is known that is still believed a week later (1: nothing changes with time).
TRYOUTS = pa.schema(
    [
        ("tryout", TEXT), ("name", TEXT), ("kind", TEXT), ("reward", TEXT), ("window_hours", REAL), ("floor", REAL),
        ("keep", REAL), ("rule", TEXT), ("weeks", INT), ("state", TEXT), ("started", TIME),
    ]
)  # fmt: skip
# One batch of exposures of an arm: how many, how many were rewarded, with what in all and squared; ``rewarded_at`` of
# single exposures; ``chance`` the share with which the arm was chosen then. An arm has at least one row, of none.
EXPOSURES = pa.schema(
    [
        ("tryout", TEXT), ("arm", TEXT), ("at", TIME), ("shown", INT), ("won", INT), ("total", REAL),
        ("square", REAL), ("rewarded_at", TIME), ("chance", REAL),
    ]
)  # fmt: skip
# A choice of service the owner offers (kind: latency, support ...): factors on price and churn, costs in minor units
# on top; ``times`` is JSON, resource code to the factor on what a unit takes.
LEVELS = pa.schema(
    [
        ("kind", TEXT), ("name", TEXT), ("price", REAL), ("churn", REAL), ("unit_cost", REAL), ("fixed_cost", REAL),
        ("times", TEXT),
    ]
)  # fmt: skip
# What deciding asks of the book, by name.
DECIDING = {
    "calendar": CALENDAR, "called": CALLED, "tryouts": TRYOUTS, "exposures": EXPOSURES,
    "partners": PARTNERS, "agreements": AGREEMENTS, "partner_payments": PARTNER_PAYMENTS,
    "partner_rules": PARTNER_RULES, "mode_figures": MODE_FIGURES, "mode_judgements": MODE_JUDGEMENTS,
    "contact_rules": CONTACT_RULES, "strategies": STRATEGIES,
    "resources": RESOURCES, "cells": CELLS, "levels": LEVELS,
    "limits": LIMITS, "contacts": CONTACTS, "aims": AIMS,
}  # fmt: skip
