"""The same Ibis expressions on DuckDB, on Sail and on Spark: every cell equal, money to the bit."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from pathlib import Path

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pytest

from regulars.lake import Lake
from regulars.tables import TABLES
from regulars.understand.customer_states import customer_states, day_cell_rows, merged, states_of_rows
from regulars.understand.rfm import summary

pytestmark = pytest.mark.parity

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
PEOPLE, ORDERS, TOUCHES = 400, 4_000, 8_000
CHANNELS = np.array(["search", "social", "mail", "wechat"])


def facts(table: str, rng: np.random.Generator, rows: int, prefix: str = "", **own: object) -> pa.Table:
    micros = rng.integers(0, 300 * 86_400 * 10**6, rows) + int(START.timestamp()) * 10**6
    at = pa.array(micros, pa.timestamp("us", tz="UTC"))
    people = np.char.add("person", np.char.zfill((PEOPLE * rng.random(rows) ** 2).astype(int).astype(str), 6))
    columns = {
        "source": "shop", "id": [f"{prefix}{n}" for n in range(rows)], "revision": 0, "recorded_at": START, "at": at,
        "day": pa.array(micros // (86_400 * 10**6), pa.int32()).cast(pa.date32()), "customer": people,
        "channel": rng.choice(CHANNELS, rows), **own,
    }  # fmt: skip
    return TABLES[table].fill({k: v for k, v in columns.items() if k in TABLES[table].names}, rows)


@pytest.fixture(scope="module")
def lakes(engine: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, Lake]:
    path: Path = tmp_path_factory.mktemp("parity") / "lake"
    rng = np.random.default_rng(20241)
    duck = Lake(path, threads=1)
    money = rng.integers(1, 10**9, ORDERS)
    paid = {"kind": "sale", "status": "paid", "currency": "CNY"}
    orders = facts("orders", rng, ORDERS, amount=money, ordered=money, market=[None, "DE"] * (ORDERS // 2), **paid)
    duck.append("orders", orders, "shop", 1)
    corrected = orders.slice(0, 300).set_column(
        orders.schema.get_field_index("amount"), "amount", pa.array(money[:300] + 1)
    )
    duck.append("orders", duck.upsert("orders", corrected).rows, "shop", 2)
    touches = facts("touches", rng, TOUCHES, kind="visit")
    duck.append("touches", touches, "web", 1)
    duck.append("spend", facts("spend", rng, 300, days=1, amount=rng.integers(1, 10**6, 300), currency="CNY"), "ads", 1)
    return duck, Lake(path, engine)


def seconds(at: ir.TimestampValue) -> ir.IntegerValue:
    return at.truncate("s").epoch_seconds().cast("int64")


def rfm(lake: Lake) -> ir.Table:
    orders = lake.current("orders").filter(lambda t: (t.kind == "sale") & (t.status == "paid"))
    each = orders.group_by("customer").aggregate(
        last=orders.at.max(), orders=orders.id.nunique(), spent=orders.amount.sum(), first=orders.day.min()
    )
    age = ibis.literal(int((START + dt.timedelta(days=300)).timestamp())).cast("int64") - seconds(each["last"])
    each = each.mutate(recency=age)
    return each.mutate(
        r=ibis.ntile(5).over(ibis.window(order_by=[ibis.desc(each.recency), each.customer])),
        f=ibis.ntile(5).over(ibis.window(order_by=[each.orders, each.customer])),
        m=ibis.ntile(5).over(ibis.window(order_by=[each.spent, each.customer])),
    ).order_by("customer")


def channels(lake: Lake) -> ir.Table:
    orders, spend = lake.current("orders"), lake.current("spend")
    firsts = orders.mutate(nth=ibis.row_number().over(group_by="customer", order_by=[orders.at, orders.id]))
    earned = firsts.group_by("channel").aggregate(
        revenue=firsts.amount.sum(), orders=firsts.count(), new=(firsts.nth == 0).cast("int64").sum()
    )
    paid = spend.group_by("channel").aggregate(cost=spend.amount.sum())
    both = earned.left_join(paid, "channel")
    return both.select(
        "channel", "revenue", "orders", "new", "cost",
        roas=both.revenue.cast("float64") / both.cost, cac=both.cost.cast("float64") / both.new,
    ).order_by("channel")  # fmt: skip


def attribution(lake: Lake) -> ir.Table:
    orders, touches = lake.current("orders"), lake.current("touches")
    o = orders.select("customer", order="id", bought=orders.at, amount="amount")
    t = touches.select("customer", "channel", touch="id", touched=touches.at)
    path = o.join(t, "customer").filter(
        lambda p: (p.touched <= p.bought) & (seconds(p.bought) - seconds(p.touched) <= 30 * 86_400)
    )
    path = path.mutate(
        nth=ibis.row_number().over(group_by="order", order_by=[path.touched, path.touch]),
        back=ibis.row_number().over(group_by="order", order_by=[ibis.desc(path.touched), ibis.desc(path.touch)]),
        n=path.count().over(group_by="order"),
    )
    return (
        path.group_by("channel")
        .aggregate(
            first_revenue=(path.nth == 0).ifelse(path.amount, 0).sum(),
            last_revenue=(path.back == 0).ifelse(path.amount, 0).sum(),
            linear_orders=(1.0 / path.n).sum(),
            tenth=(path.n * 0.1).sum(),
            # In thousandths of a minor unit, so that the sum is exact on both.
            linear_revenue=((path.amount * 1000) // path.n).sum(),
        )
        .order_by("channel")
    )


def cohorts(lake: Lake) -> ir.Table:
    orders = lake.current("orders")
    month = orders.day.year().cast("int64") * 12 + orders.day.month().cast("int64")
    bought = orders.mutate(month=month)
    bought = bought.mutate(cohort=bought.month.min().over(group_by="customer"))
    age = bought.mutate(age=bought.month - bought.cohort)
    return age.group_by(["cohort", "age"]).aggregate(
        people=age.customer.nunique(), revenue=age.amount.sum()
    ).order_by(["cohort", "age"])  # fmt: skip


def cells(lake: Lake) -> ir.Table:
    return day_cell_rows(lake.current("orders"), currency="CNY").order_by(["customer", "day"])


@pytest.mark.parametrize("expression", [rfm, channels, attribution, cohorts, cells])
def test_every_cell_is_equal(lakes: tuple[Lake, Lake], expression: Callable[[Lake], ir.Table]):
    duck, sail = (expression(lake).to_pyarrow() for lake in lakes)
    assert duck.num_rows > 3
    assert duck.column_names == sail.column_names
    for name in duck.column_names:
        left, right = duck.column(name).to_pylist(), sail.column(name).to_pylist()
        if pa.types.is_floating(duck.schema.field(name).type):
            assert all(math.isclose(a, b, rel_tol=1e-9) for a, b in zip(left, right, strict=True)), name
        else:
            assert left == right, name


def test_the_lake_itself_answers_alike(lakes: tuple[Lake, Lake]):
    duck, sail = lakes
    key = "person000003"
    for name in TABLES:
        assert [str(t) for t in duck.table(name).to_pyarrow().schema.types] == [
            str(t) for t in sail.table(name).to_pyarrow().schema.types
        ]
    for name in ("orders", "touches"):
        assert duck.customer(name, key).num_rows > 5
        assert duck.customer(name, key).to_pylist() == sail.customer(name, key).to_pylist()
    then = "orders=1"
    assert duck.snapshot(then).table("orders").count().to_pyarrow().as_py() == ORDERS
    assert sail.snapshot(then).table("orders").count().to_pyarrow().as_py() == ORDERS
    total = duck.current("orders").amount.sum().to_pyarrow().as_py()
    assert total == duck.table("orders").amount.sum().to_pyarrow().as_py()
    assert total == sail.current("orders").amount.sum().to_pyarrow().as_py()


def test_a_batch_an_increment_and_another_engine_give_the_same_customers(lakes: tuple[Lake, Lake]):
    duck, sail = lakes
    batch = summary(customer_states(duck.current("orders").to_pyarrow()))
    last = batch["last_day"].to_numpy().max().astype(int)
    by_sail = states_of_rows(day_cell_rows(sail.current("orders")).to_pyarrow(), to_day=int(last))
    rows, day = sail.current("orders"), dt.date(2024, 5, 17)
    early = states_of_rows(day_cell_rows(rows.filter(rows.day < day)).to_pyarrow())
    late = states_of_rows(day_cell_rows(rows.filter(rows.day >= day)).to_pyarrow(), to_day=int(last))
    assert batch.num_rows > 300
    assert summary(by_sail).equals(batch)
    assert summary(merged([early, late])).equals(batch)
