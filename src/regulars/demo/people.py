"""The address book of the simulated company: people, their companies and the price list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.demo import company, names
from regulars.demo.cast import KINDS, NOBODY, Cast, Flags
from regulars.demo.clock import Clock, Ints
from regulars.demo.facts import pick

EMPLOYED = 0.76
STAFF = 1.7


def _weights(values: Sequence[float]) -> Any:
    share = np.array(values, dtype=np.float64)
    return share / share.sum()


def found_companies(rng: np.random.Generator, count: int, label: str) -> tuple[pa.Table, Ints, Ints]:
    """``count`` companies with their market and place."""
    market = rng.choice(len(company.MARKETS), count, p=_weights([m.share for m in company.MARKETS]))
    place = rng.choice(len(names.PLACES), count, p=_weights([p.share for p in names.PLACES]))
    country = pick([p.country for p in names.PLACES], place)
    chinese = pc.is_in(country, value_set=pa.array(["CN", "HK"]))
    city = pick([p.city for p in names.PLACES], place)
    n_zh, n_en = len(names.BRAND_ZH), len(names.BRAND_EN)
    zh = pc.binary_join_element_wise(
        city, pick(names.BRAND_ZH, rng.integers(0, n_zh, count)),
        pick(names.TRADE_ZH, rng.integers(0, len(names.TRADE_ZH), count)), "有限公司", "",
    )  # fmt: skip
    number = pc.cast(pa.array(rng.integers(2, 99, count)), pa.string())
    en = pc.binary_join_element_wise(
        pick(names.BRAND_EN, rng.integers(0, n_en, count)), number,
        pick(names.TRADE_EN, rng.integers(0, len(names.TRADE_EN), count)), " ",
    )  # fmt: skip
    key = pc.binary_join_element_wise(f"co{label}", pc.cast(pa.array(np.arange(count)), pa.string()), "-")
    table = pa.table(
        {
            "id": key,
            "name": pc.if_else(chinese, zh, en),
            "industry": pick([m.key for m in company.MARKETS], market),
            "city": city,
            "region": pick([p.region for p in names.PLACES], place),
            "country": country,
            "employees": pa.array(np.ceil(rng.lognormal(2.3, 1.2, count)).astype(np.int64)),
            "domain": pc.binary_join_element_wise(key, "example.com", "."),
        }
    )
    return table, market.astype(np.int64), place.astype(np.int64)


def settle(rng: np.random.Generator, count: int, label: str) -> tuple[pa.Table, Ints, Ints, Ints, Flags]:
    """Companies for ``count`` new people, and everyone's employer (-1 none), market, place and language."""
    firms = max(1, round(count * EMPLOYED / STAFF))
    table, firm_market, firm_place = found_companies(rng, firms, label)
    works = rng.random(count) < EMPLOYED
    employer = np.where(works, rng.integers(0, firms, count), -1).astype(np.int64)
    own_market = rng.choice(len(company.MARKETS), count, p=_weights([m.share for m in company.MARKETS]))
    own_place = rng.choice(len(names.PLACES), count, p=_weights([p.share for p in names.PLACES]))
    market = np.where(works, firm_market[employer], own_market).astype(np.int64)
    place = np.where(works, firm_place[employer], own_place).astype(np.int64)
    speaks = np.array([0.06 if p.country == "CN" else 0.35 if p.country == "HK" else 0.93 for p in names.PLACES])
    return table, employer, market, place, rng.random(count) < speaks[place]


def people_table(
    rng: np.random.Generator, clock: Clock, cast: Cast, companies: pa.Table, number: int, stage: pa.Array, end: int
) -> pa.Table:
    """Everybody with name, addresses and the labels the truth knows; ``number`` is the first phone number."""
    n = len(cast)
    surname = rng.choice(len(names.SURNAMES), n, p=_weights([s[2] for s in names.SURNAMES]))
    one, two = rng.integers(0, len(names.GIVEN), (2, n))
    second = pc.if_else(pa.array(rng.random(n) < 0.72), pick(names.GIVEN, two), "")
    zh = pc.binary_join_element_wise(pick([s[0] for s in names.SURNAMES], surname), pick(names.GIVEN, one), second, "")
    first, last = rng.integers(0, len(names.FIRST), n), rng.integers(0, len(names.LAST), n)
    en = pc.binary_join_element_wise(pick(names.FIRST, first), pick(names.LAST, last), " ")
    english = pa.array(cast.english)
    count = pc.cast(pa.array(np.arange(number, number + n)), pa.string())
    slug = pc.if_else(
        english, pick([w.lower() for w in names.LAST], last), pick([s[1] for s in names.SURNAMES], surname)
    )
    host = pick(["example.com", "example.cn", "example.org"], rng.choice(3, n, p=[0.5, 0.4, 0.1]))
    address = pc.binary_join_element_wise(slug, pc.binary_join_element_wise(count, host, "@"), ".")
    has_mail, has_phone, has_wechat = rng.random((3, n)) < np.array([[0.94], [0.78], [0.55]])
    none = pa.scalar(None, pa.string())
    works = cast.employer >= 0
    firm = pa.array(np.where(works, cast.employer, 0))
    bought = pa.array((cast.kind != NOBODY) & (cast.first_at < end))
    return pa.table(
        {
            "customer": cast.customer,
            "name": pc.if_else(english, en, zh),
            "email": pc.if_else(
                pa.array(has_mail), address,
                none,
            ),
            # 154 is a mobile prefix nobody has been given: possible, never a real person's number.
            "phone": pc.if_else(
                pa.array(has_phone), pc.binary_join_element_wise("+86154", pc.utf8_lpad(count, 8, "0"), ""), none
            ),
            "wechat": pc.if_else(
                pa.array(has_wechat & ~cast.english), pc.binary_join_element_wise("wx", slug, count, "_"), none
            ),
            "company_id": pc.if_else(pa.array(works), companies.column("id").combine_chunks().take(firm), none),
            "company": pc.if_else(pa.array(works), companies.column("name").combine_chunks().take(firm), none),
            "city": pick([p.city for p in names.PLACES], cast.place),
            "region": pick([p.region for p in names.PLACES], cast.place),
            "country": pick([p.country for p in names.PLACES], cast.place),
            "language": pc.if_else(english, "en", "zh"),
            "zone": pick([p.zone for p in names.PLACES], cast.place),
            "channel": pick(company.CHANNEL_KEYS, cast.channel),
            "market": pick([m.key for m in company.MARKETS], cast.market),
            "created_at": clock.times(cast.created),
            "stage": stage,
            "consent_email": pa.array(cast.consent & has_mail),
            "segment": pick(company.SEGMENTS, cast.segment),
            "buyer_kind": pc.if_else(bought, pick(KINDS, cast.kind), KINDS[NOBODY]),
        }
    )  # fmt: skip


def price_list() -> pa.Table:
    """Everything the company sells."""
    rows = [
        {"sku": f"PLAN-{p.key.upper()}", "name": p.zh, "name_en": p.en, "kind": "subscription", "price": p.price,
         "unit": "month"}
        for p in company.PLANS
    ]  # fmt: skip
    rows += [
        {"sku": p.sku, "name": p.zh, "name_en": p.en, "kind": "one_off", "price": p.price, "unit": "piece"}
        for p in company.PRODUCTS
    ]
    rows.append(
        {"sku": company.USAGE_SKU, "name": "超额用量（每小时GPU）", "name_en": "Extra usage (GPU hour)",
         "kind": "usage", "price": round(company.GPU_SECOND_PRICE * 3600), "unit": "gpu_hour"}
    )  # fmt: skip
    return pa.Table.from_pylist(rows).append_column("currency", pa.repeat(company.CURRENCY, len(rows)))
