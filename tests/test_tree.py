"""The tree is the argument: rooms have names, files are read in one sitting."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(p for p in (ROOT / "src").rglob("*.py") if "migrations" not in p.parts)
LONGEST = 300


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_file_is_read_in_one_sitting(path):
    lines = path.read_text("utf-8").count("\n")
    assert lines <= LONGEST, f"{lines} lines"


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if p.name == "__init__.py"], ids=lambda p: p.relative_to(ROOT).as_posix()
)
def test_a_package_file_only_hands_names_on(path):
    for node in ast.parse(path.read_text("utf-8")).body:
        allowed = (ast.Import, ast.ImportFrom, ast.Expr, ast.Assign, ast.AnnAssign, ast.If)
        named = isinstance(node, ast.FunctionDef) and node.name in ("__getattr__", "__dir__", "main")
        assert isinstance(node, allowed) or named, f"line {node.lineno}"


def test_no_room_without_a_name():
    bad = re.compile(r"(^|/)(utils?|helpers?|common|managers?|misc|base2)(\.py|/)")
    assert not [p for p in SOURCES if bad.search(p.relative_to(ROOT).as_posix())]


def test_no_science_module_looks_like_a_test():
    assert not [p for p in SOURCES if p.name.startswith("test")]


def test_turning_the_wheel_fits_a_page():
    assert (ROOT / "src/regulars/loop.py").read_text("utf-8").count("\n") <= 150


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_lock_files_have_hashes_and_no_addresses():
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-node.lock", "package-lock.json"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in re.sub(r'"(url|funding)": .*', "", text), name
        assert "sha256:" in text or '"integrity"' in text


def test_nothing_heavy_or_foreign_is_committed():
    for path in _tracked():
        assert path.stat().st_size < 1_000_000, path
        assert not re.search(r"static/vendor|node_modules|\.min\.(js|css)$", path.as_posix()), path


def test_web_apps_do_not_read_each_others_models():
    """They call services and queries; only the bridge sees every room's rows."""
    web = ROOT / "src" / "regulars" / "web"
    for path in web.rglob("*.py"):
        room = path.relative_to(web).parts[0]
        if room == "bridge" or "migrations" in path.parts:
            continue
        for other in re.findall(r"^\s*from regulars\.web\.(\w+)\.models import", path.read_text("utf-8"), re.M):
            assert other == room, f"{path.relative_to(ROOT)} reads the models of {other}"
