"""The model card of sentiment: how often it was right on texts it had not seen, and how well its chances held."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from regulars.tables.shares import wilson
from regulars.understand.cards import Decile, ModelCard

Vector = NDArray[np.float64]
# A tenth with fewer texts than this says nothing about calibration.
LEAST = 8


def sentiment_card(p: Vector, truth: Vector, threshold: float, *, texts: int, labels: int) -> ModelCard:
    """From chances foretold for labelled texts by models that had not seen them, and the labels.

    >>> card = sentiment_card(np.array([0.9, 0.8, 0.2]), np.array([1.0, 1.0, 0.0]), 0.5, texts=9, labels=3)
    >>> card.metrics[0][:2], card.limits
    (('accuracy', 1.0), ())
    """
    return ModelCard(
        model="sentiment",
        version=f"sentiment/1+{labels}",
        trained_from=None,
        trained_to=None,
        n=texts,
        features=("written_word_list", "character_ngrams", "labels"),
        parameters=(("labels", float(labels), None),),
        holdout=None,
        limits=() if len(truth) else ("cold_start",),
        metrics=_measured(p, truth, threshold),
        calibration=_bins(p, truth),
        data="texts, feedback",
    )


def _measured(p: Vector, truth: Vector, threshold: float) -> tuple[tuple[str, float, float | None, float | None], ...]:
    if not len(truth):
        return ()
    right = float(((p >= threshold) == (truth == 1)).sum())
    low, high = wilson(right, float(len(truth)), 0.95)
    usual = float(max(truth.mean(), 1 - truth.mean()))
    return (("accuracy", right / len(truth), float(low), float(high)), ("usual_answer", usual, None, None))


def _bins(p: Vector, truth: Vector) -> tuple[Decile, ...]:
    order = np.argsort(-p, kind="stable")
    parts = [rows for rows in np.array_split(order, 10) if len(rows) >= LEAST]
    return tuple(Decile(len(rows), float(p[rows].mean()), float(truth[rows].mean())) for rows in parts)
