"""Which column means what: chosen by the program, shown to the owner, kept as a file."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from regulars.collect.fields import KINDS, fields_of
from regulars.collect.problems import ImportProblem


@dataclass(frozen=True)
class Choice:
    """One column: the field it was given (or none), how sure, why, and three of its values."""

    column: str
    field: str | None
    why: str
    confidence: float
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mapping:
    """The kind of a table and a field for each column.

    ``constants`` give a field one value for all rows, for what the file does
    not say (a currency, a channel, a date). ``ranking`` names the other kinds
    the table might be, best first.
    """

    kind: str
    choices: tuple[Choice, ...]
    constants: dict[str, str] = field(default_factory=dict)
    platform: str = ""
    ranking: tuple[tuple[str, float], ...] = ()

    def columns(self, name: str) -> tuple[str, ...]:
        """The columns that hold a field, surest first."""
        held = [c for c in self.choices if c.field == name]
        return tuple(c.column for c in sorted(held, key=lambda c: -c.confidence))

    def has(self, *names: str) -> bool:
        """Whether any of the fields is there."""
        return any(c.field in names for c in self.choices) or any(n in self.constants for n in names)

    def unused(self) -> tuple[str, ...]:
        """Columns without a field; their values go to the person's or row's other fields."""
        return tuple(c.column for c in self.choices if c.field in (None, "ignore"))

    def changed(self, wishes: dict[str, str | None], constants: dict[str, str] | None = None) -> Mapping:
        """The mapping with the owner's own choices for some columns."""
        choices = tuple(
            replace(c, field=wishes[c.column] or None, why="chosen_by_owner", confidence=1.0)
            if c.column in wishes
            else c
            for c in self.choices
        )
        return replace(self, choices=choices, constants={**self.constants, **(constants or {})})

    def plain(self) -> dict[str, Any]:
        """The mapping as plain values, as ``save`` writes it."""
        return {
            "kind": self.kind,
            "columns": {c.column: c.field or "" for c in self.choices},
            "constants": dict(self.constants),
        }

    def save(self, path: Path) -> None:
        """Write the mapping as TOML, or as JSON when the name ends so."""
        plain = self.plain()
        if path.suffix.lower() == ".json":
            path.write_text(json.dumps(plain, ensure_ascii=False, indent=2) + "\n", "utf-8")
            return
        import tomlkit

        path.write_text(tomlkit.dumps(plain), "utf-8")


@dataclass(frozen=True)
class Wishes:
    """What the owner asked for: a kind, fields for columns, constants."""

    kind: str | None = None
    columns: dict[str, str | None] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)


def load(given: Path | str | dict[str, Any] | Mapping | Wishes | None) -> Wishes:
    """Read a mapping file (TOML or JSON), or take one that is already at hand.

    >>> load({"kind": "orders", "columns": {"Datum": "ordered_at"}}).columns
    {'Datum': 'ordered_at'}
    """
    if given is None:
        return Wishes()
    if isinstance(given, Wishes):
        return given
    if isinstance(given, Mapping):
        return Wishes(given.kind, {c.column: c.field for c in given.choices}, dict(given.constants))
    where = "mapping"
    if not isinstance(given, dict):
        path = Path(given)
        where = path.name
        try:
            text = path.read_text("utf-8-sig")
            given = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
        except (OSError, ValueError) as error:
            raise ImportProblem(
                "map_unreadable",
                what=f"The mapping cannot be read: {error}",
                where=where,
                remedy="Write it as TOML or JSON with a table [columns].",
            ) from error
    kind = given.get("kind") or None
    columns = {str(k): (str(v) or None) for k, v in (given.get("columns") or {}).items()}
    if kind is not None and kind not in KINDS:
        raise ImportProblem(
            "kind_unknown",
            what=f"There is no kind {kind!r}",
            where=where,
            remedy="Use one of: " + ", ".join(KINDS),
            kind=kind,
        )
    known = {f for k in KINDS for f in fields_of(k)}
    for column, name in columns.items():
        if name is not None and name not in known:
            raise ImportProblem(
                "field_unknown",
                what=f"There is no field {name!r} (column {column!r})",
                where=where,
                remedy="Use one of: " + ", ".join(sorted(known)),
                column=column,
                field=name,
            )
    return Wishes(kind, columns, {str(k): str(v) for k, v in (given.get("constants") or {}).items()})
