from __future__ import annotations

import ast
import re
from pathlib import Path

import regulars.collect as room
from regulars.collect import NOTES, REASONS

FILES = [p for p in Path(room.__file__).parent.rglob("*.py") if p.name != "problems.py"]
SOURCE = "\n".join(p.read_text("utf-8") for p in FILES)


def reasons_given() -> set[str]:
    """The second argument of every ``reject(rows, reason)`` and ``Aside(row, reason, ...)``."""
    found = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or len(node.args) < 2:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            reason = node.args[1]
            if name in ("reject", "Aside") and isinstance(reason, ast.Constant):
                found.add(reason.value)
    return found


def test_the_list_of_reasons_is_complete_and_holds_no_other() -> None:
    assert reasons_given() == set(REASONS)


def test_the_list_of_notes_is_complete_and_holds_no_other() -> None:
    used = set(re.findall(r'notes(?:\.setdefault\(|\[)f?"([a-z_]+)', SOURCE))
    assert used <= set(NOTES)
    assert {n for n in NOTES if n not in SOURCE} == set()
