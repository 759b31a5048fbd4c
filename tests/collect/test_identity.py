# ruff: noqa: E501
from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from regulars.collect.identity import identities_of, is_blocked, match


def known(*rows: tuple[str, str, str]) -> pa.Table:
    return pa.table({"kind": [r[0] for r in rows], "value": [r[1] for r in rows], "customer": [r[2] for r in rows]})


def people(**columns: list[object]) -> pa.Table:
    return pa.table(columns)


def test_values_that_stand_for_nobody_are_blocked() -> None:
    for kind, value in (("external_id", "0000"), ("external_id", "null"), ("external_id", "anonymous"), ("email", "test@shop.com"),
                        ("email", "noreply@x.org"), ("phone", "+8600000000000"), ("phone", "123"), ("wechat_id", "undefined")):  # fmt: skip
        assert is_blocked(kind, value), (kind, value)
    for kind, value in (
        ("external_id", "1"),
        ("external_id", "17850"),
        ("email", "ada@x.org"),
        ("phone", "+8613900001111"),
    ):
        assert not is_blocked(kind, value), (kind, value)


def test_two_external_ids_with_one_email_stay_two_people_with_one_review() -> None:
    got = match(
        people(external_id=["B"], email=["shared@x.org"]),
        known(("external_id", "A", "c1"), ("email", "shared@x.org", "c1")),
    )
    assert got.customer.to_pylist() == [None]
    assert got.conflicts.select(["reason", "kind", "customers"]).to_pylist() == [
        {"reason": "other_external_id", "kind": "email", "customers": ["c1"]}
    ]


def test_the_external_id_wins_and_the_other_claim_is_reviewed() -> None:
    got = match(
        people(external_id=["A"], email=["b@x.org"]), known(("external_id", "A", "c1"), ("email", "b@x.org", "c2"))
    )
    assert got.customer.to_pylist() == ["c1"]
    assert got.conflicts["reason"].to_pylist() == ["points_to_several"]


def test_email_and_phone_of_different_customers_join_nobody() -> None:
    got = match(
        people(email=["a@x.org"], phone=["+8613900001111"]),
        known(("email", "a@x.org", "c1"), ("phone", "+8613900001111", "c2")),
    )
    assert got.customer.to_pylist() == [None]
    assert got.conflicts.num_rows == 1


def test_a_shared_value_joins_nobody() -> None:
    got = match(
        people(phone=["+8613900001111"]), known(("phone", "+8613900001111", "c1"), ("phone", "+8613900001111", "c2"))
    )
    assert got.customer.to_pylist() == [None]
    assert got.conflicts["reason"].to_pylist() == ["shared_value"]
    assert match(people(email=["info@x.org"]), known(("email", "info@x.org", "c1"))).customer.to_pylist() == [None]


def test_names_never_match() -> None:
    assert match(people(name=["Ada"], email=[None]), known(("name", "Ada", "c1"))).customer.to_pylist() == [None]


def test_other_addresses_match_too() -> None:
    table = pa.table({"email": ["new@x.org"], "other_emails": pa.array([["Old@X.org"]], pa.list_(pa.string()))})
    assert match(table, known(("email", "old@x.org", "c1"))).customer.to_pylist() == ["c1"]
    assert [i.value for i in identities_of(table.to_pylist()[0])] == ["new@x.org", "old@x.org"]


ids = st.sampled_from(["A", "B", "C", None])
mails = st.sampled_from(["a@x.org", "b@x.org", None])


@given(st.lists(st.tuples(ids, mails), min_size=1, max_size=8), st.lists(st.tuples(st.sampled_from(["external_id", "email"]),
       st.sampled_from(["A", "B", "a@x.org", "b@x.org"]), st.sampled_from(["c1", "c2", "c3"])), max_size=8))  # fmt: skip
def test_nobody_takes_a_customer_with_another_external_id(
    rows: list[tuple[str | None, str | None]], book: list[tuple[str, str, str]]
) -> None:
    table = pa.table(
        {
            "external_id": pa.array([r[0] for r in rows], pa.string()),
            "email": pa.array([r[1] for r in rows], pa.string()),
        }
    )
    got = match(
        table, known(*book) if book else pa.table({c: pa.array([], pa.string()) for c in ("kind", "value", "customer")})
    )
    held: dict[str, set[str]] = {}
    for kind, value, customer in book:
        if kind == "external_id":
            held.setdefault(customer, set()).add(value)
    for (external, _), customer in zip(rows, got.customer.to_pylist(), strict=True):
        if external is not None and customer is not None and held.get(customer):
            assert external in held[customer]
