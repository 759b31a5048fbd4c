"""A full loop at 100,000 people: ``python -m benchmarks.loop`` (another size: REGULARS_BENCH_PEOPLE).

The demo company is made first, with its own first turn. What counts is ``regulars loop`` a day later, from before
the interpreter starts to its last word; one more turn, inside this process, tells the stages.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

from benchmarks.homes import DAY, PEOPLE, company, folder
from benchmarks.process import regulars, run
from benchmarks.rows import Row, answer

SECONDS, MEGABYTES = 60, 2048


def rows() -> list[Row]:
    home, made = company(folder())
    out = []
    if made is not None:
        out.append(
            Row(
                f"making the demo company of {PEOPLE:,} people and its first turn",
                f"{made.wall:.1f} s, {made.cpu:.1f} CPU s, peak {made.peak:.0f} MB",
            )
        )
    turned = regulars(home, "loop", "--now", DAY.replace("-01T", "-02T"))
    did = json.loads(turned.output)
    out.append(
        Row(
            f"full loop at {PEOPLE:,} people: {did['scores']:,} scores, {did['kpis']:,} figures, "
            f"{did['decisions']:,} decisions",
            f"{turned.wall:.1f} s, {turned.cpu:.1f} CPU s, peak {turned.peak:.0f} MB",
            target=f"<= {SECONDS} s, <= {MEGABYTES} MB",
            met=turned.wall <= SECONDS and turned.peak <= MEGABYTES,
        )
    )
    staged = run([sys.executable, "-m", "benchmarks.loop", "--stages", str(home)])
    return [*out, *(Row(f"  of it: {s}", f"{w:.1f} s, {c:.1f} CPU s") for s, w, c in json.loads(staged.output))]


def stages(home: Path) -> list[tuple[str, float, float]]:
    """Wall and CPU seconds of each stage of one more turn; what comes before the first is the start."""
    wall, cpu = time.perf_counter(), 0.0
    os.environ |= {"REGULARS_HOME": str(home), "DJANGO_SETTINGS_MODULE": "regulars.web.settings"}
    import django

    django.setup()
    from regulars.home import Home
    from regulars.web.bridge.wheel import wheel_turn

    marks = [("start", wall, cpu)]

    def progress(stage: str, share: float) -> None:
        marks.append((stage, time.perf_counter(), time.process_time()))

    opened = Home(home)
    now = datetime.fromisoformat(DAY.replace("-01T", "-03T")).replace(tzinfo=opened.settings.tz)
    wheel_turn(opened, now=now, progress=progress)
    took: dict[str, tuple[float, float]] = {}
    for (stage, began, used), (_, ended, spent) in itertools.pairwise(marks):
        before = took.get(stage, (0.0, 0.0))
        took[stage] = (before[0] + ended - began, before[1] + spent - used)
    return [(stage, *both) for stage, both in took.items()]


if __name__ == "__main__":
    if "--stages" in sys.argv:
        print(json.dumps(stages(Path(sys.argv[sys.argv.index("--stages") + 1]))))
    else:
        try:
            answer(rows)
        except subprocess.CalledProcessError as error:
            sys.exit(f"{error}\n{error.output}")
