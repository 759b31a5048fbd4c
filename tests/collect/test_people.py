# ruff: noqa: E501
from __future__ import annotations

import json
from datetime import UTC, datetime

from regulars.collect import collect

NOW = datetime(2025, 6, 1, tzinfo=UTC)


def people(text: str, **more: object) -> list[dict[str, object]]:
    return collect(text.encode(), now=NOW, **more).people.to_pylist()  # type: ignore[arg-type]


def test_one_person_per_strongest_identity() -> None:
    got = people(
        "customer id,email,phone,name\n7,ada@x.org,,Ada\n,ada@x.org,13900001111,\n,,13900001111,Ada L\n,bob@x.org,,Bob\n"
    )
    assert [(p["external_id"], p["email"], p["phone"], p["name"]) for p in got] == [
        ("7", "ada@x.org", "+8613900001111", "Ada"), (None, "bob@x.org", None, "Bob")]  # fmt: skip


def test_one_email_with_two_ids_is_two_people() -> None:
    got = people("customer id,email\n7,home@x.org\n8,home@x.org\n")
    assert [p["external_id"] for p in got] == ["7", "8"]


def test_same_name_is_not_same_person_and_comes_back_the_same() -> None:
    text = "姓名,城市\n张伟,上海\n张伟,北京\n张伟,北京\n"
    got = people(text, as_kind="people")
    assert len({p["external_id"] for p in got}) == 3
    assert [p["external_id"] for p in got] == [
        p["external_id"] for p in people(text + "李四,广州\n", as_kind="people")
    ][:3]


def test_masked_values_are_neither_names_nor_keys() -> None:
    got = collect("客户姓名,手机号,邮箱\n##,138****0000,a***@qq.com\n李**,13900001111,li@x.org\n".encode(), now=NOW)
    assert [(p["name"], p["phone"]) for p in got.people.to_pylist()] == [(None, "+8613900001111")]
    assert got.rejects["reason"].to_pylist() == ["no_identity"]


def test_consent_words() -> None:
    got = people("email,是否同意营销\na@x.org,是\nb@x.org,否\nc@x.org,\n")
    assert [p["consent_email"] for p in got] == [True, False, None]
    got = people("email,unsubscribed\na@x.org,true\nb@x.org,false\n")
    assert [p["consent_email"] for p in got] == [False, None]


def test_phones_follow_the_rows_country() -> None:
    got = people("name,phone,country\nAda,(415) 555-2671,United States\nWei,13900001111,中国\nMax,030 901820,Germany\n")
    assert [p["phone"] for p in got] == ["+14155552671", "+8613900001111", "+4930901820"]


def test_what_has_no_column_is_kept_by_its_header() -> None:
    got = people("姓名,手机号,宠物,生日\n李四,13900001111,猫,1990-01-02\n")
    assert json.loads(str(got[0]["fields"])) == {"宠物": "猫", "生日": "1990-01-02"}


def test_numbers_saved_as_decimals_are_the_same_id() -> None:
    got = people("customer id,name\n17850.0,Ada\n17850,Ada\n0,Nobody\n")
    assert got[0]["external_id"] == "17850"
    assert sum(p["external_id"] == "17850" for p in got) == 1
