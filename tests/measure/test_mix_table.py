from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regulars.measure.mix_table import Columns, MixTable, with_history


def columns(**more) -> Columns:
    given = {"target": "sales", "spend": {"Ads": "ads"}, "date": "week", "geo": "geo", "others": (),
             "reach_frequency": None, "exposure": None}  # fmt: skip
    return Columns.of(**(given | more))


def weeks() -> pd.DataFrame:
    one = pd.DataFrame({"week": pd.date_range("2024-01-01", periods=30, freq="7D"), "ads": np.arange(30.0),
                        "views": np.arange(30.0) * 9, "sales": np.arange(30.0) + 1})  # fmt: skip
    return pd.concat([one.assign(geo="south"), one.assign(geo="north", ads=one["ads"] + 100)])


def test_rows_come_sorted_by_geo_and_week_whatever_their_order():
    table = MixTable.of(weeks().sample(frac=1, random_state=3), columns(exposure={"Ads": "views"}))
    assert table.geos == ("north", "south")
    assert table.spend[0, :, 0].tolist() == [100, 0]
    assert table.spend[0, 0].tolist() == (np.arange(30.0) + 100).tolist()
    assert table.media[0, 0].tolist() == (np.arange(30.0) * 9).tolist()


def test_later_rows_remember_the_fitted_weeks_and_what_is_unknown_is_nothing():
    table = MixTable.of(weeks(), columns())
    later = columns().read(weeks()[["week", "geo", "ads"]].groupby("geo").tail(1).assign(
        week=pd.Timestamp("2024-08-05"), ads=7.0), target=False)  # fmt: skip
    dates, media, _ = with_history(later, table, columns(), 3)
    assert [str(d.date()) for d in dates] == ["2024-07-15", "2024-07-22", "2024-07-29", "2024-08-05"]
    assert media[0, 1].tolist() == [28, 29, 0, 7]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.iloc[:-1], "lacks some"),
        (lambda t: t.assign(sales=t["sales"] * (t["geo"] == "south")), "0 in every week of north"),
        (lambda t: t.assign(ads="many"), "ads must be 0 or more in every row; row 0"),
        (lambda t: t.assign(ads=np.nan), "ads must be 0 or more"),
    ],
)
def test_a_table_that_cannot_be_read_is_said(change, said):
    with pytest.raises(ValueError, match=said):
        MixTable.of(change(weeks()), columns())


def test_an_exposure_without_spend_and_a_control_with_holes_are_said():
    with pytest.raises(ValueError, match="Radio, which has no spend"):
        columns(exposure={"Radio": "views"})
    holes = weeks()
    holes.loc[3, "views"] = np.nan
    with pytest.raises(ValueError, match="views is empty in row"):
        MixTable.of(holes, columns(others=("views",)))
