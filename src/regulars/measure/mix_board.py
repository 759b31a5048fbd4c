"""The board of the mix: what each channel's spend brought, how sure that is, and which test would settle the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from regulars.measure.capture import captures
from regulars.measure.holidays import country_of
from regulars.measure.lift_tests import lift_tests, proven
from regulars.measure.mix_fit import fit_mix
from regulars.measure.mix_model import MixModel
from regulars.measure.mix_weeks import MixWeeks, mix_weeks
from regulars.measure.revenue_worth import money_worth, profit_of_revenue
from regulars.measure.steady import Steady
from regulars.measure.view import View
from regulars.measure.which_test import HORIZON_WEEKS, MixTest, which_test
from regulars.tables.cards import ModelCard

MODEL: Final = "mix/1"
FEWEST_WEEKS: Final = 30
SHOWN_WEEKS: Final = 104
# "Today" is the mean of the last eight weeks, as the plan reckons it.
USUAL_WEEKS: Final = 8
POINTS: Final = 25
LOW, HIGH = 0.05, 0.95


@dataclass(frozen=True)
class MixChannel:
    """One channel: return on spend with its interval and what was believed before, and its curve around today.

    ``roas``, ``next_unit`` and ``brings`` count revenue; ``curve`` is (spend, mean, low, high) a week; ``overlap`` is
    how much of the belief before the data is left after them; ``proven`` says an experiment showed it brings something.
    """

    channel: str
    spend: float
    total: float
    share: float
    roas: float
    low: float
    high: float
    prior_low: float
    prior_high: float
    overlap: float
    identified: bool
    reason: str
    proven: bool
    capture: bool
    tested: str | None
    brings: tuple[float, float, float]
    next_unit: tuple[float, float, float]
    curve: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True)
class Contributions:
    """Revenue a week by what brought it: ``weeks`` (ISO dates), ``base``, and a series for each channel."""

    weeks: tuple[str, ...]
    base: tuple[float, ...]
    series: dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class MixBoard:
    """What the page shows; money in minor units of ``currency``.

    ``profit`` is what one unit of revenue leaves: the margin, and what new customers are still to bring beyond it.
    """

    currency: str
    profit: float
    weeks: int
    first: str
    last: str
    markets: int
    country: str
    channels: tuple[MixChannel, ...]
    contributions: Contributions | None
    holdout: dict[str, float] | None
    diagnostics: dict[str, float | str]
    tests: tuple[MixTest, ...]
    horizon_weeks: int
    experiments: int
    limits: tuple[str, ...]
    joined: tuple[str, ...] = ()
    made_by: str = MODEL
    cards: tuple[ModelCard, ...] = ()


def mix_board(view: View) -> MixBoard | None:
    """Explain weekly revenue by spend; None without spend, a board with a limit alone where weeks are too few."""
    currency = view.settings.currency
    known = mix_weeks(view.cube, pd.Timestamp(view.today), currency)
    if known is None:
        return None
    national, country = known.national, country_of(view.settings)
    if len(national) < FEWEST_WEEKS or national["target"].nunique() < 2:
        return _too_little(view, known, country)
    tests = lift_tests(view.book["experiments"], money_worth(view.cube, currency), currency=currency)
    profit = profit_of_revenue(view, known.factor)
    model = fit_mix(known, tests, country)
    steady = Steady(model)
    channels = _channels(model, steady, known, tests)
    limits = _limits(known, model, channels)
    return MixBoard(
        currency, profit, len(national), _iso(national.index[0]), _iso(national.index[-1]),
        known.table["market"].nunique() if known.geo else 0, country, channels, _contributions(model), _holdout(model),
        {k: _plain(v) for k, v in model.diagnostics_.items() if np.isscalar(v)},
        _tests(steady, channels, _noise(known, model), profit), HORIZON_WEEKS,
        len(tests) - len(set(model.unused_tests_) & set(tests["id"].astype(str))), limits, known.joined,
        cards=(_card(model, known, channels, limits),),
    )  # fmt: skip


def _limits(known: MixWeeks, model: MixModel, channels: tuple[MixChannel, ...]) -> tuple[str, ...]:
    told = {
        "spend_credits_ignored": known.credits, "small_channels_joined": bool(known.joined),
        "newcomers_only": known.factor is not None, "sampler_not_settled": model.diagnostics_["r_hat"] > 1.05,
        "no_channel_identified": not any(c.identified for c in channels),
    }  # fmt: skip
    return tuple(code for code, on in told.items() if on)


def _channels(model: MixModel, steady: Steady, known: MixWeeks, tests: pd.DataFrame) -> tuple[MixChannel, ...]:
    national = known.national
    roas = model.roas_.set_index("channel")
    told = model.identified_.set_index("channel")
    shown, at_last = proven(tests), tests.groupby("channel")["end"].max()
    spend = {c: national[known.spend[c]] for c in model.channels_}
    today = np.array([float(spend[c].tail(USUAL_WEEKS).mean()) for c in model.channels_])
    most = np.array([max(float(spend[c].max()), 2 * t) for c, t in zip(model.channels_, today, strict=True)])
    points = most[:, None] * np.linspace(0, 1, POINTS)
    curves = _ends(steady.at(points))
    step = np.maximum(0.01 * today, 1.0)
    near = steady.at(np.stack([today, today + step], axis=1))
    brings, following = _ends(near[:, :, 0]), _ends((near[:, :, 1] - near[:, :, 0]) / step)
    total = sum(float(s.sum()) for s in spend.values())
    found = []
    for i, channel in enumerate(model.channels_):
        mean, low, high, before_low, before_high = (
            _number(roas.at[channel, k]) for k in ("mean", "low", "high", "prior_low", "prior_high")
        )
        own = tuple((float(x), *_three(curves[:, i, k])) for k, x in enumerate(points[i]))
        found.append(MixChannel(
            channel, float(today[i]), float(spend[channel].sum()), float(spend[channel].sum()) / total, mean, low, high,
            before_low, before_high, _number(told.at[channel, "overlap"]), bool(told.at[channel, "identified"]),
            str(told.at[channel, "reason"]), channel in shown, captures(channel),
            _iso(at_last[channel]) if channel in at_last.index else None, _three(brings[:, i]),
            _three(following[:, i]), own,
        ))  # fmt: skip
    return tuple(sorted(found, key=lambda c: -c.total))


def _ends(draws: Any) -> Any:
    """Mean and ends of the 90 % interval over the first axis."""
    return np.stack([draws.mean(axis=0), *np.quantile(draws, [LOW, HIGH], axis=0)])


def _three(values: Any) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])


def _tests(steady: Steady, channels: tuple[MixChannel, ...], noise: float, profit: float) -> tuple[MixTest, ...]:
    today = {c.channel: c.spend for c in channels}
    return which_test(steady, [today[c] for c in steady.channels], noise=noise, profit=profit)


def _noise(known: MixWeeks, model: MixModel) -> float:
    """Scatter of a week's revenue around what the model says of it."""
    said = model.contributions_.groupby("date")["mean"].sum()
    return float((known.national["target"] - said.to_numpy()).std())


def _contributions(model: MixModel) -> Contributions:
    wide = model.contributions_.pivot(index="date", columns="channel", values="mean").tail(SHOWN_WEEKS)
    return Contributions(
        tuple(_iso(d) for d in wide.index), tuple(float(v) for v in wide["base"]),
        {c: tuple(float(v) for v in wide[c]) for c in model.channels_},
    )  # fmt: skip


def _holdout(model: MixModel) -> dict[str, float] | None:
    h = model.holdout_
    if h is None:
        return None
    return {"weeks": h.weeks, "wmape": h.wmape, "naive": h.wmape_seasonal_naive, "coverage": h.coverage}


def _card(model: MixModel, known: MixWeeks, channels: tuple[MixChannel, ...], limits: tuple[str, ...]) -> ModelCard:
    weeks, h = known.weeks, model.holdout_
    errors = () if h is None else (
        ("wmape", h.wmape, None, None), ("wmape_seasonal_naive", h.wmape_seasonal_naive, None, None),
        ("coverage", h.coverage, None, None),
    )  # fmt: skip
    return ModelCard(
        "mix", MODEL, _iso(weeks[0]), _iso(weeks[-1]), len(weeks), ("spend", "season", "holidays", "trend"),
        tuple((f"roas {c.channel}", c.roas, (c.high - c.low) / 3.29) for c in channels), None, limits, metrics=errors,
        data="spend, orders",
    )  # fmt: skip


def _too_little(view: View, known: MixWeeks, country: str) -> MixBoard:
    weeks = known.weeks
    return MixBoard(
        view.settings.currency, profit_of_revenue(view), len(weeks), _iso(weeks[0]), _iso(weeks[-1]), 0, country,
        (), None, None, {}, (), HORIZON_WEEKS, 0, ("too_few_weeks",),
    )  # fmt: skip


def _iso(day: Any) -> str:
    return pd.Timestamp(day).date().isoformat()


def _number(value: Any) -> float:
    return float(value)


def _plain(value: Any) -> float | str:
    return value if isinstance(value, str) else float(value)
