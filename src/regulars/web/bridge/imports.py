"""One file brought in: read, resolved, stored and reconciled; a dry run is the same code taken back."""

from __future__ import annotations

import csv
import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from django.utils import timezone

from regulars.web.audit.services import record
from regulars.web.bridge import records
from regulars.web.bridge.lake import lake
from regulars.web.bridge.resolve import Resolved, people_resolve
from regulars.web.imports.models import ImportRun

if TYPE_CHECKING:
    from regulars.collect.canonical import Collected
    from regulars.home import Home
    from regulars.lake import Lake

Progress = Callable[[str, float], None]
# Rows per append: large enough for good Parquet files, small enough for a steady progress bar.
BATCH = 200_000


def import_file(
    home: Home,
    path: Path,
    *,
    as_kind: str | None = None,
    source: str | None = None,
    map_file: Path | None = None,
    mapping: dict[str, Any] | None = None,
    reading: dict[str, str] | None = None,
    dry_run: bool = False,
    now: datetime,
    actor: str,
    progress: Progress = lambda stage, share: None,
    run: ImportRun | None = None,
) -> dict[str, Any]:
    """Bring one file in and answer with the reconciliation.

    ``reading`` says how to read it where the owner knows better: ``encoding``, ``delimiter``, ``sheet``.
    Raises ``collect.problems.ImportProblem`` when the file as a whole cannot be
    used; single rows that cannot are set aside in a file of their own.
    """
    from regulars.collect.problems import ImportProblem
    from regulars.collect.turn import collect

    path = Path(path)
    settings = home.settings
    run = run or ImportRun.objects.create(
        uid=secrets.token_hex(8), file_name=path.name[:255], sha256=_sha256(path), source=source or "",
        dry_run=dry_run, state="running", created_at=timezone.now(),
    )  # fmt: skip
    ImportRun.objects.filter(uid=run.uid).update(state="running", started_at=timezone.now(), problem=None)
    try:
        progress("read", 0.0)
        got = collect(
            path, as_kind=as_kind, mapping=map_file or mapping, source_name=source or None, zone=settings.zone,
            currency=settings.currency, language=settings.language, now=now, name=run.file_name, **(reading or {}),
            progress=lambda step, rows: progress(step, 0.4 if step == "done" else 0.1),
        )  # fmt: skip
        counts = _store(home, got, run.uid, now=now, dry_run=dry_run, progress=progress)
    except ImportProblem as error:
        problem = {"code": error.code, "what": error.what, "where": error.where, "remedy": error.remedy,
                   "values": {k: str(v) for k, v in error.values.items()}}  # fmt: skip
        ImportRun.objects.filter(uid=run.uid).update(state="failed", problem=problem, ended_at=timezone.now())
        raise
    except BaseException as error:
        ImportRun.objects.filter(uid=run.uid).update(
            state="failed", problem={"code": "stopped", "what": str(error)[:500], "where": path.name, "remedy": ""},
            ended_at=timezone.now(),
        )  # fmt: skip
        raise
    rejects = _rejects(home, got, run.uid)
    answer = {
        "run": run.uid,
        "kind": got.kind,
        "source": got.source,
        "format": got.format,
        "encoding": got.encoding,
        "delimiter": got.delimiter,
        "dry_run": dry_run,
        "mapping": [
            {"column": c.column, "field": c.field, "why": c.why, "confidence": round(c.confidence, 3),
             "samples": list(c.samples)}
            for c in got.mapping.choices
        ],
        "notes": dict(got.notes),
        "rejects": str(rejects) if rejects else None,
        **counts,
    }  # fmt: skip
    ImportRun.objects.filter(uid=run.uid).update(
        state="done", kind=got.kind, source=got.source,
        mapping={"choices": answer["mapping"], **got.mapping.plain(), "wishes": mapping or {},
                 "reading": reading or {}},
        counts={k: v for k, v in answer.items() if k != "mapping"}, progress=1.0,
        rejects_path=str(rejects.relative_to(home.path)) if rejects else "", ended_at=timezone.now(),
    )  # fmt: skip
    record(actor, "file_import", run.uid, kind=got.kind, dry_run=dry_run, read=got.totals.read)
    progress("done", 1.0)
    return answer


class _TakenBack(Exception):
    """Ends a dry run: the transaction is rolled back with everything in it."""


def _store(home: Home, got: Collected, run: str, *, now: datetime, dry_run: bool, progress: Progress) -> dict[str, Any]:
    """Write people to the book, then facts to the lake; killed in between, the same import finishes the work."""
    store = lake()
    counts: dict[str, Any] = {}
    appends: list[tuple[str, pa.Table]] = []
    with store.lease():
        try:
            with transaction.atomic():
                progress("people", 0.4)
                people = people_resolve(got.people, got.source, now)
                _records(got, people, counts, now)
                progress("compare", 0.6)
                for number, (table, facts) in enumerate(got.facts.items()):
                    rows = facts.assigned(people.customers) if _personal(facts) else facts.rows
                    if "date_assumed" in got.notes:
                        rows = _first_dates(store, table, rows, got.source)
                    found = store.upsert(table, rows)
                    counts[table] = {
                        "created": found.created, "updated": found.updated, "unchanged": found.unchanged,
                        "duplicates": found.duplicates,
                    }  # fmt: skip
                    appends.append((table, found.rows))
                    progress("compare", 0.6 + 0.1 * (number + 1) / len(got.facts))
                if dry_run:
                    raise _TakenBack
                if people.touched:
                    from regulars.web.search.services import index

                    index(list(people.touched))
        except _TakenBack:
            appends = []
        for table, rows in appends:
            for number, start in enumerate(range(0, rows.num_rows, BATCH)):
                store.append(table, rows.slice(start, BATCH), f"import:{run}", number)
                progress("store", 0.7 + 0.28 * min(1.0, (start + BATCH) / max(rows.num_rows, 1)))
    counts["people"] = {
        "created": people.created, "updated": people.updated, "unchanged": people.unchanged,
        "to_review": people.conflicts,
    }  # fmt: skip
    main = {name: c for name, c in counts.items() if isinstance(c, dict)}
    totals = got.totals
    return {
        "tables": main,
        "read": totals.read,
        "used": totals.used,
        "created": sum(c["created"] for c in main.values()),
        "updated": sum(c["updated"] for c in main.values()),
        "unchanged": sum(c["unchanged"] for c in main.values()),
        "set_aside": sum(totals.aside.values()),
        "aside": dict(totals.aside),
        "money_in": dict(totals.money_in),
        "money_stored": dict(totals.money_out),
        "spend_in": dict(totals.spent_in),
        "spend_stored": dict(totals.spent_out),
    }


def _first_dates(store: Lake, table: str, rows: pa.Table, source: str) -> pa.Table:
    """Rows of a file without dates keep the day they were first imported, or every import would change them."""
    stored = store.current(table)
    known = stored.filter(stored["source"] == source).select("id", "at", "day").to_pyarrow()
    place = pc.index_in(rows["id"], known["id"].combine_chunks())
    for name in ("at", "day"):
        column = pc.if_else(pc.is_valid(place), known[name].take(place), rows[name])
        rows = rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), column)
    return rows


def _personal(facts: Any) -> bool:
    return "customer" in facts.rows.column_names


def _records(got: Collected, people: Resolved, counts: dict[str, Any], now: datetime) -> None:
    """What belongs to the book besides people: companies, products, deals and texts."""
    keys = people.customers.to_pylist()

    def person(row: dict[str, Any]) -> str | None:
        return None if row["person"] is None else keys[row["person"]]

    companies = records.companies_ensure(
        [*(r["name"] for r in got.companies.to_pylist()), *(d for d in got.deals["company"].to_pylist() if d)], now,
        {records.folded(r["name"]): r for r in got.companies.to_pylist()},
    )  # fmt: skip
    records.products_write(
        ((p["sku"], p["title"] or "", bool(p["goods"])) for p in got.products.to_pylist()), got.source
    )
    if got.deals.num_rows:
        created, updated, unchanged = records.deals_write(
            (
                {
                    **d,
                    "external_id": d["id"],
                    "person_id": person(d),
                    "company_id": companies.get(records.folded(d["company"] or "")),
                    "title": d["title"] or d["product"],
                    "fields": records.fields_of(d["fields"]),
                }
                for d in got.deals.to_pylist()
            ),
            got.source,
        )
        counts["deals"] = {"created": created, "updated": updated, "unchanged": unchanged}
    if got.texts.num_rows:
        records.answers_write(
            (
                {
                    **t,
                    "external_id": t["id"],
                    "person_id": person(t),
                    "text": "\n".join(x for x in (t["subject"], t["text"]) if x),
                }
                for t in got.texts.to_pylist()
            ),
            got.source,
        )


def _rejects(home: Home, got: Collected, run: str) -> Path | None:
    """The rows set aside, as they were, with number and reason: mend the file and import it again."""
    from regulars.web.words.imports import reject_reason

    if got.rejects.num_rows == 0:
        return None
    path = home.rejects_path / f"{run}.csv"
    header = [c.column for c in got.mapping.choices]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*header, "_row", "_reason", "_detail"])
        for r in got.rejects.to_pylist():
            cells = [*(r["cells"] or ()), *[""] * len(header)][: max(len(header), len(r["cells"] or ()))]
            writer.writerow([*cells, r["row"], reject_reason(r["reason"]), r["detail"] or ""])
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
