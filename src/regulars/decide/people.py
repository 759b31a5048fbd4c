"""The people of a turn: what is known of each, the rows that name their next best action, and the counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars import __version__
from regulars.tables import DECISIONS


def profiles(
    people: pa.Table, scores: pa.Table, recent: Mapping[str, int] | None = None, uplift: Any = None
) -> pa.Table:
    """One row a person with the scores that next best reads; null where there is none.

    ``recent``: messages of each person lately; ``uplift``: what understanding found of the effect of messages. The
    uplift of single people is read only of actions where it was shown to tell people apart.
    """
    keys = people.column("customer").combine_chunks().cast(pa.string())
    names = scores.column("name")

    def score(name: str, column: str = "value") -> tuple[Any, Any]:
        rows = scores.filter(pc.equal(names, name)).sort_by("made_at")
        at = pc.index_in(rows.column("customer").combine_chunks().cast(keys.type), value_set=keys)
        return np.asarray(at.fill_null(-1)), rows.column(column).combine_chunks()

    def figures(name: str, column: str = "value") -> Any:
        at, values = score(name, column)
        out = np.full(people.num_rows, np.nan)
        out[at[at >= 0]] = np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False))[at >= 0]
        return out

    at, labels = score("activity", "label")
    place = np.full(people.num_rows, -1, dtype=np.int64)
    place[at[at >= 0]] = np.flatnonzero(at >= 0)
    activity = labels.take(pa.array(place, mask=place < 0))
    orders, spent = figures("orders"), figures("spent")
    more: dict[str, Any] = {}
    for name in (f"uplift_{action}" for action in trusted_uplifts(uplift, scores)):
        more |= {name: figures(name), f"{name}_low": figures(name, "low"), f"{name}_high": figures(name, "high")}
    for column in people.column_names:
        if column.endswith("_ok") and column != "email_ok":
            more[column] = people.column(column)
    if recent:
        who, counts = pa.array(list(recent), pa.string()), pa.array(list(recent.values()), pa.int64())
        more["recent"] = pc.fill_null(counts.take(pc.index_in(keys, value_set=who)), 0)
    return pa.table(
        {
            "customer": keys,
            "activity": activity,
            "email_ok": people.column("email_ok"),
            "aov": np.divide(spent, orders, out=np.full(len(orders), np.nan), where=orders > 0),
            "clv": figures("clv"),
            "clv_low": figures("clv", "low"),
            "clv_high": figures("clv", "high"),
            "p_alive": figures("p_alive"),
            "expected_orders": figures("expected_orders"),
            **more,
        }
    )


def trusted_uplifts(finding: Any, scores: pa.Table) -> tuple[str, ...]:
    """The actions whose uplift is known person by person, and told people apart beyond luck.

    A finding names the learner it chose, or none: then the mean of the action serves everybody alike.
    """
    names = pc.unique(scores.column("name")).to_pylist()
    scored = sorted(n.removeprefix("uplift_") for n in names if n and n.startswith("uplift_"))
    if finding is None:
        return tuple(scored)
    rows = finding["actions"] if isinstance(finding, Mapping) else finding.actions
    told = [(r["action"], r["chosen"]) if isinstance(r, Mapping) else (r.action, r.chosen) for r in rows]
    chosen = {action for action, learner in told if learner}
    return tuple(a for a in scored if a in chosen)


def person_rows(rows: pa.Table, plan: str, stamp: dict[str, Any]) -> pa.Table:
    """The rows of the decisions table, one a person."""
    return DECISIONS.fill(
        {
            "id": pc.binary_join_element_wise(f"{plan}#p#", rows.column("customer"), ""),
            "kind": "next_best",
            "customer": rows.column("customer"),
            "subject": rows.column("action"),
            "channel": rows.column("channel"),
            "value": rows.column("value"),
            "low": rows.column("low"),
            "high": rows.column("high"),
            "made_by": f"decide.next_best/{__version__}",
            "why": rows.column("why"),
            **stamp,
        },
        rows.num_rows,
    )


def by_action(rows: pa.Table) -> Mapping[str, Mapping[str, float]]:
    """Counts and money by action."""
    out = {}
    for action, people, value in zip(
        *rows.group_by("action").aggregate([("customer", "count"), ("value", "sum")]).columns, strict=True
    ):
        out[action.as_py()] = {"people": float(people.as_py()), "value": value.as_py()}
    return dict(sorted(out.items(), key=lambda kv: -kv[1]["value"]))
