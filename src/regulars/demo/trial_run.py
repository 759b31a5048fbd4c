"""The whole trial: every kind of company with several seeds, in two processes, kept as it goes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from regulars.demo.trial import PEOPLE, POLICIES, WEEKS, begin, run
from regulars.demo.trial_score import figures, result
from regulars.demo.trial_worlds import KINDS

SEEDS: Final = (1, 2, 3)


def one(kind: str, seed: int, weeks: int, people: int, policies: Sequence[str]) -> dict[str, dict[str, list[float]]]:
    """All policies in one company."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):
        start = begin(next(k for k in KINDS if k.key == kind), seed, people=people)
        return {p: figures(run(start, p, weeks=weeks)) for p in policies}


def trial(
    *, kinds: Sequence[str] | None = None, seeds: Sequence[int] = SEEDS, weeks: int = WEEKS, people: int = PEOPLE,
    processes: int = 2, keep: Path | None = None, tell: Callable[[str, float], None] = lambda what, share: None,
    stamp: Mapping[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Run the trial and score it.

    ``keep`` is a file of the runs done so far: a run found there (same weeks and people) is not run again, so a trial
    that was interrupted goes on. ``tell`` hears of every company that is done. Raises ``ValueError`` for an unknown
    kind.
    """
    names = [k.key for k in KINDS]
    wanted = list(kinds or names)
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        raise ValueError(f"no kind of company {', '.join(unknown)}; there are {', '.join(names)}")
    done = _kept(keep, weeks, people)
    todo = [(k, s) for s in seeds for k in wanted if (k, s) not in done]
    total = max(1, len(done) + len(todo))
    tell("begin", len(done) / total)
    # A pool that forks would inherit the threads of DuckDB and hang.
    with ProcessPoolExecutor(max(1, processes), mp_context=get_context("spawn")) as pool:
        jobs = {pool.submit(one, k, s, weeks, people, POLICIES): (k, s) for k, s in todo}
        for job in as_completed(jobs):
            done[jobs[job]] = job.result()
            if keep is not None:
                _write(keep, done, weeks, people)
            tell(f"{jobs[job][0]} {jobs[job][1]}", len(done) / total)
    chosen = {(k, s): done[k, s] for k in wanted for s in seeds}
    return result(chosen, weeks=weeks, people=people, seeds=list(seeds), **(stamp or {}))


def _kept(keep: Path | None, weeks: int, people: int) -> dict[tuple[str, int], Any]:
    if keep is None or not keep.is_file():
        return {}
    rows = json.loads(keep.read_text("utf-8"))
    return {(r["kind"], r["seed"]): r["runs"] for r in rows if (r["weeks"], r["people"]) == (weeks, people)}


def _write(keep: Path, done: Mapping[tuple[str, int], Any], weeks: int, people: int) -> None:
    rows = [{"kind": k, "seed": s, "weeks": weeks, "people": people, "runs": runs} for (k, s), runs in done.items()]
    keep.write_text(json.dumps(rows), "utf-8")
