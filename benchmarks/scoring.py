"""Understanding a million people: every model fitted, every score made, every board drawn, in one turn's step.

Run: ``python -m benchmarks.scoring`` (another size: REGULARS_BENCH_SCORED). Orders are of customers who buy at their
own pace until they leave, at their own chance; people have a market, a channel and a language, some were referred.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime

os.environ.setdefault("OMP_NUM_THREADS", "1")

from pathlib import Path
from typing import Any

from benchmarks.homes import folder
from benchmarks.process import run
from benchmarks.rows import Row, answer

PEOPLE = int(os.environ.get("REGULARS_BENCH_SCORED", "1000000"))
SECONDS = 120.0
DAYS = 730
NOW = datetime(2026, 7, 1, 1, tzinfo=UTC)


def facts(n: int, place: Path) -> tuple[dict[str, Any], Any]:
    """A lake of orders, order lines and referrals, and the people of the book."""
    import numpy as np
    import pyarrow as pa
    from benchmarks.rfm import ALPHABET

    from regulars.lake import Lake
    from regulars.tables import ORDER_LINES, ORDERS, PEOPLE, TABLES, TOUCHES

    rng = np.random.default_rng(7)
    letters = np.array(list(ALPHABET))
    keys = np.unique(letters[rng.integers(0, len(letters), (n, 12))].view("<U12"))
    n = len(keys)
    end = NOW.date().toordinal() - 719_163
    pace, leave = rng.gamma(0.8, 1 / 60, n), rng.beta(0.8, 2.5, n)
    first = end - rng.integers(1, DAYS, n)
    who, day, now, alive = [np.arange(n)], [first], first.astype(float), np.arange(n)
    while alive.size:
        alive = alive[rng.random(alive.size) > leave[alive]]
        now[alive] += rng.exponential(1 / np.maximum(pace[alive], 1e-6))
        alive = alive[now[alive] < end]
        who.append(alive)
        day.append(now[alive].astype(np.int64))
    at, when = np.concatenate(who), np.concatenate(day)
    order = np.lexsort((at, when // 30))
    at, when = at[order], when[order]
    rows = len(at)
    instants = pa.array(when * 86_400_000_000 + 36_000_000_000).cast(pa.timestamp("us", tz="UTC"))
    days = pa.array(when, pa.int32()).cast(pa.date32())
    amount = rng.gamma(3, 2000, rows).astype(np.int64) + 1
    own = {
        "source": "shop", "id": pa.array(np.arange(rows)).cast(pa.string()), "revision": 0, "recorded_at": NOW,
        "customer": pa.array(keys[at]), "at": instants, "day": days, "currency": "CNY", "kind": "sale",
    }  # fmt: skip
    lake = Lake(place)
    lake.append("orders", ORDERS.fill({**own, "amount": amount, "ordered": amount, "status": "paid"}, rows), "shop", 1)
    lines = {k: v for k, v in own.items() if k in ORDER_LINES.names}
    product = pa.array(np.char.add("p", rng.zipf(1.6, rows).clip(1, 200).astype(str)))
    more = {"order_id": own["id"], "amount": amount, "product": product, "quantity": 1.0, "goods": True}
    more = {k: v for k, v in more.items() if k in ORDER_LINES.names}
    lake.append("order_lines", ORDER_LINES.fill({**lines, **more}, rows), "shop", 1)
    brought = rng.permutation(n)[: n // 20]
    came = pa.array(first[brought] * 86_400_000_000).cast(pa.timestamp("us", tz="UTC"))
    lake.append(
        "touches",
        TOUCHES.fill(
            {
                "source": "site", "id": pa.array(np.arange(len(brought))).cast(pa.string()), "revision": 0,
                "recorded_at": NOW, "customer": pa.array(keys[brought]), "at": came, "kind": "referral",
                "day": pa.array(first[brought], pa.int32()).cast(pa.date32()),
                "referrer": pa.array(keys[rng.integers(0, n, len(brought))]),
            },
            len(brought),
        ),
        "site",
        1,
    )  # fmt: skip
    people = pa.table(
        {
            "customer": pa.array(keys), "stage": pa.array(np.full(n, "customer")),
            "language": pa.array(rng.choice(["zh", "en"], n)), "zone": pa.array(np.full(n, "Asia/Shanghai")),
            "channel": pa.array(rng.choice(["search", "wechat", "douyin"], n)),
            "market": pa.array(rng.choice(["tea", "books", "tools", "toys"], n)),
            "email_ok": pa.array(rng.random(n) < 0.5),
            "created_at": pa.array(first * 86_400_000_000).cast(pa.timestamp("us", tz="UTC")),
        },
        schema=PEOPLE,
    )  # fmt: skip
    return {name: lake.current(name) for name, table in TABLES.items() if table.fact}, people


def measure(place: str) -> dict[str, Any]:
    """Seconds of the step, of each board, and how much came of it."""
    from regulars.home import Settings
    from regulars.understand import findings, turn

    made, people = facts(PEOPLE, Path(place))
    seen: dict[str, float] = {}
    kept = findings.findings

    def watched(view: Any) -> Any:
        found = kept(view)
        seen.update(found.seconds)
        return found

    turn.findings = watched
    begun, cpu = time.perf_counter(), time.process_time()
    done = turn.understand(made, now=NOW, settings=Settings(), lake_version="1", people=people)
    return {
        "wall": time.perf_counter() - begun, "cpu": time.process_time() - cpu, "scores": done.scores.num_rows,
        "failed": list(done.failed), "boards": seen,
    }  # fmt: skip


def rows() -> list[Row]:
    place = folder() / f"scoring-{PEOPLE}-{os.getpid()}"
    spent = run([sys.executable, "-W", "ignore", "-m", "benchmarks.scoring", "--measure", str(place)])
    did = json.loads(spent.output.splitlines()[-1])
    if did["failed"]:
        raise AssertionError(f"boards failed: {did['failed']}")
    slowest = sorted(did["boards"].items(), key=lambda b: -b[1])
    return [
        Row(
            f"understanding {PEOPLE:,} people: every model fitted, {did['scores']:,} scores",
            f"{did['wall']:.1f} s, {did['cpu']:.1f} CPU s, peak {spent.peak:.0f} MB",
            target=f"<= {SECONDS:.0f} s",
            met=did["wall"] <= SECONDS,
        ),
        *(Row(f"  of it: the board {name}", f"{seconds:.1f} s") for name, seconds in slowest),
    ]


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure(sys.argv[sys.argv.index("--measure") + 1])))
    else:
        answer(rows)
