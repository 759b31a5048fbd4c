"""What a user can type, set or read is documented; tables that can be derived are compared, not trusted.

``python tests/test_docs.py --write`` writes the derived pages again.
"""

from __future__ import annotations

import dataclasses
import re
import sys
from pathlib import Path

import pytest

from regulars import tables
from regulars.home import Settings

DOCS = Path(__file__).resolve().parent.parent / "docs"


def tables_page() -> str:
    """``docs/tables.md`` from the vocabulary."""
    lines = [
        "# Tables of the lake",
        "",
        "Facts only accumulate; corrections are new rows (see decision 003). No name, address or text is a column:",
        "a person is the surrogate `customer` key. Money is whole minor units with its currency, times are",
        "UTC microseconds, days are in the company's zone. This page is derived from `regulars.tables`.",
    ]
    for table in tables.TABLES.values():
        lines += ["", f"## {table.name}", "", table.meaning, "", f"Key: {', '.join(f'`{k}`' for k in table.key)}", ""]
        lines += ["| column | unit | meaning | written by | read by |", "| --- | --- | --- | --- | --- |"]
        for c in table.columns:
            unit = c.unit.replace("|", ", ")
            lines.append(f"| `{c.name}` | {unit} | {c.meaning} | {c.producer} | {c.consumer} |")
    return "\n".join(lines) + "\n"


def kpis_page() -> str:
    """``docs/kpis.md`` from the registry."""
    from regulars.measure.kpis import KPIS

    lines = [
        "# Key figures",
        "",
        "Each figure is defined once, in `regulars.measure.kpis`; an undefined one (nothing to divide by) is empty,",
        "never zero or infinite. This page is derived from there.",
        "",
        "| key | English | 中文 | unit | formula | better |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    kpis = KPIS.values() if isinstance(KPIS, dict) else KPIS
    for k in kpis:
        formula = k.formula.replace("|", "/")
        lines.append(f"| `{k.key}` | {k.en} | {k.zh} | {k.unit} | {formula} | {k.better} |")
    return "\n".join(lines) + "\n"


DERIVED = {"tables.md": tables_page, "kpis.md": kpis_page}


@pytest.mark.parametrize("name", DERIVED)
def test_derived_pages_are_current(name):
    assert (DOCS / name).read_text("utf-8") == DERIVED[name](), "run: python tests/test_docs.py --write"


def test_every_setting_is_explained():
    page = (DOCS / "settings.md").read_text("utf-8")
    for field in dataclasses.fields(Settings):
        assert f"`{field.name}`" in page, field.name


def _commands() -> dict[str, list[str]]:
    import typer.main

    from regulars.cli.program import app

    found = {}

    def walk(command, name):
        inner = getattr(command, "commands", None)
        if inner:
            for key, child in inner.items():
                walk(child, f"{name} {key}".strip())
        else:
            found[name] = [o for p in command.params for o in p.opts if o.startswith("--")]
            assert command.help, f"{name} has no help"

    walk(typer.main.get_command(app), "")
    return found


def test_every_command_and_option_is_documented():
    page = (DOCS / "cli.md").read_text("utf-8")
    for command, options in _commands().items():
        assert f"## regulars {command}\n" in page, command
        section = page.split(f"## regulars {command}\n")[1].split("\n## ")[0]
        for option in options:
            if option != "--help":
                assert f"`{option}`" in section, f"regulars {command} {option}"


def test_every_exit_code_is_documented():
    from regulars.cli import console

    page = (DOCS / "cli.md").read_text("utf-8")
    for name, code in vars(console).items():
        if name.startswith("EXIT_"):
            assert re.search(rf"^\| {code} \|", page, re.M), name


def test_links_between_pages_lead_somewhere():
    for page in [*DOCS.rglob("*.md"), *DOCS.parent.glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


if __name__ == "__main__" and "--write" in sys.argv:
    for name, render in DERIVED.items():
        (DOCS / name).write_text(render(), "utf-8")
