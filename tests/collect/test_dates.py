# ruff: noqa: DTZ001, E501
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.collect.dates import read_dates
from regulars.collect.sheet import Cells

NOW = datetime(2025, 6, 1, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(texts: list[str], zone: str = "Asia/Shanghai", **more: object) -> list[datetime | None]:
    got = read_dates(Cells.of(pa.array(texts)), zone, NOW, **more)  # type: ignore[arg-type]
    return [
        None if v is None else v.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for v in got.instants().to_pylist()
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-05", datetime(2024, 3, 5)),
        ("2024-03-05 15:04", datetime(2024, 3, 5, 15, 4)),
        ("2024-03-05T15:04:09.250", datetime(2024, 3, 5, 15, 4, 9, 250000)),
        ("2024/3/5 15:04:09", datetime(2024, 3, 5, 15, 4, 9)),
        ("2024.03.05", datetime(2024, 3, 5)),
        ("2024年3月5日", datetime(2024, 3, 5)),
        ("2024年3月5日 下午3:04", datetime(2024, 3, 5, 15, 4)),
        ("2024年03月05日15时04分09秒", datetime(2024, 3, 5, 15, 4, 9)),
        ("2024年3月5日 星期二 上午12:04", datetime(2024, 3, 5, 0, 4)),
        ("2024年3月", datetime(2024, 3, 1)),
        ("2024-03", datetime(2024, 3, 1)),
        ("20240305", datetime(2024, 3, 5)),
        ("20240305150409", datetime(2024, 3, 5, 15, 4, 9)),
        ("5 March 2024", datetime(2024, 3, 5)),
        ("Mar 5, 2024, 3:04 PM", datetime(2024, 3, 5, 15, 4)),
        ("Tue, 5 Mar 2024 15:04:09", datetime(2024, 3, 5, 15, 4, 9)),
        ("01-Jan-1995", datetime(1995, 1, 1)),
        ("5. März 2024", datetime(2024, 3, 5)),
        ("5 mars 2024", datetime(2024, 3, 5)),
        ("1709622249", datetime(2024, 3, 5, 15, 4, 9)),
        ("1709622249000", datetime(2024, 3, 5, 15, 4, 9)),
        ("45356", datetime(2024, 3, 5)),
        ("45356.5", datetime(2024, 3, 5, 12)),
        ("2024-03-05T07:04:09Z", datetime(2024, 3, 5, 15, 4, 9)),
        ("2024-03-05 07:04:09 UTC", datetime(2024, 3, 5, 15, 4, 9)),
        ("2024-03-05 09:04:09 +0200", datetime(2024, 3, 5, 15, 4, 9)),
        ("2024-03-05T02:04:09-05:00", datetime(2024, 3, 5, 15, 4, 9)),
        ("31/12/2023", datetime(2023, 12, 31)),
        ("12/31/2023", datetime(2023, 12, 31)),
        ("31.12.2023 23:59", datetime(2023, 12, 31, 23, 59)),
        ("２０２４－０３－０５", datetime(2024, 3, 5)),
    ],
)
def test_forms_people_write(text: str, expected: datetime) -> None:
    assert local([text]) == [expected]


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2024-02-30", "32/13/2024", "Q4 2016", "12:30", "13900001111x", "1.5", "7", "2024-13-01", "a5b"],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    assert local([text]) == [None]


def test_one_impossible_day_does_not_spoil_the_column() -> None:
    assert local(["2024-02-30", "2024-02-28"]) == [None, datetime(2024, 2, 28)]


@pytest.mark.parametrize(
    ("texts", "order", "why"),
    [
        (["03/04/2024", "25/04/2024"], "dmy", "first_above_12"),
        (["03/04/2024", "04/25/2024"], "mdy", "second_above_12"),
        (["06/05/2025", "12/05/2025"], "dmy", "not_in_future"),
        (
            ["01/02/2024", "01/03/2024", "01/04/2024", "01/05/2024", "01/06/2024", "01/07/2024", "01/08/2024"],
            "dmy",
            "usual_here",
        ),
    ],
)
def test_day_and_month_are_told_apart_over_the_column(texts: list[str], order: str, why: str) -> None:
    got = read_dates(Cells.of(pa.array(texts)), "Asia/Shanghai", NOW)
    assert (got.order, got.why) == (order, why)


def test_a_sorted_export_gives_the_order_away() -> None:
    days = [
        date(2024, 1, 1) + timedelta(days=d)
        for d in range(0, 330, 3)
        if (date(2024, 1, 1) + timedelta(days=d)).day <= 12
    ]
    got = read_dates(Cells.of(pa.array([f"{d:%m/%d/%Y}" for d in days])), "Asia/Shanghai", NOW)
    assert (got.order, got.why) == ("mdy", "sorted")


def test_short_years_are_found_where_values_vary_least() -> None:
    dmy = [f"{d:%d-%m-%y}" for d in (date(2016, 10, 20) + timedelta(days=n) for n in range(200))]
    assert local(dmy)[0] == datetime(2016, 10, 20)
    ymd = [f"{d:%y-%m-%d}" for d in (date(2016, 10, 20) + timedelta(days=n) for n in range(200))]
    assert local(ymd)[0] == datetime(2016, 10, 20)


def test_the_company_day_is_the_local_one() -> None:
    got = read_dates(Cells.of(pa.array(["2024-03-04T23:30:00Z"])), "Asia/Shanghai", NOW)
    assert got.days().to_pylist() == [date(2024, 3, 5)]


def test_clock_changes_move_forward_and_take_the_earlier() -> None:
    got = read_dates(Cells.of(pa.array(["2024-03-31 02:30:00", "2024-10-27 02:30:00"])), "Europe/Berlin", NOW)
    assert got.instants().to_pylist() == [
        datetime(2024, 3, 31, 1, 0, tzinfo=UTC),
        datetime(2024, 10, 27, 0, 30, tzinfo=UTC),
    ]


def test_a_file_in_another_zone_keeps_its_instants() -> None:
    got = read_dates(Cells.of(pa.array(["2024-03-05 00:00"])), "Asia/Shanghai", NOW, file_zone="UTC")
    assert got.instants().to_pylist() == [datetime(2024, 3, 5, tzinfo=UTC)]


times = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2090, 1, 1)).map(
    lambda d: d.replace(microsecond=0)
)


@given(times, st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日%H时%M分%S秒", "%d %B %Y %H:%M:%S",
                               "%Y%m%d%H%M%S", "%Y-%m-%dT%H:%M:%S", "%b %d, %Y %I:%M:%S %p"]))  # fmt: skip
def test_written_times_come_back(when: datetime, form: str) -> None:
    got = local([when.strftime(form)], "UTC")
    assert got == [when]


@given(
    st.lists(st.dates(date(2000, 1, 1), date(2025, 5, 1)), min_size=60, max_size=80),
    st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]),
)
def test_slashed_columns_come_back_when_any_day_is_above_12(days: list[date], form: str) -> None:
    if max(d.day for d in days) <= 12:
        return
    assert [d.date() for d in local([d.strftime(form) for d in days]) if d] == days


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader(text: str) -> None:
    read_dates(Cells.of(pa.array([text, "2024-03-05"])), "Asia/Shanghai", NOW)
