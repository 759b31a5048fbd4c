from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from regulars.trust.erase import ErasureError, Place, Proof, Registry, Step, prove

NOW = datetime(2026, 5, 1, tzinfo=UTC)
PLACES = Registry(
    [
        Place("invoices", "keep", why="tax_law"),
        Place("notes", "erase"),
        Place("tickets", "anonymise", ("author", "text")),
        Place("orders", "erase", home="lake"),
    ]
)
DONE = [
    Step("notes", "book", "erase", 3, 0),
    Step("orders", "lake", "erase", 12, 0),
    Step("tickets", "book", "anonymise", 1, 0),
    Step("invoices", "book", "keep", 0, 2, "tax_law"),
]


def test_a_proof_names_nobody_and_shows_when_it_was_changed() -> None:
    proof = prove(PLACES, "f" * 64, DONE, requested_at=NOW, done_at=NOW)
    assert proof.complete
    assert proof.intact()
    back = Proof.of_record(json.loads(json.dumps(proof.as_record())))
    assert back == proof
    assert not replace(proof, steps=proof.steps[:2]).intact()


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        (DONE[1:], "nothing was done about notes"),
        ([replace(DONE[0], left=1), *DONE[1:]], r"still there in notes \(1 rows\)"),
        ([replace(DONE[0], fate="keep"), *DONE[1:]], "not dealt with as registered: notes"),
    ],
)
def test_there_is_no_proof_of_half_an_erasure(steps: list[Step], says: str) -> None:
    with pytest.raises(ErasureError, match=says):
        prove(PLACES, "f" * 64, steps, requested_at=NOW, done_at=NOW)


def test_places_nobody_thought_of_are_named() -> None:
    assert PLACES.missing(["notes", "calls"]) == ("calls",)
    assert PLACES.missing(["orders"]) == ("orders",)
    assert PLACES.missing(["orders"], home="lake") == ()
    assert [p.fate for p in PLACES.plan()] == ["erase", "erase", "anonymise", "keep"]


def test_rules_that_contradict_themselves_are_refused() -> None:
    for make in (
        lambda: Place("x", "keep"),
        lambda: Place("x", "anonymise"),
        lambda: Place("x", "burn"),
        lambda: Registry([Place("x", "erase"), Place("x", "keep", why="tax_law")]),
    ):
        with pytest.raises(ErasureError):
            make()
