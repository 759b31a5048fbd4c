"""Every command: what it answers in words and in JSON, its exit code, and how it complains."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.commands import Commands, environment

from regulars.home import Home

CHINESE = re.compile(r"[\u4e00-\u9fff]")
PROGRAM = (sys.executable, "-c", "from regulars.cli import main; main()")
DAY = "2026-03-05T07:00"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The command line of a demo company whose wheel has turned once."""
    run = Commands(tmp_path_factory.mktemp("cli") / "home")
    made = run("--lang", "en", "demo", "--people", "120", "--seed", "5", "--now", DAY)
    assert made.code == 0, made.err
    assert "The demo company has" in made.out
    yield run
    run.stop()


@pytest.fixture
def bare(tmp_path):
    run = Commands(tmp_path / "empty" / "home")
    yield run
    run.stop()


def told(answer, code=1):
    """A problem is one or two lines on the error stream, and no trace of the program's inside."""
    assert answer.code == code
    assert answer.err.strip()
    assert "Traceback" not in answer.err + answer.out
    assert len(answer.err.strip().splitlines()) <= 2
    return answer.err


READING = {
    ("kpis",): list,
    ("kpis", "--grain", "month"): list,
    ("kpis", "--grain", "week", "--channel", "search"): list,
    ("segments",): list,
    ("segments", "--method", "clusters"): list,
    ("alerts", "--all"): list,
    ("people",): list,
    ("people", "--sort", "newest", "--limit", "3"): list,
    ("channels",): list,
    ("plan", "show"): dict,
    ("doctor",): list,
}


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_reading_commands_answer_in_json_and_in_both_languages(demo, arguments):
    front, behind = demo("--json", *arguments), demo(*arguments, "--json")
    assert front.code == behind.code == 0
    assert isinstance(front.json, READING[arguments])
    assert front.json == behind.json
    assert front.json or arguments[-1] == "search"
    english, chinese = demo("--lang", "en", *arguments), demo("--lang", "zh", *arguments)
    assert english.code == chinese.code == 0
    assert CHINESE.search(chinese.out)
    assert english.out != chinese.out


def test_figures_are_there(demo):
    names = {r["name"] for r in demo("--json", "kpis").json}
    assert {"revenue", "orders", "aov", "repeat_rate", "cac", "roi"} <= names
    channels = demo("--json", "channels").json
    assert all({"channel", "revenue", "spend", "roas", "cac"} <= set(r) for r in channels)
    best = [p["clv"] for p in demo("--json", "people", "--limit", "50").json if p["clv"] is not None]
    assert best == sorted(best, reverse=True)
    assert len(demo("--json", "people", "--limit", "3").json) == 3


def test_a_person_is_found_by_whatever_is_known(demo):
    first = next(p for p in demo("--json", "people", "--limit", "50").json if p["email"] and p["phone"])
    whole = demo("--json", "person", first["key"]).json
    assert whole["key"] == first["key"]
    assert {"timeline", "consents", "identities", "scores", "next"} <= set(whole)
    for who in (first["email"], first["email"].upper(), first["phone"]):
        assert demo("--json", "person", who).json["key"] == first["key"]
    assert first["name"] in demo("--lang", "en", "person", first["key"]).out


def test_a_name_is_searched(demo):
    first = next(p for p in demo("--json", "people", "--limit", "50").json if CHINESE.search(p["name"] or ""))
    assert first["key"] in {p["key"] for p in demo("--json", "people", first["name"]).json}


@pytest.mark.parametrize("command", ["person", "export-person", "erase-person"])
def test_nobody_of_that_name(demo, command):
    extra = ["--yes"] if command == "erase-person" else []
    answer = demo("--lang", "en", command, "nobody@nowhere.example", *extra)
    assert "nobody@nowhere.example" in told(answer)
    assert answer.out == ""


@pytest.mark.parametrize(
    "arguments",
    [["people", "--sort", "colour"], ["kpis", "--grain", "century"], ["segments", "--method", "magic"],
     ["loop", "--now", "last tuesday"], ["--lang", "fr", "kpis"], ["plan", "show", "nosuchplan"],
     ["plan", "approve", "nosuchplan"], ["plan", "reject", "nosuchplan"], ["import", "/nowhere/at-all.csv"],
     ["restore", "/nowhere/at-all.tar.gz"]],
    ids=" ".join,
)  # fmt: skip
def test_a_wrong_word_is_told_with_what_there_is(demo, arguments):
    said = told(demo(*arguments))
    assert arguments[-1] in said or "--lang" in said


def test_no_such_command_or_option(demo):
    for arguments in (["dance"], ["kpis", "--loud"], ["person"], ["people", "--limit", "0"]):
        assert demo(*arguments).code == 2


def test_the_demo_is_made_once_and_never_in_a_real_company(demo, bare, tmp_path):
    again = demo("--json", "demo", "--people", "120", "--seed", "5", "--now", DAY)
    assert (again.code, again.json["made"]) == (0, False)
    bare("init", "--company", "真公司")
    people = tmp_path / "people.csv"
    people.write_text("姓名,邮箱\n李梅,li@shop.cn\n", "utf-8")
    assert bare("import", str(people)).code == 0
    assert "another folder" in told(bare("demo", "--people", "100"))
    assert "demo" in told(bare("demo", "--advance", "7"))


def test_from_nothing_to_a_report(bare, tmp_path):
    """init, import with a trial, the same again, rows set aside, loop, plan, send, report, kpis, doctor."""
    assert "init" in told(bare("kpis"), 3)
    made = bare("--json", "init", "--company", "灯塔茶", "--currency", "CNY", "--language", "en")
    assert (made.code, made.json["company"]) == (0, "灯塔茶")
    assert bare("--json", "init").json == made.json
    assert "There are no figures yet" in bare("kpis").out
    assert bare("kpis", "--json").json == []
    assert "regulars loop" in told(bare("plan", "show"))
    assert "regulars loop" in told(bare("plan", "approve"))

    orders = tmp_path / "订单.csv"
    lines = ["订单号,下单时间,姓名,邮箱,同意营销,实付金额,渠道"]
    lines += [f"A-{n},2026-0{1 + n % 2}-{1 + n % 27:02d} 10:00:00,顾客{n % 30},c{n % 30}@shop.cn,是,{20 + n}.50,抖音"
              for n in range(90)]  # fmt: skip
    orders.write_text("\n".join([*lines, "A-X,昨天,顾客1,c1@shop.cn,是,5.00,抖音"]) + "\n", "utf-8")
    trial = bare("--json", "import", str(orders), "--dry-run", "--now", DAY).json
    assert (trial["dry_run"], trial["read"], trial["set_aside"]) == (True, 91, 1)
    assert bare("--json", "people").json == []
    real = bare("--json", "import", str(orders), "--now", DAY).json
    assert {k: real[k] for k in ("created", "updated", "money_stored")} == {
        k: trial[k] for k in ("created", "updated", "money_stored")
    }
    assert Path(real["rejects"]).is_file()
    again = bare("import", str(orders), "--now", DAY)
    assert again.code == 0
    assert real["rejects"].rpartition("/")[0] in again.out
    assert bare("--json", "import", str(orders), "--now", DAY).json["created"] == 0

    missing = bare("--json", "import", str(tmp_path / "no.csv"), str(orders))
    assert missing.code == 1
    assert "no.csv" in missing.json[0]["problem"]
    assert missing.json[1]["read"] == 91

    turned = bare("--json", "loop", "--now", DAY)
    assert turned.code == 0, turned.err
    assert turned.json["scores"] > 0
    assert bare("--json", "loop", "--now", DAY).json["repeated"] is True
    assert Path(turned.json["report"]).read_text("utf-8").startswith("<!")
    plan = bare("--json", "plan", "show").json
    assert plan["plan"] == turned.json["plan"]
    approved = bare("--json", "plan", "approve").json
    assert approved["plan"] == plan["plan"]
    assert plan["plan"] in told(bare("plan", "approve", plan["plan"]))
    sent = bare("--json", "send", "--now", "2026-03-05T10:00").json
    assert sent["counts"]["waiting"] == 0
    assert sent["sandbox"].endswith("sandbox")
    assert "nothing was sent" in bare("send", "--now", "2026-03-05T10:00").out
    report = tmp_path / "report.html"
    assert bare("--json", "report", str(report)).json == {"report": str(report)}
    assert report.is_file()

    export = bare("--json", "export-person", "c1@shop.cn", str(tmp_path / "one.zip")).json["export"]
    with zipfile.ZipFile(export) as archive:
        assert len(json.loads(archive.read("person.json"))["lake"]["orders"]) == 3
    erased = bare("--json", "erase-person", "c1@shop.cn", "--yes").json
    assert erased["clean"] is True
    assert "c1@shop.cn" in told(bare("person", "c1@shop.cn"))


def test_a_rejected_plan_cannot_be_approved(demo):
    plan = demo("--json", "plan", "show").json["plan"]
    assert demo("--json", "plan", "reject", plan).json == {"plan": plan, "state": "rejected"}
    assert plan in told(demo("plan", "approve", plan))
    assert demo("--json", "send", "--now", "2026-03-05T10:00").json["queued"] == {}


def test_a_backup_comes_back_and_a_damaged_one_is_refused(bare, tmp_path):
    bare("init", "--company", "before")
    good = bare("--json", "backup", str(tmp_path / "good.tar.gz"))
    assert good.code == 0
    assert good.json["bytes"] == (tmp_path / "good.tar.gz").stat().st_size
    assert "good.tar.gz" in told(bare("backup", str(tmp_path / "good.tar.gz")))
    content = bytearray((tmp_path / "good.tar.gz").read_bytes())
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "bad.tar.gz").write_bytes(content)
    (tmp_path / "other.tar.gz").write_bytes(b"hello")
    for name in ("bad.tar.gz", "other.tar.gz"):
        assert name in told(bare("restore", str(tmp_path / name), "--yes"))
    Home(bare.home).change(company="after")
    back = subprocess.run(
        [*PROGRAM, "--home", str(bare.home), "--json", "restore", str(tmp_path / "good.tar.gz"),
         "--yes"], env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(json.loads(back.stdout)["kept"]).is_dir()
    assert Home(bare.home).settings.company == "before"


def test_settings_that_cannot_be_read_are_told(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    for text, word in (("company = [", "regulars.toml"), ('zone = "Mars/Base"', "Mars/Base"), ("colour = 1", "colour")):
        home.settings_path.write_text(text, "utf-8")
        run = Commands(home.path)
        try:
            assert word in told(run("kpis"))
        finally:
            run.stop()


def test_a_port_in_use_is_told(demo):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = told(demo("serve", "--port", str(port)))
    assert str(port) in said
    assert f"--port {port + 1}" in said


def test_the_doctor_finds_what_is_broken(demo):
    colours = {f["key"]: f["colour"] for f in demo("--json", "doctor").json}
    assert colours["book"] == colours["audit"] == colours["lake"] == "green"
    key = next((Home(demo.home).keys_path).iterdir())
    key.chmod(0o644)
    try:
        broken = demo("--json", "doctor")
        assert broken.code == 4
        assert {f["key"] for f in broken.json if f["colour"] == "red"} == {"keys"}
    finally:
        key.chmod(0o600)


def test_it_runs_as_a_program(demo):
    """Once for real: its own process, the streams and the exit code."""
    command = [*PROGRAM, "--home", str(demo.home), "kpis", "--json"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert json.loads(done.stdout)
