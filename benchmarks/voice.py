"""Reading texts: how many a second of CPU, from the cold start, after learning, and for a whole turn of 20,000.

Run: ``python -m benchmarks.voice``. Demo sentences, Chinese and English; CPU seconds of one core.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa

from regulars.demo import phrases
from regulars.demo.feedback import write
from regulars.tables import SCORES, TEXTS
from regulars.understand import Sentiment, Topics
from regulars.understand.voice_board import voice_board


def texts(n: int, seed: int = 0) -> tuple[list[str], np.ndarray[Any, Any]]:
    """Demo texts and which of them praise."""
    rng = np.random.default_rng(seed)
    tone = rng.choice([0, 2], n)
    said, _ = write(rng, rng.integers(0, 2, n), rng.integers(0, len(phrases.TOPICS), n), tone)
    return said, (tone == 2).astype(int)


def seconds(run: Callable[[], Any]) -> float:
    """CPU seconds of one run."""
    start = time.process_time()
    run()
    return time.process_time() - start


def turn(n: int) -> float:
    """CPU seconds of the board of a company with so many texts."""
    said, _ = texts(n)
    now = datetime(2026, 6, 1, tzinfo=UTC)
    rows = {
        "id": range(n), "customer": [f"c{i % (n // 3 + 1)}" for i in range(n)],
        "at": [now - timedelta(hours=i % 8000) for i in range(n)], "kind": ["ticket"] * n, "text": said,
        "status": ["open"] * n,
    }  # fmt: skip
    table = pa.table({f.name: pa.array(rows.get(f.name, [None] * n), f.type) for f in TEXTS}, schema=TEXTS)
    view = SimpleNamespace(
        texts=table, scores=SCORES.empty(), facts={}, now=now, settings=SimpleNamespace(zone="Asia/Shanghai")
    )
    return seconds(lambda: voice_board(view))  # type: ignore[arg-type]


def main(n: int = 20_000) -> None:
    """Print texts a second, and the seconds of a turn."""
    said, truth = texts(n)
    Sentiment().predict(said[:10])
    print(f"cold start: {n / seconds(lambda: Sentiment().predict(said)):,.0f} texts a second")
    model = Sentiment()
    print(f"learning from 3,000 labels: {seconds(lambda: model.fit(said[:3000], truth[:3000])):.1f} s")
    print(f"with labels: {n / seconds(lambda: model.predict(said)):,.0f} texts a second")
    print(f"topics of {n:,} texts: {seconds(lambda: Topics().fit(said)):.1f} s")
    print(f"a turn with {n:,} texts: {turn(n):.1f} s")


if __name__ == "__main__":
    main()
