"""The leak detector: planted leaks, real ones, and few false alarms."""

from __future__ import annotations

import gzip

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pytest

from regulars.understand import LeakDetector
from regulars.understand.feature_matrix import FeatureMatrix
from regulars.understand.gains import auc_interval
from regulars.understand.learners import BOOSTING, LOGISTIC, chance, learner
from regulars.understand.outcomes import outcome


def leads(n=1500, seed=0):
    rng = np.random.default_rng(seed)
    visits, source = rng.poisson(3, n), rng.choice(["ad", "friend", "fair"], n)
    bought = rng.random(n) < 1 / (1 + np.exp(2.2 - 0.4 * visits - 0.6 * (source == "friend")))
    return rng, pa.table({"visits": visits, "source": source, "bought": bought}), bought


def codes(found):
    return {k.column: (k.level, k.codes) for k in found.leaks_}


def test_an_honest_table_raises_no_alarm():
    assert LeakDetector(outcome="bought").fit(leads()[1]).leaks_ == ()


def test_each_planted_leak_is_named_for_what_it_is():
    rng, table, bought = leads()
    n = len(bought)
    day = np.datetime64("2026-01-01") + rng.integers(0, 90, n)
    planted = {
        "copy": np.where(bought, "Y", "N"),
        "almost": bought + rng.normal(0, 0.3, n),
        "invoice": np.where(bought, rng.integers(1, 50, n).astype(str), ""),
        "shipped": np.where(bought, day + 3, day - 3),
        "decided": day,
        "row": np.arange(n),
        "account_key": [f"k{i:06d}" for i in rng.permutation(n)],
    }
    for name, values in planted.items():
        table = table.append_column(name, pa.array(values))
    found = LeakDetector(outcome="bought", at="decided").fit(table)
    told = codes(found)
    assert told["copy"] == ("leak", ("equals_outcome",))
    assert told["almost"][0] == "leak"
    assert "blank_tells" in told["invoice"][1]
    assert "after_outcome" in told["shipped"][1]
    assert told["row"][0] == told["account_key"][0] == "id"
    assert not {"visits", "source", "decided"} & set(told)
    assert set(found.transform(table).column_names) == {"visits", "source", "decided", "bought"}


def test_a_name_speaks_only_as_a_whole_word():
    _rng, table, bought = leads()
    noise = np.random.default_rng(9).normal(size=len(bought))
    for name in ("poutcome", "lastingness", "通话时长", "CallDuration", "contact.result"):
        table = table.append_column(name, pa.array(noise))
    told = codes(LeakDetector(outcome="bought").fit(table))
    assert set(told) == {"通话时长", "CallDuration", "contact.result"}
    assert {level for level, _c in told.values()} == {"suspect"}


def test_a_description_speaks_too():
    _rng, table, bought = leads()
    table = table.append_column("x7", pa.array(np.random.default_rng(2).normal(bought * 1.2)))
    found = LeakDetector(outcome="bought", descriptions={"x7": "score assigned by the sales person"}).fit(table)
    assert codes(found)["x7"][1][-1] == "judged_by_staff"


def test_bad_tables_say_what_is_wrong():
    with pytest.raises(KeyError, match="lacks answer"):
        LeakDetector(outcome="answer").fit({"a": [1]})
    assert LeakDetector(outcome="a").fit({"a": [1, 0], "b": [1, 2]}).leaks_ == ()


def read(folder, name, file, delimiter=","):
    with gzip.open(folder / name / file) if file.endswith(".gz") else open(folder / name / file, "rb") as stream:
        return pcsv.read_csv(stream, parse_options=pcsv.ParseOptions(delimiter=delimiter))


@pytest.mark.shared_data
def test_what_the_sales_staff_filled_in_later_is_named_and_the_honest_score_holds(shared_data):
    table = read(shared_data, "lead_scoring", "leads_first70.csv.gz")
    found = LeakDetector(outcome="Converted", sample=3000).fit(table)
    told = codes(found)
    asked = {"Tags", "Lead Quality", "Last Notable Activity", *(c for c in table.column_names if "Asymm" in c)}
    assert asked <= set(told)
    assert set(told) - asked <= {"Lead Number", "Prospect ID", "Last Activity", "Lead Profile"}
    assert told["Tags"][0] == "leak"
    clean = found.transform(table)
    came = outcome(clean["Converted"])
    clean, last = clean.drop_columns("Converted"), int(len(came) * 0.8)
    matrix = FeatureMatrix().fit(clean.slice(0, last))
    for name in (LOGISTIC, BOOSTING):
        model = learner(name).fit(matrix.transform(clean.slice(0, last)), came[:last])
        auc, _low, _high = auc_interval(came[last:], chance(model, matrix.transform(clean.slice(last))))
        # The write-ups reach .86-.89 without the tags, but with other columns of the staff left in.
        assert 0.80 < auc < 0.92


@pytest.mark.shared_data
def test_the_length_of_a_call_is_known_after_the_call(shared_data):
    table = read(shared_data, "bank_marketing", "bank_additional_first80.csv.gz")
    assert {k: v[0] for k, v in codes(LeakDetector(outcome="y").fit(table)).items()} == {"duration": "leak"}


@pytest.mark.shared_data
def test_hardly_a_false_alarm_where_nothing_leaks(shared_data):
    telco = codes(LeakDetector(outcome="Churn", sample=2000).fit(read(shared_data, "telco_churn", "telco_churn.csv")))
    assert {k: v[0] for k, v in telco.items()} == {"customerID": "id"}
    with gzip.open(shared_data / "customer_personality" / "marketing_campaign.csv.gz") as stream:
        delimiter = "\t" if b"\t" in stream.readline() else ","
    table = read(shared_data, "customer_personality", "marketing_campaign.csv.gz", delimiter)
    assert set(codes(LeakDetector(outcome="Response").fit(table))) == {"ID"}
