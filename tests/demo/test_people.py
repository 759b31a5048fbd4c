from __future__ import annotations

import phonenumbers
import pytest

from regulars import tables
from regulars.demo import Company
from regulars.demo.cast import keys


def test_the_address_book_is_complete_and_harmless(shop: Company) -> None:
    people = shop.people.to_pandas()
    mail = people["email"].dropna()
    assert mail.is_unique
    assert mail.str.fullmatch(r"[a-z]+\.\d+@example\.(com|cn|org)").all()
    phone = people["phone"].dropna()
    assert phone.is_unique
    numbers = [phonenumbers.parse(p) for p in phone.head(200)]
    assert all(phonenumbers.is_possible_number(n) and not phonenumbers.is_valid_number(n) for n in numbers)
    assert not people.loc[people["email"].isna(), "consent_email"].any()
    assert set(people["stage"]) <= set(tables.LIFECYCLE_STAGES)
    assert people["stage"].nunique() >= 7


def test_about_seven_in_ten_names_are_chinese(shop: Company) -> None:
    people = shop.people.to_pandas()
    chinese = people["name"].str.contains("[一-鿿]")
    assert (chinese == (people["language"] == "zh")).all()
    assert chinese.mean() == pytest.approx(0.72, abs=0.05)
    assert people["name"].nunique() > 0.6 * len(people)


def test_stages_follow_what_happened(shop: Company) -> None:
    people = shop.people.to_pandas().set_index("customer")
    orders = shop.facts["orders"].to_pandas()
    bought = set(orders.loc[orders["status"] == "paid", "customer"])
    sold = people["stage"].isin(["customer", "evangelist"])
    assert set(people.index[sold]) == bought
    assert set(people.index[people["buyer_kind"] != "none"]) == bought
    open_deals = shop.deals.to_pandas().query("type == 'open'")
    assert set(people.index[people["stage"] == "opportunity"]) == set(open_deals["customer"]) - bought


def test_companies_and_deals_refer_to_each_other(shop: Company) -> None:
    people, firms = shop.people.to_pandas(), shop.companies.to_pandas().set_index("id")
    works = people[people["company_id"].notna()]
    assert (firms.loc[works["company_id"], "name"].to_numpy() == works["company"].to_numpy()).all()
    assert (firms.loc[works["company_id"], "industry"].to_numpy() == works["market"].to_numpy()).all()
    deals = shop.deals.to_pandas()
    assert set(deals["customer"]) <= set(people["customer"])
    assert set(deals["type"]) == set(tables.DEAL_TYPES)
    assert (deals["closed_at"].isna() == (deals["type"] == "open")).all()
    assert (deals["closed_at"].dropna() > deals.loc[deals["closed_at"].notna(), "created_at"]).all()


def test_keys_never_collide() -> None:
    many = keys(8, 0, 300_000).to_pylist()
    assert len(set(many)) == 300_000
    assert keys(8, 299_999, 1).to_pylist() == many[-1:]
