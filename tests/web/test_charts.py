"""A chart, its table and its CSV are made from the same rows."""

from __future__ import annotations

import json
from datetime import date

from regulars.web.charts import Axis, bar, cohorts, funnel, line, sankey, scatter, spark

WEEK, MONEY = Axis("Week", "day"), Axis("Revenue", "money")


def test_a_band_is_low_and_the_rest_up_to_high():
    chart = line("a", "A", [(date(2026, 1, 5), 10.0, 8.0, 13.0), (date(2026, 1, 12), 12.0, None, None)], WEEK, MONEY,
                 band=True)  # fmt: skip
    series = {s["role"]: s["data"] for s in chart.option["series"]}
    assert series == {"band-low": [8.0, None], "band": [5.0, None], "line": [10.0, 12.0]}
    assert chart.option["xAxis"]["data"] == ["2026-01-05", "2026-01-12"]
    assert chart.rows[0] == ["2026-01-05", 10.0, 8.0, 13.0]
    assert [c.named for c in chart.columns][:2] == ["Week", "Revenue (¥)"]


def test_bars_keep_rows_and_columns_together():
    chart = bar("b", "B", [("search", 1, 2, 1.5, 2.5)], Axis("Channel", "text"), [MONEY, MONEY], intervals=True)
    assert [s["data"] for s in chart.option["series"]] == [[1], [2]]
    assert chart.extra["intervals"] == {"low": 3, "high": 4, "series": 1}
    assert len(chart.columns) == len(chart.rows[0])


def test_a_funnel_says_which_share_went_on():
    chart = funnel("f", "F", [("seen", 200), ("bought", 50)], Axis("People"))
    assert [r[2] for r in chart.rows] == [1.0, 0.25]


def test_the_triangle_has_a_cell_for_each_known_share():
    chart = cohorts("c", "C", [("2026-01", 10, 1.0, 0.4), ("2026-02", 5, 1.0, None)])
    assert chart.option["series"][0]["data"] == [[0, 0, 1.0], [1, 0, 0.4], [0, 1, 1.0]]


def test_every_chart_can_be_carried_by_json():
    charts = [
        line("a", "A", [(date(2026, 1, 5), 1)], WEEK, MONEY),
        scatter("s", "S", [("x", 1, 2, 3)], Axis("Name", "text"), Axis("X"), Axis("Y"), Axis("Size")),
        sankey("k", "K", [("a", "b", 3), ("b", "c", 2)]),
    ]
    for chart in charts:
        back = json.loads(json.dumps(chart.payload))
        assert len(back["columns"]) == len(back["rows"][0])


def test_a_small_line_stays_in_its_box():
    points = [tuple(map(float, p.split(","))) for p in spark([1, None, 3, 2]).split()]
    assert len(points) == 3
    assert all(0 <= x <= 96 and 0 <= y <= 28 for x, y in points)
    assert spark([1]) == ""
