"""Answers: too few of them say nothing, a shift names its part, and an unhappy answer has a price."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from regulars.measure.answers import Answers, cost_of_bad
from regulars.tables import TABLES

TODAY = date(2026, 4, 20)


def asked(a_week: int, weeks: int = 30, channel: str = "chat", happy: float = 0.8, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    days = pd.date_range(end=pd.Timestamp(TODAY) - pd.Timedelta(days=1), periods=7 * weeks).repeat(a_week)
    days = days[::7][: a_week * weeks]
    return pd.DataFrame({"day": days, "channel": channel, "market": "north", "kind": "csat",
                         "score": np.where(rng.random(len(days)) < happy, 5.0, 2.0),
                         "first_response_s": np.nan, "resolution_s": np.nan})  # fmt: skip


def weekly(feedback: pd.DataFrame) -> pd.DataFrame:
    rows = feedback.assign(week=feedback["day"] - pd.to_timedelta(feedback["day"].dt.day_of_week, unit="D"))
    parts = [rows.assign(hit=rows["score"] >= 4).groupby(["week", *by])["hit"].mean().reset_index()
             for by in ([], ["channel"])]  # fmt: skip
    out = pd.concat(parts).rename(columns={"week": "day", "hit": "value"}).assign(figure="csat", market=None)
    return out.assign(channel=out["channel"].astype(object).where(out["channel"].notna(), None))


def test_a_slice_with_few_answers_is_not_listened_to() -> None:
    both = pd.concat([asked(30), asked(4, channel="mail")], ignore_index=True)
    rows = weekly(both)
    kept = Answers(both).enough(pd.concat([rows, rows.assign(figure="aov")]))
    csat = kept[kept["figure"] == "csat"]
    assert set(csat["channel"].fillna("all")) == {"all", "chat"}
    assert (kept["figure"] == "aov").sum() == len(rows)
    assert Answers(both.iloc[:0]).enough(rows).empty


def test_a_fall_of_satisfaction_names_its_channel_and_adds_up() -> None:
    chat, mail = asked(30, weeks=28), asked(30, weeks=28, channel="mail", seed=1)
    new = mail["day"] >= pd.Timestamp(TODAY) - pd.Timedelta(days=14)
    mail.loc[new, "score"] = 1.0
    first, last = pd.Timestamp(TODAY) - pd.Timedelta(days=14), pd.Timestamp(TODAY)
    both = pd.concat([chat, mail], ignore_index=True)
    parts = Answers(both).causes("csat", None, None, first, last, 0.8)["channel"]
    hit = (both["score"] >= 4).groupby(both["day"] >= first).mean()
    assert parts[0].name == "mail"
    assert sum(c.change for c in parts) == pytest.approx(hit[True] - hit[False])
    assert Answers(both).more_bad("csat", first, last, 0.4, 0.8) == pytest.approx(0.4 * (both["day"] >= first).sum())


def test_slow_answers_are_explained_by_the_share_that_took_longer() -> None:
    rows = pd.concat([asked(30), asked(30, channel="mail", seed=1)], ignore_index=True)
    rows["kind"], rows["score"] = "ticket", np.nan
    rows["first_response_s"] = 600.0 + np.arange(len(rows)) % 7
    first, last = pd.Timestamp(TODAY) - pd.Timedelta(days=14), pd.Timestamp(TODAY)
    rows.loc[(rows["day"] >= first) & (rows["channel"] == "chat"), "first_response_s"] = 9000.0
    parts = Answers(rows).causes("first_response_s", None, None, first, last, 603.0)["channel"]
    assert (parts[0].name, parts[0].share > 0.9) == ("chat", True)


def customers(lost: float, n: int = 400, seed: int = 3) -> dict[str, pa.Table]:
    """Everybody buys every month; the unhappy half stops with chance ``lost`` after the answer."""
    rng = np.random.default_rng(seed)
    said = TODAY - timedelta(days=120)
    orders, answers = [], []
    for i in range(n):
        unhappy = i % 2 == 0
        stays = not unhappy or rng.random() > lost
        for back in range(-80, 81, 30):
            if back > 0 and not stays:
                continue
            day = said + timedelta(days=back)
            orders.append(("o", f"{i}/{back}", f"c{i}", day, int(rng.integers(8000, 12000))))
        answers.append((f"a{i}", f"c{i}", said, 1.0 if unhappy else 5.0))
    when = pd.Timestamp(said, tz="UTC")
    base = {"revision": 0, "recorded_at": when, "at": when}
    sold = [{**base, "source": s, "id": k, "customer": c, "day": d, "kind": "sale", "status": "paid", "amount": a,
             "ordered": a, "currency": "CNY"} for s, k, c, d, a in orders]  # fmt: skip
    told = [{**base, "source": "s", "id": k, "customer": c, "day": d, "kind": "csat", "score": s}
            for k, c, d, s in answers]  # fmt: skip
    out = {}
    for name, rows in (("orders", sold), ("feedback", told)):
        out[name] = TABLES[name].fill({n: [r.get(n) for r in rows] for n in TABLES[name].names}, len(rows))
    return out


def test_the_price_of_an_unhappy_answer_is_what_those_customers_stopped_buying() -> None:
    cost = cost_of_bad(customers(0.5), "csat", 0.8, TODAY, "CNY")
    assert cost == pytest.approx(0.5 * 3 * 10_000, rel=0.15)
    assert cost_of_bad(customers(0.0), "csat", 0.8, TODAY, "CNY") is None
    assert cost_of_bad(customers(0.5, n=40), "csat", 0.8, TODAY, "CNY") is None
    assert cost_of_bad({}, "csat", 0.8, TODAY, "CNY") is None
