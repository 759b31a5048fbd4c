"""Pages are read and facts come in while files are imported elsewhere: nobody waits in vain, nobody sees an error."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from tests.commands import Commands, environment

from regulars.lake import Lake

PROGRAM = str(Path(__file__).with_name("reading_worker.py"))
HEADER = ("订单号", "下单时间", "姓名", "邮箱", "实付金额", "渠道")


def orders(path, number, rows=1500):
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file)
        write.writerow(HEADER)
        for n in range(rows):
            who = (number * 97 + n) % 900
            day = f"2026-0{1 + n % 2}-{1 + n % 28:02d} {8 + n % 12:02d}:00:00"
            write.writerow((f"{number}-{n}", day, f"顾客{who}", f"c{who}@shop.cn", f"{10 + n % 90}.{n % 10}0", "抖音"))
    return str(path)


@pytest.mark.slow
def test_imports_and_pages_at_once(tmp_path):
    run = Commands(tmp_path / "home")
    try:
        assert run("init", "--company", "灯塔茶").code == 0
        assert run("import", orders(tmp_path / "first.csv", 0), "--source", "shop").code == 0
        reader = subprocess.Popen(
            [sys.executable, "-W", "ignore", PROGRAM], env={**environment(), "REGULARS_HOME": str(run.home)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert reader.stdout.readline() == "ready\n"
        done = [run("--json", "import", orders(tmp_path / f"{n}.csv", n), "--source", "shop") for n in range(1, 4)]
        turned = run("--json", "loop", "--now", "2026-03-05T07:00")
        out, err = reader.communicate("stop\n", timeout=120)
    finally:
        run.stop()
    answer = json.loads(out)
    assert answer["problems"] == []
    assert "locked" not in err
    assert set(answer["said"]) <= {"200", "302", "taken"}
    assert answer["said"]["200"] > 9
    assert answer["said"]["taken"] > 10
    for one in done:
        assert one.code == 0, one.err
        assert (one.json["tables"]["orders"]["created"], one.json["set_aside"]) == (1500, 0)
    assert turned.code == 0, turned.err
    lake = Lake(run.home / "lake")
    assert lake.table("orders").count().to_pyarrow().as_py() == 6000
    with sqlite3.connect(run.home / "book.sqlite3") as book:
        [(waiting,)] = book.execute("select count(*) from intake_inboxevent").fetchall()
        assert book.execute("select count(*) from people_person").fetchall() == [(900,)]
        assert book.execute("pragma quick_check").fetchall() == [("ok",)]
    book.close()
    assert waiting + lake.table("touches").count().to_pyarrow().as_py() == answer["said"]["taken"]
