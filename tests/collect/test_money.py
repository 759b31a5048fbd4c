from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.collect.currencies import currency_code
from regulars.collect.money import exact_sum, product, read_amounts, rounded
from regulars.collect.numerals import decimal_mark, read_number
from regulars.collect.sheet import Cells


def number(text: str, mark: str = ".") -> Decimal | None:
    got = read_number(text, mark)
    return None if got is None else Decimal(got[0]).scaleb(-got[1])


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("¥1,234.50", "1234.50", "¥"),
        ("￥88", "88", "¥"),
        ("1,234.50元", "1234.50", "CNY"),
        ("人民币 300", "300", "CNY"),
        ("RMB 12.00", "12", "CNY"),
        ("1.2万", "12000", None),
        ("3.5万元", "35000", "CNY"),
        ("2亿", "200000000", None),
        ("(12.00)", "-12", None),
        ("-¥12.00", "-12", "¥"),
        ("¥-12.00", "-12", "¥"),
        ("12.00-", "-12", None),
        ("−5", "-5", None),
        ("+5.00", "5", None),
        ("£1,000", "1000", "GBP"),
        ("US$ 9.99", "9.99", "USD"),
        ("HK$120", "120", "HKD"),
        ("9.99 USD", "9.99", "USD"),
        ("CNY 1 234,50", "1234.50", "CNY"),
        ("1 234,50 €", "1234.50", "EUR"),
        ("1.234,50 €", "1234.50", "EUR"),
        ("1'234.50 CHF", "1234.50", "CHF"),
        ("12,5", "12.5", None),
        ("1,23,456.00", "123456", None),
        ("1.2E+3", "1200", None),
        ("$1.5k", "1500", "$"),
        ("１２３．４５", "123.45", None),
        ("R$ 10,00", "10", "BRL"),
        (".5", "0.5", None),
        ("免费", "0", None),
    ],
)
def test_forms_people_write(text: str, value: str, currency: str | None) -> None:
    got = read_number(text)
    assert got is not None
    assert Decimal(got[0]).scaleb(-got[1]) == Decimal(value)
    assert got[2] == currency


@pytest.mark.parametrize(
    "text", ["", "abc", "12%", "1-2-3", "2024-03-05", "12 apples", "1.2.3,4,5", "N/A", "13900x1111", "(", "¥"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    assert read_number(text) is None


def test_the_column_decides_what_a_lone_comma_means() -> None:
    european = Cells.of(pa.array(["1.234", "12,50", "7,5"]))
    assert read_amounts(european).floats().tolist() == [1234.0, 12.5, 7.5]
    english = Cells.of(pa.array(["1,234", "12.50", "7.5"]))
    assert read_amounts(english).floats().tolist() == [1234.0, 12.5, 7.5]
    assert decimal_mark(pa.array(["1,234", "2,345"])) == "."


money = st.decimals(min_value=Decimal("-999999999999.99"), max_value=Decimal("999999999999.99"), places=2)


@given(money, st.sampled_from(["{:,.2f}", "¥{:,.2f}", "{:.2f}", "{:,.2f} USD", "￥{:.2f}元"]))
def test_english_forms_come_back(value: Decimal, form: str) -> None:
    assert number(form.format(value)) == value


@given(money)
def test_european_forms_come_back(value: Decimal) -> None:
    text = f"{value:,.2f}".translate(str.maketrans(",.", ".,")) + " €"
    assert number(text, ",") == value


@given(st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=3), min_size=1, max_size=40))
def test_columns_are_exact(values: list[Decimal]) -> None:
    got = read_amounts(Cells.of(pa.array([str(v) for v in values])))
    units, scale = got.total()
    assert Decimal(units).scaleb(-scale) == sum(values)
    expected = [int((v * 100).to_integral_value(ROUND_HALF_UP)) for v in values]
    assert got.minor(2).tolist() == expected


@given(
    st.lists(
        st.tuples(st.integers(-(10**12), 10**12), st.decimals(min_value=-9999, max_value=9999, places=4)), min_size=1
    )
)
def test_products_are_exact_even_beyond_64_bits(pairs: list[tuple[int, Decimal]]) -> None:
    count = read_amounts(Cells.of(pa.array([str(a) for a, _ in pairs])))
    price = read_amounts(Cells.of(pa.array([str(b) for _, b in pairs])))
    worth = product(count, price)
    assert Decimal(exact_sum(worth.units)).scaleb(-worth.scale) == sum(a * b for a, b in pairs)


def test_doubles_written_in_full_do_not_overflow() -> None:
    got = read_amounts(Cells.of(pa.array(["0.30000000000000004", "2754371.66666666667", "1"])))
    assert got.valid.all()
    assert got.minor(2).tolist() == [30, 275437167, 100]


def test_rounding_is_half_away_from_zero() -> None:
    assert rounded(np.array([5, 15, -5, -15, 4]), 1).tolist() == [1, 2, -1, -2, 0]


def test_currency_words() -> None:
    assert [currency_code(t) for t in ("gbp", "美元", "Euro", "CNH", "xx")] == ["GBP", "USD", "EUR", "CNY", None]
