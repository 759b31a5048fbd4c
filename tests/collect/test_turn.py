"""Real files, end to end: figures published with the data or summed here by another way."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from regulars.collect import Collected, ImportProblem, collect, preview
from regulars.tables import conform

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def frame(got: Collected, table: str) -> pd.DataFrame:
    conform(table, got.facts[table].rows)
    return got.facts[table].rows.to_pandas()


@pytest.fixture(scope="module")
def retail(shared_data: Path) -> Collected:
    return collect(
        shared_data / "online_retail_uk/online_retail.parquet", now=NOW, zone="Europe/London", currency="GBP"
    )


@pytest.mark.shared_data
def test_online_retail_total_is_exact_to_the_penny(retail: Collected, shared_data: Path) -> None:
    raw = pq.read_table(
        shared_data / "online_retail_uk/online_retail.parquet", columns=["Quantity", "UnitPrice"]
    ).to_pydict()
    direct = sum(q * Decimal(repr(p)) for q, p in zip(raw["Quantity"], raw["UnitPrice"], strict=True))
    assert retail.totals.money_in == {"GBP": str(direct)}
    assert retail.totals.money_out == {"GBP": int((direct * 100).to_integral_value())}
    assert pc.sum(retail.facts["orders"].rows["amount"]).as_py() == 974774793
    assert pc.sum(retail.facts["order_lines"].rows["amount"]).as_py() == 974774793


@pytest.mark.shared_data
def test_online_retail_counts_and_cancellations(retail: Collected) -> None:
    orders, lines = frame(retail, "orders"), frame(retail, "order_lines")
    assert (retail.kind, retail.totals.read, retail.totals.used) == ("order_lines", 541909, 541909)
    assert (len(lines), len(orders), retail.people.num_rows) == (541909, 25900, 4372)
    cancelled = orders["id"].str.startswith("C")
    assert (orders.loc[cancelled, "kind"] == "refund").all()
    assert (orders.loc[cancelled, "amount"] <= 0).all()
    assert retail.facts["orders"].person.null_count == 3710
    assert lines["id"].is_unique
    assert orders["id"].is_unique
    flagged = set(lines.loc[~lines["goods"], "product"])
    assert {"POST", "D", "M", "DOT", "BANK CHARGES", "AMAZONFEE", "CRUK", "C2", "S", "B"} <= flagged
    assert not {"85123A", "22423", "DCGSSGIRL"} & flagged
    per_order = lines.groupby("order_id")["amount"].sum()
    assert (per_order.reindex(orders["id"]).to_numpy() == orders["amount"].to_numpy()).all()


@pytest.mark.shared_data
def test_online_retail_orders_without_money_or_customer_are_no_orders(retail: Collected) -> None:
    orders = frame(retail, "orders").assign(person=retail.facts["orders"].person.to_pandas())
    odd = orders[orders["status"] == "cancelled"]
    assert (odd["amount"] == 0).all()
    assert odd["person"].isna().all()


@pytest.mark.shared_data
def test_tmall_paid_unpaid_and_refunds(shared_data: Path) -> None:
    path = shared_data / "tmall_orders/tmall_order_report_odd.csv.gz"
    raw = pd.read_csv(path, dtype=str)
    raw.columns = raw.columns.str.strip()
    cents = {c: raw[c].map(lambda t: int(Decimal(t) * 100)) for c in ("总金额", "买家实际支付金额", "退款金额")}
    got = collect(path, now=NOW)
    orders = frame(got, "orders")
    sales, refunds = orders[orders["kind"] == "sale"], orders[orders["kind"] == "refund"]
    assert len(sales) == 14005
    assert (sales["status"] == "paid").sum() == raw["订单付款时间"].notna().sum() == 12006
    assert (sales["status"] == "unpaid").sum() == 1999
    assert -refunds["amount"].sum() == cents["退款金额"].sum()
    assert len(refunds) == (cents["退款金额"] > 0).sum()
    assert orders["amount"].sum() == cents["买家实际支付金额"].sum()  # the paid column is net of refunds in this file
    assert "paid_is_net" in got.notes
    assert sales["ordered"].sum() == cents["总金额"].sum()
    assert set(orders["market"]) >= {"上海", "安徽省"}


@pytest.mark.shared_data
def test_cdnow_keeps_every_purchase_and_its_ids_are_stable(shared_data: Path) -> None:
    path = shared_data / "cdnow_sample/cdnow_transactions_sample.csv.gz"
    whole = pd.read_csv(path, dtype=str)
    got = collect(path, now=NOW)
    orders = frame(got, "orders")
    assert (len(orders), got.people.num_rows) == (6919, 2357)
    assert orders["amount"].sum() == sum(int(Decimal(t) * 100) for t in whole["amount_usd"])
    assert set(orders["currency"]) == {"USD"}
    assert orders["id"].is_unique
    part = collect(whole.head(4000).to_csv(index=False).encode(), now=NOW, name="part.csv")
    assert set(part.facts["orders"].rows["id"].to_pylist()) <= set(orders["id"])


@pytest.mark.shared_data
def test_olist_leads_and_deals_share_their_people(shared_data: Path) -> None:
    leads = collect(shared_data / "olist_funnel/qualified_leads.csv.gz", now=NOW)
    deals = collect(shared_data / "olist_funnel/closed_deals.csv.gz", now=NOW)
    assert (leads.kind, leads.people.num_rows) == ("people", 8000)
    assert (deals.kind, deals.deals.num_rows) == ("deals", 842)
    assert set(deals.deals["type"].to_pylist()) == {"won"}
    won = set(deals.people["external_id"].to_pylist())
    origin = pd.Series(leads.people["channel"].to_pylist(), index=leads.people["external_id"].to_pylist())
    rate = origin[origin == "paid search"].index.isin(won).mean()
    assert rate == pytest.approx(0.123, abs=0.0005)  # the folder's README
    assert (origin == "organic search").sum() == 2296
    assert set(deals.deals["market"].to_pylist()) >= {"pet", "home decor"}
    assert deals.deals["amount"].null_count == 842  # declared revenue of the seller is no deal value


@pytest.mark.shared_data
def test_crm_pipeline_win_rate_and_value(shared_data: Path) -> None:
    got = collect(shared_data / "crm_pipeline/sales_pipeline.csv", now=NOW, currency="USD")
    deals = got.deals.to_pandas()
    counts = deals["type"].value_counts()
    assert counts.to_dict() == {"won": 4238, "lost": 2473, "open": 2089}
    assert deals.loc[deals["type"] == "won", "amount"].sum() == 1000553400
    assert deals.loc[0, "opened_at"].tz_convert("Asia/Shanghai").date().isoformat() == "2016-10-20"  # DD-MM-YY
    assert set(got.companies["name"].to_pylist()) >= {"Cancity", "Isdom"}
    accounts = collect(shared_data / "crm_pipeline/accounts.csv", now=NOW)
    assert accounts.companies.num_rows == 85


@pytest.mark.shared_data
def test_robyn_weeks_become_long(shared_data: Path) -> None:
    path = shared_data / "mmm_robyn/dt_simulated_weekly.csv"
    raw = pd.read_csv(path)
    got = collect(path, now=NOW, currency="EUR")
    spend, orders = frame(got, "spend"), frame(got, "orders")
    assert (len(spend), len(orders)) == (5 * 208, 208)
    assert set(spend["channel"]) == {"tv", "ooh", "print", "search", "facebook"}
    assert set(spend["days"]) == {7}
    for channel in ("tv", "ooh", "print", "search", "facebook"):
        mine = spend[spend["channel"] == channel]
        assert mine["amount"].sum() / 100 == pytest.approx(raw[f"{channel}_S"].sum(), abs=0.005 * 208)
    facebook = spend[spend["channel"] == "facebook"]
    assert facebook["impressions"].to_list() == pytest.approx(raw["facebook_I"].to_list())
    assert spend.loc[spend["channel"] == "search", "clicks"].to_list() == pytest.approx(
        raw["search_clicks_P"].to_list()
    )
    assert orders["amount"].sum() / 100 == pytest.approx(raw["revenue"].sum(), abs=1)
    assert orders["id"].str.startswith("total:").all()
    events = frame(got, "events")
    assert set(events["name"]) == {"competitor_sales_B", "newsletter", "event1", "event2"}


@pytest.mark.shared_data
def test_complete_journey_baskets_add_up(shared_data: Path) -> None:
    path = shared_data / "complete_journey/transactions.parquet"
    raw = pq.read_table(path)
    got = collect(path, now=NOW, currency="USD")
    orders = frame(got, "orders")
    assert len(orders) == pc.count_distinct(raw["basket_id"]).as_py()
    assert orders["amount"].sum() == sum(round(v * 100) for v in raw["sales_value"].to_pylist())
    assert got.people.num_rows == pc.count_distinct(raw["household_id"]).as_py()
    assert frame(got, "order_lines")["amount"].sum() == orders["amount"].sum()


@pytest.mark.shared_data
def test_geo_media_keeps_its_markets(shared_data: Path) -> None:
    got = collect(shared_data / "mmm_meridian/geo_media.csv.gz", now=NOW, currency="USD")
    spend = frame(got, "spend")
    assert (spend["market"].nunique(), spend["channel"].nunique(), len(spend)) == (20, 4, 12480)
    assert spend["id"].is_unique


def test_the_same_file_twice_gives_the_same_rows() -> None:
    data = b"order id,order date,email,amount\n1,2024-03-05,a@b.org,12.50\n1,2024-03-05,a@b.org,2.50\n,2024-03-06,,3\n"
    first, second = collect(data, now=NOW), collect(data, now=NOW)
    assert first.facts["orders"].rows.equals(second.facts["orders"].rows)
    assert first.people.equals(second.people)


def test_the_owners_mapping_goes_first_and_can_be_kept(tmp_path: Path) -> None:
    data = b"ref,when,x,who\nA1,2024-03-05,9.5,a@b.org\n"
    wish = {"kind": "orders", "columns": {"ref": "order_id", "x": "amount"}, "constants": {"currency": "USD"}}
    got = collect(data, now=NOW, mapping=wish)
    assert got.facts["orders"].rows.select(["id", "amount", "currency"]).to_pylist() == [
        {"id": "A1", "amount": 950, "currency": "USD"}
    ]
    for name in ("map.toml", "map.json"):
        got.mapping.save(tmp_path / name)
        again = collect(data, now=NOW, mapping=tmp_path / name)
        assert again.facts["orders"].rows.equals(got.facts["orders"].rows)


def test_wrong_wishes_are_told_in_the_owners_words() -> None:
    data = b"a,b\n1,2\n"
    for wish, code in (
        ({"columns": {"zz": "email"}}, "column_missing"),
        ({"columns": {"a": "nope"}}, "field_unknown"),
        ({"kind": "x"}, "kind_unknown"),
    ):
        with pytest.raises(ImportProblem) as caught:
            preview(data, mapping=wish)
        assert caught.value.code == code
    with pytest.raises(ImportProblem) as caught:
        preview(b"left,right\nx,y\n")
    assert caught.value.code == "kind_unclear"


def test_facts_take_their_customer_keys_in_bulk() -> None:
    data = b"order id,order date,email,amount\n1,2024-03-05,a@b.org,1\n2,2024-03-05,,2\n3,2024-03-06,c@d.org,3\n"
    facts = collect(data, now=NOW).facts["orders"]
    assert facts.assigned(pa.array(["key-a", "key-c"]))["customer"].to_pylist() == ["key-a", None, "key-c"]
