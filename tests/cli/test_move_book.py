"""A company moves to PostgreSQL and back: a real server, the program's own commands."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from tests.commands import Commands
from tests.postgres import postgres

ORDERS = """订单号,客户姓名,手机号,邮箱,金额,下单时间,渠道
A1,李梅,13800138000,limei@example.com,120.00,2026-03-01 10:00,search
A2,王强,13900139000,,99.50,2026-03-02 11:00,wechat
A3,李梅,13800138000,limei@example.com,60.00,2026-04-01 10:00,search
"""


@pytest.fixture
def server():
    with postgres() as address:
        yield address


class Program:
    """The commands of one home, in a process that ends where the program would be stopped."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.start()

    def start(self) -> None:
        self.commands = Commands(self.home)

    def stop(self) -> None:
        self.commands.stop()

    def __call__(self, *words: str, code: int = 0) -> Any:
        answer = self.commands("--json", *words)
        assert answer.code == code, answer.err
        return answer.json if code == 0 else answer.err

    def restarted(self, *words: str) -> Any:
        said = self(*words)
        self.stop()
        self.start()
        return said

    def found(self) -> set[str]:
        return {p["name"] for p in self("people")}


@pytest.fixture
def program(tmp_path: Path):
    program = Program(tmp_path / "home")
    yield program
    program.stop()


def test_a_company_moves_there_and_back(server: str, program: Program, tmp_path: Path) -> None:
    home, file = program.home, tmp_path / "订单.csv"

    def bring(prefix: str, name: str, phone: str) -> None:
        file.write_text(ORDERS.replace("A1", prefix).replace("王强", name).replace("13900139000", phone), "utf-8")
        program("import", str(file))

    program("init", "--company", "测试")
    bring("A1", "王强", "13900139000")
    assert program.found() == {"李梅", "王强"}

    assert program.restarted("move-book", server)["rows"] > 10
    assert (home / "keys" / "database").stat().st_mode & 0o077 == 0
    os.rename(home / "book.sqlite3", tmp_path / "before.sqlite3")
    assert program.found() == {"李梅", "王强"}
    bring("B1", "赵敏", "13700137000")
    assert program.found() == {"李梅", "王强", "赵敏"}
    assert "already" in program("move-book", server, code=1)

    backup = program("backup")["backup"]
    bring("C1", "钱进", "13600136000")
    assert "钱进" in program.found()
    kept = Path(program.restarted("restore", backup, "--yes")["kept"])
    assert program.found() == {"李梅", "王强", "赵敏"}
    assert (kept / "book-before.sqlite3").stat().st_size > 100_000

    program.restarted("move-book", "sqlite")
    assert not (home / "keys" / "database").exists()
    assert program.found() == {"李梅", "王强", "赵敏"}


def test_a_wrong_address_is_told_without_its_password(program: Program) -> None:
    program("init")
    said = program("move-book", "mysql://lin:geheim@db/shop", code=1)
    assert "postgresql://" in said
    assert "geheim" not in said
