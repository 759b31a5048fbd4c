"""The mix model of a company, fitted once a turn for whoever asks: the budget's curves and the page."""

from __future__ import annotations

import hashlib
from typing import Final

import pandas as pd

from regulars.measure.holidays import holidays
from regulars.measure.mix_model import MixModel
from regulars.measure.mix_priors import MixPriors
from regulars.measure.mix_weeks import MixWeeks

# A year's wave needs most of a second year to be told from a trend.
SEASON_WEEKS: Final = 78
# Nearly x / (x + half), the form a budget is decided on: tanh falls short where the real curve rises steeply from
# nothing, and is sure of it. No carry-over at all must be believable, or the first unit of spend looks too good.
PRIORS: Final = MixPriors(slope=(1.0, 0.1), decay=(1.0, 3.0))
_KEPT: dict[str, MixModel] = {}


def fit_mix(known: MixWeeks, tests: pd.DataFrame, country: str) -> MixModel:
    """The model of these weeks: season, the calendar of the country, experiments as evidence.

    The last fit is kept, as it takes seconds and a turn asks twice.
    """
    key = _content(known, tests, country)
    if key not in _KEPT:
        model = _fitted(known, tests, country)
        _KEPT.clear()
        _KEPT[key] = model
    return _KEPT[key]


def _fitted(known: MixWeeks, tests: pd.DataFrame, country: str) -> MixModel:
    weeks = known.weeks
    days = holidays(weeks[0].date(), (weeks[-1] + pd.Timedelta(days=6)).date(), country)
    # What came once in the history cannot be told from anything else in its week.
    years = days[days["eve"] == 0].groupby("holiday")["day"].nunique()
    days = days[days["holiday"].isin(years.index[years >= 2])][["day", "holiday"]]
    model = MixModel(
        saturation="hill", priors=PRIORS, harmonics=2 if len(weeks) >= SEASON_WEEKS else 0, chains=4, warmup=400,
        draws=500,
    )  # fmt: skip
    return model.fit(
        known.table, target="target", spend=known.spend, date="week", holidays=days if len(days) else None,
        geo=known.geo, lift_tests=tests if len(tests) else None,
    )  # fmt: skip


def _content(known: MixWeeks, tests: pd.DataFrame, country: str) -> str:
    whole = hashlib.blake2b(country.encode())
    whole.update(repr((known.spend, known.geo)).encode())
    for table in (known.table, tests):
        whole.update(pd.util.hash_pandas_object(table.astype(str), index=False).to_numpy().tobytes())
    return whole.hexdigest()
