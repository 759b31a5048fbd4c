"""Importing a real shop's year by the command line: ``python -m benchmarks.import_file``.

The file is ``online_retail_uk/online_retail.parquet`` (541,909 invoice lines) in the folder of data sets that
REGULARS_SHARED_DATA names; the same file a second time changes nothing. Seconds are of the whole command.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from benchmarks.homes import folder
from benchmarks.process import ROOT, Spent, regulars
from benchmarks.rows import Row, answer

SECONDS, MEGABYTES = 15, 1024


def rows() -> list[Row]:
    data = Path(os.environ.get("REGULARS_SHARED_DATA", ROOT.parent / "shared" / "data"))
    file = data / "online_retail_uk" / "online_retail.parquet"
    if not file.exists():
        return [Row("import of online_retail_uk", "not measured: the file is not here", target="<= 15 s, <= 1 GB")]
    home = folder() / "uk"
    regulars(home, "init", "--company", "UK", "--zone", "Europe/London", "--currency", "GBP", "--language", "en")
    first, second = (regulars(home, "import", str(file)) for _ in range(2))
    return [_row("import of online_retail_uk", first), _row("the same file again", second)]


def _row(what: str, spent: Spent) -> Row:
    answered = json.loads(spent.output)
    (run,) = answered if isinstance(answered, list) else [answered]
    return Row(
        f"{what}: {run['read']:,} rows, {run['created']:,} created",
        f"{spent.wall:.1f} s, {spent.cpu:.1f} CPU s, {run['read'] / spent.wall:,.0f} rows/s, peak {spent.peak:.0f} MB",
        target=f"<= {SECONDS} s, <= {MEGABYTES} MB",
        met=spent.wall <= SECONDS and spent.peak <= MEGABYTES,
    )


if __name__ == "__main__":
    answer(rows)
