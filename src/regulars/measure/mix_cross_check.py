"""A second opinion on a mix: pymc-marketing's model on the same table, where it is installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from regulars.lake.frames import to_pandas

HOW: Final = "the cross-check needs pymc-marketing, which is not installed: pip install 'regulars[bayes]'"


def cross_check(
    table: Any, *, target: str, spend: Sequence[str], date: str, controls: Sequence[str] = (), carry_weeks: int = 8,
    draws: int = 500, tune: int = 500, chains: int = 4, seed: int = 7,
) -> pd.DataFrame:  # fmt: skip
    """Returns on spend by pymc-marketing (geometric carry-over, logistic saturation, two yearly waves, its own priors).

    Args:
        table: one row a week, one market; pandas, Polars, Arrow or Ibis.
        target, spend, date, controls: columns as in ``MixModel.fit``.
        carry_weeks: weeks after which spend is forgotten.
        draws, tune, chains, seed: of its sampler.

    Returns ``channel, mean, low, high`` (90 %), to be held against ``MixModel.roas_``: two models with other beliefs
    and forms agree where the weeks decide, and differ where the beliefs do.

    Raises ``ImportError`` saying how to install it, ``ValueError`` for missing columns.
    """
    try:
        from pymc_marketing.mmm import MMM, GeometricAdstock, LogisticSaturation  # type: ignore[import-not-found]
    except ImportError as error:
        raise ImportError(HOW) from error
    rows = to_pandas(table).sort_values(date, ignore_index=True)
    if lost := [c for c in (target, date, *spend, *controls) if c not in rows.columns]:
        raise ValueError(f"the table has no column {', '.join(lost)}")
    model = MMM(
        date_column=date, channel_columns=list(spend), control_columns=list(controls) or None,
        adstock=GeometricAdstock(l_max=carry_weeks), saturation=LogisticSaturation(), yearly_seasonality=2,
    )  # fmt: skip
    given = rows[[date, *spend, *controls]].assign(**{date: pd.to_datetime(rows[date])})
    model.fit(given, rows[target].astype(float), draws=draws, tune=tune, chains=chains, random_seed=seed,
              progressbar=False)  # fmt: skip
    brought = model.compute_channel_contribution_original_scale()
    found = []
    for channel in spend:
        # Chains and draws stay, weeks are added up.
        each = brought.sel(channel=channel)
        x = np.asarray(each.sum([d for d in each.dims if d not in ("chain", "draw", "sample")])).ravel()
        x = x / float(rows[channel].sum())
        found.append((channel, float(x.mean()), *(float(q) for q in np.quantile(x, [0.05, 0.95]))))
    return pd.DataFrame(found, columns=["channel", "mean", "low", "high"])
