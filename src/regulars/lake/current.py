"""What holds now: facts without their voided or replaced revisions, results of the newest turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from regulars.tables import Table


def current_facts(rows: ir.Table) -> ir.Table:
    """The newest revision of every (source, id), without those that were voided.

    Cost: only keys that were ever corrected enter the join's small side.
    """
    void = rows.kind == "void" if "kind" in rows.columns else rows.revision < 0
    corrections = rows.mutate(_void=void).filter(lambda t: (t.revision > 0) | t._void)
    tops = corrections.group_by(_source=corrections.source, _id=corrections.id).aggregate(
        _top=corrections.revision.max(),
        _gone=corrections._void.ifelse(corrections.revision, -1).max(),
    )
    stands = tops._top.isnull() | ((rows.revision == tops._top) & (tops._gone < tops._top))
    return rows.left_join(tops, [rows.source == tops._source, rows.id == tops._id]).filter(stands).select(*rows.columns)


def current_results(rows: ir.Table, table: Table) -> ir.Table:
    """The newest ``made_at`` of every key; a table whose key has no ``made_at`` keeps all rows."""
    if "made_at" not in table.key:
        return rows
    key = [c for c in table.key if c != "made_at"]
    newest = rows.group_by(**{f"_{c}": rows[c] for c in key}).aggregate(_made_at=rows.made_at.max())
    same = [rows[c].identical_to(newest[f"_{c}"]) for c in key]
    return rows.inner_join(newest, [*same, rows.made_at == newest._made_at]).select(*rows.columns)
