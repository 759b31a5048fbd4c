from __future__ import annotations

import numpy as np
import pytest

from regulars.understand import Personas, persona_words
from regulars.understand.personas import NAMES, PHRASES
from regulars.understand.segments import SEGMENTS, Feature, SegmentProfile


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("key", [*SEGMENTS, "k0"])
def test_every_segment_has_words_with_its_numbers_in_both_languages(key, language):
    features = tuple(Feature(n, 1234.5, 99.0, 1.0) for n in PHRASES[language])
    text = persona_words(SegmentProfile("rules", key, 4321, 0.25, 5e6, 1.0, "m/1", features), language, "JPY", 5)
    assert "4,321" in text
    assert "JPY 5,000,000" in text
    assert "1,234" in text
    assert "25%" in text


def test_both_languages_name_every_segment():
    assert set(NAMES["en"]) == set(NAMES["zh-hans"]) == set(SEGMENTS)
    assert set(PHRASES["en"]) == set(PHRASES["zh-hans"])
    with pytest.raises(ValueError, match="language"):
        persona_words(SegmentProfile("rules", "new", 1, 1.0, 1.0, 1.0, "m/1", ()), "fr")


def test_the_typical_customer_is_the_medoid():
    rng = np.random.default_rng(0)
    X = rng.gamma(2, 50, (60, 2))
    group = np.array(["a", "b"])[rng.integers(0, 2, 60)]
    table = {"customer": [f"{i:03d}" for i in range(60)], "orders": X[:, 0], "spent": X[:, 1]}
    logs = np.log1p(X) / np.log1p(X).std(axis=0)
    for persona in Personas().fit(table, group).personas_:
        rows = np.flatnonzero(group == persona.key)
        sums = ((logs[rows][:, None] - logs[rows][None]) ** 2).sum(axis=(1, 2))
        assert persona.typical == f"{rows[sums.argmin()]:03d}"


def test_a_persona_names_what_its_people_are_buy_and_say():
    n = 80
    table = {"customer": [f"{i:03d}" for i in range(n)], "orders": [9] * 40 + [1] * 40, "spent": [900] * 40 + [50] * 40}
    marks = {"customer": table["customer"][:20] + table["customer"][40:60], "kind": ["csat"] * 40,
             "score": [5.0, 4.0] * 10 + [1.0, 2.0] * 10}  # fmt: skip
    baskets = {"customer": table["customer"], "product": ["tea"] * 40 + ["cup"] * 40}
    found = Personas().fit(
        table, ["best"] * 40 + ["rest"] * 40,
        attributes={"channel": ["web"] * 40 + ["shop"] * 40, "market": [None] * n},
        baskets=baskets, marks=marks, states=["loyal"] * 40 + ["lost"] * 40, worth=[10.0] * 40 + [1.0] * 40,
    )  # fmt: skip
    best, rest = found.personas_
    assert (best.key, best.size, best.worth, best.channels, best.states) == (
        "best", 40, 400.0, (("web", 1.0),), (("loyal", 1.0),),
    )  # fmt: skip
    assert [(p.product, p.lift) for p in best.products] == [("tea", 2.0)]
    [voice] = rest.voice
    assert (voice.kind, voice.marks, voice.mean, voice.everybody) == ("csat", 20, 1.5, 3.0)
    assert voice.low < 1.5 < voice.high < 3.0
    assert {one.attribute for one in best.lifts} == {"channel"}


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_handful_is_described_without_inventing_anything(n):
    table = {"customer": list("abcde")[:n], "orders": [1] * n, "spent": [5] * n}
    [one] = Personas().fit(table, ["new"] * n, attributes={"channel": ["web"] * n}).personas_
    assert one.lifts == ()
    assert one.limits == ("few_people",)
    assert one.typical == "a"
    with pytest.raises(ValueError, match="segments were given"):
        Personas().fit(table, ["new"] * (n + 1))
