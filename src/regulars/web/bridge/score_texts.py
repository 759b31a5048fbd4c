"""JSON texts of a million scores, one a person, written by columns: row by row it took a fifth of a turn."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

OWN_COLUMNS = (
    "orders", "spent", "clv", "clv_historic", "recency_days", "weighted_score", "p_alive", "expected_orders", "churn",
    "rfm", "segment", "cluster", "activity",
)  # fmt: skip
_SPECIAL = r"[\"\\\x00-\x1f]"


def more_texts(scores: pa.Table, person: Any, people: int) -> list[str]:
    """Scores without a column of their own, by person: ``{"name": {"value": 1.5, "low": null, ..., "label": ""}}``.

    ``person`` is the place of each row's customer among ``people``. Of scores said twice a reader takes the last.
    """
    other = pc.invert(pc.is_in(scores["name"], value_set=pa.array(OWN_COLUMNS)))
    said = pc.or_(pc.is_valid(scores["value"]), pc.not_equal(pc.fill_null(scores["label"], ""), ""))
    kept = np.asarray(pc.and_(other, said).to_numpy(zero_copy_only=False))
    rows = scores.filter(pa.array(kept)).combine_chunks()
    ends = [_number(rows[c]) for c in ("value", "low", "high")]
    text = pc.binary_join_element_wise(
        _quoted(rows["name"]), ': {"value": ', ends[0], ', "low": ', ends[1], ', "high": ', ends[2], ', "label": ',
        _quoted(pc.fill_null(rows["label"], "")), "}", "",
    )  # fmt: skip
    return _objects(text, person[kept], people)


def why_texts(scores: pa.Table, person: Any, people: int) -> list[str]:
    """The reason codes of every score by person: ``{"name": "codes"}``; scores without any are left out."""
    kept = np.asarray(pc.not_equal(pc.fill_null(scores["why"], ""), "").to_numpy(zero_copy_only=False))
    rows = scores.filter(pa.array(kept)).combine_chunks()
    text = pc.binary_join_element_wise(_quoted(rows["name"]), ": ", _quoted(rows["why"]), "")
    return _objects(text, person[kept], people)


def _number(column: Any) -> Any:
    finite = pc.fill_null(pc.is_finite(column.cast(pa.float64())), False)
    return pc.if_else(finite, column.cast(pa.float64()).cast(pa.string()), "null")


def _quoted(column: Any) -> Any:
    """Each text as JSON; the few with signs that JSON escapes are written by Python."""
    plain = pc.binary_join_element_wise('"', column, '"', "")
    odd = pc.match_substring_regex(column, _SPECIAL)
    if not pc.any(odd).as_py():
        return plain
    mask = odd.combine_chunks() if isinstance(odd, pa.ChunkedArray) else odd
    said = [json.dumps(t, ensure_ascii=False) for t in column.filter(mask).to_pylist()]
    flat = plain.combine_chunks() if isinstance(plain, pa.ChunkedArray) else plain
    return pc.replace_with_mask(flat, mask, pa.array(said, pa.string()))


def _objects(members: Any, person: Any, people: int) -> list[str]:
    order = np.argsort(person, kind="stable")
    flat = members.combine_chunks() if isinstance(members, pa.ChunkedArray) else members
    bounds = np.searchsorted(person[order], np.arange(people + 1)).astype(np.int64)
    lists = pa.LargeListArray.from_arrays(pa.array(bounds), flat.take(pa.array(order)))
    return pc.binary_join_element_wise("{", pc.binary_join(lists, ", "), "}", "").to_pylist()
